import type { Bytes } from '../base/bytes.ts'
import type { Clock } from '../base/clock.ts'
import type { UserId } from '../base/ids.ts'
import type { Mesh } from '../mesh/mesh.ts'
import type { Content } from '../protocol/items.ts'
import type { Peer } from '../protocol/peer.ts'
import { copyOf } from './content.ts'
import type { Directory } from './directory.ts'
import { Inbox, type OfflineItem } from './inbox.ts'
import { OfflineMessages, type OfflineMessagesOptions } from './offline-messages.ts'
import { PeerMessages, type PeerSendOptions, type PeerSendResult } from './peer-messages.ts'
import type { ReceivedContent } from './received.ts'
import { ReceivedIds } from './received-ids.ts'
import type { Whereabouts } from './whereabouts.ts'

export interface CorrespondenceOptions extends OfflineMessagesOptions {
  readonly clock: Clock
  readonly mesh: Mesh
  readonly directory: Directory
  readonly whereabouts: Whereabouts
  readonly userId: UserId
  /** Server time, as far as it is known. */
  readonly now: () => number
}

/** What this user and others write to each other: what is sent now, and what is kept while one of them is offline. */
export class Correspondence {
  /** What was kept is known. */
  readonly loaded: Promise<unknown>
  private readonly sent: PeerMessages
  private readonly kept: OfflineMessages
  private readonly inbox: Inbox
  private readonly receivedIds: ReceivedIds

  constructor(
    private readonly options: CorrespondenceOptions,
    private readonly hand: (received: ReceivedContent, from: UserId) => void,
  ) {
    const { store, clock, log } = options
    this.kept = new OfflineMessages(options)
    this.sent = new PeerMessages({ ...options, offline: this.kept })
    this.receivedIds = new ReceivedIds(store, clock, log)
    this.inbox = new Inbox(this.receivedIds, {
      message: ({ userId }, item) => hand({ ...item, isOffline: true }, userId),
      receipt: (to, ids) => this.kept.acknowledge(to, ids),
    })
    this.loaded = Promise.all([this.kept.load(), this.receivedIds.loaded])
  }

  send(
    userId: UserId,
    content: Content,
    options: PeerSendOptions,
    finish: (result: PeerSendResult) => void,
  ): void {
    const now = this.options.now()
    if (userId !== this.options.userId) return this.sent.send(userId, content, now, options, finish)
    // To oneself: a copy, as it would arrive from elsewhere.
    this.hand({ content: copyOf(content), sentAt: now }, userId)
    finish('ok')
  }

  /** A message that its sender has kept; it is handed over in its turn. */
  take(from: Peer, item: OfflineItem): void {
    this.inbox.take(from, item)
  }

  /** Runs at once, or after the messages that this session has kept and sent before. */
  inTurn(from: Peer, run: () => void): void {
    this.inbox.inTurn(from, run)
  }

  /** The receiver has these for good. */
  receipt(from: Peer, ids: readonly Bytes[]): void {
    this.kept.receipt(from, ids)
  }

  /** A user is here, perhaps by a new session. */
  met(present: Peer, replaced: Peer | undefined): void {
    this.kept.deliver(present)
    if (replaced) this.withdraw(replaced)
  }

  /** A session is over: what was kept, and it has not confirmed, waits for the next one. */
  over({ userId, sessionId }: Peer): void {
    this.kept.over(userId, sessionId)
  }

  /** A session has a successor, or cannot be found: what was not handed to its links yet goes to another. */
  withdraw(peer: Peer): void {
    this.sent.over(peer)
  }

  /** A rendezvous has accepted this session, for the first time or again. */
  up(): void {
    this.kept.up()
    void this.receivedIds.refresh()
  }

  /** The session ends: what was acknowledged, and waits its turn, is handed over. */
  handOverAll(): void {
    this.inbox.close()
  }

  close(): void {
    this.sent.close()
    this.kept.close()
  }
}

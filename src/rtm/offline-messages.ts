import type { Bytes } from '../base/bytes.ts'
import type { Cancel, Clock } from '../base/clock.ts'
import type { UserId } from '../base/ids.ts'
import type { Mesh } from '../mesh/mesh.ts'
import type { Owed } from '../mesh/outgoing-stream.ts'
import { type Content, encodeItem } from '../protocol/items.ts'
import type { Peer } from '../protocol/peer.ts'
import { type Kept, Outbox, type OutboxOptions } from './outbox.ts'
import type { Whereabouts } from './whereabouts.ts'

export interface OfflineMessagesOptions extends OutboxOptions {
  readonly clock: Clock
  readonly mesh: Mesh
  readonly whereabouts: Whereabouts
}

/** How often a rendezvous is asked for the users that something is kept for. */
const ASK_MS = 5_000
/** In one question. */
const MAX_ASKED = 256
/** A receipt takes as long as a write to a disk. One that took this long was lost in a long silence of the two. */
const RECEIPT_LOST_AFTER_MS = 300_000

/** A message in the stream to a session. */
interface Given {
  readonly peer: Peer
  owed: Owed | undefined
  acknowledgedAt: number | undefined
}

/**
 * Messages that are kept for offline users, and brought to them as soon as they are seen.
 *
 *     kept --> in the stream of a session --> acknowledged --> receipt: deleted
 *      ^                  |                        |
 *      +--- never sent, or the session is over ----+
 */
export class OfflineMessages {
  private readonly outbox: Outbox
  private readonly given = new WeakMap<Kept, Given>()
  private cancelAsk: Cancel | undefined
  private turn = 0
  /** A session that this one has replaced may have kept something since this one has looked. */
  private isLookDue = false
  private isClosed = false

  constructor(private readonly options: OfflineMessagesOptions) {
    this.outbox = new Outbox(options)
  }

  load(): Promise<void> {
    return this.outbox.load()
  }

  /** The receiver is offline: resolves when the message is kept. */
  keep(receiver: UserId, content: Content, sentAt: number): Promise<'cached' | 'overflow'> {
    const isKept = this.outbox.add(receiver, content, sentAt)
    this.planAsk()
    return isKept
  }

  keepsFor(userId: UserId): boolean {
    return this.outbox.of(userId).length > 0
  }

  /**
   * Puts all that is kept for this user into the stream of this session. False if it may not be owed so much now:
   * then nothing else may be sent to it either, or it would come first.
   */
  deliver(peer: Peer): boolean {
    return this.outbox.of(peer.userId).every((kept) => this.isGiven(kept, peer) || this.give(kept, peer))
  }

  /** Tells the sender of these that they need not be kept any more. */
  acknowledge(to: Peer, ids: readonly Bytes[]): void {
    // One that is gone sends them again with its next session, and is told then.
    if (!this.options.mesh.peer(to.sessionId)) return
    this.options.mesh.send(to, encodeItem({ kind: 'offline-receipt', ids }), () => undefined)
  }

  /** The receiver has these for good. */
  receipt(from: Peer, ids: readonly Bytes[]): void {
    this.outbox.confirm(from.userId, ids)
  }

  /** The session is over: what it was given goes to the next one. */
  over(userId: UserId, sessionId: Peer['sessionId']): void {
    for (const kept of this.outbox.of(userId)) {
      const given = this.given.get(kept)
      if (given?.peer.sessionId !== sessionId) continue
      this.given.delete(kept)
      if (given.owed) this.options.mesh.withdraw(given.peer, given.owed)
    }
  }

  /** A rendezvous can be asked, for the first time or again. */
  up(): void {
    void this.ask()
    this.isLookDue = true
    this.planAsk()
  }

  close(): void {
    this.isClosed = true
    this.cancelAsk?.()
  }

  private async ask(): Promise<void> {
    this.cancelAsk?.()
    this.cancelAsk = undefined
    if (this.isLookDue) {
      this.isLookDue = false
      await this.outbox.load()
      if (this.isClosed) return
    }
    this.outbox.sweep()
    const { receivers } = this.outbox
    if (receivers.length === 0) return
    this.planAsk()
    const from = (this.turn++ % Math.ceil(receivers.length / MAX_ASKED)) * MAX_ASKED
    await this.options.whereabouts.find(receivers.slice(from, from + MAX_ASKED))
  }

  private planAsk(): void {
    if (!this.isClosed) this.cancelAsk ??= this.options.clock.after(ASK_MS, () => void this.ask())
  }

  private isGiven(kept: Kept, { sessionId }: Peer): boolean {
    const given = this.given.get(kept)
    const since = given?.acknowledgedAt ?? Infinity
    return given?.peer.sessionId === sessionId && this.options.clock.now() - since < RECEIPT_LOST_AFTER_MS
  }

  private give(kept: Kept, peer: Peer): boolean {
    const given: Given = { peer, owed: undefined, acknowledgedAt: undefined }
    this.given.set(kept, given)
    given.owed = this.options.mesh.send(peer, kept.bytes, (outcome) => {
      if (this.given.get(kept) !== given) return
      if (outcome === 'acknowledged') given.acknowledgedAt = this.options.clock.now()
      else this.given.delete(kept)
    })
    if (!given.owed) this.given.delete(kept)
    return given.owed !== undefined
  }
}

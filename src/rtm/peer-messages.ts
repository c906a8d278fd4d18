import type { Cancel, Clock } from '../base/clock.ts'
import { Deadlines } from '../base/deadlines.ts'
import type { UserId } from '../base/ids.ts'
import type { Mesh } from '../mesh/mesh.ts'
import type { Owed } from '../mesh/outgoing-stream.ts'
import { type Content, encodeItem } from '../protocol/items.ts'
import type { Peer } from '../protocol/peer.ts'
import { copyOf } from './content.ts'
import type { Directory } from './directory.ts'
import { timeouts } from './limits.ts'
import type { OfflineMessages } from './offline-messages.ts'
import type { Whereabouts } from './whereabouts.ts'

export type PeerSendResult = 'ok' | 'cached' | 'timeout' | 'peer-unreachable' | 'overflow'

/** How a peer message is to be sent. */
export interface PeerSendOptions {
  /** Kept for the receiver if that is offline: `cached` in place of `peer-unreachable`. */
  readonly isKeptIfOffline: boolean
}

export interface PeerMessagesOptions {
  readonly clock: Clock
  readonly mesh: Mesh
  readonly directory: Directory
  readonly whereabouts: Whereabouts
  readonly offline: OfflineMessages
}

interface Pending {
  readonly bytes: ReturnType<typeof encodeItem>
  /** Keeps it for its receiver, if that is what the caller wants. */
  readonly keep: (() => Promise<PeerSendResult>) | undefined
  isDone: boolean
  cancelTimeout: Cancel
  finish(result: PeerSendResult): void
}

/** Messages to a user who is being looked for, in order. */
interface Search {
  queue: Pending[]
  readonly cancel: Cancel
}

/** A message in the stream to a session. */
interface Given {
  readonly peer: Peer
  readonly owed: Owed
  /** What becomes of it if it is taken back. */
  withdrawn(): void
}

/**
 * Messages from this user to another, whatever session the other has now.
 *
 *     known session ------------------------------> its stream --> acknowledged: ok
 *     unknown --> find --> session ---------------> its stream
 *                      \-> none: peer-unreachable,      \--> session over, never sent: find again
 *                                or kept: cached
 *
 * What no link was given in 10 s is kept as well, if it is to be, wherever it waits then; else that is a timeout.
 */
export class PeerMessages {
  private readonly searching = new Map<UserId, Search>()
  /** Messages that wait for an acknowledgement. */
  private readonly given = new Map<Pending, Given>()
  private readonly deadlines: Deadlines
  private isClosed = false

  constructor(private readonly options: PeerMessagesOptions) {
    this.deadlines = new Deadlines(options.clock, timeouts.sendMs)
  }

  send(
    userId: UserId,
    content: Content,
    sentAt: number,
    { isKeptIfOffline }: PeerSendOptions,
    finish: (result: PeerSendResult) => void,
  ): void {
    const kept = isKeptIfOffline ? copyOf(content) : undefined
    const pending: Pending = {
      bytes: encodeItem({ kind: 'peer-message', sentAt, content }),
      keep: kept && (() => this.options.offline.keep(userId, kept, sentAt)),
      isDone: false,
      cancelTimeout: this.deadlines.add(() => this.late(userId, pending)),
      finish(result) {
        if (pending.isDone) return
        pending.isDone = true
        pending.cancelTimeout()
        finish(result)
      },
    }
    this.dispatch(userId, pending)
  }

  /**
   * The session is over, or cannot be found: what was not handed to any of its links goes to the next one, before what is
   * sent later. What has timed out stays in its stream, and arrives if the session was only out of reach; unless something
   * is kept for its user, which was perhaps sent before, and would come after it.
   */
  over({ userId, sessionId }: Peer): void {
    const mayStay = !this.options.offline.keepsFor(userId)
    for (const [{ isDone }, { peer, owed }] of [...this.given]) {
      if (peer.sessionId === sessionId && !(isDone && mayStay)) this.options.mesh.withdraw(peer, owed)
    }
  }

  /** What is to be kept and has not left yet is kept, for the next login; if the page lives until it is on the disk. */
  close(): void {
    this.isClosed = true
    for (const { cancel, queue } of this.searching.values()) {
      cancel()
      for (const pending of queue) unreachable(pending)
    }
    this.searching.clear()
    for (const [pending, { peer, owed }] of [...this.given]) {
      if (pending.keep) this.options.mesh.withdraw(peer, owed)
    }
    this.deadlines.close()
  }

  private dispatch(userId: UserId, pending: Pending): void {
    const search = this.searching.get(userId)
    if (search) return void search.queue.push(pending)
    const { directory, whereabouts } = this.options
    const peer = directory.get(userId)
    if (peer) return this.give(peer, pending)
    const cancel = whereabouts.locate(userId, (where) => this.located(userId, where))
    this.searching.set(userId, { queue: [pending], cancel })
  }

  private located(userId: UserId, where: Peer | 'nobody'): void {
    const waiting = (this.searching.get(userId)?.queue ?? []).filter(({ isDone }) => !isDone)
    this.searching.delete(userId)
    // What waits for a session that nobody hears any more was sent before.
    if (where === 'nobody') this.takeBack(userId, unreachable)
    for (const pending of waiting) {
      if (where === 'nobody') unreachable(pending)
      else this.give(where, pending)
    }
  }

  /** It is no longer looked for a receiver for it. False if it was not. */
  private endSearch(userId: UserId, pending: Pending): boolean {
    const search = this.searching.get(userId)
    if (!search?.queue.includes(pending)) return false
    search.queue = search.queue.filter((other) => other !== pending)
    if (search.queue.length > 0) return true
    search.cancel()
    this.searching.delete(userId)
    return true
  }

  /** It may still arrive, nobody knows; unless it is to be kept, and no link was given it yet. */
  private late(userId: UserId, pending: Pending): void {
    if (this.endSearch(userId, pending))
      return pending.keep ? unreachable(pending) : pending.finish('timeout')
    if (!pending.keep) return pending.finish('timeout')
    const given = this.given.get(pending)
    if (!given) return pending.finish('timeout')
    const { peer, owed } = given
    given.withdrawn = () => unreachable(pending)
    if (!this.options.mesh.withdraw(peer, owed)) return pending.finish('timeout')
    // What was sent later goes behind it.
    this.takeBack(userId, (later) => this.give(peer, later))
  }

  /** What this user was sent, and no link was given yet, in order. */
  private takeBack(userId: UserId, then: (pending: Pending) => void): void {
    for (const [pending, given] of [...this.given]) {
      if (pending.isDone || given.peer.userId !== userId) continue
      given.withdrawn = () => then(pending)
      this.options.mesh.withdraw(given.peer, given.owed)
    }
  }

  private give(peer: Peer, pending: Pending): void {
    // What was kept for this user comes first.
    if (!this.options.offline.deliver(peer)) return pending.finish('overflow')
    const owed = this.options.mesh.send(peer, pending.bytes, (outcome) => {
      const given = this.given.get(pending)
      this.given.delete(pending)
      if (outcome === 'acknowledged') pending.finish('ok')
      else if (outcome === 'unknown') pending.finish('timeout')
      else given?.withdrawn()
    })
    if (owed) this.given.set(pending, { peer, owed, withdrawn: () => this.neverSent(peer, pending) })
    else pending.finish('overflow')
  }

  /** The user's next session may have it, unless the caller was told already that it is lost. */
  private neverSent(peer: Peer, pending: Pending): void {
    this.options.directory.forget(peer.userId, peer.sessionId)
    if (!pending.isDone && !this.isClosed) this.dispatch(peer.userId, pending)
    else unreachable(pending)
  }
}

/** It will not be delivered; unless it is kept, and delivered later. */
function unreachable(pending: Pending): void {
  if (pending.isDone || !pending.keep) return pending.finish('peer-unreachable')
  pending.cancelTimeout()
  void pending.keep().then(pending.finish)
}

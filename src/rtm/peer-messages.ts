import type { Cancel, Clock } from '../base/clock.ts'
import type { SessionId, UserId } from '../base/ids.ts'
import type { Mesh } from '../mesh/mesh.ts'
import type { Outcome, Owed } from '../mesh/outgoing-stream.ts'
import { type Content, encodeItem } from '../protocol/items.ts'
import type { Peer } from '../protocol/peer.ts'
import type { Directory } from './directory.ts'
import { timeouts } from './limits.ts'

export type PeerSendResult = 'ok' | 'timeout' | 'peer-unreachable' | 'overflow'

export interface PeerMessagesOptions {
  readonly clock: Clock
  readonly mesh: Mesh
  readonly directory: Directory
  find(userIds: readonly UserId[]): Promise<readonly Peer[] | undefined>
}

/** A rendezvous that cannot tell where a user is may come back: it is asked again this often. */
const ASK_AGAIN_MS = 500

interface Pending {
  readonly bytes: ReturnType<typeof encodeItem>
  isDone: boolean
  cancelTimeout: Cancel
  finish(result: PeerSendResult): void
}

/** A message in the stream to a session. */
interface Given {
  readonly peer: Peer
  readonly owed: Owed
}

/**
 * Messages from this user to another, whatever session the other has now.
 *
 *     known session ------------------------------> its stream --> acknowledged: ok
 *     unknown --> find --> session ---------------> its stream
 *                      \-> none: peer-unreachable       \--> session over, never sent: find again
 */
export class PeerMessages {
  /** Messages to users who are being looked for, in order. */
  private readonly searching = new Map<UserId, Pending[]>()
  /** Messages that wait for an acknowledgement. */
  private readonly given = new Map<Pending, Given>()
  private isClosed = false

  constructor(private readonly options: PeerMessagesOptions) {}

  send(userId: UserId, content: Content, sentAt: number, finish: (result: PeerSendResult) => void): void {
    const pending: Pending = {
      bytes: encodeItem({ kind: 'peer-message', sentAt, content }),
      isDone: false,
      // The message may still arrive after this; nobody knows.
      cancelTimeout: this.options.clock.after(timeouts.sendMs, () => pending.finish('timeout')),
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
   * Signals cannot be delivered to this session. If its user is not there, or has another session now, what was not
   * handed to any link yet is taken back; what was may have arrived, and stays in its stream.
   */
  async undeliverable(userId: UserId, sessionId: SessionId): Promise<void> {
    const peers = await this.options.find([userId])
    if (this.isClosed || !peers || peers.some((peer) => peer.sessionId === sessionId)) return
    this.options.directory.forget(userId, sessionId)
    for (const peer of peers) this.options.directory.see(peer)
    for (const { peer, owed } of [...this.given.values()]) {
      if (peer.sessionId === sessionId) this.options.mesh.withdraw(peer, owed)
    }
  }

  close(): void {
    this.isClosed = true
    for (const queue of this.searching.values()) {
      for (const pending of queue) pending.finish('peer-unreachable')
    }
    this.searching.clear()
  }

  private dispatch(userId: UserId, pending: Pending): void {
    const queue = this.searching.get(userId)
    if (queue) return void queue.push(pending)
    const peer = this.options.directory.get(userId)
    if (peer) return this.give(peer, pending)
    this.searching.set(userId, [pending])
    void this.search(userId)
  }

  private async search(userId: UserId): Promise<void> {
    const peers = await this.options.find([userId])
    const queue = this.searching.get(userId)
    if (!queue) return
    for (const peer of peers ?? []) this.options.directory.see(peer)
    const peer = this.options.directory.get(userId)
    const waiting = queue.filter(({ isDone }) => !isDone)
    if (!peer && !peers && waiting.length > 0) {
      this.searching.set(userId, waiting)
      this.options.clock.after(ASK_AGAIN_MS, () => void this.search(userId))
      return
    }
    this.searching.delete(userId)
    for (const pending of waiting) {
      if (peer) this.give(peer, pending)
      else pending.finish('peer-unreachable')
    }
  }

  private give(peer: Peer, pending: Pending): void {
    const owed = this.options.mesh.send(peer, pending.bytes, (outcome) => {
      this.given.delete(pending)
      this.settled(peer, pending, outcome)
    })
    if (owed) this.given.set(pending, { peer, owed })
    else pending.finish('overflow')
  }

  private settled(peer: Peer, pending: Pending, outcome: Outcome): void {
    if (outcome === 'acknowledged') return pending.finish('ok')
    if (outcome === 'unknown') return pending.finish('timeout')
    this.options.directory.forget(peer.userId, peer.sessionId)
    // Never sent: the user's next session may have it, unless the caller was told already that it is lost.
    if (!pending.isDone && !this.isClosed) this.dispatch(peer.userId, pending)
    else pending.finish('peer-unreachable')
  }
}

import type { Cancel } from '../base/clock.ts'
import type { SessionId } from '../base/ids.ts'
import type { Mesh } from '../mesh/mesh.ts'
import type { Peer } from '../protocol/peer.ts'

/** Links that one channel keeps open; more members are linked when there is something to send. */
const MAX_HELD_LINKS = 24

/** The members of one channel whose links are kept open. */
export class HeldLinks {
  private readonly releaseBySession = new Map<SessionId, Cancel>()

  constructor(
    private readonly mesh: Pick<Mesh, 'hold'>,
    /** Whether members are told of each other, so that each opens its links by itself. */
    private readonly isMutual: () => boolean,
  ) {}

  has(sessionId: SessionId): boolean {
    return this.releaseBySession.has(sessionId)
  }

  /** Keeps the link to a member if there is a place. */
  hold(peer: Peer): void {
    const { sessionId } = peer
    if (this.releaseBySession.size >= MAX_HELD_LINKS || this.has(sessionId)) return
    this.releaseBySession.set(sessionId, this.mesh.hold(peer, this.isMutual()))
  }

  /** It is no member any more: its place goes to one of the others. */
  release(sessionId: SessionId, others: Iterable<Peer>): void {
    const release = this.releaseBySession.get(sessionId)
    if (!release) return
    this.releaseBySession.delete(sessionId)
    release()
    for (const other of others) {
      if (this.releaseBySession.size >= MAX_HELD_LINKS) return
      this.hold(other)
    }
  }

  close(): void {
    for (const release of this.releaseBySession.values()) release()
    this.releaseBySession.clear()
  }
}

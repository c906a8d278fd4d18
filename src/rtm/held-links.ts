import type { Cancel } from '../base/clock.ts'
import type { SessionId } from '../base/ids.ts'
import type { Mesh } from '../mesh/mesh.ts'
import type { Peer } from '../protocol/peer.ts'
import { sample } from './lists.ts'

/** Links that one channel keeps open; more members are linked when there is something to send. */
export const MAX_HELD_LINKS = 24

export interface HeldLinksOptions {
  readonly mesh: Pick<Mesh, 'hold' | 'isLinked'>
  readonly random: () => number
  /** Whether each member keeps its links to all others, so that each opens them by itself. */
  isMutual(): boolean
}

/** The members of one channel whose links are kept open. */
export class HeldLinks {
  private readonly releaseBySession = new Map<SessionId, Cancel>()

  constructor(private readonly options: HeldLinksOptions) {}

  has(sessionId: SessionId): boolean {
    return this.releaseBySession.has(sessionId)
  }

  /** Keeps the link to a member if there is a place. */
  hold(peer: Peer): void {
    const { sessionId } = peer
    if (this.placeCount === 0 || this.has(sessionId)) return
    const { mesh, isMutual } = this.options
    this.releaseBySession.set(sessionId, mesh.hold(peer, isMutual()))
  }

  /**
   * As many of these as there are places for: those to whom there is a link anyway, then some at random. All are named
   * the same members in the same order: if each took the first, these would have links to everybody.
   */
  fill(members: readonly Peer[]): void {
    const { mesh, random } = this.options
    if (this.placeCount === 0) return
    const others = members.filter(({ sessionId }) => !this.has(sessionId))
    const isNear = ({ sessionId }: Peer): boolean => mesh.isLinked(sessionId)
    for (const near of others.filter(isNear)) this.hold(near)
    const far = others.filter((peer) => !isNear(peer))
    for (const peer of sample(far, this.placeCount, random)) this.hold(peer)
  }

  /** It is no member any more: its place goes to one of the others. */
  release(sessionId: SessionId, others: readonly Peer[]): void {
    const release = this.releaseBySession.get(sessionId)
    if (!release) return
    this.releaseBySession.delete(sessionId)
    release()
    this.fill(others)
  }

  close(): void {
    for (const release of this.releaseBySession.values()) release()
    this.releaseBySession.clear()
  }

  private get placeCount(): number {
    return MAX_HELD_LINKS - this.releaseBySession.size
  }
}

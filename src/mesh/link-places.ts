import type { Clock } from '../base/clock.ts'
import type { Peer } from '../protocol/peer.ts'
import type { PeerSession } from './peer-session.ts'
import type { PeerSessions } from './peer-sessions.ts'

const DEFAULT_MAX_LINKS = 200
/**
 * A link that the other side holds gives way to a newcomer no more often than this, as it is tried again at once. A
 * browser counts closed connections for a minute and more: so they are a dozen or two of the hundred that it lets this
 * page have for strangers beside 200 links (`connection-budget.ts`).
 */
const GIVE_WAY_APART_MS = 5_000
/** Who gave way turns nobody else out for this long: else those who find no place would take turns without end. */
const GAVE_WAY_LATELY_MS = 60_000

/**
 * How many links there may be, and which of them makes room for another: the one used longest ago of those that this
 * page does not need.
 *
 * - One that the other side does not hold either, for anybody.
 * - One that it holds, for whom this page needs; and now and then for a newcomer, so that nobody keeps a place for good
 *   by its word alone, or by saying something from time to time.
 */
export class LinkPlaces {
  private gaveWayAt = -Infinity

  constructor(
    private readonly clock: Clock,
    private readonly sessions: Pick<PeerSessions, 'all' | 'get'>,
    private readonly connectionCount: () => number,
    private readonly maxLinks = DEFAULT_MAX_LINKS,
  ) {}

  /** Whether one more connection, to this peer, may be made. Closes another for it, where there is no room. */
  admit({ sessionId }: Peer): boolean {
    if (this.connectionCount() < this.maxLinks) return true
    const [idlest] = this.unneeded
    const session = this.sessions.get(sessionId)
    if (idlest && (session?.needsLink || !mayBeHeld(idlest))) return this.freeOne()
    // It takes the place of the one that it has.
    return session?.link?.path === 'direct' || this.giveWayTo(session)
  }

  /** Closes a link that this page does not need, if there is one. */
  freeOne(): boolean {
    const [idlest] = this.unneeded
    if (!idlest) return false
    idlest.gaveWayAt = this.clock.now()
    idlest.detach()
    return true
  }

  private giveWayTo(newcomer: PeerSession | undefined): boolean {
    const now = this.clock.now()
    if (now - this.gaveWayAt < GIVE_WAY_APART_MS) return false
    if (newcomer && now - newcomer.gaveWayAt < GAVE_WAY_LATELY_MS) return false
    if (!this.freeOne()) return false
    this.gaveWayAt = now
    return true
  }

  /** Those that nobody holds first, and of these and the others those used longest ago. */
  private get unneeded(): readonly PeerSession[] {
    return this.sessions.all
      .filter(({ link, needsLink }) => link?.path === 'direct' && !needsLink)
      .sort((a, b) => Number(mayBeHeld(a)) - Number(mayBeHeld(b)) || a.contact.lastUsed - b.contact.lastUsed)
  }
}

/** By the other side; it says so with its hello. */
function mayBeHeld({ isHeldByPeer, isNear }: PeerSession): boolean {
  return isHeldByPeer || !isNear
}

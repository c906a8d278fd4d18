import type { SessionId, UserId } from '../base/ids.ts'
import { isLaterLogin, type Peer } from '../protocol/peer.ts'

/**
 * As many users as a server has sockets. Nobody tells of the end of those who were only looked for: a page that lives
 * for weeks would remember everybody that it ever met. Who is forgotten is looked for again.
 */
export const MAX_KNOWN_USERS = 10_000

/** Which session a user has now, as far as this session was told. */
export class Directory {
  /** The latest seen last. */
  private readonly peerByUser = new Map<UserId, Peer>()

  /** `seen` is told of every sight of a user: the present session, and the one that it has just replaced. */
  constructor(private readonly seen: (present: Peer, replaced?: Peer) => void = () => undefined) {}

  /**
   * A rendezvous names a session. Of two logins of a user the later one counts; of one, what is said last: a local
   * session that a server accepts has the server's login time from then on.
   */
  see(peer: Peer): void {
    const known = this.peerByUser.get(peer.userId)
    const replaced = known?.sessionId === peer.sessionId ? undefined : known
    if (replaced && !isLaterLogin(peer, replaced)) return this.seen(replaced)
    this.peerByUser.delete(peer.userId)
    this.peerByUser.set(peer.userId, peer)
    const [oldest] = this.peerByUser.keys()
    if (oldest !== undefined && this.peerByUser.size > MAX_KNOWN_USERS) this.peerByUser.delete(oldest)
    this.seen(peer, replaced)
  }

  /** It spoke itself: a sight of it, but its link knows its login time only as it was when they met. */
  hear(peer: Peer): void {
    const known = this.peerByUser.get(peer.userId)
    this.see(known?.sessionId === peer.sessionId ? known : peer)
  }

  get(userId: UserId): Peer | undefined {
    return this.peerByUser.get(userId)
  }

  forget(userId: UserId, sessionId: SessionId): void {
    if (this.peerByUser.get(userId)?.sessionId === sessionId) this.peerByUser.delete(userId)
  }
}

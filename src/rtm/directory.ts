import type { SessionId, UserId } from '../base/ids.ts'
import { isLaterLogin, type Peer } from '../protocol/peer.ts'

/** Which session a user has now, as far as this session was told. */
export class Directory {
  private readonly peerByUser = new Map<UserId, Peer>()

  /** `seen` is told of every sight of a user: the present session, and the one that it has just replaced. */
  constructor(private readonly seen: (present: Peer, replaced?: Peer) => void = () => undefined) {}

  /** A session was seen; of two logins of a user the later one counts. */
  see(peer: Peer): void {
    const known = this.peerByUser.get(peer.userId)
    if (known && !isLaterLogin(peer, known)) return this.seen(known)
    this.peerByUser.set(peer.userId, peer)
    this.seen(peer, known)
  }

  get(userId: UserId): Peer | undefined {
    return this.peerByUser.get(userId)
  }

  forget(userId: UserId, sessionId: SessionId): void {
    if (this.peerByUser.get(userId)?.sessionId === sessionId) this.peerByUser.delete(userId)
  }
}

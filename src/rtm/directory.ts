import type { SessionId, UserId } from '../base/ids.ts'
import { isLaterLogin, type Peer } from '../protocol/peer.ts'

/** Which session a user has now, as far as this session was told. */
export class Directory {
  private readonly peerByUser = new Map<UserId, Peer>()

  /** A session was seen; of two logins of a user the later one counts. */
  see(peer: Peer): void {
    const known = this.peerByUser.get(peer.userId)
    if (!known || isLaterLogin(peer, known)) this.peerByUser.set(peer.userId, peer)
  }

  get(userId: UserId): Peer | undefined {
    return this.peerByUser.get(userId)
  }

  forget(userId: UserId, sessionId: SessionId): void {
    if (this.peerByUser.get(userId)?.sessionId === sessionId) this.peerByUser.delete(userId)
  }
}

import type { Clock } from '../base/clock.ts'
import type { SessionId } from '../base/ids.ts'
import type { Log } from '../base/logger.ts'
import type { Soon } from '../base/soon.ts'
import type { Peer } from '../protocol/peer.ts'

export interface PeerSessionOptions {
  /** The own session. */
  readonly sessionId: SessionId
  readonly clock: Clock
  readonly log: Log
  /** When what has arrived together was read. */
  readonly soon: Soon
  /** This session's sealed credential as of now; empty while it has none. */
  credential(): string
  /** Something if this credential is valid, signed by a server, and this peer's. */
  verify(credential: string, peer: Peer): Promise<unknown>
}

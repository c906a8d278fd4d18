import type { Clock } from '../base/clock.ts'
import type { SessionId } from '../base/ids.ts'
import type { Log } from '../base/logger.ts'
import type { Credential } from '../protocol/credential.ts'
import type { Peer } from '../protocol/peer.ts'

/** What every WebRTC link of this session is made with. */
export interface WebRtcOptions {
  readonly sessionId: SessionId
  readonly clock: Clock
  readonly log: Log
  /** This session's sealed credential as of now. */
  credential(): string
  configuration(): RTCConfiguration
  verify(credential: string, peer: Peer): Promise<Credential | undefined>
  /** False when no rendezvous can pass the signal on. */
  relay(to: SessionId, signal: string): boolean
}

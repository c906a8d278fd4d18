import type { Bytes } from '../base/bytes.ts'
import type { Clock } from '../base/clock.ts'
import type { Crypto } from '../base/crypto.ts'
import type { AppId, SessionId } from '../base/ids.ts'
import type { Log } from '../base/logger.ts'
import type { Peer } from '../protocol/peer.ts'

/** The other end of a relayed link, as its credential says. */
export interface RelayEnd {
  readonly peer: Peer
  /** ECDH P-256. */
  readonly agreementKey: Bytes
}

/** What every relayed link of this session is made with. */
export interface RelayOptions {
  readonly appId: AppId
  readonly sessionId: SessionId
  readonly clock: Clock
  readonly random: () => number
  readonly log: Log
  readonly crypto: Pick<Crypto, 'randomBytes' | 'hkdfSha256' | 'aesGcm'>
  /** This session's sealed credential as of now. */
  credential(): string
  /** The secret that this session shares with the holder of that key; rejects for what is no key. */
  agree(agreementKey: Bytes): Promise<Bytes>
  /** Who that is, if the credential is valid now and of this session. */
  identify(credential: string, sessionId: SessionId): Promise<RelayEnd | undefined>
}

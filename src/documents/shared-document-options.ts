import type { Bytes } from '../base/bytes.ts'
import type { Clock } from '../base/clock.ts'
import type { Crypto } from '../base/crypto.ts'
import type { AppId, ChannelId, SessionId } from '../base/ids.ts'
import type { Log } from '../base/logger.ts'
import type { OpeningEvents, SideChannel } from '../mesh/side-channel.ts'
import type { Author } from '../mesh/trust.ts'
import type { Peer } from '../protocol/peer.ts'
import type { Store } from '../storage/store.ts'
import type { ChannelAttribute } from './attribute.ts'

export interface SharedDocumentOptions {
  readonly appId: AppId
  readonly channelId: ChannelId
  readonly me: Pick<Peer, 'userId' | 'sessionId'>
  readonly clock: Clock
  readonly log: Log
  readonly crypto: Pick<Crypto, 'randomBytes' | 'sha256' | 'verify'>
  readonly store: Store
  /** Server time in milliseconds. */
  now(): number
  /** How long it is kept after a member was last known. */
  ttlMs(): number
  sign(input: Bytes): Promise<Bytes>
  /** This session's sealed credential as of now. */
  credential(): string
  /** Who a credential is about, if a key vouches for it that is known or among the further ones. */
  verifyAuthor(credential: string, furtherKeys: ReadonlyMap<string, Bytes>): Promise<Author | undefined>
  serverKeyIds(): Iterable<string>
  openChannel(peer: Peer, label: Bytes, events: OpeningEvents): SideChannel | undefined
  isLinked(sessionId: SessionId): boolean
  send(peer: Peer, message: Bytes): void
}

export interface SharedDocumentEvents {
  /** Members are to be told of these attributes, after a write that says so, by whomever. */
  updated(attributes: readonly ChannelAttribute[]): void
  /** To all members but this one. */
  forward(message: Bytes, except: Peer): void
}

import type { Clock } from '../base/clock.ts'
import type { Crypto } from '../base/crypto.ts'
import type { AppId, UserId } from '../base/ids.ts'
import type { Log } from '../base/logger.ts'
import type { ChannelAttribute } from '../documents/attribute.ts'
import type * as documents from '../documents/documents.ts'
import type { LocalIdentity } from '../mesh/local-identity.ts'
import type { Mesh } from '../mesh/mesh.ts'
import type { Trust } from '../mesh/trust.ts'
import type { Member } from '../protocol/peer.ts'
import type { Rendezvous } from '../rendezvous/rendezvous.ts'
import type { Store } from '../storage/store.ts'
import type { Settings } from './settings.ts'

/** What a room tells of itself to its attributes. */
export interface AttributeRoom {
  members(): readonly Member[]
  attributesUpdated(attributes: readonly ChannelAttribute[]): void
}

/** What the attributes of one session's channels need of it. */
export interface ChannelAttributesOptions {
  readonly appId: AppId
  readonly userId: UserId
  readonly identity: LocalIdentity
  readonly crypto: Crypto
  readonly trust: Trust
  readonly clock: Clock
  readonly log: Log
  readonly mesh: Pick<Mesh, 'send' | 'openChannel' | 'isLinked' | 'hold'>
  readonly rendezvous: Pick<Rendezvous, 'visit' | 'endVisit'>
  /** Undefined if they cannot be loaded now. */
  readonly documents: { load(): Promise<typeof documents | undefined> }
  readonly settings: Settings
  readonly store: Promise<Store>
  /** Server time in milliseconds. */
  now(): number
  /** This session's sealed credential as of now. */
  credential(): string
}

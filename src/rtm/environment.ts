import type { Clock } from '../base/clock.ts'
import type { Crypto } from '../base/crypto.ts'
import type { AppId, SessionId, UserId } from '../base/ids.ts'
import type { Log } from '../base/logger.ts'
import type { Soon } from '../base/soon.ts'
import type { Carriers } from '../mesh/carriers.ts'
import type { LinkerEvents, MeshLinker } from '../mesh/linker.ts'
import type { LocalIdentity } from '../mesh/local-identity.ts'
import type { Trust } from '../mesh/trust.ts'
import type { Neighbourhood } from '../rendezvous/neighbourhood.ts'
import type { Places } from '../rendezvous/places.ts'
import type { Announcement, Rendezvous, RendezvousEvents } from '../rendezvous/rendezvous.ts'
import type { Store } from '../storage/store.ts'
import type * as documents from './documents-file.ts'
import type { PagePlaces } from './page-events.ts'
import type { Settling } from './settling.ts'

/** Everything outside of the domain: time, chance, log, and how users are found and linked. Handed in. */
export interface Environment {
  readonly clock: Clock
  /** Uniform in [0, 1). */
  readonly random: () => number
  readonly log: Log
  /** Runs what can wait until the events are handled that are there already. */
  readonly soon: Soon
  /** Names the list of signaling servers, as a part of keys: users of another one are other people. */
  readonly realm: string
  /** Before a server has announced any. */
  readonly knowsIceServers: boolean
  /** What this login does not need for its first links waits for it. */
  readonly settling: Settling
  /** Where the page's own events happen, if not in this page. */
  readonly page?: PagePlaces
  loadCrypto(): Promise<Crypto>
  createIdentity(crypto: Crypto): Promise<LocalIdentity>
  createRendezvous(announcement: Announcement, events: RendezvousEvents, neighbourhood: Neighbourhood): Places
  createLinker(wiring: LinkerWiring, events: LinkerEvents, carriers: Carriers): MeshLinker
  /** What this user of this app keeps on this machine. */
  openStore(appId: AppId, userId: UserId): Promise<Store>
  /** Shared documents, a file of their own that a page loads after the login; rejects if it cannot be loaded now. */
  loadDocuments(): Promise<typeof documents>
}

/** What links of this session need to know of it. */
export interface LinkerWiring {
  readonly appId: AppId
  readonly crypto: Crypto
  readonly identity: LocalIdentity
  readonly trust: Trust
  /** The sealed credential as of now. */
  credential(): string
  iceServers(): readonly RTCIceServer[] | undefined
  /** Passes signals on to sessions elsewhere. */
  relay: Rendezvous['relay']
  /** Passes signals on to other tabs of this origin. */
  relayToTab: Rendezvous['relay']
  /** Whether this session lives in another tab of this origin and realm. */
  isTab(sessionId: SessionId): boolean
}

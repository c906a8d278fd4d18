import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/logger.ts'
import type { Neighbours } from './neighbours.ts'
import type { RendezvousEvents, ServedRendezvous } from './rendezvous.ts'
import type { TabsRendezvous } from './tabs.ts'

/** Where a session can be found, and how it logs in there. */
export interface PlacesOptions {
  readonly clock: Clock
  readonly log: Log
  /** Of the server, for people. */
  readonly urls: readonly string[]
  /** With one, only a server can decide on the login. */
  readonly token: string | null
  /** Undefined when there is none to log in at: then the login is local, and at once. */
  readonly server: ((events: RendezvousEvents) => ServedRendezvous) | undefined
  readonly tabs: ((events: RendezvousEvents) => TabsRendezvous) | undefined
  /** Asked for once a server has accepted this session, and again after later returns; undefined if it is not to be had now. */
  readonly neighbours?: () => Promise<((events: RendezvousEvents) => Neighbours) | undefined>
}

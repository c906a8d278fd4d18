import type { Clock } from '../base/clock.ts'
import type { SessionId } from '../base/ids.ts'
import type { Log } from '../base/logger.ts'
import type { Broadcast } from '../rendezvous/tabs-broadcast.ts'

/** What every link of this session to another tab is made with. */
export interface TabOptions {
  readonly sessionId: SessionId
  /** Of the tabs that can be linked: part of the names of their broadcast channels. */
  readonly realm: string
  readonly clock: Clock
  readonly random: () => number
  readonly log: Log
  readonly openBroadcast: (name: string) => Broadcast
  /** False when the tabs' rendezvous cannot pass the signal on. */
  relayToTab(to: SessionId, signal: string): boolean
}

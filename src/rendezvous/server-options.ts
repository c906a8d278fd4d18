import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/logger.ts'
import type { Announcement } from './rendezvous.ts'

/** Who logs in, and where. */
export interface ServerRendezvousOptions {
  /** WebSocket URLs of one server or cluster; the next is tried when one fails. */
  readonly urls: readonly string[]
  readonly announcement: Announcement
  readonly clock: Clock
  readonly random: () => number
  readonly log: Log
}

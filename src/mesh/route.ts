import type { Cancel } from '../base/clock.ts'
import type { Peer } from '../protocol/peer.ts'
import type { Link } from './link.ts'

/**
 * How a peer is being reached that has no link of its own: there is none for those that have one, or that nobody tries
 * to reach.
 */
export class Route {
  /** `opened` or `failed` is owed. */
  isOpening = false
  isDirectTried = false
  isRelaySought = false
  /** Over somebody else. */
  link: Link | undefined
  /** Why there is no link of its own. */
  directError: string | undefined
  relayError: string | undefined
  /** When the latest link over somebody else was opened. */
  relayedAt = -Infinity
  /** Since there was the first link over somebody else. */
  directTries = 0
  directTriedAt = -Infinity
  /** What is planned next: to look for a relay, or to try a link of its own again. */
  private cancelPlan: Cancel = () => undefined

  constructor(readonly peer: Peer) {}

  plan(next: Cancel): void {
    this.cancelPlan()
    this.cancelPlan = next
  }

  unplan(): void {
    this.cancelPlan()
  }
}

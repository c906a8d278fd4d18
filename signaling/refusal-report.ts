import type { Log } from '../src/base/logger.ts'
import { type RefusalReason, refusalReasons } from './refusals.ts'
import type { Tallies } from './tallies.ts'

const PERIOD_MS = 60_000

/**
 * Says once a minute how many were refused, and why: not a line for each, as clients could otherwise write as much into
 * the log as they like.
 */
export class RefusalReport {
  private nextAt: number
  private reported: Readonly<Record<RefusalReason, number>>

  constructor(
    private readonly tallies: Tallies,
    private readonly log: Log,
    now: number,
  ) {
    this.nextAt = now + PERIOD_MS
    this.reported = { ...tallies.refusals }
  }

  /** Any number of times. */
  look(now: number): void {
    if (now < this.nextAt) return
    this.nextAt = now + PERIOD_MS
    const { reported } = this
    this.reported = { ...this.tallies.refusals }
    const counts = refusalReasons
      .map((reason) => [reason, this.reported[reason] - reported[reason]] as const)
      .filter(([, count]) => count > 0)
    if (counts.length > 0) this.log('info', 'Connections were refused', Object.fromEntries(counts))
  }
}

import type { Clock } from '../base/clock.ts'
import { closeCodes } from '../protocol/server-messages.ts'
import { PROBE_UNANSWERED } from './server-socket.ts'

/** First wait after a failure. Half of it is random, so that clients of a restarted server do not return as one. */
const FIRST_DELAY_MS = 500
/** Longest wait: everybody is back within 10 s of the server's return. */
const LONGEST_DELAY_MS = 5_000
/** A server that restarts in order asks its clients to spread their return over this time. */
const RESTART_SPREAD_MS = 2_000
/** Several reasons for a probe come together, and a server that is well is to stay so. */
const PROBE_PERIOD_MS = 3_000

/** How long to wait before the next try, after `failures` tries in a row that failed. */
export function backOffMs(failures: number, random: () => number): number {
  const full = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** Math.min(failures, 10))
  return full / 2 + (random() * full) / 2
}

/** When to try again to connect. */
export class BackOff {
  private failures = 0
  private nextProbeAt = 0

  constructor(
    private readonly clock: Clock,
    private readonly random: () => number,
  ) {}

  failed(): void {
    this.failures += 1
  }

  succeeded(): void {
    this.failures = 0
  }

  /** How long to wait after a connection closed with this code. */
  delayAfter(code: number): number {
    if (code === PROBE_UNANSWERED) return 0
    return code === closeCodes.restart
      ? this.random() * RESTART_SPREAD_MS
      : backOffMs(this.failures, this.random)
  }

  /**
   * When a probe may connect; undefined unless that is earlier than `until`. It is as if it were the first try: what
   * failed until now says nothing any more.
   */
  probe(until: number): number | undefined {
    const at = Math.max(this.clock.now(), this.nextProbeAt)
    if (at >= until) return undefined
    this.failures = 0
    this.nextProbeAt = at + PROBE_PERIOD_MS
    return at
  }
}

const FIRST_RETRY_MS = 500
const LONGEST_RETRY_MS = 15_000
/**
 * Signs that something has changed come in bursts. So far apart, and with the waits above, early attempts stay below
 * the ten requests in 10 s that a peer answers.
 */
const EARLY_RETRY_APART_MS = 2_000

/** When a link to a peer may be tried again: after ever longer waits. */
export class Retries {
  /** Attempts that failed since the last link. */
  failures = 0
  /** Links that were closed because of what they brought. */
  private breaches = 0
  private dueAt = -Infinity
  private earlyFrom = -Infinity

  isDue(now: number): boolean {
    return this.dueAt <= now
  }

  /** Whatever the reasons were, they may be gone: it is due now, or as soon as it may be, if that is allowed. */
  hasten(now: number, allow: () => boolean): void {
    const at = Math.max(now, this.earlyFrom)
    if (this.dueAt <= at || !allow()) return
    this.dueAt = at
    this.earlyFrom = at + EARLY_RETRY_APART_MS
  }

  /** Whether an attempt that is under way may be begun anew. */
  mayRestart(now: number, allow: () => boolean): boolean {
    if (now < this.earlyFrom || !allow()) return false
    this.earlyFrom = now + EARLY_RETRY_APART_MS
    return true
  }

  linked(): void {
    this.failures = 0
  }

  /** That it fails while there is no network says nothing of the peer: the next wait is no longer than the last. */
  failed(now: number, random: () => number, isOnline: boolean): void {
    const delayMs = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(this.failures, 10))
    if (isOnline) this.failures += 1
    this.dueAt = now + delayMs / 2 + (random() * delayMs) / 2
  }

  /** The link was closed because of what it brought; `failed` follows. That it opened does not shorten the wait. */
  broken(): void {
    this.failures = this.breaches++
  }
}

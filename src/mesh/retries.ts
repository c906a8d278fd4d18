const FIRST_RETRY_MS = 500
const LONGEST_RETRY_MS = 15_000

/** When a link to a peer may be tried again: after ever longer waits. */
export class Retries {
  /** Attempts that failed since the last link. */
  failures = 0
  /** Links that were closed because of what they brought. */
  private breaches = 0
  private dueAt = 0

  isDue(now: number): boolean {
    return this.dueAt <= now
  }

  /** Whatever the reasons were, they may be gone. */
  retryNow(): void {
    this.dueAt = 0
  }

  linked(): void {
    this.failures = 0
  }

  failed(now: number, random: () => number): void {
    const delayMs = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(this.failures, 10))
    this.failures += 1
    this.dueAt = now + delayMs / 2 + (random() * delayMs) / 2
  }

  /** The link was closed because of what it brought; `failed` follows. That it opened does not shorten the wait. */
  broken(): void {
    this.failures = this.breaches++
  }
}

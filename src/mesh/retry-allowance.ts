const WINDOW_MS = 60_000
/**
 * Attempts before their time, of all peers together. A browser collects closed connections late, in more than a minute
 * (measured): with so many of them, and the 200 links that a page may have, it stays well below the 500 it may make.
 */
const MAX_EARLY = 100

/** How many links may be tried before their time, however often something says that now is a good moment. */
export class RetryAllowance {
  private taken: number[] = []

  take(now: number): boolean {
    this.taken = this.taken.filter((at) => now - at < WINDOW_MS)
    if (this.taken.length >= MAX_EARLY) return false
    this.taken.push(now)
    return true
  }
}

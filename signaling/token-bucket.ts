/** Lets `burst` through at once and `perSecond` in the long run. */
export class TokenBucket {
  private tokens: number

  constructor(
    private readonly perSecond: number,
    private readonly burst: number,
    private filledAt: number,
  ) {
    this.tokens = burst
  }

  /** Whether so many were left. A clock that was set back fills nothing. */
  take(now: number, count: number): boolean {
    this.fill(now)
    if (this.tokens < count) return false
    this.tokens -= count
    return true
  }

  /** Nothing is left, whatever was. */
  drain(now: number): void {
    this.fill(now)
    this.tokens = 0
  }

  /** As if nothing had ever been taken. */
  isFull(now: number): boolean {
    this.fill(now)
    return this.tokens >= this.burst
  }

  private fill(now: number): void {
    const elapsedMs = Math.max(0, now - this.filledAt)
    this.filledAt = now
    this.tokens = Math.min(this.burst, this.tokens + (elapsedMs / 1_000) * this.perSecond)
  }
}

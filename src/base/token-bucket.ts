import type { Clock } from './clock.ts'

/** So much a second, and at most a burst at once. */
export interface Rate {
  readonly perSecond: number
  readonly burst: number
}

/** What is left of a rate; full at first. */
export class TokenBucket {
  private tokens: number
  private filledAt: number

  constructor(
    private readonly clock: Clock,
    private readonly rate: Rate,
  ) {
    this.tokens = rate.burst
    this.filledAt = clock.now()
  }

  /** Nothing was taken lately: a new one would be the same. */
  get isFull(): boolean {
    this.fill()
    return this.tokens === this.rate.burst
  }

  /** Takes so many if they are there. */
  take(count: number): boolean {
    this.fill()
    if (this.tokens < count) return false
    this.tokens -= count
    return true
  }

  /** Takes them, also those that are not there yet. */
  spend(count: number): void {
    this.fill()
    this.tokens -= count
  }

  /** Until there is any; 0 if there is. */
  get waitMs(): number {
    this.fill()
    return this.tokens > 0 ? 0 : Math.ceil(((1 - this.tokens) * 1_000) / this.rate.perSecond)
  }

  private fill(): void {
    const now = this.clock.now()
    // A clock that is set back takes nothing away.
    const added = (Math.max(0, now - this.filledAt) / 1_000) * this.rate.perSecond
    this.tokens = Math.min(this.rate.burst, this.tokens + added)
    this.filledAt = now
  }
}

import type { Clock } from '../base/clock.ts'

/** So much in any period of so long. */
export class Allowance {
  private readonly taken: { readonly at: number; readonly amount: number }[] = []
  private sum = 0

  constructor(
    private readonly clock: Pick<Clock, 'now'>,
    private readonly limit: number,
    private readonly periodMs: number,
  ) {}

  /** False if it would be too much; nothing is taken then. */
  take(amount = 1): boolean {
    const at = this.clock.now()
    for (let oldest = this.taken[0]; oldest && oldest.at <= at - this.periodMs; oldest = this.taken[0]) {
      this.taken.shift()
      this.sum -= oldest.amount
    }
    if (this.sum + amount > this.limit) return false
    this.taken.push({ at, amount })
    this.sum += amount
    return true
  }
}

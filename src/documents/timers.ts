import type { Cancel, Clock } from '../base/clock.ts'

/** Things to be done later, all of which are called off together. */
export class Timers {
  private readonly pending = new Set<Cancel>()

  constructor(private readonly clock: Clock) {}

  after(delayMs: number, run: () => void): Cancel {
    const forget = this.clock.after(delayMs, () => {
      this.pending.delete(forget)
      run()
    })
    this.pending.add(forget)
    return () => {
      this.pending.delete(forget)
      forget()
    }
  }

  cancelAll(): void {
    for (const forget of this.pending) forget()
    this.pending.clear()
  }
}

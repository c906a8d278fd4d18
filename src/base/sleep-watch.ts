import type { Clock } from './clock.ts'

/** Later than this beyond its time means that this page slept. Timers of hidden pages come once a second, which is no sleep. */
const OVERSLEPT_MS = 2_000

/** Knows whether this page slept, or its clock jumped, since it last looked at what it looks at every so often. */
export class SleepWatch {
  private last: number

  constructor(
    private readonly clock: Clock,
    private readonly periodMs: number,
  ) {
    this.last = clock.now()
  }

  /** What was not heard meanwhile proves nothing about others. */
  get hasSlept(): boolean {
    return this.hadSleptAt(this.clock.now())
  }

  /** The same, for who knows the time. */
  hadSleptAt(now: number): boolean {
    return now - this.last > this.periodMs + OVERSLEPT_MS
  }

  /** It looks now. */
  look(): void {
    this.last = this.clock.now()
  }
}

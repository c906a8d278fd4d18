import { type Cancel, type Clock, every } from './clock.ts'
import { SleepWatch } from './sleep-watch.ts'

export const PULSE_MS = 250

/**
 * The pulse of all that a session does now and then, and the one place that notices when this page slept, or its
 * clock jumped: what was not heard meanwhile proves nothing about others. Who listens for it is told before anybody
 * looks at the time, so that everybody gets a fresh grace period.
 */
export class Wakefulness {
  private readonly sleep: SleepWatch
  private readonly sweepers = new Set<(now: number) => void>()
  private readonly sleepers = new Set<() => void>()
  /** Ends the pulse. */
  readonly stop: Cancel

  constructor(private readonly clock: Clock) {
    this.sleep = new SleepWatch(clock, PULSE_MS)
    this.stop = every(clock, PULSE_MS, () => this.pulse())
  }

  /** The time, for whoever is about to judge others by it: if it has jumped, `onOverslept` comes first. */
  now(): number {
    const now = this.clock.now()
    if (!this.sleep.hadSleptAt(now)) return now
    this.wasAway()
    return this.clock.now()
  }

  /** This page was put away, and is shown again: as if it had slept, however short that was. */
  wasAway(): void {
    this.sleep.look()
    for (const overslept of [...this.sleepers]) overslept()
  }

  /** Calls `sweep` four times a second, or as often as the browser lets a hidden page, until cancelled. */
  onPulse(sweep: (now: number) => void): Cancel {
    this.sweepers.add(sweep)
    return () => void this.sweepers.delete(sweep)
  }

  /** Calls `overslept` when more than 2 s have passed of which this page saw nothing, until cancelled. */
  onOverslept(overslept: () => void): Cancel {
    this.sleepers.add(overslept)
    return () => void this.sleepers.delete(overslept)
  }

  private pulse(): void {
    const now = this.now()
    this.sleep.look()
    for (const sweep of [...this.sweepers]) if (this.sweepers.has(sweep)) sweep(now)
  }
}

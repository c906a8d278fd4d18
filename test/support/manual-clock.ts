import type { Cancel, Clock } from '../../src/base/clock.ts'

interface Timer {
  readonly at: number
  readonly run: () => void
}

/** Time that stands still until a test moves it; timers run in the order of their times, then of their making. */
export class ManualClock implements Clock {
  private time: number
  private readonly timers = new Set<Timer>()

  constructor(start = Date.UTC(2025, 0, 1)) {
    this.time = start
  }

  /** Timers that wait: nothing may be left when whatever uses the clock is closed. */
  get pending(): number {
    return this.timers.size
  }

  /** When the next timer is due; undefined if none waits. */
  get next(): number | undefined {
    let next: number | undefined
    for (const { at } of this.timers) if (next === undefined || at < next) next = at
    return next
  }

  now(): number {
    return this.time
  }

  after(delayMs: number, run: () => void): Cancel {
    const timer = { at: this.time + delayMs, run }
    this.timers.add(timer)
    return () => void this.timers.delete(timer)
  }

  advance(ms: number): void {
    const end = this.time + ms
    for (let timer = this.nextUntil(end); timer; timer = this.nextUntil(end)) {
      this.timers.delete(timer)
      this.time = Math.max(this.time, timer.at)
      timer.run()
    }
    this.time = Math.max(this.time, end)
  }

  /** The machine sleeps: time passes and no timer runs until the next `advance`. */
  sleep(ms: number): void {
    this.time += ms
  }

  private nextUntil(end: number): Timer | undefined {
    let next: Timer | undefined
    for (const timer of this.timers) if (timer.at <= end && (!next || timer.at < next.at)) next = timer
    return next
  }
}

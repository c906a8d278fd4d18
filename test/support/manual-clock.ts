import type { Cancel, Clock } from '../../src/base/clock.ts'
import { TimerQueue } from './timer-queue.ts'

/** Time that stands still until a test moves it; timers run in the order of their times, then of their making. */
export class ManualClock implements Clock {
  private time: number
  private readonly timers = new TimerQueue()

  constructor(start = Date.UTC(2025, 0, 1)) {
    this.time = start
  }

  /** Timers that wait: nothing may be left when whatever uses the clock is closed. */
  get pending(): number {
    return this.timers.size
  }

  /** When the next timer is due; undefined if none waits. */
  get next(): number | undefined {
    return this.timers.first?.at
  }

  now(): number {
    return this.time
  }

  after(delayMs: number, run: () => void): Cancel {
    return this.timers.add(this.time + delayMs, run)
  }

  advance(ms: number): void {
    const end = this.time + ms
    for (let timer = this.timers.first; timer && timer.at <= end; timer = this.timers.first) {
      this.timers.removeFirst()
      this.time = Math.max(this.time, timer.at)
      timer.run()
    }
    this.time = Math.max(this.time, end)
  }

  /** Time goes on to the next timer, and only that runs; false if none is due by `end`: then it is `end`. */
  step(end: number): boolean {
    const timer = this.timers.first
    if (!timer || timer.at > end) {
      this.time = Math.max(this.time, end)
      return false
    }
    this.timers.removeFirst()
    this.time = Math.max(this.time, timer.at)
    timer.run()
    return true
  }

  /** The machine sleeps: time passes and no timer runs until the next `advance`. */
  sleep(ms: number): void {
    this.time += ms
  }
}

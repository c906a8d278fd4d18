import type { Cancel, Clock } from '../../src/base/clock.ts'
import type { ManualClock } from './manual-clock.ts'

interface Timer {
  readonly dueAt: number
  readonly run: () => void
  cancel: Cancel
}

/**
 * What a browser does with one page: it runs its timers and hands it what arrives, or holds both back.
 *
 *     awake <--> frozen: nothing runs; what comes meanwhile, timers included, comes one by one when it is thawed
 *       |          |
 *       +----------+--> gone: nothing runs any more, and no timer is left
 *
 * Everything that reaches the page has to come by `run`, `gate` or `gated`.
 */
export class PageProcess implements Clock {
  private periodMs = 0
  private state: 'awake' | 'frozen' | 'gone' = 'awake'
  private readonly timers = new Set<Timer>()
  private cancelCatchUp: Cancel = () => undefined
  private readonly held: (() => void)[] = []
  private isCatchingUp = false

  constructor(private readonly clock: ManualClock) {}

  get isAwake(): boolean {
    return this.state === 'awake'
  }

  get isGone(): boolean {
    return this.state === 'gone'
  }

  /** Timers that wait, of this page alone. */
  get timerCount(): number {
    return this.timers.size
  }

  now(): number {
    return this.clock.now()
  }

  /** Timers run at multiples of so many milliseconds, as those of hidden pages; 0 for at once. */
  get throttleMs(): number {
    return this.periodMs
  }

  set throttleMs(ms: number) {
    this.periodMs = ms
    for (const timer of this.timers) {
      timer.cancel()
      this.plan(timer)
    }
  }

  after(delayMs: number, run: () => void): Cancel {
    if (this.isGone) return () => undefined
    let isCancelled = false
    const timer: Timer = {
      dueAt: this.clock.now() + delayMs,
      run: () => {
        this.timers.delete(timer)
        this.run(() => isCancelled || run())
      },
      cancel: () => undefined,
    }
    this.plan(timer)
    this.timers.add(timer)
    return () => {
      isCancelled = true
      this.timers.delete(timer)
      timer.cancel()
    }
  }

  /** A disk and the like need no timers of the page, which is told while it runs. */
  get outside(): Clock {
    const { clock } = this
    return { now: () => clock.now(), after: (ms, run) => clock.after(ms, () => this.run(run)) }
  }

  /** Runs a task of this page: now, when it is awake again, or never. */
  run(task: () => void): void {
    if (this.isGone) return
    if (this.state === 'awake' && this.held.length === 0 && !this.isCatchingUp) task()
    else this.held.push(task)
  }

  /** What the page is promised comes while it is awake, or never. */
  gate<T>(promise: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      promise.then(
        (value) => this.run(() => resolve(value)),
        (error: unknown) => this.run(() => reject(error instanceof Error ? error : new Error(String(error)))),
      )
    })
  }

  /** Events of which no one has an answer. */
  gated<Events extends object>(events: Events): Events {
    const gated = Object.entries(events).map(([name, tell]: [string, (...told: unknown[]) => void]) => [
      name,
      (...told: unknown[]) => this.run(() => tell(...told)),
    ])
    return Object.fromEntries(gated) as Events
  }

  freeze(): void {
    if (this.state === 'awake') this.state = 'frozen'
  }

  thaw(): void {
    if (this.state !== 'frozen') return
    this.state = 'awake'
    this.catchUp()
  }

  end(): void {
    this.state = 'gone'
    for (const { cancel } of this.timers) cancel()
    this.timers.clear()
    this.cancelCatchUp()
    this.held.length = 0
  }

  /** One task after the other, each with all that it causes. */
  private catchUp(): void {
    if (this.isCatchingUp || this.held.length === 0) return
    this.isCatchingUp = true
    this.cancelCatchUp = this.clock.after(0, () => {
      this.isCatchingUp = false
      if (this.state !== 'awake') return
      this.held.shift()?.()
      this.catchUp()
    })
  }

  private plan(timer: Timer): void {
    const now = this.clock.now()
    const { periodMs } = this
    const at = periodMs === 0 ? timer.dueAt : Math.ceil(timer.dueAt / periodMs) * periodMs
    timer.cancel = this.clock.after(Math.max(0, at - now), timer.run)
  }
}

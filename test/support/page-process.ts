import type { Cancel, Clock } from '../../src/base/clock.ts'
import type { ManualClock } from './manual-clock.ts'

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
  /** Timers run at multiples of so many milliseconds, as those of hidden pages; 0 for at once. */
  throttleMs = 0
  private state: 'awake' | 'frozen' | 'gone' = 'awake'
  private readonly timers = new Set<Cancel>()
  private readonly held: (() => void)[] = []
  private isCatchingUp = false

  constructor(private readonly clock: ManualClock) {}

  get isAwake(): boolean {
    return this.state === 'awake'
  }

  get isGone(): boolean {
    return this.state === 'gone'
  }

  now(): number {
    return this.clock.now()
  }

  after(delayMs: number, run: () => void): Cancel {
    if (this.isGone) return () => undefined
    let isCancelled = false
    const due = (): void => {
      this.timers.delete(forget)
      this.run(() => isCancelled || run())
    }
    const forget = this.clock.after(this.throttled(delayMs), due)
    this.timers.add(forget)
    return () => {
      isCancelled = true
      this.timers.delete(forget)
      forget()
    }
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
    for (const forget of this.timers) forget()
    this.timers.clear()
    this.held.length = 0
  }

  /** One task after the other, each with all that it causes. */
  private catchUp(): void {
    if (this.isCatchingUp || this.held.length === 0) return
    this.isCatchingUp = true
    const forget = this.clock.after(0, () => {
      this.timers.delete(forget)
      this.isCatchingUp = false
      if (this.state !== 'awake') return
      this.held.shift()?.()
      this.catchUp()
    })
    this.timers.add(forget)
  }

  private throttled(delayMs: number): number {
    if (this.throttleMs === 0) return delayMs
    const now = this.clock.now()
    return Math.ceil((now + delayMs) / this.throttleMs) * this.throttleMs - now
  }
}

import type { Cancel, Clock } from './clock.ts'

interface Deadline {
  readonly at: number
  readonly run: () => void
}

/** Many that each have the same time, and mostly are over before: one timer looks after all of them. */
export class Deadlines {
  /** The earliest first. */
  private readonly waiting = new Set<Deadline>()
  private cancelTimer: Cancel | undefined
  private isClosed = false

  constructor(
    private readonly clock: Clock,
    private readonly delayMs: number,
  ) {}

  /** Calls `run` once when the time is over, unless cancelled. `now` is what the clock says. */
  add(run: () => void, now = this.clock.now()): Cancel {
    const deadline = { at: now + this.delayMs, run }
    this.waiting.add(deadline)
    this.cancelTimer ??= this.clock.after(this.delayMs, () => this.look())
    return () => {
      if (this.waiting.delete(deadline) && this.isClosed) this.rest()
    }
  }

  /** No timer stays once those that wait are over: until then one that has nothing to do may. */
  close(): void {
    this.isClosed = true
    this.rest()
  }

  private look(): void {
    this.cancelTimer = undefined
    const now = this.clock.now()
    const due: Deadline[] = []
    for (const deadline of this.waiting) {
      if (deadline.at > now) {
        this.cancelTimer = this.clock.after(deadline.at - now, () => this.look())
        break
      }
      due.push(deadline)
    }
    // One of them may call off another, or set a new one: the timer for those that remain stands by then.
    for (const deadline of due) if (this.waiting.delete(deadline)) deadline.run()
  }

  private rest(): void {
    if (this.waiting.size > 0) return
    this.cancelTimer?.()
    this.cancelTimer = undefined
  }
}

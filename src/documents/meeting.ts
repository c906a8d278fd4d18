import type { Clock } from '../base/clock.ts'
import type { Timers } from './timers.ts'

/** Who has no answer of some holders by then goes on with what others have said, or with what is here. */
const PATIENCE_MS = 2_000
/**
 * With nothing here, and no word of anybody, it is waited until this long after the call was made: a call has 5 s, and
 * is to have its answer by then.
 */
const LONGEST_PATIENCE_MS = 4_000

export interface MeetingOptions {
  readonly clock: Pick<Clock, 'now'>
  readonly timers: Timers
  /** A holder is in step, or there is none. */
  isSettled(): boolean
  /** Something is here; or a holder has answered, or there is none. */
  isTold(): boolean
}

/** Those who wait until what is here is what holders have, or until it is not worth waiting any longer. */
export class Meeting {
  private readonly waiting = new Set<() => void>()
  private isClosed = false

  constructor(private readonly options: MeetingOptions) {}

  /** Those who have not answered in time are not waited for, whatever is here. */
  waitBriefly(): Promise<void> {
    return this.wait(PATIENCE_MS, () => true)
  }

  /** For a call that was made then, by the clock; it waits for those who have not answered as long as it knows nothing. */
  waitSince(begunAt: number): Promise<void> {
    const { clock, isTold } = this.options
    return this.wait(begunAt + LONGEST_PATIENCE_MS - clock.now(), isTold)
  }

  /** It may be settled now. */
  look(): void {
    for (const look of [...this.waiting]) look()
  }

  close(): void {
    this.isClosed = true
    this.look()
  }

  private wait(longestMs: number, isEnough: () => boolean): Promise<void> {
    const { timers, isSettled } = this.options
    let isLate = false
    const isOver = (): boolean => this.isClosed || isSettled() || (isLate && isEnough())
    if (longestMs <= 0 || isOver()) return Promise.resolve()
    return new Promise((resolve) => {
      const goOn = (): void => {
        this.waiting.delete(look)
        cancelPatience()
        cancelAll()
        resolve()
      }
      const look = (): void => {
        if (isOver()) goOn()
      }
      const cancelPatience = timers.after(PATIENCE_MS, () => {
        isLate = true
        look()
      })
      const cancelAll = timers.after(longestMs, goOn)
      this.waiting.add(look)
    })
  }
}

import type { Timers } from './timers.ts'

/** Who has no answer of some holders by then goes on with what others have said, or with what is here. */
const PATIENCE_MS = 2_000
/** With nothing here, and no word of anybody, it is waited as long as a call has. */
const LONGEST_PATIENCE_MS = 5_000

export interface MeetingOptions {
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

  /** `isBrief`: those who have not answered in time are not waited for, whatever is here. */
  wait(isBrief = false): Promise<void> {
    const { timers, isSettled, isTold } = this.options
    let isLate = false
    const isOver = (): boolean => this.isClosed || isSettled() || (isLate && (isBrief || isTold()))
    if (isOver()) return Promise.resolve()
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
      const cancelAll = timers.after(LONGEST_PATIENCE_MS, goOn)
      this.waiting.add(look)
    })
  }

  /** It may be settled now. */
  look(): void {
    for (const look of [...this.waiting]) look()
  }

  close(): void {
    this.isClosed = true
    this.look()
  }
}

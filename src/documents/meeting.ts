import type { Timers } from './timers.ts'

/** Who has no answer of any holder by then goes on with what is here, if anything is. */
const PATIENCE_MS = 2_000

/** Those who wait until what is here is what holders have, or until it is not worth waiting any longer. */
export class Meeting {
  private readonly waiting = new Set<() => void>()
  private isClosed = false

  constructor(
    private readonly timers: Timers,
    /** A holder is in step, or there is none. */
    private readonly isSettled: () => boolean,
  ) {}

  wait(): Promise<void> {
    if (this.isSettled() || this.isClosed) return Promise.resolve()
    return new Promise((resolve) => {
      const goOn = (): void => {
        this.waiting.delete(goOn)
        cancel()
        resolve()
      }
      const cancel = this.timers.after(PATIENCE_MS, goOn)
      this.waiting.add(goOn)
    })
  }

  /** It may be settled now. */
  look(): void {
    if (this.isSettled() || this.isClosed) for (const goOn of [...this.waiting]) goOn()
  }

  close(): void {
    this.isClosed = true
    this.look()
  }
}

import type { Cancel, Clock } from '../base/clock.ts'

/** Tabs answer at once; a page that is busy for longer is heard of later. */
const ANSWERS_MS = 400

/** The first moments of a session among tabs, until it is known who else is there. */
export class TabsArrival {
  /** Resolves with true at the first answer, or when there is none; with false when the session leaves before. */
  readonly over: Promise<boolean>
  isOver = false
  private readonly cancelWait: Cancel
  private resolve: (isIn: boolean) => void = () => undefined

  /** `timeIsUp` is called once no answer is expected any more. */
  constructor(
    clock: Clock,
    /** Any session of this user that is there already is the earlier one; until no answer is expected any more. */
    public isNewcomer: boolean,
    timeIsUp: () => void,
  ) {
    this.over = new Promise((resolve) => (this.resolve = resolve))
    this.cancelWait = clock.after(ANSWERS_MS, () => {
      this.isNewcomer = false
      this.answered()
      timeIsUp()
    })
  }

  answered(): void {
    this.isOver = true
    this.resolve(true)
  }

  cancel(): void {
    this.cancelWait()
    this.resolve(false)
  }
}

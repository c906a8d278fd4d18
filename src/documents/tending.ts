import type { Authorship } from './authorship.ts'
import type { Edition } from './edition.ts'
import type { Timers } from './timers.ts'

/** After a change it is seen to that what this user wrote is in order. */
const TEND_AFTER_MS = 500
/** After this, if somebody had undone it too often. */
const TEND_AGAIN_MS = 60_000

/** Sees to it that what this user wrote is in order in the present edition. */
export class Tending {
  private isDue = false

  constructor(
    private readonly timers: Timers,
    private readonly authorship: Authorship,
    /** The present one; undefined when there is none any more. */
    private readonly edition: () => Edition | undefined,
  ) {}

  soon(): void {
    this.after(TEND_AFTER_MS)
  }

  async now(): Promise<void> {
    const edition = this.edition()
    if (!edition) return
    const isInOrder = await this.authorship.tend(edition, () => this.edition() === edition)
    if (!isInOrder) this.after(TEND_AGAIN_MS)
  }

  private after(delayMs: number): void {
    if (this.isDue) return
    this.isDue = true
    this.timers.after(delayMs, () => {
      this.isDue = false
      void this.now()
    })
  }
}

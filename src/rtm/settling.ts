import type { Cancel, Clock } from '../base/clock.ts'

/**
 * The first moments of a login belong to what its first links need: what a page loads and runs meanwhile they wait for.
 * So all that can wait runs when the login has settled.
 */
export class Settling {
  private waiting: (() => void)[] = []
  private isSettled = false
  private cancel: Cancel = () => undefined

  constructor(
    private readonly clock: Clock,
    private readonly afterMs: number,
  ) {}

  /** The login begins. */
  begin(): void {
    if (this.afterMs === 0) this.settle()
    else this.cancel = this.clock.after(this.afterMs, () => this.settle())
  }

  /** Now, if the login has settled; not at all if it ends before. */
  whenSettled(run: () => void): void {
    if (this.isSettled) run()
    else this.waiting.push(run)
  }

  close(): void {
    this.cancel()
    this.waiting = []
  }

  private settle(): void {
    this.isSettled = true
    for (const run of this.waiting.splice(0)) run()
  }
}

import { createHash } from 'node:crypto'

import type { ManualClock } from '../support/manual-clock.ts'

/** Lines that a failure is shown with. */
const TAIL_LINES = 4_000

/** Everything that happened, with its time: a hash of all of it, to compare two runs, and the end of it, to read. */
export class Trace {
  private readonly sum = createHash('sha256')
  private readonly lines: string[] = []
  private readonly begin: number

  constructor(private readonly clock: ManualClock) {
    this.begin = clock.now()
  }

  note(line: string): void {
    const text = `${((this.clock.now() - this.begin) / 1_000).toFixed(3).padStart(9)} ${line}`
    this.sum.update(text)
    this.lines.push(text)
    if (this.lines.length >= 2 * TAIL_LINES) this.lines.splice(0, TAIL_LINES)
  }

  get hash(): string {
    return this.sum.copy().digest('hex').slice(0, 16)
  }

  tail(count: number): readonly string[] {
    return this.lines.slice(-count)
  }
}

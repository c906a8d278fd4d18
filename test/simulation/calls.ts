import type { SimulatedPage } from './page.ts'

/** Every call is answered in 12 s (the login's limit), and what is kept has 2 s for the disk; the rest is tolerance. */
const ANSWERED_AFTER_MS = 16_000

interface Call {
  readonly page: SimulatedPage
  readonly what: string
  readonly at: number
}

/** Calls of pages that wait for their answers. */
export class Calls {
  private readonly open = new Set<Call>()

  constructor(
    private readonly now: () => number,
    private readonly note: (line: string) => void,
    private readonly broken: (sentence: string) => void,
  ) {}

  /** Makes the call; its answer is noted, and `done` is told. */
  make<T>(
    page: SimulatedPage,
    what: string,
    run: (done: (outcome: T) => void) => void,
    done?: (outcome: T) => void,
  ): void {
    const call: Call = { page, what, at: this.now() }
    this.open.add(call)
    this.note(`${page.name}> ${what}`)
    run((outcome) => {
      if (!this.open.delete(call)) this.broken(`${page.name} got a second answer to ${what}`)
      this.note(`${page.name}< ${what}: ${shown(outcome)}`)
      done?.(outcome)
    })
  }

  check(): void {
    for (const call of this.open) {
      const { page, what, at } = call
      if (page.process.isGone) this.open.delete(call)
      const isRunning = page.process.isAwake && page.process.throttleMs === 0 && page.awakeSince <= at
      if (isRunning && this.now() - at > ANSWERED_AFTER_MS) {
        this.open.delete(call)
        this.broken(`${page.name} got no answer to ${what}`)
      }
    }
  }
}

function shown(outcome: unknown): string {
  return typeof outcome === 'string' ? outcome : JSON.stringify(outcome)
}

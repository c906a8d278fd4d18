import type { SimulatedPage } from './page.ts'

/** Every call is answered in 12 s (the login's limit), and what is kept has 2 s for the disk; the rest is tolerance. */
const ANSWERED_AFTER_MS = 16_000

interface Call {
  readonly page: SimulatedPage
  readonly what: string
  /** So long its page has run since then, with timers on time. */
  runMs: number
  lookedAt: number
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
    const call: Call = { page, what, runMs: 0, lookedAt: this.now() }
    this.open.add(call)
    this.note(`${page.name}> ${what}`)
    run((outcome) => {
      if (!this.open.delete(call)) this.broken(`${page.name} got a second answer to ${what}`)
      this.note(`${page.name}< ${what}: ${shown(outcome)}`)
      done?.(outcome)
    })
  }

  /** To be called several times a second. */
  look(): void {
    for (const call of this.open) {
      const { page, what, lookedAt } = call
      const { isGone, isAwake, throttleMs } = page.process
      call.lookedAt = this.now()
      if (isGone) this.open.delete(call)
      else if (isAwake && throttleMs === 0) call.runMs += this.now() - lookedAt
      if (call.runMs <= ANSWERED_AFTER_MS) continue
      this.open.delete(call)
      this.broken(`${page.name} got no answer to ${what}`)
    }
  }
}

function shown(outcome: unknown): string {
  return typeof outcome === 'string' ? outcome : JSON.stringify(outcome)
}

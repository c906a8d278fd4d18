/** After this no more are let through in a turn. */
const MS_PER_TURN = 0.25

/** However quick they are. */
const MOST_PER_TURN = 8

/**
 * Lets few through in each turn of the event loop: what comes in heaps, and takes as long as to relay ten signals, is done
 * with a look at all sockets after a quarter of a millisecond of it, so that nobody waits for much more.
 */
export class Turnstile {
  private readonly waiting: (() => void)[] = []
  private isTurning = false

  /** `now`: milliseconds since any moment. */
  constructor(private readonly now: () => number = () => performance.now()) {}

  pass(act: () => void): void {
    this.waiting.push(act)
    if (!this.isTurning) this.turn()
  }

  private turn(): void {
    this.isTurning = true
    let begin: number | undefined
    const next = (): void => {
      begin ??= this.now()
      if (this.now() - begin < MS_PER_TURN) this.waiting.shift()?.()
    }
    // Each on its own: what follows from one, promises too, is done before the next, and its time seen.
    for (let i = 1; i < Math.min(this.waiting.length, MOST_PER_TURN); i++) setImmediate(next)
    setImmediate(() => {
      try {
        next()
      } finally {
        if (this.waiting.length > 0) this.turn()
        else this.isTurning = false
      }
    })
  }
}

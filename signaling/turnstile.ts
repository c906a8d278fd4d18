/**
 * Lets one through in each turn of the event loop: what comes in heaps, and takes as long as to relay ten signals, is done
 * with a look at all sockets after each, so that nobody waits for more than one of it.
 */
export class Turnstile {
  private readonly waiting: (() => void)[] = []
  private isTurning = false

  pass(act: () => void): void {
    this.waiting.push(act)
    if (!this.isTurning) this.turn()
  }

  private turn(): void {
    this.isTurning = true
    setImmediate(() => {
      const act = this.waiting.shift()
      if (this.waiting.length > 0) this.turn()
      else this.isTurning = false
      act?.()
    })
  }
}

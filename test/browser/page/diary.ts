/** What happened to a user, in words, and who waits for it. */
export class Diary {
  readonly events: string[] = []
  /** When each of them happened, by `performance.now()`. */
  readonly times: number[] = []
  private readonly waiting = new Set<() => void>()

  note(event: string): void {
    this.events.push(event)
    this.times.push(performance.now())
    const waiting = [...this.waiting]
    this.waiting.clear()
    for (const wake of waiting) wake()
  }

  /** Resolves once `count` events match, with all that match. */
  async until(pattern: string, count = 1): Promise<string[]> {
    const matching = () => this.events.filter((event) => new RegExp(pattern).test(event))
    while (matching().length < count) await new Promise<void>((resolve) => this.waiting.add(resolve))
    return matching()
  }
}

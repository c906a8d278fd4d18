import type { Clock } from '../base/clock.ts'

/** A request that is only said again: nobody waits for its answer. */
export const UNAWAITED = 0

/** The server answers at once or not at all. */
const ANSWER_TIMEOUT_MS = 5_000

/** Questions of one kind, each with a number that its answer repeats. */
export class Requests<Answer> {
  private readonly waiting = new Map<number, (answer: Answer | undefined) => void>()
  private last = UNAWAITED

  constructor(private readonly clock: Clock) {}

  /** Undefined when no answer came in time, or none can come any more. */
  ask(send: (request: number) => void): Promise<Answer | undefined> {
    const request = ++this.last
    return new Promise((resolve) => {
      const cancel = this.clock.after(ANSWER_TIMEOUT_MS, () => this.answer(request, undefined))
      this.waiting.set(request, (answer) => {
        cancel()
        resolve(answer)
      })
      send(request)
    })
  }

  answer(request: number, answer: Answer | undefined): void {
    const settle = this.waiting.get(request)
    this.waiting.delete(request)
    settle?.(answer)
  }

  giveUp(): void {
    for (const request of this.waiting.keys()) this.answer(request, undefined)
  }
}

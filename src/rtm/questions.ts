import type { Cancel, Clock } from '../base/clock.ts'

/** Who cannot tell now may be able to later: a rendezvous comes back. It is asked again this often. */
const ASK_AGAIN_MS = 500

/** Asks until somebody can tell, or until it is cancelled. */
export function askUntilTold<Answer>(
  clock: Clock,
  question: () => Promise<Answer | undefined>,
  told: (answer: Answer) => void,
): Cancel {
  let isOver = false
  let cancelNext: Cancel = () => undefined
  const ask = async (): Promise<void> => {
    const answer = await question()
    if (isOver) return
    if (answer === undefined) {
      cancelNext = clock.after(ASK_AGAIN_MS, () => void ask())
      return
    }
    isOver = true
    told(answer)
  }
  void ask()
  return () => {
    isOver = true
    cancelNext()
  }
}

/** Calls that are answered as soon as somebody can tell, if that is in time. */
export class Questions {
  private readonly open = new Set<() => void>()

  constructor(private readonly clock: Clock) {}

  ask<Answer>(
    question: () => Promise<Answer | undefined>,
    timeoutMs: number,
    done: (answer: Answer | 'timeout' | 'failure') => void,
  ): void {
    const finish = (answer: Answer | 'timeout' | 'failure'): void => {
      if (!this.open.delete(fail)) return
      cancelQuestion()
      cancelTimeout()
      done(answer)
    }
    const fail = (): void => finish('failure')
    this.open.add(fail)
    const cancelTimeout = this.clock.after(timeoutMs, () => finish('timeout'))
    const cancelQuestion = askUntilTold(this.clock, question, finish)
  }

  /** The session ends: nobody will be able to tell. */
  close(): void {
    for (const fail of [...this.open]) fail()
  }
}

/** Code that awaits an answer of the kit, and code that awaits that. */
const FEW_TURNS = 1

/**
 * The one queue on which a face calls its user back: answers and events, in order, never inside the call
 * that causes them. Code that awaits a call's promise runs before the next callback.
 */
export class Callbacks {
  private tail: Promise<void> = Promise.resolve()
  /** What was posted and has not run yet. */
  private readonly waiting = new Set<() => void>()

  /** `turns` is how deep code may await an answer and still be told of it before the next callback. */
  constructor(private readonly turns = FEW_TURNS) {}

  /** Runs `call` after everything that was posted before. What it throws is reported as an uncaught error. */
  post(call: () => void): void {
    const run = (): void => {
      if (this.waiting.delete(run)) guarded(call)
    }
    this.waiting.add(run)
    this.enter(run)
  }

  /** Runs what was posted now, before what its caller tells at once. Refusals still come when they have their words. */
  flush(): void {
    for (const run of [...this.waiting]) run()
  }

  /** One API call: `run` gets the function to answer with; the answer resolves the promise, then goes to the completion block. */
  answer<T>(
    completion: ((answer: T) => void) | null | undefined,
    run: (done: (answer: T) => void) => void,
  ): Promise<T> {
    return new Promise((resolve) => {
      run((answer) =>
        this.post(() => {
          resolve(answer)
          completion?.(answer)
        }),
      )
    })
  }

  /**
   * A refusal that is being put into words; what is posted later waits for it. The words are looked for now and not
   * when it is its turn, so that many refusals wait together and not one after the other. They must come.
   */
  refuse(reject: (error: Error) => void, words: Promise<Error>): void {
    this.enter(async () => reject(await words))
  }

  private enter(call: () => void | Promise<void>): void {
    this.tail = this.tail.then(call).then(() => this.letAwaitersRun())
  }

  /** Some more turns of the microtask queue: continuations of a promise that was just settled come first. */
  private async letAwaitersRun(): Promise<void> {
    for (let turn = 1; turn < this.turns; turn++) await Promise.resolve()
  }
}

/** A mistake in a delegate or listener is its author's to see, and must not stop the callbacks of others. */
export function guarded(call: () => void): void {
  try {
    call()
  } catch (error) {
    report(error)
  }
}

/** As if nobody had caught it. */
function report(error: unknown): void {
  if ('reportError' in globalThis) return reportError(error)
  // Node has no `reportError`.
  queueMicrotask(() => {
    throw error
  })
}

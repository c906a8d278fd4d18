/**
 * The one queue on which a kit calls its user back: completions and events, in order, never inside the call
 * that causes them. Code that awaits a completion's promise runs before the next callback.
 */
export class Callbacks {
  private tail: Promise<void> = Promise.resolve()

  /** Runs `call` after everything that was posted before. What it throws is reported as an uncaught error. */
  post(call: () => void): void {
    this.tail = this.tail.then(() => guarded(call)).then(letAwaitersRun)
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
}

/** One more turn of the microtask queue: continuations of a promise that was just resolved come first. */
function letAwaitersRun(): Promise<void> {
  return Promise.resolve()
}

/** A mistake in a delegate is its author's to see, and must not stop the callbacks of others. */
function guarded(call: () => void): void {
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

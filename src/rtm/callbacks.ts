/** Code that awaits an answer of the kit, and code that awaits that. */
const FEW_TURNS = 4

/**
 * The one queue on which a face calls its user back: answers and events, in order, never inside the call
 * that causes them. Code that awaits a call's promise runs before the next callback.
 */
export class Callbacks {
  /** In order. */
  private readonly waiting = new Set<() => void>()
  private isRunning = false

  /** `turns` is how many turns of the microtask queue there are between two: so deep may code await an answer. */
  constructor(private readonly turns = FEW_TURNS) {}

  /** Runs `call` after everything that was posted before. What it throws is reported as an uncaught error. */
  post(call: () => void): void {
    // The same function may be posted twice.
    this.waiting.add(() => call())
    if (this.isRunning) return
    this.isRunning = true
    void this.run()
  }

  /** Runs what was posted now, before what its caller tells at once. */
  flush(): void {
    for (const call of [...this.waiting]) if (this.waiting.delete(call)) guarded(call)
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

  private async run(): Promise<void> {
    await Promise.resolve()
    // What is posted meanwhile is reached too.
    for (const call of this.waiting) {
      this.waiting.delete(call)
      guarded(call)
      for (let turn = 0; turn < this.turns; turn++) await Promise.resolve()
    }
    this.isRunning = false
  }
}

/** A mistake in a delegate or listener is its author's to see, and must not stop the callbacks of others. */
export function guarded(call: () => unknown): void {
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

/** Code that awaits an answer of the kit, and code that awaits that. */
const FEW_TURNS = 4

/** What waits for its turn. */
interface Waiting {
  readonly call: () => void | Promise<void>
  /** Whether it may run before those that were posted before it. */
  readonly mayHurry: boolean
}

/**
 * The one queue on which a face calls its user back: answers and events, in order, never inside the call
 * that causes them. Code that awaits a call's promise runs before the next callback.
 */
export class Callbacks {
  /** In order. */
  private readonly waiting = new Set<Waiting>()
  private isRunning = false

  /** `turns` is how many turns of the microtask queue there are between two: so deep may code await an answer. */
  constructor(private readonly turns = FEW_TURNS) {}

  /** Runs `call` after everything that was posted before. What it throws is reported as an uncaught error. */
  post(call: () => void): void {
    this.enter({ call, mayHurry: true })
  }

  /** Runs what was posted now, before what its caller tells at once. Refusals still come when they have their words. */
  flush(): void {
    for (const waiting of [...this.waiting]) {
      if (waiting.mayHurry && this.waiting.delete(waiting)) guarded(waiting.call)
    }
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
    this.enter({ call: async () => reject(await words), mayHurry: false })
  }

  private enter(waiting: Waiting): void {
    this.waiting.add(waiting)
    if (this.isRunning) return
    this.isRunning = true
    void this.run()
  }

  private async run(): Promise<void> {
    await Promise.resolve()
    // What is posted meanwhile is reached too.
    for (const waiting of this.waiting) {
      this.waiting.delete(waiting)
      const { call, mayHurry } = waiting
      if (mayHurry) guarded(call)
      else await call()
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

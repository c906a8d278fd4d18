import type { Clock } from '../base/clock.ts'
import { timeouts } from './limits.ts'

type LateResult = 'timeout' | 'failure'

/**
 * What others do does not make this page ask for the file more often; each time costs the browser some memory. Less
 * than their calls take (5 s): whose call timed out may have the next one answered.
 */
const ASK_AGAIN_MS = 4_000

/** A part of a session that keeps attributes; its code is a file that is loaded after the login. */
export class LatePart<Part extends { close(): void }> {
  private part: Part | undefined
  private loading: Promise<Part | undefined> | undefined
  private failedAt = -Infinity
  private readonly failures = new Set<() => void>()
  private isClosed = false

  constructor(
    private readonly clock: Clock,
    /** Undefined if the file cannot be loaded now. */
    private readonly make: () => Promise<Part | undefined>,
    /** It is there: whatever came for it before is told to it now, before any call. */
    private readonly arrived: (part: Part) => void,
  ) {}

  get present(): Part | undefined {
    return this.part
  }

  load(): Promise<Part | undefined> {
    this.loading ??= this.tryToLoad()
    return this.loading
  }

  loadForOthers(): void {
    if (this.clock.now() - this.failedAt >= ASK_AGAIN_MS) void this.load()
  }

  /** A call of the page. Its time runs also while the file is being loaded; it fails if that does not come. */
  call<Result>(
    run: (part: Part, finish: (result: Result | LateResult) => void) => void,
    done: (result: Result | LateResult) => void,
  ): void {
    if (this.part) return run(this.part, done)
    let isDone = false
    const finish = (result: Result | LateResult): void => {
      if (isDone) return
      isDone = true
      cancelTimeout()
      this.failures.delete(fail)
      done(result)
    }
    const fail = (): void => finish('failure')
    const cancelTimeout = this.clock.after(timeouts.attributesMs, () => finish('timeout'))
    this.failures.add(fail)
    void this.load().then((part) => {
      if (isDone) return
      if (part) run(part, finish)
      else fail()
    })
  }

  /** Calls that wait for the file have failed. */
  close(): void {
    this.isClosed = true
    this.part?.close()
    for (const fail of [...this.failures]) fail()
  }

  private async tryToLoad(): Promise<Part | undefined> {
    const part = await this.make()
    if (this.isClosed) {
      part?.close()
      return undefined
    }
    if (!part) {
      this.loading = undefined
      this.failedAt = this.clock.now()
      return undefined
    }
    this.part = part
    this.arrived(part)
    return part
  }
}

import type { Cancel, Clock } from '../base/clock.ts'

/** Without an answer to what was sent, the other end is asked for one. */
const ASK_AFTER_MS = 500
/** Without any by then, the relay passes nothing on. */
const SILENT_AFTER_MS = 3_000
/** A timer that comes so late means that this page slept: then the other's silence proves nothing. */
const OVERSLEPT_MS = 1_000

/** Finds out that what is sent over a relay does not get there, or the answer does not get back. */
export class RelayWatch {
  private isWaiting = false
  private cancel: Cancel = () => undefined

  constructor(
    private readonly clock: Clock,
    private readonly events: {
      /** To be sent something that the other end answers at once. */
      ask(): void
      silent(): void
    },
  ) {}

  /** Something left that the other end answers sooner or later. */
  sent(): void {
    if (this.isWaiting) return
    this.isWaiting = true
    this.wait(ASK_AFTER_MS, () => {
      this.wait(SILENT_AFTER_MS - ASK_AFTER_MS, () => this.events.silent())
      this.events.ask()
    })
  }

  /** What was sent arrived, and its answer too. */
  answered(): void {
    this.isWaiting = false
    this.cancel()
  }

  close(): void {
    this.isWaiting = true
    this.cancel()
  }

  private wait(ms: number, run: () => void): void {
    const dueAt = this.clock.now() + ms
    this.cancel = this.clock.after(ms, () => {
      if (this.clock.now() - dueAt <= OVERSLEPT_MS) return run()
      this.isWaiting = false
      this.sent()
    })
  }
}

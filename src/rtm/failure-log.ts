import type { Clock } from '../base/clock.ts'
import type { Logbook } from './logbook.ts'
import type { FailureReason } from './sentences.ts'

/** A program that meets the same failure again and again is told once in this time. */
const REPEAT_AFTER_MS = 5_000

/** That a user is offline or was faster, or the program has thought better of a join, is an answer, not a mistake. */
const ANSWERS: ReadonlySet<string> = new Set([
  'peer-unreachable',
  'cached',
  'user-not-found',
  'invitation-ended',
  'left',
])

/** Says in words what the codes of failed calls mean, without flooding the log. */
export class FailureLog {
  private readonly lastToldMs = new Map<string, number>()

  constructor(
    private readonly clock: Clock,
    private readonly logbook: Pick<Logbook, 'log' | 'explain' | 'sentenceOf'>,
    /** Whether the program gets the sentence too, where it is loaded. */
    private readonly isToldToProgram = false,
  ) {}

  /** Passes the outcome on, and its sentence to the log unless it is a success. */
  told<Outcome extends FailureReason | 'ok'>(method: string, outcome: Outcome): Outcome {
    const key = `${method} ${outcome}`
    const now = this.clock.now()
    const isDue = now - (this.lastToldMs.get(key) ?? -Infinity) >= REPEAT_AFTER_MS
    if (outcome === 'ok' || !isDue) return outcome
    this.lastToldMs.set(key, now)
    void this.tell(method, outcome as FailureReason)
    return outcome
  }

  private async tell(method: string, reason: FailureReason): Promise<void> {
    const isTold = this.isToldToProgram && this.logbook.sentenceOf(reason) !== undefined
    const sentence = await this.logbook.explain(reason)
    this.logbook.log(isTold || ANSWERS.has(reason) ? 'info' : 'warn', `${method}: ${sentence}`)
  }
}

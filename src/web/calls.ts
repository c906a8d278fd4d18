import type { Clock } from '../base/clock.ts'
import type { Callbacks } from '../rtm/callbacks.ts'
import type { Engine } from '../rtm/engine.ts'
import type { FailureLog } from '../rtm/failure-log.ts'
import type { Logbook } from '../rtm/logbook.ts'
import type { FailureReason } from '../rtm/sentences.ts'
import { DESTROYED_CODE } from './codes.ts'
import { errorNames } from './error-names.ts'
import { RtmError } from './error.ts'

/** The sentences are in a file of their own; an error does not wait longer for it. */
const EXPLAINED_WITHIN_MS = 2_000

/** What a client's methods work with. */
export interface MethodContext {
  readonly clock: Clock
  readonly callbacks: Callbacks
  readonly failures: FailureLog
  readonly logbook: Logbook
  /** Undefined once the client was destroyed. */
  engine: Engine | undefined
}

/** How a call ends: with a value, or with a reason that its table has a code for. */
export interface Answer<Value, Reason> {
  ok(value: Value): void
  failed(reason: Reason): void
}

/** One call: resolves, or rejects with the error that the table makes of the reason. `run` is called at once. */
export function call<Value, Reason extends FailureReason>(
  context: MethodContext,
  method: string,
  codes: Readonly<Record<Reason, number>>,
  run: (engine: Engine, answer: Answer<Value, NoInfer<Reason>>) => void,
): Promise<Value> {
  const { callbacks, failures, engine } = context
  return new Promise((resolve, reject) => {
    const refuse = (reason: FailureReason, code: number): void => {
      failures.told(method, reason)
      const words = sentenceOf(context, reason).then((sentence) => errorOf(method, reason, code, sentence))
      callbacks.refuse(reject, words)
    }
    if (!engine) return refuse('destroyed', DESTROYED_CODE)
    run(engine, {
      ok: (value) => callbacks.post(() => resolve(value)),
      failed: (reason) => refuse(reason, codes[reason]),
    })
  })
}

/** An error for a reason, whose sentence is at hand. */
export function errorOf(method: string, reason: FailureReason, code: number, sentence: string): RtmError {
  return new RtmError(errorNames[reason], code, `${method}: ${sentence}`)
}

/** The reason alone where the sentence does not come. */
function sentenceOf({ clock, logbook }: MethodContext, reason: FailureReason): Promise<string> {
  return new Promise((resolve) => {
    const cancel = clock.after(EXPLAINED_WITHIN_MS, () => resolve(reason))
    void logbook.explain(reason).then((sentence) => {
      cancel()
      resolve(sentence)
    })
  })
}

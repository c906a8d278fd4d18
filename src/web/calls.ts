import type { Callbacks } from '../rtm/callbacks.ts'
import type { Engine } from '../rtm/engine.ts'
import type { FailureLog } from '../rtm/failure-log.ts'
import type { Logbook } from '../rtm/logbook.ts'
import type { FailureReason } from '../rtm/sentences.ts'
import { DESTROYED_CODE } from './codes.ts'
import { errorNames } from './error-names.ts'
import { RtmError } from './error.ts'

/** What a client's methods work with. */
export interface MethodContext {
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

/**
 * One call: resolves, or rejects with the error that the table makes of the reason. `run` is called at once. The
 * sentences are in a file of their own: until that is loaded an error has the reason alone, and the sentence is a
 * warning in the log as soon as it is there, as no answer waits for words.
 */
export function call<Value, Reason extends FailureReason>(
  context: MethodContext,
  method: string,
  codes: Readonly<Record<Reason, number>>,
  run: (engine: Engine, answer: Answer<Value, NoInfer<Reason>>) => void,
): Promise<Value> {
  const { callbacks, failures, logbook, engine } = context
  return new Promise((resolve, reject) => {
    const refuse = (reason: FailureReason, code: number): void => {
      failures.told(method, reason)
      const error = errorOf(method, reason, code, logbook.sentenceOf(reason) ?? reason)
      callbacks.post(() => reject(error))
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

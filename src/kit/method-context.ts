import type { Engine } from '../rtm/engine.ts'
import type { Logbook } from '../rtm/logbook.ts'
import type { Callbacks } from '../rtm/callbacks.ts'
import type { FailureLog } from '../rtm/failure-log.ts'

/** What a kit's methods work with. */
export interface MethodContext {
  readonly callbacks: Callbacks
  readonly failures: FailureLog
  readonly logbook: Logbook
  /** Undefined once the kit was destroyed. */
  engine: Engine | undefined
}

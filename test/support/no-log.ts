import type { Log } from '../../src/base/logger.ts'

/** For tests in which nobody reads the log. */
export const noLog: Log = () => undefined

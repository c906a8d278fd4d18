export type LogLevel = 'critical' | 'error' | 'warn' | 'info'

/** What a log line may carry beside its sentence: never message contents, never tokens. */
export type LogDetails = Readonly<Record<string, string | number | boolean | undefined>>

export type Log = (level: LogLevel, sentence: string, details?: LogDetails) => void

/** One bit for each level: a filter is a sum of them (the numbers of the API's `AgoraRtmLogFilter`). */
export const levelBits: Readonly<Record<LogLevel, number>> = { info: 1, warn: 2, error: 4, critical: 8 }

/** To the console, where a developer looks first. */
export const consoleLog: Log = (level, sentence, details) => {
  const line = `rtm-mesh: ${sentence}`
  const values = details ? [line, details] : [line]
  if (level === 'info') console.info(...values)
  else if (level === 'warn') console.warn(...values)
  else console.error(...values)
}

/** What is wrong, in words, whatever was thrown. */
export function describeError(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error)
}

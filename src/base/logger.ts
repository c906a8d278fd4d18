export type LogLevel = 'critical' | 'error' | 'warn' | 'info'

/** What a log line may carry beside its sentence: never message contents, never tokens. */
export type LogDetails = Readonly<Record<string, string | number | boolean | undefined>>

export type Log = (level: LogLevel, sentence: string, details?: LogDetails) => void

/** Problems go to the console, where a developer looks first; routine lines do not. */
export const consoleLog: Log = (level, sentence, details) => {
  if (level === 'info') return
  const line = `rtm-mesh: ${sentence}`
  const values = details ? [line, details] : [line]
  if (level === 'warn') console.warn(...values)
  else console.error(...values)
}

/** What is wrong, in words, whatever was thrown. */
export function describeError(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error)
}

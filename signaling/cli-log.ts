import { pino } from 'pino'

import type { Log, LogDetails, LogLevel } from '../src/base/logger.ts'

/** `info` and everything worse, and so on; `silent` nothing. */
export const logLevels = ['info', 'warn', 'error', 'critical', 'silent'] as const
export const logFormats = ['json', 'text'] as const

export interface CliLogOptions {
  readonly level: (typeof logLevels)[number]
  /** For programs that collect logs, or for people; unless given, for people where a terminal shows it. */
  readonly format: (typeof logFormats)[number] | undefined
}

type Output = Pick<NodeJS.WriteStream, 'isTTY' | 'write'>

/**
 * The log of the command, on standard error: standard output has one line, the URL, which programs read. The journal of
 * systemd and Docker take both.
 */
export function cliLog({ level, format }: CliLogOptions, output: Output): Log {
  if (level === 'silent') return () => undefined
  if ((format ?? (output.isTTY ? 'text' : 'json')) === 'json') return jsonLog(level, output)
  const least = logLevels.indexOf(level)
  return (each, sentence, details) => {
    if (logLevels.indexOf(each) >= least) output.write(line(each, sentence, details))
  }
}

function jsonLog(level: LogLevel, output: Output): Log {
  const logger = pino(
    {
      // Who collects logs knows the machine and the process.
      base: null,
      level: pinoLevels[level],
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    output,
  )
  return (each, sentence, details) => logger[pinoLevels[each]](details ?? {}, sentence)
}

const pinoLevels = {
  info: 'info',
  warn: 'warn',
  error: 'error',
  critical: 'fatal',
} as const satisfies Record<LogLevel, string>

function line(level: LogLevel, sentence: string, details: LogDetails | undefined): string {
  const rest = details ? ` ${JSON.stringify(details)}` : ''
  return `${new Date().toISOString()} ${level}: ${sentence}${rest}\n`
}

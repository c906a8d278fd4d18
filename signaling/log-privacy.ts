import type { Log, LogDetails } from '../src/base/logger.ts'

/** What no line of the log may have, whoever wrote it there: what opens doors, what users say, and who they are. */
const PRIVATE = /token|credential|secret|password|signature|certificate|userid|signal|message|text/i
const MAX_CHARS = 500

/**
 * Takes out what does not belong into a log. The server's own lines have none of it: this is for the day on which one
 * has, and for the sentences of others, such as of a database that cannot be reached under a URL with a password.
 */
export function privateLog(log: Log): Log {
  return (level, sentence, details) => log(level, withoutPasswords(sentence), details && censored(details))
}

function censored(details: LogDetails): LogDetails {
  const entries = Object.entries(details).map(([name, value]) => {
    if (PRIVATE.test(name) && typeof value === 'string') return [name, '[not logged]']
    return [name, typeof value === 'string' ? withoutPasswords(value) : value]
  })
  return Object.fromEntries(entries) as LogDetails
}

/** Of URLs, which have user and password before the host. */
function withoutPasswords(text: string): string {
  return text.slice(0, MAX_CHARS).replaceAll(/(\w:\/\/)[^\s/@]*@/g, '$1')
}

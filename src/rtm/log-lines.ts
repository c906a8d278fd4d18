import type { LogDetails } from '../base/logger.ts'
import type { LogLine } from './logbook.ts'

/** Of one sentence in a minute: what somebody makes this page say again and again does not push out the rest. */
const MAX_REPEATED = 60
const REPEATED_WITHIN_MS = 60_000
/** Sentences are ours and few; this is in case they are not. */
const MAX_SENTENCES = 500
/** What a server, a peer or a browser says stands in details too. */
const MAX_TEXT_CHARS = 500

/** Scheme, name and password, the rest up to the query, and the query. As in browsers, the last @ ends the password. */
const URL = /\b([a-z][a-z\d+.-]*:\/\/)(?:[^\s/\\?#]*@)?([^\s?#'"<>]*)[^\s'"<>]*/gi
/** One of which nobody can say where its password ends. */
const CUT_URL = /\b[a-z][a-z\d+.-]*:\/\/\S*$/i

interface Minute {
  readonly since: number
  count: number
}

/** Makes texts of lines: a JSON object each. */
export class LogLines {
  private readonly kit: string
  private readonly minuteBySentence = new Map<string, Minute>()

  constructor(id: number) {
    this.kit = id.toString(16).padStart(8, '0')
  }

  /** Undefined if its sentence was said too often; the next one that is written says how often. */
  textOf({ time, level, sentence, details, who }: LogLine): string | undefined {
    const unwritten = this.countUnwritten(sentence, time)
    if (unwritten === undefined) return undefined
    const line = {
      time: new Date(time).toISOString(),
      level,
      kit: this.kit,
      ...who,
      text: plain(sentence),
      ...(details && { details: plainDetails(details) }),
      ...(unwritten > 0 && { unwritten }),
    }
    return `${JSON.stringify(line)}\n`
  }

  private countUnwritten(sentence: string, now: number): number | undefined {
    const minute = this.minuteBySentence.get(sentence)
    if (minute && now - minute.since < REPEATED_WITHIN_MS) {
      minute.count += 1
      return minute.count > MAX_REPEATED ? undefined : 0
    }
    if (this.minuteBySentence.size >= MAX_SENTENCES) this.minuteBySentence.clear()
    this.minuteBySentence.set(sentence, { since: now, count: 1 })
    return minute ? Math.max(0, minute.count - MAX_REPEATED) : 0
  }
}

/** All of these lines, the oldest first: those of several pages may lie a little out of order. */
export function inOrder(texts: readonly string[]): string {
  const lines = texts.flatMap((text) => text.split('\n')).filter((line) => line !== '')
  const timed = lines.map((line) => [line.slice(TIME_AT, TIME_AT + TIME_CHARS), line] as const)
  timed.sort(([a], [b]) => (a === b ? 0 : a < b ? -1 : 1))
  return timed.map(([, line]) => `${line}\n`).join('')
}

const TIME_AT = '{"time":"'.length
const TIME_CHARS = '2026-01-01T00:00:00.000Z'.length

function plainDetails(details: LogDetails): LogDetails {
  return Object.fromEntries(
    Object.entries(details).map(([name, value]) => [name, typeof value === 'string' ? plain(value) : value]),
  )
}

/** A URL may have a password or a token in it, and so may the sentence of a browser about it. */
function plain(text: string): string {
  const start = text.slice(0, MAX_TEXT_CHARS)
  return (start === text ? text : start.replace(CUT_URL, '')).replace(URL, '$1$2')
}

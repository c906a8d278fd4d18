import type { Clock } from '../src/base/clock.ts'
import type { Log, LogLevel } from '../src/base/logger.ts'

/** A sentence that comes more often says nothing new, and clients could fill a disk with it. */
const LINES_A_MINUTE = 10
const MINUTE_MS = 60_000

/** Passes a sentence on 10 times a minute; how often it was left out is said with the first line of a later minute. */
export function boundedLog(log: Log, clock: Clock): Log {
  const countBySentence = new Map<string, { level: LogLevel; count: number }>()
  let minuteEnds = 0
  return (level, sentence, details) => {
    const now = clock.now()
    if (now >= minuteEnds) {
      minuteEnds = now + MINUTE_MS
      const counts = [...countBySentence]
      countBySentence.clear()
      for (const [earlier, each] of counts) {
        const leftOut = each.count - LINES_A_MINUTE
        if (leftOut > 0) log(each.level, `${earlier} (this line was left out)`, { times: leftOut })
      }
    }
    const count = (countBySentence.get(sentence)?.count ?? 0) + 1
    countBySentence.set(sentence, { level, count })
    if (count <= LINES_A_MINUTE) log(level, sentence, details)
  }
}

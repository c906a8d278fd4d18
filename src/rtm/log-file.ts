import type { Cancel, Clock } from '../base/clock.ts'
import { LogDisk } from '../storage/log-disk.ts'
import type { Logbook, LogKeeper } from './logbook.ts'
import { type LeavingEvents, LogWriter } from './log-writer.ts'

/** What a page loads as a file of its own when a kit is made: what writes its log, and puts failures into words. */
export { failureSentences } from './sentences.ts'

/** One for all kits of the page. */
let disk: LogDisk | undefined

/** Writes the log of a kit to IndexedDB. */
export function makeLogKeeper(book: Logbook, clock: Clock, random: () => number): LogKeeper {
  disk ??= new LogDisk()
  const { navigator, location } = globalThis as Partial<typeof globalThis>
  book.log('info', 'The log is written', { page: location?.origin, browser: navigator?.userAgent })
  const id = Math.floor(random() * 2 ** 32)
  return new LogWriter({ clock, book, store: disk, id, listen })
}

function listen(events: LeavingEvents): Cancel {
  const { window, document } = globalThis as Partial<typeof globalThis>
  const end = new AbortController()
  const { signal } = end
  window?.addEventListener('pagehide', () => events.leaving(), { signal })
  window?.addEventListener('pageshow', () => events.back(), { signal })
  const look = (): void => {
    if (document?.visibilityState === 'hidden') events.hidden()
  }
  document?.addEventListener('visibilitychange', look, { signal })
  return () => end.abort()
}

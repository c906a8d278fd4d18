import type { Clock } from '../../src/base/clock.ts'
import { LogWriter } from '../../src/rtm/log-writer.ts'
import { Logbook } from '../../src/rtm/logbook.ts'
import { failureSentences } from '../../src/rtm/sentences.ts'
import type { LogStore } from '../../src/storage/log-store.ts'

let lastId = 0

/** The log of a kit whose page never goes away. What keeps it is loaded at once, or when `comes` is settled. */
export function memoryLogbook(
  clock: Clock,
  store: LogStore,
  comes: Promise<void> = Promise.resolve(),
): Logbook {
  const listen = () => () => undefined
  return new Logbook(clock, () =>
    comes.then(() => ({
      keeper: (book) => new LogWriter({ clock, book, store, id: ++lastId, listen }),
      sentences: failureSentences,
    })),
  )
}

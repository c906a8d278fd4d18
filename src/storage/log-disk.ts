import { createStore, promisifyRequest, type UseStore } from 'idb-keyval'

import { utf8ByteLength } from '../base/bytes.ts'
import { type LogEnd, type LogPiece, type LogStore, nextEnd, partsOf } from './log-store.ts'

/** Another form of what is kept gets another number. */
const DATABASE = 'rtm-mesh-log/1'
/** Programs may name their logs by the day, and nobody would delete them: those stay that were written to last. */
const MAX_LOGS = 8
/** What a page can hold as one text without trouble. */
const MAX_READ_CHARS = 64 * 1024 * 1024

interface NamedEnd extends LogEnd {
  readonly name: string
}

/**
 * In a database of its own, whatever becomes of what users keep:
 *
 *     new, name, time, writer, number   a piece that was left
 *     file, name, file, part            two files
 *     end, name                         where the latest file ends
 *
 * Transactions that write come one after the other, in all tabs: so nothing is lost, or written twice.
 */
export class LogDisk implements LogStore {
  private readonly use: UseStore = createStore(DATABASE, 'lines')

  /** The disk is told in this very task, once the database is open. */
  put(name: string, { time, writer, number, text }: LogPiece): Promise<void> {
    return this.write((objects) => objects.put(text, ['new', name, time, writer, number]))
  }

  async gather(name: string, fileBytes: number, now: number): Promise<void> {
    await this.use('readwrite', (objects) =>
      Promise.all([promisifyRequest(objects.transaction), gatherIn(objects, name, fileBytes, now)]),
    )
  }

  async read(name: string): Promise<readonly string[]> {
    return this.use('readonly', async (objects) => {
      const left = await textsIn(objects, under('new', name))
      const room = MAX_READ_CHARS - left.reduce((sum, { length }) => sum + length, 0)
      return [...(await latestIn(objects, under('file', name), room)), ...left]
    })
  }

  clear(name: string): Promise<void> {
    return this.write((objects) => forget(objects, name))
  }

  /** In an async function: without IndexedDB, or where a page may not use it, `use` throws at once. */
  private async write(ask: (objects: IDBObjectStore) => unknown): Promise<void> {
    await this.use('readwrite', (objects) => {
      ask(objects)
      objects.transaction.commit()
      return promisifyRequest(objects.transaction)
    })
  }
}

async function gatherIn(
  objects: IDBObjectStore,
  name: string,
  fileBytes: number,
  now: number,
): Promise<void> {
  const ends = (await promisifyRequest<unknown[]>(objects.getAll(under('end')))).filter(isEnd)
  const pieces = await textsIn(objects, under('new', name))
  objects.delete(under('new', name))
  let end: LogEnd | undefined = ends.find((one) => one.name === name)
  if (!end && ends.length >= MAX_LOGS) {
    const [oldest] = ends.sort((a, b) => a.time - b.time)
    if (oldest) forget(objects, oldest.name)
  }
  for (const part of partsOf(pieces)) {
    end = nextEnd(end, utf8ByteLength(part), fileBytes, now)
    // Up to the file before this one, which stays.
    if (end.part === 0) objects.delete(IDBKeyRange.bound(['file', name], ['file', name, end.file - 1]))
    objects.put(part, ['file', name, end.file, end.part])
  }
  if (end) objects.put({ ...end, name }, ['end', name])
}

function forget(objects: IDBObjectStore, name: string): void {
  for (const kind of ['new', 'file', 'end']) objects.delete(under(kind, name))
}

/** All keys that begin so. A list comes after all texts and numbers. */
function under(...beginning: readonly string[]): IDBKeyRange {
  return IDBKeyRange.bound([...beginning], [...beginning, []])
}

async function textsIn(objects: IDBObjectStore, range: IDBKeyRange): Promise<readonly string[]> {
  return (await promisifyRequest<unknown[]>(objects.getAll(range))).filter(isText)
}

/** The last of them, in their order, that have so many characters together. */
function latestIn(objects: IDBObjectStore, range: IDBKeyRange, chars: number): Promise<readonly string[]> {
  const texts: string[] = []
  let room = chars
  return new Promise((resolve, reject) => {
    const walk = objects.openCursor(range, 'prev')
    walk.onerror = () => reject(walk.error ?? new Error('The log cannot be read'))
    walk.onsuccess = () => {
      const value: unknown = walk.result?.value
      if (isText(value)) {
        room -= value.length
        texts.push(value)
      }
      if (walk.result && room > 0) walk.result.continue()
      else resolve(texts.reverse())
    }
  })
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}

/** Scripts of this origin may have put anything there. */
function isEnd(value: unknown): value is NamedEnd {
  if (typeof value !== 'object' || value === null) return false
  const { name, ...numbers } = value as Record<string, unknown>
  const { file, part, bytes, time } = numbers
  return typeof name === 'string' && [file, part, bytes, time].every(Number.isSafeInteger)
}

import { createStore, delMany, get, promisifyRequest, setMany, type UseStore } from 'idb-keyval'

import type { Bytes } from '../base/bytes.ts'
import type { Cancel, Clock } from '../base/clock.ts'
import type { Log } from '../base/logger.ts'
import type { Store, StoreEntry } from './store.ts'

/** A disk that answers takes milliseconds, so one that takes this long will not answer. */
const PATIENCE_MS = 2_000
const OBJECT_STORE = 'kept'

/**
 * One IndexedDB database. Unlike other stores it rejects: when IndexedDB is missing, refused or full, fails, or does
 * not answer in 2 s. Values that are no bytes are not ours: they are deleted, and a log line says so.
 */
export class Disk implements Store {
  private readonly use: UseStore
  private isStuck = false

  constructor(
    private readonly name: string,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {
    this.use = createStore(name, OBJECT_STORE)
  }

  async get(key: string): Promise<Bytes | undefined> {
    const value: unknown = await this.inTime(() => get(key, this.use))
    if (value === undefined || isBytes(value)) return value
    await this.drop([key])
    return undefined
  }

  async list(prefix: string): Promise<readonly StoreEntry[]> {
    const [keys, values] = await this.inTime(() =>
      this.use('readonly', (objects): Promise<[IDBValidKey[], unknown[]]> => {
        const range = IDBKeyRange.bound(prefix, `${prefix}\uffff`)
        return Promise.all([
          promisifyRequest(objects.getAllKeys(range)),
          promisifyRequest<unknown[]>(objects.getAll(range)),
        ])
      }),
    )
    const found: StoreEntry[] = []
    const foreign: string[] = []
    keys.forEach((key, i) => {
      const value = values[i]
      if (typeof key !== 'string') return
      if (isBytes(value)) found.push([key, value])
      else foreign.push(key)
    })
    if (foreign.length > 0) await this.drop(foreign)
    return found
  }

  async set(...entries: readonly StoreEntry[]): Promise<void> {
    await this.inTime(() => setMany([...entries] as [string, Bytes][], this.use))
  }

  async setTogether(run: () => boolean, ...entries: readonly StoreEntry[]): Promise<void> {
    await this.inTime(() =>
      this.use('readwrite', (objects) => {
        const { transaction } = objects
        for (const [key, value] of entries) objects.put(value, key)
        // The last request: when it has succeeded, all have, and nothing is on the disk yet.
        return new Promise<void>((resolve, reject) => {
          objects.count().onsuccess = () => {
            if (run()) return transaction.commit()
            resolve()
            transaction.abort()
          }
          promisifyRequest(transaction).then(resolve, reject)
        })
      }),
    )
  }

  async delete(...keys: readonly string[]): Promise<void> {
    await this.inTime(() => delMany([...keys], this.use))
  }

  private drop(keys: readonly string[]): Promise<void> {
    this.log('warn', 'What was kept on this machine has values that are not ours; they were deleted', {
      database: this.name,
      count: keys.length,
    })
    return this.delete(...keys)
  }

  /** Two waits in a row: a page that slept finds one of them over at once, and the disk has the other to answer. */
  private inTime<T>(operate: () => Promise<T>): Promise<T> {
    const { clock } = this
    if (this.isStuck) return Promise.reject(new Error('IndexedDB does not answer'))
    return new Promise((resolve, reject) => {
      const giveUp = (): void => {
        this.isStuck = true
        reject(new Error('IndexedDB did not answer in 2 s'))
      }
      let cancel: Cancel = clock.after(PATIENCE_MS / 2, () => {
        cancel = clock.after(PATIENCE_MS / 2, giveUp)
      })
      // In a `then`: without IndexedDB, or where a page may not use it, `operate` throws at once.
      void Promise.resolve()
        .then(operate)
        .then(resolve, reject)
        .finally(() => cancel())
    })
  }
}

function isBytes(value: unknown): value is Bytes {
  return value instanceof Uint8Array
}

import type { Bytes } from '../base/bytes.ts'
import type { Store, StoreEntry } from './store.ts'

/** Keeps everything for as long as it is referred to. Every operation has taken effect when its call returns. */
export class MemoryStore implements Store {
  private readonly valueByKey = new Map<string, Bytes>()

  get(key: string): Promise<Bytes | undefined> {
    const value = this.valueByKey.get(key)
    return Promise.resolve(value && new Uint8Array(value))
  }

  list(prefix: string): Promise<readonly StoreEntry[]> {
    const found: StoreEntry[] = []
    for (const [key, value] of this.valueByKey) {
      if (key.startsWith(prefix)) found.push([key, new Uint8Array(value)])
    }
    return Promise.resolve(found.sort(([a], [b]) => (a < b ? -1 : 1)))
  }

  set(...entries: readonly StoreEntry[]): Promise<void> {
    for (const [key, value] of entries) this.valueByKey.set(key, new Uint8Array(value))
    return Promise.resolve()
  }

  setTogether(run: () => boolean, ...entries: readonly StoreEntry[]): Promise<void> {
    return run() ? this.set(...entries) : Promise.resolve()
  }

  delete(...keys: readonly string[]): Promise<void> {
    for (const key of keys) this.valueByKey.delete(key)
    return Promise.resolve()
  }
}

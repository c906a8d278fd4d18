import type { Bytes } from '../../src/base/bytes.ts'
import type { Cancel, Clock } from '../../src/base/clock.ts'
import { MemoryStore } from '../../src/storage/memory-store.ts'
import type { Store, StoreEntry } from '../../src/storage/store.ts'
import type { ManualClock } from './manual-clock.ts'
import { MemoryBroadcasts } from './memory-broadcast.ts'

/** What outlives the pages of one browser, a disk for each user, and what its tabs say to each other. */
export class MemoryBrowser {
  /** How long the next operation on a disk takes. */
  delayMs: () => number = () => 0
  readonly broadcasts: MemoryBroadcasts
  private readonly disks = new Map<string, MemoryStore>()

  constructor(readonly clock: ManualClock) {
    this.broadcasts = new MemoryBroadcasts(clock)
  }

  disk(userId: string): MemoryStore {
    const disk = this.disks.get(userId) ?? new MemoryStore()
    this.disks.set(userId, disk)
    return disk
  }
}

/**
 * A disk as one page sees it, for all its logins. What the page has not been told when it is closed has not happened.
 */
export class PageDisk implements Store {
  private isClosed = false
  private cancel: Cancel = () => undefined
  private last: Promise<unknown> = Promise.resolve()

  constructor(
    private readonly browser: MemoryBrowser,
    private readonly userId: string,
    /** Of the page. */
    private readonly clock: Clock = browser.clock,
  ) {}

  get(key: string): Promise<Bytes | undefined> {
    return this.next((disk) => disk.get(key))
  }

  list(prefix: string): Promise<readonly StoreEntry[]> {
    return this.next((disk) => disk.list(prefix))
  }

  set(...entries: readonly StoreEntry[]): Promise<void> {
    const copies = entries.map(([key, value]) => [key, new Uint8Array(value)] as const)
    return this.next((disk) => disk.set(...copies))
  }

  setTogether(run: () => boolean, ...entries: readonly StoreEntry[]): Promise<void> {
    const copies = entries.map(([key, value]) => [key, new Uint8Array(value)] as const)
    return this.next((disk) => disk.setTogether(run, ...copies))
  }

  delete(...keys: readonly string[]): Promise<void> {
    return this.next((disk) => disk.delete(...keys))
  }

  close(): void {
    this.isClosed = true
    this.cancel()
  }

  private next<T>(operate: (disk: MemoryStore) => Promise<T>): Promise<T> {
    const result = this.last.then(() => this.run(operate))
    this.last = result
    return result
  }

  private run<T>(operate: (disk: MemoryStore) => Promise<T>): Promise<T> {
    const delayMs = this.browser.delayMs()
    return new Promise((resolve) => {
      const finish = (): void => {
        if (!this.isClosed) resolve(operate(this.browser.disk(this.userId)))
      }
      if (delayMs === 0) finish()
      else if (!this.isClosed) this.cancel = this.clock.after(delayMs, finish)
    })
  }
}

import type { Bytes } from '../base/bytes.ts'
import { describeError, type Log } from '../base/logger.ts'
import { MemoryStore } from './memory-store.ts'
import { type Migration, prepare } from './schema.ts'
import type { Store, StoreEntry } from './store.ts'

/**
 * On the disk (a store that may reject) for as long as the disk does all that it is asked; from its first failure on
 * in memory. One operation after the other, so that what comes after the one that fails finds what came before it.
 */
export class PageStore implements Store {
  private readonly memory = new MemoryStore()
  private disk: Store | undefined
  private last: Promise<unknown>

  constructor(
    disk: Store,
    steps: readonly Migration[],
    private readonly log: Log,
  ) {
    this.last = this.open(disk, steps)
  }

  get(key: string): Promise<Bytes | undefined> {
    return this.next((store) => store.get(key))
  }

  list(prefix: string): Promise<readonly StoreEntry[]> {
    return this.next((store) => store.list(prefix))
  }

  set(...entries: readonly StoreEntry[]): Promise<void> {
    const copies = copy(entries)
    return this.next((store) => store.set(...copies))
  }

  setTogether(run: () => boolean, ...entries: readonly StoreEntry[]): Promise<void> {
    const copies = copy(entries)
    let answer: boolean | undefined
    // A disk may fail after it was told to keep something, or find its voice again after it was given up.
    const once = (): boolean => (answer ??= this.attempt(run))
    return this.next((store) => store.setTogether(once, ...copies))
  }

  delete(...keys: readonly string[]): Promise<void> {
    return this.next((store) => store.delete(...keys))
  }

  private async open(disk: Store, steps: readonly Migration[]): Promise<void> {
    try {
      await prepare(disk, steps)
      this.disk = disk
    } catch (error) {
      // What is there belongs to another version, or cannot be read.
      this.tell(error)
    }
  }

  private next<T>(operate: (store: Store) => Promise<T>): Promise<T> {
    const result = this.last.then(() => this.run(operate))
    this.last = result
    return result
  }

  private async run<T>(operate: (store: Store) => Promise<T>): Promise<T> {
    const { disk } = this
    if (disk) {
      try {
        return await operate(disk)
      } catch (error) {
        this.disk = undefined
        this.tell(error)
        // A full disk can still be read, and what it has goes on in memory; one that cannot leaves nothing.
        const readable = await disk.list('').catch(() => [])
        await this.memory.set(...readable)
      }
    }
    return operate(this.memory)
  }

  /** A mistake in what the caller does is no failure of the disk, and no reason to refuse what comes later. */
  private attempt(run: () => boolean): boolean {
    try {
      return run()
    } catch (error) {
      this.log('error', 'What was to happen together with a write failed, and nothing was kept', {
        error: describeError(error),
      })
      return false
    }
  }

  private tell(error: unknown): void {
    this.log(
      'warn',
      'Nothing is kept on this machine: offline messages and channel attributes end with this page',
      {
        error: describeError(error),
      },
    )
  }
}

function copy(entries: readonly StoreEntry[]): readonly StoreEntry[] {
  return entries.map(([key, value]) => [key, new Uint8Array(value)])
}

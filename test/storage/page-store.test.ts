import { describe, expect, test } from 'vitest'

import type { Bytes } from '../../src/base/bytes.ts'
import { MemoryStore } from '../../src/storage/memory-store.ts'
import { PageStore } from '../../src/storage/page-store.ts'
import type { Migration } from '../../src/storage/schema.ts'
import type { StoreEntry } from '../../src/storage/store.ts'
import { storeContract } from './contract.ts'

const bytes = (...values: number[]): Bytes => Uint8Array.from(values)

/** A disk that stops working when the test says so, and pages that use it one after the other. */
function setup() {
  const log: string[] = []
  const failure: { read: string | undefined; write: string | undefined } = {
    read: undefined,
    write: undefined,
  }
  class Disk extends MemoryStore {
    override async get(key: string) {
      if (failure.read) throw new Error(failure.read)
      return super.get(key)
    }
    override async list(prefix: string) {
      if (failure.read) throw new Error(failure.read)
      return super.list(prefix)
    }
    override async set(...entries: readonly StoreEntry[]) {
      if (failure.write) throw new Error(failure.write)
      return super.set(...entries)
    }
    override async setTogether(run: () => boolean, ...entries: readonly StoreEntry[]) {
      if (failure.read) throw new Error(failure.read)
      if (run()) await this.set(...entries)
    }
  }
  const disk = new Disk()
  return {
    disk,
    failure,
    log,
    page: (...steps: Migration[]) =>
      new PageStore(disk, steps, (_, sentence, details) => log.push(`${sentence} (${details?.['error']})`)),
  }
}

const NOTHING_KEPT =
  'Nothing is kept on this machine: offline messages and channel attributes end with this page'

describe('The store of a page', () => {
  test.each(storeContract)('$title', ({ run }) => run(setup().page()))

  test('finds what an earlier page has left', async () => {
    const { page, log } = setup()
    await page().set(['a', bytes(1)])
    expect(await page().get('a')).toEqual(bytes(1))
    expect(log).toEqual([])
  })

  test('goes on in memory when the disk is full, with all that is on it, and says so once', async () => {
    const { page, failure, log, disk } = setup()
    const store = page()
    await store.set(['k/before', bytes(1)])
    failure.write = 'full'
    const calls = [store.set(['k/full', bytes(2)]), store.set(['k/next', bytes(3)]), store.delete('k/before')]
    await Promise.all(calls)
    failure.write = undefined
    await store.set(['k/later', bytes(4)])
    expect((await store.list('k/')).map(([key]) => key)).toEqual(['k/full', 'k/later', 'k/next'])
    expect(log).toEqual([`${NOTHING_KEPT} (Error: full)`])
    expect((await disk.list('k/')).map(([key]) => key)).toEqual(['k/before'])
  })

  test('runs what belongs to a write once, whether the disk fails before or after it', async () => {
    for (const when of ['read', 'write'] as const) {
      const { page, failure } = setup()
      const store = page()
      await store.get('a')
      failure[when] = 'broken'
      let count = 0
      const run = (): boolean => {
        count += 1
        return true
      }
      await store.setTogether(run, ['a', bytes(1)])
      expect([count, await store.get('a')]).toEqual([1, bytes(1)])
    }
  })

  test('says what was thrown by what belongs to a write, sets nothing, and goes on with the disk', async () => {
    const { page, log, disk } = setup()
    const store = page()
    const run = (): boolean => {
      throw new Error('a mistake')
    }
    await store.setTogether(run, ['a', bytes(1)])
    await store.set(['b', bytes(2)])
    expect([await store.get('a'), await disk.get('b')]).toEqual([undefined, bytes(2)])
    expect(log).toEqual([
      'What was to happen together with a write failed, and nothing was kept (Error: a mistake)',
    ])
  })

  test('works in memory from the beginning when the disk cannot be opened', async () => {
    const { page, failure, log } = setup()
    failure.read = 'refused'
    const store = page()
    await store.set(['a', bytes(1)])
    expect(await store.get('a')).toEqual(bytes(1))
    expect(log).toEqual([`${NOTHING_KEPT} (Error: refused)`])
  })

  test('has nothing of before when the disk breaks for good', async () => {
    const { page, failure, log } = setup()
    const store = page()
    await store.set(['a', bytes(1)])
    failure.read = failure.write = 'broken'
    expect(await store.get('a')).toBeUndefined()
    await store.set(['b', bytes(2)])
    expect(await store.list('')).toEqual([['b', bytes(2)]])
    expect(log).toHaveLength(1)
  })
})

describe('The schema of a store', () => {
  /** Appends a digit to the value under `history`. */
  const appending =
    (digit: number): Migration =>
    async (store) => {
      const history = (await store.get('history')) ?? bytes()
      if (!history.includes(digit)) await store.set(['history', bytes(...history, digit)])
    }

  test('a new one is of the newest version: nothing is migrated', async () => {
    const { page, disk } = setup()
    await page(appending(1), appending(2)).get('a')
    expect(await disk.list('')).toEqual([['schema', bytes(3)]])
  })

  test('an old one goes through all that came since, in order, before anything else', async () => {
    const { page, disk } = setup()
    await page().get('a')
    expect(await disk.get('schema')).toEqual(bytes(1))
    expect(await page(appending(1), appending(2), appending(3)).get('history')).toEqual(bytes(1, 2, 3))
    expect(await disk.get('schema')).toEqual(bytes(4))
    expect(await page(appending(7), appending(7), appending(7), appending(4)).get('history')).toEqual(
      bytes(1, 2, 3, 4),
    )
  })

  test('a migration that was interrupted is run again at the next opening', async () => {
    const { page, disk, log } = setup()
    await page().set(['history', bytes(9)])
    const interrupted: Migration = async (store) => {
      await appending(2)(store)
      throw new Error('the page went away')
    }
    await page(appending(1), interrupted, appending(3)).get('a')
    expect(await disk.get('schema')).toEqual(bytes(2))
    expect(log).toEqual([`${NOTHING_KEPT} (Error: the page went away)`])
    expect(await page(appending(8), appending(2), appending(3)).get('history')).toEqual(bytes(9, 1, 2, 3))
  })

  test('what a newer version has written is left as it is, and the page works in memory', async () => {
    const { page, disk, log } = setup()
    await disk.set(['schema', bytes(2)], ['outbox/bob/1', bytes(1)])
    const store = page()
    expect(await store.list('')).toEqual([])
    await store.set(['outbox/bob/1', bytes(2)])
    await store.delete('schema')
    expect(await disk.list('')).toEqual([
      ['outbox/bob/1', bytes(1)],
      ['schema', bytes(2)],
    ])
    expect(log).toHaveLength(1)
    expect(log[0]).toContain('A newer version of this library has written it (schema 2, this one knows 1)')
  })
})

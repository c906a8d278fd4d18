import type { Page } from 'playwright/test'

import { storeContract } from '../storage/contract.ts'
import { expect, test, type World } from './support/world.ts'

const NOTHING_KEPT =
  'Nothing is kept on this machine: offline messages and channel attributes end with this page'

for (const { title } of storeContract) {
  test(`in IndexedDB: ${title}`, async ({ world }) => {
    const page = await world.page()
    await page.evaluate(async (one) => (await window.loadStorage()).runCase(one), title)
  })
}

test('what one page keeps the next one finds, in a database of its app and user', async ({ world }) => {
  const page = await world.page()
  await page.evaluate(async () => {
    const { open, text } = await window.loadStorage()
    await open().set(['k/a', text('of alice')])
  })
  await world.reload(page)
  const found = await page.evaluate(async () => {
    const { open, read, log } = await window.loadStorage()
    const databases = await indexedDB.databases()
    return { value: await read(open(), 'k/a'), log, names: databases.map(({ name }) => name) }
  })
  expect(found).toEqual({
    value: 'of alice',
    log: [],
    names: ['rtm-mesh/0123456789abcdef0123456789abcdef/alice'],
  })
})

/** Sets and reads a value, twice opened, as two kits of this page do. */
function useTwice(page: Page) {
  return page.evaluate(async () => {
    const { open, read, text, log } = await window.loadStorage()
    await open().set(['k/a', text('in memory')])
    return { value: await read(open(), 'k/a'), log }
  })
}

const refusals: [how: string, why: string, refuse: () => void][] = [
  [
    'is missing',
    'TypeError',
    () => Object.defineProperty(window, 'indexedDB', { value: undefined, configurable: true }),
  ],
  [
    'may not be used',
    'SecurityError',
    () =>
      Object.defineProperty(window, 'indexedDB', {
        get: () => {
          throw new DOMException('Not here', 'SecurityError')
        },
      }),
  ],
  [
    'throws when it is opened',
    'InvalidStateError',
    () => {
      IDBFactory.prototype.open = () => {
        throw new DOMException('Not now', 'InvalidStateError')
      }
    },
  ],
  [
    'cannot be opened',
    'UnknownError',
    () => {
      IDBFactory.prototype.open = () => {
        const request = new EventTarget()
        Object.defineProperty(request, 'error', { value: new DOMException('Broken', 'UnknownError') })
        queueMicrotask(() => (request as IDBOpenDBRequest).onerror?.(new Event('error')))
        return request as IDBOpenDBRequest
      }
    },
  ],
]
for (const [how, why, refuse] of refusals) {
  test(`where IndexedDB ${how}, a page works in memory and says so once`, async ({ world }) => {
    const page = await world.page()
    await page.evaluate(refuse)
    const { value, log } = await useTwice(page)
    expect(value).toBe('in memory')
    expect(log).toEqual([expect.stringContaining(NOTHING_KEPT)])
    expect(log[0]).toContain(why)
  })
}

async function neverAnswering(world: World) {
  const page = await world.page()
  await page.clock.install({ time: 0 })
  await page.clock.pauseAt(1_000)
  await page.evaluate(() => {
    IDBFactory.prototype.open = () => new EventTarget() as IDBOpenDBRequest
  })
  return page
}

test('an IndexedDB that does not answer is given up after 2 s', async ({ world }) => {
  const page = await neverAnswering(world)
  const using = useTwice(page)
  await page.evaluate(async () => {
    const { open } = await window.loadStorage()
    Object.assign(window, { isOpen: false })
    void open()
      .get('k/a')
      .then(() => Object.assign(window, { isOpen: true }))
  })
  await page.clock.runFor(1_990)
  expect(await page.evaluate('isOpen')).toBe(false)
  await page.clock.runFor(20)
  const { value, log } = await using
  expect(value).toBe('in memory')
  expect(log).toEqual([expect.stringContaining('IndexedDB did not answer in 2 s')])
})

test('an IndexedDB that stops answering is given up after 2 s, and asked nothing more', async ({ world }) => {
  const page = await world.page()
  await page.clock.install({ time: 0 })
  await page.clock.pauseAt(1_000)
  await page.evaluate(async () => {
    const { open, text } = await window.loadStorage()
    await open().set(['k/a', text('on the disk')])
    const silent = { put: () => undefined, transaction: new EventTarget() }
    let asked = 0
    IDBDatabase.prototype.transaction = () => {
      asked += 1
      Object.assign(window, { asked })
      return { objectStore: () => silent } as unknown as IDBTransaction
    }
  })
  const using = useTwice(page)
  await page.waitForFunction('window.asked === 1')
  await page.clock.runFor(2_000)
  const { value, log } = await using
  expect(value).toBe('in memory')
  expect(log).toEqual([expect.stringContaining('IndexedDB did not answer in 2 s')])
  expect(await page.evaluate('window.asked')).toBe(1)
})

test('when the disk is full, a page goes on in memory with all that is on it', async ({ world }) => {
  const page = await world.page()
  // Before the first use, as Chromium remembers for a while how much room there is.
  const devTools = await page.context().newCDPSession(page)
  const { origin } = new URL(page.url())
  await devTools.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 100_000 })
  const outcome = await page.evaluate(async () => {
    const { open, read, text, log, keysByHand } = await window.loadStorage()
    const store = open()
    await store.set(['k/before', text('kept')])
    // Random, as the disk has a way to make the rest smaller.
    const large = new Uint8Array(1_000_000)
    for (let at = 0; at < large.length; at += 50_000) crypto.getRandomValues(large.subarray(at, at + 50_000))
    let runs = 0
    const run = (): boolean => {
      runs += 1
      return true
    }
    const calls = [store.setTogether(run, ['k/full', large]), store.set(['k/next', text('newer')])]
    await Promise.all(calls)
    return {
      runs,
      values: [await read(store, 'k/before'), await read(store, 'k/next')],
      isLargeThere: (await store.get('k/full'))?.every((byte, i) => byte === large[i]),
      log,
      onDisk: await keysByHand(),
    }
  })
  expect(outcome.values).toEqual(['kept', 'newer'])
  expect([outcome.runs, outcome.isLargeThere]).toEqual([1, true])
  expect(outcome.log).toEqual([expect.stringContaining(NOTHING_KEPT)])
  expect(outcome.log[0]).toContain('QuotaExceededError')
  expect(outcome.onDisk).toEqual(['k/before', 'schema'])
})

test('values that somebody else has put there are deleted, and break nothing', async ({ world }) => {
  const page = await world.page()
  const outcome = await page.evaluate(async () => {
    const { open, text, log, read, writeByHand, keysByHand } = await window.loadStorage()
    await open().set(['k/mine', text('mine')])
    await writeByHand('k/text', 'a text')
    await writeByHand('k/buffer', new ArrayBuffer(3))
    await writeByHand('k/object', { a: [1, 2, 3] })
    await writeByHand('one', 1)
    const listed = await open().list('k/')
    return {
      listed: listed.map(([key]) => key),
      one: await read(open(), 'one'),
      mine: await read(open(), 'k/mine'),
      log,
      keys: await keysByHand(),
    }
  })
  expect(outcome).toMatchObject({ listed: ['k/mine'], one: undefined, mine: 'mine' })
  expect(outcome.keys).toEqual(['k/mine', 'schema'])
  expect(outcome.log).toEqual([
    expect.stringContaining('"count":3'),
    expect.stringContaining('they were deleted'),
  ])
})

test('a database of an older version is migrated before it is used, and of a newer one left alone', async ({
  world,
}) => {
  const page = await world.page()
  const outcome = await page.evaluate(async () => {
    const { open, openWith, text, log, read, keysByHand } = await window.loadStorage()
    await open().set(['old/a', text('a')], ['old/b', text('b')])
    const migrated = openWith(async (store) => {
      for (const [key, value] of await store.list('old/')) {
        await store.set([key.replace('old/', 'new/'), value])
        await store.delete(key)
      }
    })
    const values = [await read(migrated, 'new/a'), await read(migrated, 'new/b')]
    const inOrder = log.splice(0)
    // The version of this library, on what the next one has left.
    const older = openWith()
    await older.set(['new/a', text('of the older one')])
    return {
      values,
      inOrder,
      older: await read(older, 'new/a'),
      olderSeesB: await read(older, 'new/b'),
      untouched: await read(migrated, 'new/a'),
      keys: await keysByHand(),
      log,
    }
  })
  expect(outcome).toMatchObject({
    values: ['a', 'b'],
    inOrder: [],
    older: 'of the older one',
    olderSeesB: undefined,
    untouched: 'a',
    keys: ['new/a', 'new/b', 'schema'],
  })
  expect(outcome.log).toEqual([expect.stringContaining('A newer version of this library')])
})

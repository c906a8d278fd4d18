import type { LogStore } from '../../src/storage/log-store.ts'

/** What every store of logs does. It runs in Node and in pages, so it brings its own assertion. */
export interface LogStoreCase {
  readonly title: string
  /** `store` is empty. */
  run(store: LogStore): Promise<void>
}

const LOG = 'app.log'
const KB = 1024

export const logStoreContract: readonly LogStoreCase[] = [
  {
    title: 'a log that nobody wrote to is empty',
    async run(store) {
      await same(store, '')
      await store.gather(LOG, KB, 1)
      await same(store, '')
    },
  },
  {
    title: 'what was left is there in the order of the times, gathered or not, and only under its name',
    async run(store) {
      await put(store, 2, 'b')
      await put(store, 1, 'a')
      await store.put('other', { time: 1, writer: 1, number: 1, text: 'x' })
      await same(store, 'ab')
      await store.gather(LOG, KB, 3)
      await put(store, 4, 'c')
      await same(store, 'abc')
      await store.gather('other', KB, 5)
      await same(store, 'abc')
    },
  },
  {
    title: 'pieces of several writers at one time do not take the place of each other',
    async run(store) {
      for (const writer of [1, 2])
        for (const number of [1, 2])
          await store.put(LOG, { time: 7, writer, number, text: `${writer}${number} ` })
      await same(store, '11 12 21 22 ')
    },
  },
  {
    title: 'a file that is full is followed by another, and only the one before it stays',
    async run(store) {
      for (let time = 1; time <= 10; time++) {
        await put(store, time, `${time}`.padEnd(400, '.'))
        await store.gather(LOG, KB, time)
      }
      // Two each: 1 2, 3 4, …
      await same(store, [7, 8, 9, 10].map((time) => `${time}`.padEnd(400, '.')).join(''))
    },
  },
  {
    title: 'one piece that is larger than a file has a file of its own',
    async run(store) {
      for (const time of [1, 2, 3]) {
        await put(store, time, `${time}`.repeat(2_000))
        await store.gather(LOG, KB, time)
      }
      await same(store, `${'2'.repeat(2_000)}${'3'.repeat(2_000)}`)
    },
  },
  {
    title: 'those who gather at once lose nothing and write nothing twice',
    async run(store) {
      const numbers = Array.from({ length: 50 }, (_, i) => i + 100)
      await Promise.all(
        numbers.map(async (time) => {
          await put(store, time, `${time} `)
          await store.gather(LOG, 100 * KB, time)
        }),
      )
      const read = (await store.read(LOG)).join('')
      equal(read.trim().split(' ').sort().join(), numbers.join())
    },
  },
  {
    title: 'what was cleared is gone, and what comes later is there',
    async run(store) {
      await put(store, 1, 'a')
      await store.gather(LOG, KB, 1)
      await put(store, 2, 'b')
      await store.clear(LOG)
      await same(store, '')
      await put(store, 3, 'c')
      await store.gather(LOG, KB, 3)
      await same(store, 'c')
    },
  },
]

function put(store: LogStore, time: number, text: string): Promise<void> {
  return store.put(LOG, { time, writer: 1, number: time, text })
}

async function same(store: LogStore, expected: string): Promise<void> {
  equal((await store.read(LOG)).join(''), expected)
}

function equal(is: string, shouldBe: string): void {
  if (is !== shouldBe)
    throw new Error(`It is ${JSON.stringify(is)} and should be ${JSON.stringify(shouldBe)}`)
}

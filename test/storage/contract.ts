import type { Bytes } from '../../src/base/bytes.ts'
import type { Store } from '../../src/storage/store.ts'

/** What every store does. It runs in Node and in pages, so it brings its own assertion. */
export interface StoreCase {
  readonly title: string
  /** `store` is empty. */
  run(store: Store): Promise<void>
}

export const storeContract: readonly StoreCase[] = [
  {
    title: 'what was set is there, byte for byte',
    async run(store) {
      const all = Uint8Array.from({ length: 256 }, (_, i) => i)
      await store.set(['outbox/bob/1', all], ['empty', bytes()])
      same(await store.get('outbox/bob/1'), all)
      same(await store.get('empty'), bytes())
    },
  },
  {
    title: 'what was never set is not there',
    async run(store) {
      same(await store.get('outbox/bob/1'), undefined)
      same(await store.list('outbox/'), [])
    },
  },
  {
    title: 'a later value replaces an earlier one, also within one call',
    async run(store) {
      await store.set(['k/a', bytes(1)])
      await store.set(['k/a', bytes(2)], ['k/b', bytes(3)], ['k/b', bytes(4)])
      same(await store.list('k/'), [
        ['k/a', bytes(2)],
        ['k/b', bytes(4)],
      ])
    },
  },
  {
    title: 'a list has what begins so, in the order of the keys, and nothing else',
    async run(store) {
      const keys = ['x/b', 'x/10', 'x/9', 'y/1', 'x', 'x/B', 'w/1', 'x/', 'x/~']
      await store.set(...keys.map((key, i) => [key, bytes(i)] as const))
      const listed = await store.list('x/')
      same(
        listed.map(([key]) => key),
        ['x/', 'x/10', 'x/9', 'x/B', 'x/b', 'x/~'],
      )
      same(listed[2], ['x/9', bytes(2)])
    },
  },
  {
    title: 'what was deleted is gone; to delete what is not there is allowed',
    async run(store) {
      await store.set(['k/a', bytes(1)], ['k/b', bytes(2)], ['k/c', bytes(3)])
      await store.delete('k/a', 'k/c', 'nothing')
      same(await store.list('k/'), [['k/b', bytes(2)]])
      await store.delete()
      await store.set()
      same(await store.get('k/b'), bytes(2))
    },
  },
  {
    title: 'no buffer is shared with the caller, neither going in nor coming out',
    async run(store) {
      const mine = bytes(1, 2, 3)
      const isSet = store.set(['k/a', mine], ['k/part', mine.subarray(1, 2)])
      mine.fill(9)
      await isSet
      same(await store.get('k/a'), bytes(1, 2, 3))
      const part = await store.get('k/part')
      same([part, part?.buffer.byteLength], [bytes(2), 1])
      part?.fill(7)
      for (const [, value] of await store.list('k/')) value.fill(8)
      same(await store.list('k/'), [
        ['k/a', bytes(1, 2, 3)],
        ['k/part', bytes(2)],
      ])
    },
  },
  {
    title: 'operations take effect in the order of their calls, awaited or not',
    async run(store) {
      const calls = [
        store.set(['k/a', bytes(1)]),
        store.get('k/a'),
        store.delete('k/a'),
        store.list('k/'),
        store.set(['k/a', bytes(2)], ['k/b', bytes(3)]),
        store.get('k/b'),
      ]
      same(await Promise.all(calls), [undefined, bytes(1), undefined, [], undefined, bytes(3)])
    },
  },
  {
    title: 'what is set together with a run of something is set if that says so, and in its turn',
    async run(store) {
      const ran: string[] = []
      const run = (name: string, answer: boolean) => (): boolean => {
        ran.push(name)
        return answer
      }
      const calls = [
        store.setTogether(run('first', true), ['k/a', bytes(1)], ['k/b', bytes(2)]),
        store.list('k/'),
        store.setTogether(run('second', false), ['k/a', bytes(3)], ['k/c', bytes(4)]),
        store.list('k/'),
        store.setTogether(run('third', true)),
        store.delete('k/a'),
        store.list('k/'),
      ]
      const both = [
        ['k/a', bytes(1)],
        ['k/b', bytes(2)],
      ]
      same(await Promise.all(calls), [undefined, both, undefined, both, undefined, undefined, [both[1]]])
      same(ran, ['first', 'second', 'third'])
    },
  },
  {
    title: 'two hundred messages of 32 KB are kept',
    async run(store) {
      const keys = Array.from({ length: 200 }, (_, i) => `outbox/bob/${String(i).padStart(3, '0')}`)
      for (const [i, key] of keys.entries()) void store.set([key, new Uint8Array(32 * 1024).fill(i)])
      const listed = await store.list('outbox/')
      same(
        listed.map(([key, value]) => [key, value.byteLength, value[0]]),
        keys.map((key, i) => [key, 32 * 1024, i]),
      )
    },
  },
]

function bytes(...values: number[]): Bytes {
  return Uint8Array.from(values)
}

function same(actual: unknown, expected: unknown): void {
  const [is, shouldBe] = [inWords(actual), inWords(expected)]
  if (is !== shouldBe) throw new Error(`It is ${is} and should be ${shouldBe}`)
}

function inWords(value: unknown): string {
  if (value instanceof Uint8Array) return `<${value.join(' ')}>`
  if (Array.isArray(value)) return `[${value.map(inWords).join(', ')}]`
  return typeof value === 'string' ? JSON.stringify(value) : String(value)
}

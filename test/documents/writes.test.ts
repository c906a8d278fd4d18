import { describe, expect, test } from 'vitest'

import type { AttributeChange } from '../../src/documents/attribute.ts'
import type { Holder } from './holder.ts'
import { createWorld } from './world.ts'

const kb = (count: number): string => 'x'.repeat(count * 1024 - 32)

function set(...pairs: readonly (readonly [string, string])[]): AttributeChange {
  return { kind: 'set', attributes: pairs.map(([key, value]) => ({ key, value })) }
}

function update(...pairs: readonly (readonly [string, string])[]): AttributeChange {
  return { ...set(...pairs), kind: 'update' } as AttributeChange
}

const keysOf = async (holder: Holder): Promise<string[]> =>
  ((await holder.attributes()) ?? []).map(({ key }) => key)

describe('A write', () => {
  test('of all attributes takes the others out', async () => {
    const { lobby, result } = await createWorld()
    const [alice, bob] = await lobby('alice', 'bob')
    await result(alice.write(update(['a', '1'], ['b', '2'])))
    expect(await result(bob.write(set(['b', '3'], ['c', '4'])))).toBe('ok')
    expect(await alice.read()).toBe('b=3 (bob) c=4 (bob)')
    expect(await bob.read()).toBe('b=3 (bob) c=4 (bob)')
  })

  test('of no attributes, and a clearing, take all out', async () => {
    const { lobby, result } = await createWorld()
    const [alice, bob] = await lobby('alice', 'bob')
    await result(alice.write(update(['a', '1'], ['b', '2'])))
    await result(bob.write({ kind: 'clear' }))
    expect(await alice.read()).toBe('')
    await result(alice.set('a', '5'))
    expect(await result(bob.write(set()))).toBe('ok')
    expect(await alice.read()).toBe('')
  })

  test('takes out by key what anybody wrote, and what nobody wrote too', async () => {
    const { lobby, result } = await createWorld()
    const [alice, bob] = await lobby('alice', 'bob')
    await result(alice.write(update(['a', '1'], ['b', '2'])))
    expect(await result(bob.delete('a', 'never'))).toBe('ok')
    expect(await alice.read()).toBe('b=2 (alice)')
  })

  test('of what is there already is a write: it has a new author and time', async () => {
    const { lobby, result } = await createWorld()
    const [alice, bob] = await lobby('alice', 'bob')
    await result(alice.set('a', '1'))
    const [before] = (await bob.attributes()) ?? []
    await result(bob.set('a', '1'))
    const [after] = (await alice.attributes()) ?? []
    expect(after?.lastUpdateUserId).toBe('bob')
    expect(after?.lastUpdateTs).toBeGreaterThan(before?.lastUpdateTs ?? Infinity)
  })

  test('of several values for one key keeps the last', async () => {
    const { holder, result } = await createWorld()
    const alice = await holder('alice')
    await result(alice.write(update(['a', '1'], ['a', '2'])))
    expect(await alice.read()).toBe('a=2 (alice)')
  })

  test('is at the time of its author, who may be behind others', async () => {
    const { holder, result, clock } = await createWorld()
    const alice = await holder('alice', { aheadMs: 60_000 })
    const bob = await holder('bob')
    alice.knows(bob)
    await result(alice.set('a', 'hers'))
    const bobsTime = clock.now()
    await result(bob.set('a', 'his'))
    // Bob has seen hers: his is later, whatever his clock says.
    expect(await alice.read()).toBe('a=his (bob)')
    const [attribute] = (await bob.attributes()) ?? []
    expect(attribute?.lastUpdateTs).toBeGreaterThan(bobsTime)
  })

  test('with half a character in it is the same for its author and for others', async () => {
    const { lobby, result } = await createWorld()
    const [alice, bob] = await lobby('alice', 'bob')
    await result(alice.set('a', 'x\ud800y'))
    expect(await alice.read()).toBe('a=x\ufffdy (alice)')
    expect(await bob.read()).toBe('a=x\ufffdy (alice)')
  })

  test('that would be too much is not made', async () => {
    const { lobby, result } = await createWorld()
    const [alice, bob] = await lobby('alice', 'bob')
    await result(alice.write(update(['a', kb(8)], ['b', kb(8)], ['c', kb(8)])))
    expect(await result(bob.set('d', `${kb(8)}${'x'.repeat(200)}`))).toBe('size-overflow')
    expect(await result(bob.set('d', 'x'.repeat(8 * 1024 + 1)))).toBe('size-overflow')
    expect(await keysOf(alice)).toEqual(['a', 'b', 'c'])
    expect(await result(bob.set('d', kb(8)))).toBe('ok')
    expect(await keysOf(alice)).toEqual(['a', 'b', 'c', 'd'])
  })

  test('of a 33rd attribute is not made; one in place of another is', async () => {
    const { lobby, result } = await createWorld()
    const [alice, bob] = await lobby('alice', 'bob')
    const many = Array.from({ length: 32 }, (_, i) => [`k${i}`, 'x'] as const)
    expect(await result(alice.write(set(...many)))).toBe('ok')
    expect(await result(bob.set('onemore', 'x'))).toBe('size-overflow')
    expect(await result(bob.set('k5', 'y'))).toBe('ok')
    expect(await keysOf(alice)).toHaveLength(32)
  })

  test('by a session that cannot say who it is fails', async () => {
    const { holder, result } = await createWorld()
    const alice = await holder('alice')
    alice.credential = ''
    expect(await result(alice.set('a', '1'))).toBe('failure')
    expect(await alice.read()).toBe('')
  })

  test('that could not be signed fails, and those after it do not', async () => {
    const { holder, result } = await createWorld()
    const alice = await holder('alice')
    const { signingKey } = alice.parts.identity
    const sign = signingKey.sign.bind(signingKey)
    signingKey.sign = () => Promise.reject(new Error('The key is gone'))
    expect(await result(alice.set('a', '1'))).toBe('failure')
    signingKey.sign = sign
    expect(await result(alice.set('b', '2'))).toBe('ok')
    expect(await alice.read()).toBe('b=2 (alice)')
  })
})

describe('Writes at the same time', () => {
  test('by one page are made one after the other', async () => {
    const { lobby, pass } = await createWorld()
    const [alice, bob] = await lobby('alice', 'bob')
    const many = Array.from({ length: 20 }, (_, i) => alice.set(i % 2 ? 'odd' : 'even', String(i)))
    const clearing = alice.write({ kind: 'clear' })
    const last = alice.set('last', '1')
    await pass(3_000)
    expect(new Set(await Promise.all([...many, clearing, last]))).toEqual(new Set(['ok']))
    expect(await bob.read()).toBe('last=1 (alice)')
    expect(await alice.read()).toBe('last=1 (alice)')
  })

  test('by two users leave the later one, on both sides, each of 200 times', async () => {
    const { lobby, pass, holder, result } = await createWorld()
    const [alice] = await lobby('alice')
    // One millisecond ahead: always the later one, though it begins first.
    const bob = await holder('bob', { aheadMs: 1 })
    bob.knows(alice)
    await result(alice.set('a', 'first'))
    for (let i = 0; i < 200; i++) {
      const [first, second] = i % 2 ? [alice, bob] : [bob, alice]
      const written = [first.set('a', `${i}`), second.set('a', `${i}`)]
      await pass(50)
      expect(await Promise.all(written)).toEqual(['ok', 'ok'])
      const reads = await Promise.all([alice.document.read(), bob.document.read()])
      expect(reads.map((attributes) => attributes?.[0]?.lastUpdateUserId)).toEqual(['bob', 'bob'])
      expect(reads[0]).toEqual(reads[1])
    }
  })

  test('by two users of one moment leave one of them, the same on both sides', async () => {
    const { lobby, pass } = await createWorld()
    const [alice, bob] = await lobby('alice', 'bob')
    void alice.set('a', 'hers')
    void bob.set('a', 'his')
    await pass(3_000)
    expect(await alice.read()).toBe('a=his (bob)')
    expect(await bob.read()).toBe('a=his (bob)')
  })

  test('by two users of 20 keys each leave 32, the same for all', async () => {
    const { lobby, pass } = await createWorld()
    const [alice, bob, carol] = await lobby('alice', 'bob', 'carol')
    await pass(100)
    const twenty = (name: string) => Array.from({ length: 20 }, (_, i) => [`${name}${i}`, 'x'] as const)
    const written = [alice.write(update(...twenty('a'))), bob.write(update(...twenty('b')))]
    await pass(3_000)
    expect(await Promise.all(written)).toEqual(['ok', 'ok'])
    const keys = await keysOf(alice)
    expect(keys).toHaveLength(32)
    expect(await keysOf(bob)).toEqual(keys)
    expect(await keysOf(carol)).toEqual(keys)
  })

  test('that came to too much are taken out with what is not shown of them', async () => {
    const { lobby, pass, result } = await createWorld()
    const [alice, bob] = await lobby('alice', 'bob')
    const twenty = (name: string) => Array.from({ length: 20 }, (_, i) => [`${name}${i}`, 'x'] as const)
    void alice.write(update(...twenty('a')))
    void bob.write(update(...twenty('b')))
    await pass(3_000)
    await result(bob.write({ kind: 'clear' }))
    expect(await alice.read()).toBe('')
    expect(await bob.read()).toBe('')
  })

  test('that came to too much do not hinder the next one, if that alone is not too much', async () => {
    const { lobby, pass, result } = await createWorld()
    const [alice, bob] = await lobby('alice', 'bob')
    const large = (name: string) => ['1', '2', '3', '4'].map((i) => [`${name}${i}`, kb(8)] as const)
    void alice.write(update(...large('a')))
    void bob.write(update(...large('b')))
    await pass(3_000)
    expect(await keysOf(alice)).toHaveLength(4)
    expect(await result(alice.write(set(['a', '1'])))).toBe('ok')
    expect(await bob.read()).toBe('a=1 (alice)')
    expect(await alice.read()).toBe('a=1 (alice)')
  })

  test('of all that five users may have are shown within the limits, and nobody begins anew for ever', async () => {
    const { lobby, pass, result } = await createWorld()
    const names = ['alice', 'bob', 'carol', 'dave', 'erin'] as const
    const all = await lobby(...names)
    for (const [i, one] of all.entries()) {
      void one.write(update(...['1', '2', '3', '4'].map((n) => [`${names[i]}${n}`, kb(8)] as const)))
    }
    await pass(10_000)
    const keys = await keysOf(all[0])
    expect(keys).toHaveLength(4)
    for (const one of all) expect(await keysOf(one)).toEqual(keys)
    const began = all.flatMap(({ log }) => log).filter(({ sentence }) => sentence.includes('begins anew'))
    expect(began.length).toBeLessThan(6)
    expect(await result(all[4].write(set(['a', '1'])))).toBe('ok')
    for (const one of all) expect(await one.read()).toBe('a=1 (erin)')
  })
})

import { describe, expect, test } from 'vitest'

import { createWorld } from './world.ts'

describe('The attributes of a channel', () => {
  test('are there for who wrote them, with nobody else', async () => {
    const { lobby, result } = await createWorld()
    const [alice] = await lobby('alice')
    expect(await result(alice.set('topic', 'tea'))).toBe('ok')
    expect(await alice.read()).toBe('topic=tea (alice)')
  })

  test('come to another member', async () => {
    const { lobby, result } = await createWorld()
    const [alice, bob] = await lobby('alice', 'bob')
    expect(await result(alice.set('topic', 'tea'))).toBe('ok')
    expect(await bob.read()).toBe('topic=tea (alice)')
    expect(await result(bob.set('topic', 'coffee'))).toBe('ok')
    expect(await alice.read()).toBe('topic=coffee (bob)')
    expect(await result(bob.delete('topic'))).toBe('ok')
    expect(await alice.read()).toBe('')
  })

  test('are there for who comes later', async () => {
    const { lobby, holder, result } = await createWorld()
    const [alice, bob] = await lobby('alice', 'bob')
    await result(alice.set('a', '1'))
    await result(bob.set('b', '2'))
    const carol = await holder('carol')
    carol.knows(alice, bob)
    expect(await carol.read()).toBe('a=1 (alice) b=2 (bob)')
  })

  test('of two who begin at once come together', async () => {
    const { holder, result, pass } = await createWorld()
    const alice = await holder('alice')
    const bob = await holder('bob')
    await result(alice.set('a', '1'))
    await result(bob.set('b', '2'))
    alice.knows(bob)
    await pass(3_000)
    expect(await alice.read()).toBe('a=1 (alice) b=2 (bob)')
    expect(await bob.read()).toBe('a=1 (alice) b=2 (bob)')
  })

  test('written while apart come together, and what was deleted does not come back', async () => {
    const { lobby, result, cut, join, pass } = await createWorld()
    const [alice, bob] = await lobby('alice', 'bob')
    await result(alice.set('old', '0'))
    cut(alice, bob)
    const written = [alice.set('a', '1'), bob.delete('old'), bob.set('b', '2')]
    await pass(6_000)
    join(alice, bob)
    await pass(3_000)
    expect(await Promise.all(written)).toEqual(['ok', 'ok', 'ok'])
    expect(await alice.read()).toBe('a=1 (alice) b=2 (bob)')
    expect(await bob.read()).toBe('a=1 (alice) b=2 (bob)')
  })
})

import { afterEach, describe, expect, test, vi } from 'vitest'

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

describe('What goes wrong below', () => {
  afterEach(() => {
    vi.unstubAllGlobals()
  })

  test('a page that is about to be left, and is not after all, goes on', async () => {
    const window = new EventTarget()
    vi.stubGlobal('window', window)
    const { lobby, result, pass } = await createWorld()
    const [alice, bob] = await lobby('alice', 'bob')
    await result(alice.set('a', '1'))
    window.dispatchEvent(new Event('beforeunload'))
    expect(await result(bob.set('a', '2'), 3_000)).toBe('ok')
    expect(await alice.read()).toBe('a=2 (bob)')
    window.dispatchEvent(new Event('beforeunload'))
    await pass(3_000)
    expect(await result(alice.set('a', '3'))).toBe('ok')
    expect(await bob.read()).toBe('a=3 (alice)')
  })

  test('an update that was lost comes over another channel', async () => {
    const { lobby, result, network, pass } = await createWorld()
    const [alice, bob] = await lobby('alice', 'bob')
    await result(alice.set('a', '1'))
    network.loses = (what) => what === 'channel'
    const written = alice.set('a', '2')
    await pass(100)
    network.loses = () => false
    expect(await result(written, 15_000)).toBe('ok')
    expect(await bob.read()).toBe('a=2 (alice)')
    expect([...alice.log, ...bob.log]).toEqual([])
  })

  test('who is owed too much is not told what others have, and has it a moment after', async () => {
    const { holder, result, network, pass } = await createWorld()
    const [alice, bob] = [await holder('alice'), await holder('bob')]
    await result(alice.set('a', '1'))
    await result(bob.set('b', '1'))
    network.loses = (what) => what === 'message'
    alice.knows(bob)
    await pass(3_000)
    expect(await alice.read()).toContain('a=1 (alice)')
    expect(await bob.read()).toContain('b=1 (bob)')
    network.loses = () => false
    await pass(40_000)
    expect(await alice.read()).toBe('a=1 (alice) b=1 (bob)')
    expect(await bob.read()).toBe('a=1 (alice) b=1 (bob)')
  })

  test('a holder that says nothing keeps a read for two seconds; with nothing here there is no answer', async () => {
    const { holder, result, cut } = await createWorld()
    const [alice, bob] = [await holder('alice'), await holder('bob')]
    cut(alice, bob)
    alice.knows(bob)
    const reading = alice.document.read()
    expect(await result(reading, 1_900)).toBe('no answer')
    expect(await result(reading, 200)).toBeUndefined()
    void alice.set('a', '1')
    await result(Promise.resolve(), 3_000)
    expect(await alice.read()).toBe('a=1 (alice)')
  })
})

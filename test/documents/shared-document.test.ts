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

  test('a holder that says nothing keeps a read for four seconds while nothing is here, then there is no answer', async () => {
    const { holder, result, cut, pass } = await createWorld()
    const [alice, bob] = [await holder('alice'), await holder('bob')]
    cut(alice, bob)
    alice.knows(bob)
    const reading = alice.document.read()
    expect(await result(reading, 3_900)).toBe('no answer')
    expect(await result(reading, 200)).toBeUndefined()
    void alice.set('a', '1')
    await pass(6_000)
    expect(await alice.read()).toBe('a=1 (alice)')
  })

  test('a holder that says nothing keeps a read for two seconds where something is here', async () => {
    const { holder, lobby, result, cut } = await createWorld()
    const [alice, bob] = await lobby('alice', 'bob')
    await result(alice.set('a', '1'))
    const carol = await holder('carol')
    cut(alice, bob)
    cut(alice, carol)
    alice.knows(carol)
    const reading = alice.document.read()
    expect(await result(reading, 1_900)).toBe('no answer')
    expect(await result(reading, 200)).toMatchObject([{ key: 'a' }])
  })

  test('a link that stalls just when somebody has heard of attributes makes nobody read that there are none', async () => {
    const { holder, result, network, pass } = await createWorld()
    const [alice, bob, carol] = [await holder('alice'), await holder('bob'), await holder('carol')]
    await result(carol.set('a', '1'))
    // What is to be taken over is offered all the same.
    network.loses = (_what, from, to) => from === carol.peer || to === carol.peer.sessionId
    alice.knows(carol)
    await pass(100)
    // Bob has no other way to them than Alice.
    alice.knows(bob)
    await pass(100)
    const readings = [alice.document.read(), bob.document.read()]
    expect(await result(Promise.all(readings), 3_900)).toBe('no answer')
    expect(await result(Promise.all(readings), 200)).toEqual([undefined, undefined])
    const next = [alice.document.read(), bob.document.read()]
    network.loses = () => false
    // The links are made anew.
    network.cut(alice, carol)
    network.join(alice, carol)
    const attributes = expect.objectContaining({ key: 'a', value: '1' }) as unknown
    expect(await result(Promise.all(next), 1_000)).toEqual([[attributes], [attributes]])
  })

  test('a write waits two seconds for a holder that says nothing, and is not told to have failed before it is made', async () => {
    const { holder, result, network, pass } = await createWorld()
    const [alice, bob, carol] = [await holder('alice'), await holder('bob'), await holder('carol')]
    await result(carol.set('c', '1'))
    network.loses = (_what, from, to) => from === carol.peer || to === carol.peer.sessionId
    alice.knows(carol)
    await pass(100)
    alice.knows(bob)
    await pass(100)
    // Both have heard of what Carol has, and have nothing of it.
    const written = alice.set('a', '1')
    expect(await result(written, 1_900)).toBe('no answer')
    expect(await result(written, 200)).toBe('ok')
    expect(await result(bob.document.read(), 100)).toMatchObject([{ key: 'a' }])
  })

  test('who waits for attributes has them as they come, although those who have them say nothing', async () => {
    const { holder, result, network, pass } = await createWorld()
    const [alice, bob] = [await holder('alice'), await holder('bob')]
    await result(alice.set('a', '1'))
    network.loses = () => true
    alice.knows(bob)
    await pass(100)
    const reading = bob.document.read()
    expect(await result(reading, 3_000)).toBe('no answer')
    network.loses = (what) => what === 'message'
    // The channel for them is opened anew; what is said of them is still lost.
    network.cut(alice, bob)
    network.join(alice, bob)
    expect(await result(reading, 100)).toMatchObject([{ key: 'a' }])
  })

  test('a member whose link to somebody it visits is still opening makes nobody read that there are none', async () => {
    const { holder, result, cut, join } = await createWorld()
    const [alice, bob, dave] = [await holder('alice'), await holder('bob'), await holder('dave')]
    const carol = await holder('carol', { isMember: false })
    await result(carol.set('a', '1'))
    for (const member of [alice, bob, dave]) cut(member, carol)
    alice.document.addHolder(carol.peer, true)
    alice.document.inquire()
    alice.knows(bob)
    const reading = bob.document.read()
    expect(await result(reading, 500)).toBe('no answer')
    // The word of one who has nothing either, and knows of nobody, is none.
    dave.knows(alice, bob)
    const all = Promise.all([reading, alice.document.read(), dave.document.read()])
    expect(await result(all, 3_000)).toBe('no answer')
    join(alice, carol)
    const attributes = [expect.objectContaining({ key: 'a', value: '1' }) as unknown]
    expect(await result(all, 200)).toEqual([attributes, attributes, attributes])
  })

  test('a member who has visited somebody in vain says soon that there is nothing', async () => {
    const { holder, result, cut, join } = await createWorld()
    const [alice, bob] = [await holder('alice'), await holder('bob')]
    const carol = await holder('carol', { isMember: false })
    cut(alice, carol)
    cut(bob, carol)
    alice.document.addHolder(carol.peer, true)
    alice.document.inquire()
    alice.knows(bob)
    const reading = bob.document.read()
    expect(await result(reading, 500)).toBe('no answer')
    join(alice, carol)
    expect(await result(reading, 1_000)).toEqual([])
  })

  test('somebody visited who is never heard of keeps members from reading for ten seconds, not longer', async () => {
    const { holder, result, cut, pass } = await createWorld()
    const [alice, bob] = [await holder('alice'), await holder('bob')]
    const carol = await holder('carol', { isMember: false })
    cut(alice, carol)
    cut(bob, carol)
    alice.document.addHolder(carol.peer, true)
    alice.document.inquire()
    alice.knows(bob)
    expect(await result(bob.document.read(), 4_100)).toBeUndefined()
    await pass(7_000)
    expect(await result(bob.document.read(), 100)).toEqual([])
  })

  test('attributes that were heard of and went away with the only one who had them are none, after a while', async () => {
    const { holder, result, leave, network, pass } = await createWorld()
    const [alice, bob, carol] = [await holder('alice'), await holder('bob'), await holder('carol')]
    await result(carol.set('a', '1'))
    network.loses = (_what, from, to) => from === carol.peer || to === carol.peer.sessionId
    alice.knows(carol, bob)
    await pass(100)
    await leave(carol)
    expect(await result(alice.document.read(), 4_100)).toBeUndefined()
    await pass(6_000)
    expect(await alice.read()).toBe('')
    expect(await bob.read()).toBe('')
    expect(await result(bob.set('b', '2'))).toBe('ok')
    expect(await alice.read()).toBe('b=2 (bob)')
  })

  test('a channel that was cleared before anything was in it has no attributes, at once', async () => {
    const { lobby, result } = await createWorld()
    const [alice, bob] = await lobby('alice', 'bob')
    expect(await result(alice.write({ kind: 'clear' }), 100)).toBe('ok')
    expect(await result(bob.document.read(), 100)).toEqual([])
  })
})

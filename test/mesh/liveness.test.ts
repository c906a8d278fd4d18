import { describe, expect, test } from 'vitest'

import { setupTest } from './setup.ts'

describe('A peer whose timers do not run', () => {
  test('stays linked, as it answers when it is asked', async () => {
    const world = setupTest()
    const { alice, bob } = await world.linkedPair()
    alice.mesh.hold(bob.peer)
    bob.wakefulness.stop()
    for (let second = 0; second < 120; second++) {
      await world.pass(1_000)
      const heard = alice.mesh.lastHeard(bob.peer.sessionId) ?? 0
      expect(world.clock.now() - heard).toBeLessThan(4_000)
    }
    expect(world.network.cables).toHaveLength(1)
  })
})

describe('A link whose transport has lost the other side', () => {
  test('is kept if an answer comes after all', async () => {
    const world = setupTest()
    const { alice, bob } = await world.linkedPair()
    alice.mesh.hold(bob.peer)
    bob.wakefulness.stop()
    world.network.link(alice.peer, bob.peer)?.doubt()
    await world.pass(10_000)
    expect(world.network.cables).toHaveLength(1)
  })

  test('is replaced after 2 s if none comes, and streams go on', async () => {
    const world = setupTest()
    const { alice, bob, cable } = await world.linkedPair()
    alice.mesh.hold(bob.peer)
    cable.break('silent')
    alice.send(bob, 'one', 'two')
    world.network.link(alice.peer, bob.peer)?.doubt()
    await world.pass(1_900)
    expect(world.network.cables).toHaveLength(1)
    await world.pass(500)
    expect(world.network.link(alice.peer, bob.peer)?.epoch).toBe(2)
    expect(bob.received).toEqual(['alice: one', 'alice: two'])
  })
})

describe('A page whose network may have changed', () => {
  test('replaces a dead link within 2 s, however often it is told, and keeps one that lives', async () => {
    const world = setupTest()
    const { alice, bob, cable } = await world.linkedPair()
    const carol = world.page('carol')
    alice.mesh.hold(bob.peer)
    alice.mesh.hold(carol.peer)
    await world.pass(5_000)
    cable.break('silent')
    for (let i = 0; i < 9; i++) {
      alice.mesh.probe()
      await world.pass(200)
    }
    expect(world.network.link(alice.peer, bob.peer)?.epoch).toBe(2)
    await world.pass(5_000)
    expect(world.network.cables).toHaveLength(3)
  })

  test('asks the other side for a new link at once, which may know nothing of the loss', async () => {
    const world = setupTest()
    const { alice, bob, cable } = await world.linkedPair()
    for (const [one, other] of [
      [alice, bob],
      [bob, alice],
    ] as const)
      one.mesh.hold(other.peer)
    await world.pass(5_000)
    cable.break('silent')
    bob.mesh.probe()
    await world.pass(1_800)
    expect(bob.opens.at(-1)).toMatchObject({ peer: alice.peer, expected: false })
  })

  test('tries those at once that wait for a link, first those that are owed something', async () => {
    const { page, pass, network } = setupTest()
    network.refusal = () => 'No path'
    const [alice, bob, carol] = [page('alice'), page('bob'), page('carol')]
    alice.mesh.hold(bob.peer)
    alice.send(carol, 'hello')
    await pass(30_000)
    const before = alice.opens.length
    network.refusal = () => undefined
    alice.mesh.probe()
    expect(alice.opens.slice(before).map(({ peer }) => peer.userId)).toEqual(['carol', 'bob'])
    await pass(100)
    expect(carol.received).toEqual(['alice: hello'])
    expect(alice.isLinkedTo(bob)).toBe(true)
  })

  test('begins an attempt anew whose signals may have been lost, but not one that has just begun', async () => {
    const world = setupTest()
    const alice = world.page('alice')
    const nobody = { userId: 'nobody', sessionId: 'f'.repeat(32), loginTime: 1 } as typeof alice.peer
    alice.mesh.hold(nobody)
    await world.pass(500)
    alice.mesh.probe()
    expect(alice.opens).toHaveLength(1)
    await world.pass(1_000)
    alice.mesh.probe()
    expect(alice.opens).toHaveLength(2)
  })

  test('does not try one peer more often than once in 2 s, nor more than a hundred in a minute', async () => {
    const { page, pass, network } = setupTest()
    network.refusal = () => 'No path'
    const alice = page('alice')
    const others = Array.from({ length: 60 }, (_, i) => page(`peer ${i}`))
    for (const other of others) alice.mesh.hold(other.peer)
    await pass(60_000)
    const before = alice.opens.length
    const [first] = others
    for (let i = 0; i < 10; i++) {
      alice.mesh.probe()
      await pass(50)
    }
    const early = alice.opens.slice(before).filter(({ peer }) => peer === first?.peer)
    expect(early).toHaveLength(1)
    // 60 now, 40 two seconds later, and what the usual waits allow: 60 in 7 to 15 s.
    for (let i = 0; i < 4; i++) {
      await pass(1_500)
      alice.mesh.probe()
    }
    expect(alice.opens.length - before).toBeLessThanOrEqual(100 + 60)
  })

  test('is linked to all that wait as soon as it is linked to one', async () => {
    const { page, pass, network } = setupTest()
    network.refusal = () => 'No network'
    const [alice, bob, carol] = [page('alice'), page('bob'), page('carol')]
    for (const peer of [bob, carol]) alice.mesh.hold(peer.peer)
    await pass(100_000)
    network.refusal = () => undefined
    const isLinked = (): boolean => alice.isLinkedTo(bob) || alice.isLinkedTo(carol)
    while (!isLinked()) await pass(10)
    await pass(100)
    expect([alice.isLinkedTo(bob), alice.isLinkedTo(carol)]).toEqual([true, true])
  })
})

describe('A page that is so busy that its timers come late', () => {
  test('hears what has come meanwhile before it gives up a link that it doubts', async () => {
    const world = setupTest()
    const { alice, bob } = await world.linkedPair()
    alice.mesh.hold(bob.peer)
    alice.mesh.probe()
    for (let i = 0; i < 3; i++) {
      world.clock.sleep(1_900)
      await world.pass(0)
    }
    await world.pass(5_000)
    expect(world.network.cables).toHaveLength(1)
  })
})

describe('Attempts that fail while there is no network', () => {
  test('do not make the waits longer', async () => {
    const { page, pass, network } = setupTest()
    network.refusal = () => 'No network'
    const [alice, bob] = [page('alice'), page('bob')]
    alice.mesh.setOnline(false)
    alice.mesh.hold(bob.peer)
    await pass(60_000)
    network.refusal = () => undefined
    await pass(800)
    expect(alice.isLinkedTo(bob)).toBe(true)
  })
})

describe('A browser that makes no connection more', () => {
  test('has one closed that nobody needs, and opens the link that is needed later', async () => {
    const { page, pass, network } = setupTest()
    const [alice, bob, carol] = [page('alice'), page('bob'), page('carol')]
    alice.send(bob, 'hello')
    await pass(100)
    network.isExhausted = ({ userId }) => userId === 'alice' && alice.isLinkedTo(bob)
    alice.send(carol, 'hello')
    await pass(100)
    expect(alice.isLinkedTo(bob)).toBe(false)
    expect(carol.received).toEqual([])
    await pass(1_000)
    expect(carol.received).toEqual(['alice: hello'])
  })
})

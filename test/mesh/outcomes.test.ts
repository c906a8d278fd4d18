import { describe, expect, test } from 'vitest'

import { setupTest } from './setup.ts'

describe('What became of an item', () => {
  test('it is withdrawn if it was given to no link, and then never arrives', async () => {
    const { page, pass, network } = setupTest()
    network.refusal = () => 'No path'
    const [alice, bob] = [page('alice'), page('bob')]
    const [first, second] = alice.send(bob, 'first', 'second')
    await pass(1_000)
    expect(first && alice.mesh.withdraw(bob.peer, first)).toBe(true)
    expect(first && alice.mesh.withdraw(bob.peer, first)).toBe(false)
    network.refusal = () => undefined
    await pass(20_000)
    expect(bob.received).toEqual(['alice: second'])
    expect(alice.outcomes).toEqual([
      ['first', 'withdrawn'],
      ['second', 'acknowledged'],
    ])
    expect(second && alice.mesh.withdraw(bob.peer, second)).toBe(false)
  })

  test('it cannot be withdrawn once it was given to a link, even if that link died', async () => {
    const world = setupTest()
    const { alice, bob, cable } = await world.linkedPair()
    cable.break('cut')
    const [owed] = alice.send(bob, 'on its way')
    await world.pass(0)
    expect(owed && alice.mesh.withdraw(bob.peer, owed)).toBe(false)
    await world.pass(1_000)
    expect(bob.received).toEqual(['alice: on its way'])
  })

  test('a session that ends leaves unknown what was given to a link, and withdraws the rest', async () => {
    const world = setupTest()
    const { alice, bob, cable } = await world.linkedPair()
    cable.break('silent')
    alice.send(bob, 'on its way')
    await world.pass(0)
    world.network.refusal = () => 'No path'
    await world.pass(10_000)
    alice.send(bob, 'too late')
    alice.mesh.end(bob.peer.sessionId)
    expect(alice.outcomes).toEqual([
      ['on its way', 'unknown'],
      ['too late', 'withdrawn'],
    ])
  })

  test('a goodbye ends the session for the other side at once', async () => {
    const world = setupTest()
    const { alice, bob, cable } = await world.linkedPair()
    cable.stall()
    bob.send(alice, 'x'.repeat(200_000))
    alice.mesh.close()
    cable.flow()
    await world.pass(5)
    expect(bob.goodbyes).toEqual(['alice'])
    expect(bob.mesh.describe()).toEqual([])
    expect(bob.outcomes[0]?.[1]).toBe('unknown')
  })

  test('what was sent just before closing arrives before the goodbye', async () => {
    const world = setupTest()
    const { alice, bob } = await world.linkedPair()
    alice.send(bob, 'last words')
    alice.mesh.close()
    await world.pass(100)
    expect(bob.received).toEqual(['alice: last words'])
    expect(bob.goodbyes).toEqual(['alice'])
  })

  test('a closed mesh takes nothing and hands nothing over', async () => {
    const world = setupTest()
    const { alice, bob } = await world.linkedPair()
    bob.send(alice, 'too late')
    alice.mesh.close()
    alice.mesh.close()
    expect(alice.send(bob, 'no')).toEqual([undefined])
    await world.pass(100)
    expect(alice.received).toEqual([])
    expect(bob.goodbyes).toEqual(['alice'])
  })
})

describe('A stream without contact', () => {
  test('lives for 120 s: until then what it owes arrives', async () => {
    const world = setupTest()
    const { alice, bob, cable } = await world.linkedPair()
    world.network.refusal = () => 'No path'
    cable.break('cut')
    alice.send(bob, 'patience')
    await world.pass(104_000)
    expect(alice.outcomes).toEqual([])
    world.network.refusal = () => undefined
    await world.pass(16_000)
    expect(bob.received).toEqual(['alice: patience'])
  })

  test('ends after 120 s: given to a link means unknown, never sent means withdrawn', async () => {
    const world = setupTest()
    const { alice, bob, cable } = await world.linkedPair()
    world.network.refusal = () => 'No path'
    cable.break('silent')
    alice.send(bob, 'on its way')
    await world.pass(10_000)
    alice.send(bob, 'waiting')
    await world.pass(109_000)
    expect(alice.outcomes).toEqual([])
    await world.pass(2_000)
    expect(alice.outcomes).toEqual([
      ['on its way', 'unknown'],
      ['waiting', 'withdrawn'],
    ])
  })

  test('never delivers twice afterwards: what comes next is a new stream', async () => {
    const world = setupTest()
    const { alice, bob } = await world.linkedPair()
    // Bob has the item, alice never learns it.
    world.network.fault = (_, packet) => (packet[0] === 3 ? 'silent' : undefined)
    alice.send(bob, 'once')
    await world.pass(1_000)
    world.network.refusal = () => 'No path'
    world.network.fault = () => undefined
    await world.pass(125_000)
    expect(alice.outcomes).toEqual([['once', 'unknown']])
    world.network.refusal = () => undefined
    alice.send(bob, 'new')
    await world.pass(16_000)
    expect(bob.received).toEqual(['alice: once', 'alice: new'])
    expect(alice.outcomes.at(-1)).toEqual(['new', 'acknowledged'])
  })

  test('counts from when we began to wait: a message to a silent peer has its own 120 s', async () => {
    const world = setupTest()
    const { alice, bob, cable } = await world.linkedPair()
    alice.mesh.hold(bob.peer)
    cable.break('cut')
    world.network.refusal = () => 'No path'
    await world.pass(300_000)
    alice.send(bob, 'hello again')
    await world.pass(119_000)
    expect(alice.outcomes).toEqual([])
    await world.pass(2_000)
    expect(alice.outcomes).toEqual([['hello again', 'withdrawn']])
  })

  test('is forgotten 180 s after the last contact if nobody needs it', async () => {
    const world = setupTest()
    const { alice, bob, cable } = await world.linkedPair()
    cable.break('cut')
    await world.pass(179_000)
    expect(alice.mesh.peer(bob.peer.sessionId)).toEqual(bob.peer)
    await world.pass(2_000)
    expect(alice.mesh.peer(bob.peer.sessionId)).toBeUndefined()
    expect(alice.mesh.describe()).toEqual([])
  })

  test('takes nothing twice from a session that was given up and comes back', async () => {
    const world = setupTest()
    const { alice, bob } = await world.linkedPair()
    world.network.fault = (_, packet) => (packet[0] === 3 ? 'silent' : undefined)
    alice.send(bob, 'once')
    await world.pass(1_000)
    world.network.fault = () => undefined
    // Alice was not to be found for a while; for her the link merely broke.
    bob.mesh.end(alice.peer.sessionId)
    await world.pass(20_000)
    alice.send(bob, 'back')
    await world.pass(20_000)
    expect(bob.received).toEqual(['alice: once', 'alice: back'])
    expect(alice.outcomes.map(([, outcome]) => outcome)).toEqual(['acknowledged', 'acknowledged'])
  })
})

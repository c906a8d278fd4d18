import { describe, expect, test } from 'vitest'

import { encodeBytes } from '../../src/protocol/codec.ts'
import { writeItem } from '../../src/protocol/frames.ts'
import { setupTest, textItem } from './setup.ts'

describe('A link that nobody uses', () => {
  test('is closed after 60 s and opened again on demand', async () => {
    const world = setupTest()
    const { alice, bob } = await world.linkedPair()
    await world.pass(59_000)
    expect(alice.isLinkedTo(bob)).toBe(true)
    await world.pass(2_000)
    expect(alice.isLinkedTo(bob)).toBe(false)
    expect(bob.isLinkedTo(alice)).toBe(false)
    alice.send(bob, 'again')
    await world.pass(100)
    expect(bob.received).toEqual(['alice: again'])
  })

  test('is not closed at once by the side that did not ask for it again', async () => {
    const world = setupTest()
    const { alice, bob } = await world.linkedPair()
    await world.pass(100_000)
    bob.mesh.hold(alice.peer)
    await world.pass(30_000)
    expect(world.network.cables).toHaveLength(2)
    expect(alice.isLinkedTo(bob)).toBe(true)
  })

  test('is kept while a channel is shared, and closed 60 s after none is', async () => {
    const world = setupTest()
    const { alice, bob } = await world.linkedPair()
    const releases = [alice.mesh.hold(bob.peer), alice.mesh.hold(bob.peer), bob.mesh.hold(alice.peer)]
    await world.pass(600_000)
    expect(world.network.cables).toHaveLength(1)
    for (const release of releases) {
      release()
      release()
    }
    await world.pass(61_000)
    expect(alice.isLinkedTo(bob)).toBe(false)
  })
})

describe('A link that only one side holds', () => {
  test('is not closed as idle by the other, until it is held no more', async () => {
    const { page, pass, network } = setupTest()
    const [alice, bob] = [page('alice'), page('bob')]
    const release = alice.mesh.hold(bob.peer)
    await pass(300_000)
    expect(network.cables).toHaveLength(1)
    expect(bob.isLinkedTo(alice)).toBe(true)
    release()
    await pass(61_000)
    expect(bob.isLinkedTo(alice)).toBe(false)
    expect(network.cables).toHaveLength(1)
  })
})

describe('A link that is held', () => {
  test('opens without anything to send, and again when it is lost', async () => {
    const { page, pass, network } = setupTest()
    const [alice, bob] = [page('alice'), page('bob')]
    alice.mesh.hold(bob.peer)
    await pass(100)
    expect(alice.opens).toMatchObject([{ peer: bob.peer, expected: true }])
    network.cable(alice.peer, bob.peer).break('cut')
    await pass(300)
    expect(network.cables).toHaveLength(2)
    expect(alice.isLinkedTo(bob)).toBe(true)
  })

  test('that brings nothing for 6 s is replaced', async () => {
    const world = setupTest()
    const { alice, bob, cable } = await world.linkedPair()
    alice.mesh.hold(bob.peer)
    await world.pass(10_000)
    cable.break('silent')
    await world.pass(4_900)
    expect(world.network.cables).toHaveLength(1)
    await world.pass(1_500)
    expect(world.network.cables).toHaveLength(2)
    expect(world.network.link(alice.peer, bob.peer)?.epoch).toBe(2)
  })

  test('is kept alive by one beat a second when there is nothing to say', async () => {
    const world = setupTest()
    const { alice, bob } = await world.linkedPair()
    alice.mesh.hold(bob.peer)
    await world.pass(30_000)
    const heard = alice.mesh.lastHeard(bob.peer.sessionId) ?? 0
    expect(world.clock.now() - heard).toBeLessThanOrEqual(1_250)
    expect(world.network.deliveryCount).toBeLessThan(10)
  })

  test('is not blamed by a page that slept', async () => {
    const world = setupTest()
    const { alice, bob } = await world.linkedPair()
    alice.mesh.hold(bob.peer)
    bob.mesh.hold(alice.peer)
    await world.pass(1_000)
    world.clock.sleep(3_600_000)
    await world.pass(5_000)
    expect(world.network.cables).toHaveLength(1)
    expect(alice.isLinkedTo(bob)).toBe(true)
  })
})

describe('A link that does not open', () => {
  test('is tried again after ever longer waits, up to 15 s', async () => {
    const { page, pass, network } = setupTest()
    network.refusal = () => 'No path'
    const [alice, bob] = [page('alice'), page('bob')]
    alice.mesh.hold(bob.peer)
    await pass(120_000)
    const waits = alice.opens.slice(1).map(({ at }, i) => at - (alice.opens[i]?.at ?? 0))
    for (const [i, wait] of waits.slice(0, 5).entries()) {
      expect(wait).toBeGreaterThanOrEqual(250 * 2 ** i)
      expect(wait).toBeLessThanOrEqual(500 * 2 ** i + 300)
    }
    expect(Math.max(...waits)).toBeLessThanOrEqual(15_300)
    expect(alice.opens.length).toBeLessThan(25)
    expect(alice.mesh.describe()[0]?.lastError).toBe('No path')
  })

  test('is tried at once when signals can be passed on again', async () => {
    const { page, pass, network } = setupTest()
    network.refusal = () => 'No path'
    const [alice, bob] = [page('alice'), page('bob')]
    alice.send(bob, 'hello')
    await pass(60_000)
    network.refusal = () => undefined
    alice.mesh.retryNow()
    await pass(50)
    expect(bob.received).toEqual(['alice: hello'])
  })

  test('opens to no page that crashed in the meantime, nor from it', async () => {
    const { page, pass, network } = setupTest()
    const [alice, bob, carol] = [page('alice'), page('bob'), page('carol')]
    alice.mesh.hold(bob.peer)
    bob.mesh.hold(carol.peer)
    network.crash(bob.peer)
    await pass(20_000)
    expect(network.openLinkCount).toBe(0)
    expect([alice, carol].map(({ mesh }) => mesh.lastHeard(bob.peer.sessionId))).toEqual([
      undefined,
      undefined,
    ])
  })

  test('is given up when nobody is owed anything any more', async () => {
    const { page, pass, network } = setupTest()
    const alice = page('alice')
    const nobody = { peer: { ...page('bob').peer } }
    network.crash(nobody.peer)
    alice.send(nobody, 'hello')
    await pass(125_000)
    const count = alice.opens.length
    await pass(300_000)
    expect(alice.opens).toHaveLength(count)
    expect(alice.mesh.describe()).toEqual([])
  })

  test('opens from either side, and from both at once only one', async () => {
    const { page, pass, network } = setupTest()
    const [alice, bob] = [page('alice'), page('bob')]
    alice.mesh.hold(bob.peer)
    bob.mesh.hold(alice.peer)
    await pass(1_000)
    expect(network.cables).toHaveLength(1)
  })
})

describe('The greatest number of links', () => {
  test('makes room by closing the idlest link without a shared channel', async () => {
    const { page, pass } = setupTest()
    const alice = page('alice', { maxLinks: 3 })
    const [bob, carol, dave, erin] = [page('bob'), page('carol'), page('dave'), page('erin')]
    alice.mesh.hold(bob.peer)
    await pass(50)
    for (const one of [carol, dave]) {
      alice.send(one, 'hello')
      await pass(1_000)
    }
    carol.send(alice, 'still here')
    await pass(1_000)
    alice.send(erin, 'hello')
    await pass(1_000)
    expect([bob, carol, dave, erin].filter((one) => alice.isLinkedTo(one))).toEqual([bob, carol, erin])
    expect(erin.received).toEqual(['alice: hello'])
  })

  test('makes no room by closing a link to a tab, which takes none', async () => {
    const { page, pass, network } = setupTest()
    const alice = page('alice', { maxLinks: 2 })
    const [bob, carol, dave] = [page('bob'), page('carol'), page('dave')]
    for (const one of [bob, carol]) {
      alice.send(one, 'hello')
      await pass(1_000)
    }
    Object.assign(network.link(alice.peer, bob.peer) ?? {}, { path: 'tab' })
    alice.send(dave, 'hello')
    await pass(1_000)
    expect([bob, carol, dave].filter((one) => alice.isLinkedTo(one))).toEqual([bob, dave])
  })

  test('is no reason to close links that the others open again at once, without end', async () => {
    const { page, pass, network } = setupTest()
    const alice = page('alice', { maxLinks: 3 })
    const others = ['bob', 'carol', 'dave', 'erin', 'frank'].map((name) => page(name))
    for (const other of others) {
      other.mesh.hold(alice.peer, false)
      await pass(100)
    }
    await pass(20_000)
    const linked = () => others.filter((other) => alice.isLinkedTo(other))
    const before = { linked: linked(), attempts: network.attemptCount }
    expect(before.linked).toHaveLength(3)
    // One place for each of the two that came too late.
    expect(network.cables).toHaveLength(5)
    await pass(30_000)
    expect(linked()).toEqual(before.linked)
    // Two that are refused, each after waits of up to 15 s.
    expect(network.attemptCount - before.attempts).toBeLessThan(20)
  })

  test('has a crowd that holds links to one page wait its turn, also when nothing was said for a minute', async () => {
    const { page, pass, network } = setupTest()
    const alice = page('alice', { maxLinks: 20 })
    const others = Array.from({ length: 26 }, (_, i) => page(`user ${i}`))
    for (const other of others) {
      other.mesh.hold(alice.peer, false)
      await pass(50)
    }
    const reached = new Set<string>()
    for (let minute = 0; minute < 5; minute++) {
      const before = { attempts: network.attemptCount, links: network.cables.length }
      await pass(60_000)
      expect(network.cables.length - before.links).toBeLessThanOrEqual(12)
      expect(network.attemptCount - before.attempts).toBeLessThan(100)
      for (const other of others) if (alice.isLinkedTo(other)) reached.add(other.peer.userId)
    }
    expect(reached.size).toBe(others.length)
  })

  test('lets a newcomer in where all links are held and used by the others: the one used longest ago gives way', async () => {
    const { page, pass } = setupTest()
    const alice = page('alice', { maxLinks: 2 })
    const others = ['mallory', 'mallet'].map((name) => page(name))
    for (const other of others) other.mesh.hold(alice.peer, false)
    await pass(100)
    const bob = page('bob')
    bob.mesh.hold(alice.peer, false)
    for (let second = 0; second < 120; second++) {
      for (const other of others) other.send(alice, 'still here')
      await pass(1_000)
      expect(alice.isLinkedTo(bob)).toBe(true)
      bob.send(alice, 'me too')
    }
    expect(alice.received).toContain('bob: me too')
  })

  test('keeps no place for who sends only what was there before, or does not belong there', async () => {
    const { page, pass, network } = setupTest()
    const alice = page('alice', { maxLinks: 2 })
    const [mallory, bob] = [page('mallory'), page('bob')]
    for (const other of [mallory, bob]) {
      other.mesh.hold(alice.peer, false)
      other.send(alice, 'hello')
    }
    await pass(10_000)
    bob.send(alice, 'still here')
    await pass(10_000)
    for (const number of [0, 9]) {
      const junk = encodeBytes((packet) => writeItem(packet, { stream: 1, number }, textItem('junk')))
      network.link(mallory.peer, alice.peer)?.send(junk)
    }
    await pass(100)
    const carol = page('carol')
    carol.mesh.hold(alice.peer, false)
    await pass(1_000)
    expect([mallory, bob, carol].filter((one) => alice.isLinkedTo(one))).toEqual([bob, carol])
    expect(alice.received).toEqual(['mallory: hello', 'bob: hello', 'bob: still here'])
  })

  test('lets newcomers in one after the other, at least 5 s apart', async () => {
    const { page, pass } = setupTest()
    const alice = page('alice', { maxLinks: 3 })
    const hold = (name: string) => {
      const other = page(name)
      other.mesh.hold(alice.peer, false)
      return other
    }
    ;['bob', 'carol', 'dave'].forEach(hold)
    await pass(100)
    const newcomers = ['erin', 'frank', 'grace'].map(hold)
    const seconds: number[] = []
    for (let second = 0; second < 40; second++) {
      await pass(1_000)
      while (newcomers.filter((one) => alice.isLinkedTo(one)).length > seconds.length) seconds.push(second)
    }
    expect(seconds).toHaveLength(3)
    const [first = 0, next = 0, last = 0] = seconds
    expect(first).toBe(0)
    expect(next - first).toBeGreaterThanOrEqual(4)
    expect(last - next).toBeGreaterThanOrEqual(4)
  })

  test('makes room for whom this page needs by closing a link that only the other side holds', async () => {
    const { page, pass } = setupTest()
    const alice = page('alice', { maxLinks: 2 })
    const [bob, carol, dave] = [page('bob'), page('carol'), page('dave')]
    for (const one of [bob, carol]) {
      one.mesh.hold(alice.peer, false)
      await pass(100)
    }
    alice.mesh.hold(dave.peer)
    await pass(1_000)
    expect([bob, carol, dave].filter((one) => alice.isLinkedTo(one))).toEqual([carol, dave])
  })

  test('keeps nobody away for more than a minute who had to give way', async () => {
    const { page, pass } = setupTest()
    const alice = page('alice', { maxLinks: 1 })
    const bob = page('bob')
    bob.mesh.hold(alice.peer, false)
    await pass(100)
    const carol = page('carol')
    carol.mesh.hold(alice.peer, false)
    await pass(50_000)
    expect(alice.isLinkedTo(carol)).toBe(true)
    bob.send(alice, 'hello')
    await pass(30_000)
    expect(alice.received).toEqual(['bob: hello'])
  })

  test('refuses one more when every link is needed', async () => {
    const { page, pass } = setupTest()
    const alice = page('alice', { maxLinks: 1 })
    const [bob, carol] = [page('bob'), page('carol')]
    alice.mesh.hold(bob.peer)
    await pass(50)
    carol.send(alice, 'hello')
    await pass(5_000)
    expect(alice.received).toEqual([])
    expect(alice.isLinkedTo(bob)).toBe(true)
    expect(carol.mesh.describe()[0]?.lastError).toMatch(/as many connections/)
  })
})

import { describe, expect, test } from 'vitest'

import type { Fault } from '../support/memory-link.ts'
import { seededRandom } from '../support/random.ts'
import { type MeshPage, setup, setupTest } from './setup.ts'

const FAULTS: readonly Fault[] = [
  'cut',
  'silent',
  'cut, only the sender notices',
  'cut, only the receiver notices',
]

/** Alice and bob talk at the same time, in three bursts; then everything has time to recover. */
async function conversation(world: ReturnType<typeof setup>): Promise<{ alice: MeshPage; bob: MeshPage }> {
  const alice = world.page('alice')
  const bob = world.page('bob')
  for (const burst of [1, 2, 3]) {
    alice.send(bob, `a${burst}.1`, `a${burst}.2`)
    bob.send(alice, `b${burst}.1`)
    await world.pass(12)
    alice.send(bob, `a${burst}.3`)
    await world.pass(25)
  }
  await world.pass(30_000)
  return { alice, bob }
}

const fromAlice = [1, 2, 3].flatMap((burst) => [1, 2, 3].map((number) => `alice: a${burst}.${number}`))
const fromBob = [1, 2, 3].map((burst) => `bob: b${burst}.1`)

describe('Delivery over a link', () => {
  test('each item arrives once and in the order in which it was sent', async () => {
    const world = setupTest()
    const { alice, bob } = await conversation(world)
    expect(bob.received).toEqual(fromAlice)
    expect(alice.received).toEqual(fromBob)
    expect(alice.outcomes.map(([, outcome]) => outcome)).toEqual(fromAlice.map(() => 'acknowledged'))
  })

  test('an acknowledgement covers everything before it and rides with what goes the other way', async () => {
    const world = setupTest()
    const { alice, bob } = await world.linkedPair()
    const packetsBefore = world.network.deliveryCount
    alice.send(bob, ...Array.from({ length: 100 }, (_, i) => `item ${i}`))
    await world.pass(100)
    expect(alice.outcomes).toHaveLength(100)
    expect(world.network.deliveryCount - packetsBefore).toBe(2)
  })

  test('the first item leaves with the first packets of the first link, before the other side has said hello', async () => {
    const world = setupTest()
    const [alice, bob] = [world.page('alice'), world.page('bob')]
    alice.send(bob, 'hello')
    // The handshake is two ways; then there is one more.
    await world.pass(2 * world.network.delayMs)
    expect(bob.received).toEqual([])
    await world.pass(world.network.delayMs)
    expect(bob.received).toEqual(['alice: hello'])
  })

  test('what may have arrived over an earlier link waits until the other side says what has', async () => {
    const world = setupTest()
    const { alice, bob, cable } = await world.linkedPair()
    alice.send(bob, 'before the cut')
    await world.pass(0)
    cable.break('cut')
    await world.pass(5_000)
    expect(bob.received).toEqual(['alice: before the cut'])
    expect(alice.outcomes).toEqual([['before the cut', 'acknowledged']])
  })

  test('an item a microtask, as answers lead to more of them, makes few packets and fewer acknowledgements', async () => {
    const world = setupTest()
    const { alice, bob } = await world.linkedPair()
    const before = world.network.deliveryCount
    let tasks: (() => void)[] = []
    world.soon = (run) => tasks.push(run)
    for (let i = 0; i < 50; i++) {
      alice.send(bob, `item ${i}`)
      for (let turn = 0; turn < 3; turn++) await Promise.resolve()
    }
    for (const run of tasks.splice(0)) run()
    world.soon = queueMicrotask
    tasks = []
    await world.pass(100)
    expect(bob.received).toHaveLength(50)
    expect(alice.outcomes).toHaveLength(50)
    // The first item at once, the rest together, and one acknowledgement of each.
    expect(world.network.deliveryCount - before).toBeLessThanOrEqual(4)
  })

  test('items of one tick leave together, the first of many before the tick is over', async () => {
    const world = setupTest()
    const { alice, bob } = await world.linkedPair()
    const link = world.network.link(alice.peer, bob.peer)
    const before = link?.sent.length ?? 0
    const sizes = () => link?.sent.slice(before).map(({ byteLength }) => byteLength) ?? []
    const texts = (count: number) => Array.from({ length: count }, () => 'x'.repeat(1_000))

    alice.send(bob, ...texts(10))
    expect(sizes()).toEqual([])
    alice.send(bob, ...texts(40))
    expect(sizes()).toHaveLength(3)
    // 12 KB of items, of which each repeats the beginning of the one before.
    expect(Math.min(...sizes())).toBeGreaterThan(11 * 1024)
    await world.pass(1_000)
    expect(bob.received).toHaveLength(50)
    expect(sizes()).toHaveLength(4)
  })

  test('what is sent in the callback of an acknowledgement goes out too', async () => {
    const world = setupTest()
    const { alice, bob } = await world.linkedPair()
    alice.mesh.send(bob.peer, new Uint8Array([99]), () => alice.send(bob, 'after'))
    await world.pass(100)
    expect(bob.received).toEqual(['alice: after'])
  })
})

describe('Delivery over links that are cut', () => {
  test.each(FAULTS)('nothing is lost or doubled wherever the link is broken (%s)', async (fault) => {
    const whole = setup()
    await conversation(whole)
    const deliveryCount = whole.network.deliveryCount
    await whole.finish()
    expect(deliveryCount).toBeGreaterThan(12)
    for (let cutBefore = 0; cutBefore < deliveryCount; cutBefore++) {
      const world = setup()
      world.network.fault = (delivery) => (delivery === cutBefore ? fault : undefined)
      const { alice, bob } = await conversation(world)
      expect(bob.received, `broken before packet ${cutBefore}`).toEqual(fromAlice)
      expect(alice.received, `broken before packet ${cutBefore}`).toEqual(fromBob)
      expect(alice.outcomes.filter(([, outcome]) => outcome !== 'acknowledged')).toEqual([])
      await world.finish()
    }
  })

  test('nothing is lost or doubled when it is broken at two places', async () => {
    for (let first = 0; first < 10; first++) {
      for (let second = first + 1; second < first + 8; second++) {
        const world = setup()
        world.network.fault = (delivery) =>
          delivery === first || delivery === second ? 'cut, only the receiver notices' : undefined
        const { alice, bob } = await conversation(world)
        expect([bob.received, alice.received], `broken before ${first} and ${second}`).toEqual([
          fromAlice,
          fromBob,
        ])
        await world.finish()
      }
    }
  })

  test('nothing is lost or doubled in 250 conversations over a bad network', async () => {
    for (let seed = 1; seed <= 250; seed++) {
      const world = setup(seed)
      const random = seededRandom(seed)
      let isBad = true
      world.network.fault = () =>
        isBad && random() < 0.15 ? FAULTS[Math.floor(random() * FAULTS.length)] : undefined
      world.network.refusal = () => (isBad && random() < 0.2 ? 'No path' : undefined)
      const alice = world.page('alice')
      const bob = world.page('bob')
      const sent = { alice: [] as string[], bob: [] as string[] }
      for (let i = 0; i < 40; i++) {
        const [from, to, name] =
          random() < 0.6 ? [alice, bob, 'alice' as const] : [bob, alice, 'bob' as const]
        from.send(to, `${i}`)
        sent[name].push(`${name}: ${i}`)
        await world.pass(Math.floor(random() * 400))
      }
      isBad = false
      await world.pass(40_000)
      expect(bob.received, `seed ${seed}`).toEqual(sent.alice)
      expect(alice.received, `seed ${seed}`).toEqual(sent.bob)
      await world.finish()
    }
  })
})

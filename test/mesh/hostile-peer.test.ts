import { createEncoder, toUint8Array, writeUint8Array, writeVarUint } from 'lib0/encoding'
import { describe, expect, test } from 'vitest'

import { encodeBytes } from '../../src/protocol/codec.ts'
import { writeAck, writeHello, writeItem } from '../../src/protocol/frames.ts'
import { type MeshWorld, setupTest, textItem } from './setup.ts'

/** Mallory has a genuine link to alice and sends what she likes on it. */
async function mallory(world: MeshWorld) {
  const { alice, bob } = await world.linkedPair()
  const link = () => world.network.link(bob.peer, alice.peer)
  return {
    alice,
    mallory: bob,
    say: async (write: Parameters<typeof encodeBytes>[0]) => {
      link()?.send(encodeBytes(write))
      await world.pass(50)
    },
  }
}

describe('A peer that breaks the protocol', () => {
  test('loses its link for a packet that cannot be decoded', async () => {
    const world = setupTest()
    const { alice, mallory: bob, say } = await mallory(world)
    await say((packet) => writeUint8Array(packet, new Uint8Array([2, 200, 1, 1])))
    expect(alice.isLinkedTo(bob)).toBe(false)
    expect(alice.mesh.describe()[0]?.lastError).toMatch(/cannot be decoded/)
  })

  test('of another version is told apart by its hello', async () => {
    const world = setupTest()
    const { alice, mallory: bob, say } = await mallory(world)
    await say((packet) => {
      const hello = createEncoder()
      for (const value of [2, 0, 0, 0]) writeVarUint(hello, value)
      writeVarUint(packet, 1)
      writeVarUint(packet, 4)
      writeUint8Array(packet, toUint8Array(hello))
    })
    expect(alice.isLinkedTo(bob)).toBe(false)
    expect(alice.mesh.describe()[0]?.lastError).toMatch(/version 2, this library 1: update the older/)
  })

  test('is tried again ever more rarely although each of its links opens', async () => {
    const world = setupTest()
    const { alice, mallory: bob } = await mallory(world)
    alice.mesh.hold(bob.peer)
    for (let second = 0; second < 60; second++) {
      world.network.link(bob.peer, alice.peer)?.send(new Uint8Array([2, 200, 1, 1]))
      await world.pass(1_000)
    }
    expect(world.network.cables.length).toBeLessThan(15)
  })

  test('is sent an item once per link, however often it says hello', async () => {
    const world = setupTest()
    const { alice, mallory: bob, say } = await mallory(world)
    const link = world.network.link(bob.peer, alice.peer)
    const send = link?.send.bind(link)
    // No acknowledgement ever leaves.
    if (link && send) link.send = (packet) => packet[0] !== 3 && send(packet)
    alice.send(bob, 'x'.repeat(30_000))
    await world.pass(50)
    for (let i = 0; i < 20; i++) await say((packet) => writeHello(packet, { stream: 0, number: 0 }))
    const sent = world.network.link(alice.peer, bob.peer)?.sent ?? []
    expect(sent.filter(({ byteLength }) => byteLength > 30_000)).toHaveLength(1)
  })

  test('cannot acknowledge what it was never sent', async () => {
    const world = setupTest()
    const { alice, mallory: bob, say } = await mallory(world)
    world.network.cable(alice.peer, bob.peer).stall()
    alice.send(bob, ...Array.from({ length: 30 }, (_, i) => `${i}`.padEnd(10_000)))
    await world.pass(0)
    world.network.cable(alice.peer, bob.peer).flow()
    for (const stream of [0, 1, 2, 3, 2 ** 31])
      for (const number of [2 ** 31, 10_000]) await say((packet) => writeAck(packet, { stream, number }))
    await world.pass(1_000)
    expect(bob.received).toHaveLength(30)
    expect(alice.outcomes).toHaveLength(30)
  })

  test('cannot have an item taken out of order, or twice', async () => {
    const world = setupTest()
    const { alice, say } = await mallory(world)
    for (const [stream, number] of [
      [50, 1],
      [50, 0],
      [50, 0],
      [50, 2],
      [50, 1],
      [49, 0],
      [51, 5],
      [51, 0],
      [50, 2],
    ] as const)
      await say((packet) => writeItem(packet, { stream, number }, textItem(`${stream}/${number}`)))
    expect(alice.received).toEqual(['bob: 50/0', 'bob: 50/1', 'bob: 51/0'])
  })

  test('has an item that cannot be decoded dropped and acknowledged, and goes on', async () => {
    const world = setupTest()
    const { alice, say } = await mallory(world)
    await say((packet) => writeItem(packet, { stream: 9, number: 0 }, new Uint8Array([77, 1, 2])))
    await say((packet) => writeItem(packet, { stream: 9, number: 1 }, textItem('fine')))
    expect(alice.received).toEqual(['bob: fine'])
  })

  test('is heard no more after its goodbye, even in the same packet', async () => {
    const world = setupTest()
    const { alice, say } = await mallory(world)
    await say((packet) => {
      for (const value of [4, 0]) writeVarUint(packet, value)
      writeItem(packet, { stream: 9, number: 0 }, textItem('ghost'))
    })
    expect(alice.goodbyes).toEqual(['bob'])
    expect(alice.received).toEqual([])
  })
})

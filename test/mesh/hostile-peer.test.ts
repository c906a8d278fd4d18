import { createEncoder, toUint8Array, writeUint8Array, writeVarUint } from 'lib0/encoding'
import { describe, expect, test } from 'vitest'

import { encodeBytes } from '../../src/protocol/codec.ts'
import {
  writeAck,
  writeChannel,
  writeChannelAnswer,
  writeCredential,
  writeHello,
  writeItem,
} from '../../src/protocol/frames.ts'
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

  test('is tried again ever more rarely also where the transport finds the breach', async () => {
    const world = setupTest()
    const { alice, mallory: bob } = await mallory(world)
    alice.mesh.hold(bob.peer)
    for (let second = 0; second < 60; second++) {
      world.network.link(alice.peer, bob.peer)?.breach('It opened a data channel of its own')
      expect(alice.mesh.describe()[0]?.lastError).toMatch(/data channel of its own/)
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

  test('has one credential checked at a time, and the last that it showed counts', async () => {
    const world = setupTest()
    const checked: string[] = []
    const checks: ((isGood: boolean) => void)[] = []
    const alice = world.page('alice', {
      verify: (credential) => {
        checked.push(credential)
        return new Promise((resolve) => checks.push(resolve))
      },
    })
    const bob = world.page('bob')
    bob.mesh.hold(alice.peer)
    await world.pass(50)
    expect(checked).toEqual(['credential of bob'])
    const link = world.network.link(bob.peer, alice.peer)
    for (let i = 0; i < 1_000; i++)
      link?.send(encodeBytes((packet) => writeCredential(packet, `made up ${i}`)))
    link?.send(encodeBytes((packet) => writeCredential(packet, 'renewed')))
    await world.pass(50)
    expect(checked).toHaveLength(1)
    for (const answer of checks.splice(0)) answer(true)
    await world.pass(0)
    expect(checked).toEqual(['credential of bob', 'renewed'])
    expect(alice.mesh.credentialOf(bob.peer.sessionId)).toBe('credential of bob')
    for (const answer of checks.splice(0)) answer(true)
    await world.pass(0)
    expect(alice.mesh.credentialOf(bob.peer.sessionId)).toBe('renewed')
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

  describe('loses its link for a side channel', () => {
    const label = new Uint8Array([1])

    /** Nothing that alice answers is heard. */
    async function deafMallory(world: MeshWorld) {
      const both = await mallory(world)
      const link = world.network.link(both.mallory.peer, both.alice.peer)
      Object.assign(link ?? {}, { heard: () => undefined })
      return both
    }

    test.each([
      ['of a number that is ours', 12, /number that it may not use/],
      ['of a number below the first', 9, /cannot be decoded/],
      ['of a number beyond the last', 1_025, /cannot be decoded/],
    ])('%s', async (_, number, why) => {
      const world = setupTest()
      const { alice, mallory: bob, say } = await deafMallory(world)
      let offers = 0
      alice.offered = () => (offers += 1)
      await say((packet) => writeChannel(packet, number, label))
      expect(alice.isLinkedTo(bob)).toBe(false)
      expect(alice.mesh.describe()[0]?.lastError).toMatch(why)
      expect(offers).toBe(0)
    })

    test('of a number that was used, whatever became of it', async () => {
      for (const again of [13, 11]) {
        const world = setupTest()
        const { alice, mallory: bob, say } = await deafMallory(world)
        await say((packet) => writeChannel(packet, 13, label))
        expect(alice.isLinkedTo(bob)).toBe(true)
        await say((packet) => writeChannel(packet, again, label))
        expect(alice.isLinkedTo(bob)).toBe(false)
      }
    })

    test('whose label is longer than 1 KB', async () => {
      const world = setupTest()
      const { alice, mallory: bob, say } = await deafMallory(world)
      await say((packet) => writeChannel(packet, 11, new Uint8Array(1_024)))
      expect(alice.isLinkedTo(bob)).toBe(true)
      await say((packet) => writeChannel(packet, 13, new Uint8Array(1_025)))
      expect(alice.isLinkedTo(bob)).toBe(false)
    })

    test('beyond the 64 that it has open', async () => {
      const world = setupTest()
      const { alice, mallory: bob, say } = await deafMallory(world)
      const heard: string[] = []
      alice.offered = ({ accept }) =>
        accept({ message: () => undefined, drained: () => undefined, closed: () => heard.push('closed') })
      await say((packet) => {
        for (let i = 0; i < 64; i++) writeChannel(packet, 11 + 2 * i, label)
      })
      expect(alice.isLinkedTo(bob)).toBe(true)
      await say((packet) => writeChannel(packet, 11 + 2 * 64, label))
      expect(alice.isLinkedTo(bob)).toBe(false)
      expect(heard).toHaveLength(64)
    })

    test('that it answers without having been offered it, or twice', async () => {
      for (const number of [10, 12, 11]) {
        const world = setupTest()
        const { alice, mallory: bob, say } = await mallory(world)
        const ignore = (): undefined => undefined
        alice.mesh.openChannel(bob.peer, label, {
          message: ignore,
          drained: ignore,
          closed: ignore,
          opened: ignore,
          refused: ignore,
        })
        // Bob's own answer, and one that he makes up.
        await world.pass(50)
        expect(alice.isLinkedTo(bob)).toBe(true)
        await say((packet) => writeChannelAnswer(packet, number, true, label))
        expect(alice.isLinkedTo(bob)).toBe(false)
        expect(alice.mesh.describe()[0]?.lastError).toMatch(/was not offered/)
      }
    })

    test('before its hello', async () => {
      const world = setupTest()
      const [alice, bob] = [world.page('alice'), world.page('bob')]
      alice.mesh.hold(bob.peer)
      while (!alice.isLinkedTo(bob)) await world.pass(1)
      expect(alice.links).toEqual([])
      const link = world.network.link(alice.peer, bob.peer)
      link?.heard(encodeBytes((packet) => writeChannel(packet, 11, label)))
      expect(alice.isLinkedTo(bob)).toBe(false)
      expect(alice.mesh.describe()[0]?.lastError).toMatch(/before it said hello/)
    })
  })
})

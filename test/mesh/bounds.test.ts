import { describe, expect, test } from 'vitest'

import { encodeBytes } from '../../src/protocol/codec.ts'
import { writeAck } from '../../src/protocol/frames.ts'
import { setupTest } from './setup.ts'

const MB = 1024 * 1024
const bytes = (count: number): Uint8Array<ArrayBuffer> => new Uint8Array(count)
const ignore = (): undefined => undefined

describe('What a peer may be owed', () => {
  test('is 4,096 items', async () => {
    const { page, pass, network } = setupTest()
    network.refusal = () => 'No path'
    const [alice, bob] = [page('alice'), page('bob')]
    const texts = Array.from({ length: 4_097 }, (_, i) => `${i}`)
    const owed = alice.send(bob, ...texts)
    expect(owed.filter((one) => one !== undefined)).toHaveLength(4_096)
    expect(owed.at(-1)).toBeUndefined()
    network.refusal = ignore
    await pass(5_000)
    expect(bob.received).toHaveLength(4_096)
    expect(alice.send(bob, 'one more')).not.toEqual([undefined])
  })

  test('is 16 MB', () => {
    const { page } = setupTest()
    const [alice, bob] = [page('alice'), page('bob')]
    for (let i = 0; i < 16; i++) expect(alice.mesh.send(bob.peer, bytes(MB), ignore)).toBeDefined()
    expect(alice.mesh.send(bob.peer, bytes(1), ignore)).toBeUndefined()
    expect(alice.mesh.send(bob.peer, bytes(0), ignore)).toBeDefined()
  })

  test('is 64 MB to all peers together', () => {
    const { page } = setupTest()
    const alice = page('alice')
    const others = ['bob', 'carol', 'dave', 'erin', 'frank'].map((name) => page(name))
    for (const other of others.slice(0, 4))
      for (let i = 0; i < 16; i++) expect(alice.mesh.send(other.peer, bytes(MB), ignore)).toBeDefined()
    expect(others[4] && alice.mesh.send(others[4].peer, bytes(1), ignore)).toBeUndefined()
  })

  test('is free again when it was acknowledged, withdrawn or given up', async () => {
    const { page, pass, network } = setupTest()
    network.refusal = () => 'No path'
    const [alice, bob] = [page('alice'), page('bob')]
    const send = (count: number) =>
      Array.from({ length: count }, () => alice.mesh.send(bob.peer, bytes(MB), ignore))
    const owed = send(16)
    for (const one of owed.slice(0, 8)) if (one) alice.mesh.withdraw(bob.peer, one)
    expect(send(8)).not.toContain(undefined)
    expect(send(1)).toEqual([undefined])
    await pass(121_000)
    expect(send(16)).not.toContain(undefined)
  })
})

describe('A link that does not drain', () => {
  test('is given no more than its high-water mark and a packet, and the rest once it drains', async () => {
    const { linkedPair, network, pass } = setupTest()
    const { alice, bob, cable } = await linkedPair()
    cable.stall()
    alice.send(bob, ...Array.from({ length: 40 }, () => 'x'.repeat(10_000)))
    await pass(2_000)
    const buffered = network.link(alice.peer, bob.peer)?.bufferedBytes ?? 0
    expect(buffered).toBeGreaterThan(64 * 1024)
    expect(buffered).toBeLessThan((64 + 48 + 32) * 1024)
    expect(bob.received).toHaveLength(0)
    cable.flow()
    await pass(100)
    expect(bob.received).toHaveLength(40)
  })

  test('still carries acknowledgements and beats', async () => {
    const { linkedPair, network, pass } = setupTest()
    const { alice, bob, cable } = await linkedPair()
    cable.stall()
    alice.send(bob, ...Array.from({ length: 40 }, () => 'x'.repeat(10_000)))
    await pass(100)
    const before = network.link(alice.peer, bob.peer)?.sent.length ?? 0
    bob.send(alice, 'small')
    cable.flow()
    cable.stall()
    await pass(100)
    expect(network.link(alice.peer, bob.peer)?.sent.length).toBeGreaterThan(before)
    cable.flow()
    await pass(100)
    expect(bob.outcomes).toEqual([['small', 'acknowledged']])
    expect(bob.received).toHaveLength(40)
  })
})

describe('A peer that acknowledges one item now and then', () => {
  test('does not keep others from being sent to', async () => {
    const world = setupTest()
    const { alice, bob } = await world.linkedPair()
    const carol = world.page('carol')
    const link = world.network.link(bob.peer, alice.peer)
    const send = link?.send.bind(link)
    Object.assign(link ?? {}, { send: () => undefined })
    for (let i = 0; i < 4_096; i++) alice.send(bob, `${i}`)
    await world.pass(20_000)
    const sendToBoth = () =>
      alice.mesh.sendToAll([bob.peer, carol.peer], bytes(10), ignore, world.clock.now())
    expect(sendToBoth()).toBe(false)
    send?.(encodeBytes((packet) => writeAck(packet, { stream: 1, number: 1 })))
    alice.send(bob, 'one more')
    await world.pass(11_000)
    expect(sendToBoth()).toBe(true)
  })
})

import { describe, expect, test } from 'vitest'

import { utf8 } from '../../src/base/bytes.ts'
import type { SideChannel, SideChannelEvents } from '../../src/mesh/side-channel.ts'
import { type MeshPage, setupTest } from './setup.ts'

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)

interface Pages {
  readonly alice: MeshPage
  readonly bob: MeshPage
}

/** A user of a side channel that writes down what it hears. */
function ear() {
  const heard: string[] = []
  const events: SideChannelEvents = {
    message: (message) => heard.push(text(message)),
    drained: () => heard.push('drained'),
    closed: () => heard.push('closed'),
  }
  const opening = {
    ...events,
    opened: () => heard.push('opened'),
    refused: (answer: Uint8Array) => heard.push(`refused: ${text(answer)}`),
  }
  return { heard, events, opening }
}

/** Bob accepts whatever he is offered. */
function accepting(bob: MeshPage) {
  const labels: string[] = []
  const ends: ({ channel: SideChannel } & ReturnType<typeof ear>)[] = []
  bob.offered = ({ label, from, accept }) => {
    const its = ear()
    labels.push(`${from.userId}: ${text(label)}`)
    ends.push({ ...its, channel: accept(its.events) })
  }
  return { labels, ends }
}

async function setup() {
  const world = setupTest()
  const pair = await world.linkedPair()
  const open = (from: MeshPage, to: MeshPage, label = 'label') => {
    const its = ear()
    return { ...its, channel: from.mesh.openChannel(to.peer, utf8(label), its.opening) }
  }
  return { ...world, ...pair, open }
}

/** Both ends of one that Alice has opened. */
async function opened({ alice, bob, open, pass }: Awaited<ReturnType<typeof setup>>) {
  const { ends } = accepting(bob)
  const mine = open(alice, bob)
  await pass(50)
  mine.heard.length = 0
  const [theirs] = ends
  if (!theirs || !mine.channel) throw new Error('It did not open')
  return { mine: { ...mine, channel: mine.channel }, theirs }
}

describe('A side channel', () => {
  test('is opened by either side, and carries messages both ways in order', async () => {
    const { alice, bob, open, pass } = await setup()
    const [offeredToBob, offeredToAlice] = [accepting(bob), accepting(alice)]
    const [fromAlice, fromBob] = [open(alice, bob, 'a document'), open(bob, alice, 'another')]
    await pass(50)
    expect(offeredToBob.labels).toEqual(['alice: a document'])
    expect(offeredToAlice.labels).toEqual(['bob: another'])
    for (const word of ['one', 'two', 'three']) {
      fromAlice.channel?.send(utf8(word))
      offeredToBob.ends[0]?.channel.send(utf8(word.toUpperCase()))
      fromBob.channel?.send(utf8(`${word}!`))
    }
    await pass(50)
    expect(fromAlice.heard).toEqual(['opened', 'ONE', 'TWO', 'THREE'])
    expect(offeredToBob.ends[0]?.heard).toEqual(['one', 'two', 'three'])
    expect(offeredToAlice.ends[0]?.heard).toEqual(['one!', 'two!', 'three!'])
    expect(fromBob.heard).toEqual(['opened'])
  })

  test('is open with the first message, also when that overtakes the answer', async () => {
    const { alice, bob, open, pass, network } = await setup()
    const link = network.link(bob.peer, alice.peer)
    const send = link?.send.bind(link)
    const held: (() => void)[] = []
    Object.assign(link ?? {}, {
      send: (packet: Parameters<NonNullable<typeof send>>[0]) => held.push(() => send?.(packet)),
    })
    bob.offered = ({ accept }) => {
      accept(ear().events).send(utf8('at once'))
    }
    const { heard } = open(alice, bob)
    await pass(50)
    expect(heard).toEqual(['opened', 'at once'])
    for (const release of held) release()
    await pass(50)
    expect(heard).toEqual(['opened', 'at once'])
  })

  test('that is refused says why, and one that nobody answers is refused', async () => {
    const { alice, bob, open, pass } = await setup()
    bob.offered = ({ refuse }) => refuse(utf8('no such thing'))
    const refused = open(alice, bob)
    await pass(50)
    expect(refused.heard).toEqual(['refused: no such thing'])
    refused.channel?.send(utf8('still?'))
    refused.channel?.close()
    bob.offered = () => undefined
    const ignored = open(alice, bob)
    await pass(50)
    expect(ignored.heard).toEqual(['refused: '])
    expect(refused.heard).toHaveLength(1)
    expect(alice.isLinkedTo(bob)).toBe(true)
  })

  test('can be answered once, while it is offered', async () => {
    const { alice, bob, open, pass } = await setup()
    const late: (() => unknown)[] = []
    bob.offered = ({ accept, refuse }) => {
      accept(ear().events)
      expect(() => refuse(utf8('or not'))).toThrow(/once, while it is offered/)
      late.push(() => accept(ear().events))
    }
    open(alice, bob)
    await pass(50)
    expect(late).toHaveLength(1)
    for (const again of late) expect(again).toThrow(/once, while it is offered/)
  })

  test('that one side closes is closed at the other, whoever it was, behind what was sent', async () => {
    for (const closer of ['mine', 'theirs'] as const) {
      const world = await setup()
      const ends = await opened(world)
      const other = closer === 'mine' ? ends.theirs : ends.mine
      ends[closer].channel.send(utf8('last words'))
      ends[closer].channel.close()
      ends[closer].channel.close()
      other.channel.send(utf8('too late'))
      await world.pass(50)
      expect(other.heard).toEqual(['last words', 'closed'])
      expect(ends[closer].heard).toEqual([])
      expect(world.alice.isLinkedTo(world.bob)).toBe(true)
    }
  })

  test('that is closed before it was open is closed at the other side as soon as that has its end', async () => {
    const { alice, bob, open, pass } = await setup()
    const { ends } = accepting(bob)
    const { channel, heard } = open(alice, bob)
    channel?.close()
    await pass(50)
    expect(ends[0]?.heard).toEqual(['closed'])
    expect(heard).toEqual([])
  })

  test('that the other side accepts and closes at once is closed', async () => {
    const { alice, bob, open, pass } = await setup()
    bob.offered = ({ accept }) => {
      const channel = accept(ear().events)
      channel.send(utf8('bye'))
      channel.close()
    }
    const { heard } = open(alice, bob)
    await pass(50)
    expect(heard).toEqual(['opened', 'bye', 'closed'])
  })

  test('has a buffer of its own, and says when it has drained', async () => {
    const world = await setup()
    const { mine, theirs } = await opened(world)
    world.cable.stall()
    mine.channel.send(utf8('x'.repeat(100_000)))
    expect(mine.channel.bufferedBytes).toBe(100_000)
    expect(world.network.link(world.alice.peer, world.bob.peer)?.bufferedBytes).toBe(0)
    world.cable.flow()
    await world.pass(50)
    expect(mine.heard).toEqual(['drained'])
    expect(theirs.heard.map(({ length }) => length)).toEqual([100_000])
  })
})

describe('Side channels of a link', () => {
  test('are closed with it, once, and stay closed on the next', async () => {
    const world = await setup()
    const { alice, bob, cable, pass } = world
    alice.mesh.hold(bob.peer)
    const { mine, theirs } = await opened(world)
    cable.break('cut')
    await pass(1_000)
    expect(alice.isLinkedTo(bob)).toBe(true)
    mine.channel.send(utf8('anybody?'))
    theirs.channel.send(utf8('anybody?'))
    await pass(50)
    expect(mine.heard).toEqual(['closed'])
    expect(theirs.heard).toEqual(['closed'])
    expect(alice.links).toEqual(['+bob', '-bob', '+bob'])
    expect(bob.links).toEqual(['+alice', '-alice', '+alice'])
  })

  test('are closed when the mesh is, and when the session of the other is over', async () => {
    for (const end of [
      ({ alice }: Pages) => alice.mesh.close(),
      ({ bob }: Pages) => bob.mesh.close(),
      ({ alice, bob }: Pages) => alice.mesh.end(bob.peer.sessionId),
    ]) {
      const world = await setup()
      const { mine, theirs } = await opened(world)
      end(world)
      await world.pass(50)
      expect(mine.heard).toEqual(['closed'])
      expect(theirs.heard).toEqual(['closed'])
    }
  })

  test('keep it in use', async () => {
    const world = await setup()
    const { mine } = await opened(world)
    for (let minute = 0; minute < 5; minute++) {
      await world.pass(50_000)
      mine.channel.send(utf8('still here'))
    }
    expect(world.alice.isLinkedTo(world.bob)).toBe(true)
    expect(world.bob.isLinkedTo(world.alice)).toBe(true)
    await world.pass(62_000)
    expect(world.alice.isLinkedTo(world.bob)).toBe(false)
    expect(mine.heard).toEqual(['closed'])
  })

  test('are a sign of life', async () => {
    const world = await setup()
    const { alice, bob, network } = world
    const { theirs } = await opened(world)
    const link = network.link(bob.peer, alice.peer)
    Object.assign(link ?? {}, { beat: () => undefined })
    for (let second = 0; second < 20; second++) {
      await world.pass(1_000)
      theirs.channel.send(utf8('still here'))
    }
    await world.pass(50)
    expect(world.clock.now() - (alice.mesh.lastHeard(bob.peer.sessionId) ?? 0)).toBeLessThan(100)
    expect(network.cables).toHaveLength(1)
  })

  test('cannot be opened without a link', async () => {
    const { page, alice, open, pass } = await setup()
    const carol = page('carol')
    expect(open(alice, carol).channel).toBeUndefined()
    alice.send(carol, 'hello')
    await pass(50)
    expect(open(alice, carol).channel).toBeDefined()
    alice.mesh.close()
    expect(open(alice, carol).channel).toBeUndefined()
  })

  test('are 40 at once at most of each side, and new ones take the place of closed ones at once', async () => {
    const { alice, bob, open, pass } = await setup()
    const { ends } = accepting(bob)
    const first = Array.from({ length: 41 }, () => open(alice, bob).channel)
    expect(first.filter(Boolean)).toHaveLength(40)
    await pass(50)
    for (const channel of first.slice(0, 20)) channel?.close()
    const second = Array.from({ length: 21 }, () => open(alice, bob).channel)
    expect(second.filter(Boolean)).toHaveLength(20)
    await pass(50)
    expect(alice.links).toEqual(['+bob'])
    expect(ends).toHaveLength(60)
  })

  test('have a label of 1 KB at most', async () => {
    const { alice, bob, open, pass } = await setup()
    const { labels } = accepting(bob)
    open(alice, bob, 'x'.repeat(1_024))
    expect(() => open(alice, bob, 'x'.repeat(1_025))).toThrow(/at most 1024 bytes/)
    await pass(50)
    expect(labels).toHaveLength(1)
  })

  test('never use a number twice: a link without a free one is replaced', async () => {
    const { alice, bob, open, pass, network } = await setup()
    alice.mesh.hold(bob.peer)
    bob.mesh.hold(alice.peer)
    accepting(bob)
    // Even numbers from 10 to 254.
    for (let i = 0; i < 123; i++) {
      open(alice, bob).channel?.close()
      await pass(10)
    }
    expect(network.cables).toHaveLength(1)
    expect(open(alice, bob).channel).toBeUndefined()
    await pass(1_000)
    expect(network.cables).toHaveLength(2)
    expect(open(alice, bob).channel).toBeDefined()
    expect(alice.links).toEqual(['+bob', '-bob', '+bob'])
  })
})

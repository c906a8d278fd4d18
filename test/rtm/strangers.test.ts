import { describe, expect, test } from 'vitest'

import type { ChannelId } from '../../src/base/ids.ts'
import { encodeItem } from '../../src/protocol/items.ts'
import { setup } from './setup.ts'

/** What a hand-made peer sends under a join that it never made. */
const forged = (text: string) =>
  encodeItem({
    kind: 'channel-message',
    channelId: 'lobby' as ChannelId,
    incarnation: 7,
    sentAt: 0,
    content: { type: 'text', text },
  })

async function linkedStranger() {
  const world = setup()
  const [alice] = await world.lobby('alice')
  const mallory = await world.loggedIn('mallory')
  mallory.send('alice', 'hello')
  await world.pass(1_000)
  alice.news()
  let number = 0
  /** The bytes that Mallory's page would put on its link, under the next number of its stream. */
  const say = (item: Uint8Array): void =>
    world.network.link(mallory.peer, alice.peer)?.send(packetOf(++number, item))
  const send = (text: string): void => say(forged(text))
  const leave = (incarnation: number): void =>
    say(encodeItem({ kind: 'left', channelId: 'lobby' as ChannelId, incarnation }))
  return { ...world, alice, mallory, send, leave }
}

function packetOf(number: number, item: Uint8Array): Uint8Array<ArrayBuffer> {
  const length = 2 + item.byteLength
  return new Uint8Array([2, length, 1, number, ...item])
}

describe('A channel message of somebody who has not joined', () => {
  test('is not heard, makes nobody a member, and is dropped', async () => {
    const { alice, send, pass } = await linkedStranger()
    send('let me in')
    await pass(60_000)
    expect(alice.news()).toEqual([])
    expect(alice.engine.members('lobby' as ChannelId)).toEqual(['alice'])
  })

  test('is heard once the news of its join has come', async () => {
    const { lobby, pass, network } = setup()
    const [alice] = await lobby('alice')
    const bob = await lobby('bob').then(([page]) => page)
    // News of a second join of Bob's overtaken by his message: the link is at once, the rendezvous takes its time.
    bob.leave()
    await pass(100)
    alice.news()
    bob.join()
    await pass(10)
    bob.sendToChannel('faster than the news')
    await pass(1_000)
    expect(alice.news().filter((line) => !line.endsWith('members'))).toEqual([
      'lobby: bob joined',
      'lobby: bob: faster than the news',
    ])
    expect(network.openLinkCount).toBeGreaterThan(0)
  })

  test.each([
    ['soon after', 1_000],
    ['when it had lost everybody', 32_000],
  ])('is heard though its sender left %s: it was there when it wrote', async (_, ms) => {
    const { lobby, pass, network, realm } = setup()
    const [alice, bob] = await lobby('alice', 'bob')
    // A second channel of theirs, for which they are linked again.
    alice.join('hall')
    bob.join('hall')
    await pass(1_000)
    realm.stop()
    await pass(1_000)
    network.refusal = () => 'No path'
    network.cable(alice.peer, bob.peer).break('cut')
    await pass(8_000)
    expect(bob.sendToChannel('before I go').outcome).toBe('ok')
    await pass(ms)
    bob.leave()
    await pass(40_000 - ms)
    expect(alice.members()).toEqual(['alice'])
    realm.start()
    await pass(1_000)
    network.refusal = () => undefined
    await pass(60_000)
    expect(alice.log.filter((line) => line.includes('before'))).toEqual(['lobby: bob: before I go'])
    expect(alice.members()).toEqual(['alice'])
    expect(alice.problems).not.toContain('A channel message of somebody who has not joined was dropped')
  })

  test('waits for the end of the join under which it was sent, not of an earlier one', async () => {
    const { alice, send, leave, pass } = await linkedStranger()
    send('I was here')
    leave(6)
    await pass(1_000)
    expect(alice.news()).toEqual([])
    leave(7)
    await pass(1_000)
    expect(alice.news()).toEqual(['lobby: mallory: I was here'])
  })

  test('is heard when no rendezvous can say who has joined', async () => {
    const { alice, send, realm, pass } = await linkedStranger()
    realm.stop()
    await pass(10)
    send('the server is gone')
    await pass(500)
    expect(alice.news()).toContain('lobby: mallory: the server is gone')
    realm.start()
    await pass(5_000)
  })
})

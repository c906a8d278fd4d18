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
  const send = (text: string): void => {
    // The bytes that Mallory's page would put on its link, under the next number of its stream.
    world.network.link(mallory.peer, alice.peer)?.send(packetOf(1, forged(text)))
  }
  return { ...world, alice, mallory, send }
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

import { describe, expect, test } from 'vitest'

import type { ChannelId } from '../../src/base/ids.ts'
import { setup } from './setup.ts'

describe('Messages that were on their way when link and server were lost', () => {
  for (const gapSeconds of [20, 60]) {
    for (const isForgotten of [false, true]) {
      const server = isForgotten ? 'a server that was restarted empty' : 'the same server'
      test(`arrive once after ${gapSeconds} s, by way of ${server}`, async () => {
        const { lobby, pass, network, realm } = setup()
        const [alice, bob] = await lobby('alice', 'bob')
        network.cable(alice.peer, bob.peer).break('silent')
        const call = bob.send('alice', 'to alice')
        bob.sendToChannel('to all')
        alice.rendezvous.lose()
        await pass(1)
        network.cable(alice.peer, bob.peer).break('cut')
        network.refusal = () => 'No path'
        if (isForgotten) {
          realm.stop()
          realm.start()
        }
        for (let i = 0; i < gapSeconds * 5; i++) {
          alice.rendezvous.lose()
          await pass(200)
        }
        expect(call.outcome).toBe(gapSeconds > 10 ? 'timeout' : 'pending')
        network.refusal = () => undefined
        await pass(60_000)

        const heard = alice.log.filter((line) => / to (alice|all)$/.test(line))
        expect(heard.sort()).toEqual(['lobby: bob: to all', 'message from bob: to alice'])
      })
    }
  }
})

describe('A member of whom the server hears nothing for longer than it should take to lose it', () => {
  test('stays until the server says that it is lost, and speaks and hears when it is heard again', async () => {
    const { lobby, pass, realm, network } = setup()
    const [alice, bob] = await lobby('alice', 'bob')
    network.refusal = () => 'No path'
    network.cable(alice.peer, bob.peer).break('cut')
    const tellAlice = realm.residents.get(alice.peer.sessionId)?.visitor
    tellAlice?.deliver(({ unreachable }) => unreachable(bob.peer, 7_000))
    await pass(40_000)
    expect(alice.engine.members('lobby' as ChannelId)).toEqual(['alice', 'bob'])
    tellAlice?.deliver(({ reachable }) => reachable(bob.peer))
    network.refusal = () => undefined
    await pass(20_000)
    bob.sendToChannel('do you hear me?')
    alice.sendToChannel('yes')
    await pass(1_000)
    expect(alice.log).toContain('lobby: bob: do you hear me?')
    expect(bob.log).toContain('lobby: alice: yes')
    expect(alice.log.filter((line) => / (joined|left)$/.test(line))).toEqual([])
  })
})

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

describe('What a member said before it was given up', () => {
  /** Bob says something that Alice cannot get, leaves after so long, and is linked to her again 45 s after he spoke. */
  async function gap(leavesAfterMs: number) {
    const { lobby, pass, network } = setup()
    const [alice, bob] = await lobby('alice', 'bob')
    network.refusal = () => 'No path'
    network.cable(alice.peer, bob.peer).break('silent')
    for (let i = 0; i < 100; i++) bob.sendToChannel(`to all ${i}`)
    for (let ms = 0; ms < 45_000; ms += 500) {
      if (ms === leavesAfterMs) bob.leave()
      alice.rendezvous.lose()
      await pass(500)
    }
    network.refusal = () => undefined
    await pass(30_000)
    return alice.news().filter((line) => /to all|bob (joined|left)/.test(line))
  }
  const all = Array.from({ length: 100 }, (_, i) => `lobby: bob: to all ${i}`)

  test('arrives once and in order, also if it has left since', async () => {
    expect(await gap(10_000)).toEqual(['lobby: bob left', ...all])
  })

  test('arrives also if it had given up the other as well before it left', async () => {
    expect(await gap(40_000)).toEqual(['lobby: bob left', ...all])
  })

  test('arrives if it is still there, and has joined once more then', async () => {
    const told = await gap(Infinity)
    expect(told.filter((line) => !all.includes(line))).toEqual(['lobby: bob left', 'lobby: bob joined'])
    expect(told.filter((line) => all.includes(line))).toEqual(all)
  })
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

describe.each([
  { seconds: 20, isMissed: false },
  { seconds: 60, isMissed: true },
])('After $seconds s without server and links', ({ seconds, isMissed }) => {
  /** Alice is cut off from everybody, and back. What happened to her and to Bob since. */
  async function gap() {
    const { lobby, pass, network } = setup()
    const [alice, bob] = await lobby('alice', 'bob')
    alice.writeAttributes({ kind: 'set', attributes: [{ key: 'mood', value: 'calm' }] })
    bob.subscribe('alice')
    await pass(1_000)
    for (const page of [alice, bob]) page.news()
    network.refusal = () => 'No network'
    network.cable(alice.peer, bob.peer).break('silent')
    const isOut = async (ms: number): Promise<void> => {
      for (let i = 0; i < ms / 400; i++) {
        alice.rendezvous.lose()
        await pass(400)
      }
    }
    await isOut(seconds * 1_000 - 5_000)
    const calls = [bob.send('alice', 'to alice'), alice.send('bob', 'to bob')]
    await isOut(5_000)
    network.refusal = () => undefined
    await pass(20_000)
    return { alice, bob, calls, pass }
  }

  test('the connection state is all that is told, and no join is answered again', async () => {
    const { alice } = await gap()
    const told = alice.log.filter((line) => !/ (joined|left|members|alice|bob|ok)$/.test(line))
    expect(told).toEqual(['reconnecting (interrupted)', 'connected (login-success)'])
  })

  test(isMissed ? 'one leave and one join are told' : 'no leave and no join is told', async () => {
    const { alice, bob } = await gap()
    const comingsAndGoings = (log: readonly string[]) => log.filter((line) => / (joined|left)$/.test(line))
    const expected = (name: string) => (isMissed ? [`lobby: ${name} left`, `lobby: ${name} joined`] : [])
    expect(comingsAndGoings(alice.log)).toEqual(expected('bob'))
    expect(comingsAndGoings(bob.log)).toEqual(expected('alice'))
    for (const page of [alice, bob]) {
      expect(page.members()).toHaveLength(2)
      expect(page.members()).toEqual(expect.arrayContaining(['alice', 'bob']))
    }
  })

  test('subscribers are told what they missed', async () => {
    const { bob } = await gap()
    const statuses = bob.log.filter((line) => line.startsWith('status'))
    const silent = isMissed
      ? ['status alice unreachable', 'status alice offline']
      : ['status alice unreachable']
    expect(statuses).toEqual([...silent, 'status alice online'])
  })

  test('messages between peers arrive once if they were not refused, and attributes are there', async () => {
    const { alice, bob, calls, pass } = await gap()
    for (const [call, page, line] of [
      [calls[0], alice, 'message from bob: to alice'],
      [calls[1], bob, 'message from alice: to bob'],
    ] as const)
      expect(page.log.filter((each) => each === line)).toHaveLength(
        call?.outcome === 'peer-unreachable' ? 0 : 1,
      )
    const attributes = bob.readAttributes('alice')
    await pass(1_000)
    expect(attributes.outcome).toEqual([{ key: 'mood', value: 'calm' }])
  })
})

import { describe, expect, test } from 'vitest'

import type { SessionId, UserId } from '../../src/base/ids.ts'
import type { Peer } from '../../src/protocol/peer.ts'
import { Farewells } from '../../src/rtm/farewells.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { setup } from './setup.ts'

/** Alice has lost the server, and Bob, who has not, is linked to her and subscribed to her. */
async function alone() {
  const world = setup()
  const [alice, bob] = await world.lobby('alice', 'bob')
  bob.subscribe('alice')
  alice.rendezvous.isCutOff = true
  alice.rendezvous.lose()
  await world.pass(5_000)
  bob.news()
  return { ...world, alice, bob }
}

describe('Who says goodbye over a link only, as it has lost the server', () => {
  test('leaves once, and no list of the server brings it back', async () => {
    const { alice, bob, pass } = await alone()
    alice.logout()
    await pass(600)
    bob.rendezvous.lose()
    await pass(60_000)
    expect(bob.news()).toEqual(['lobby: alice left', 'lobby: 1 members', 'status alice offline'])
    expect(bob.members()).toEqual(['bob'])
  })

  test('and who knows of it joins the channel again, does not find it there', async () => {
    const { alice, bob, pass } = await alone()
    bob.leave()
    await pass(100)
    alice.logout()
    await pass(100)
    bob.join()
    await pass(40_000)
    expect(bob.members()).toEqual(['bob'])
    expect(bob.news().filter((line) => / (joined|left)$/.test(line))).toEqual([])
  })

  test('is there again when its page is shown again, as the same session', async () => {
    const { alice, bob, pass } = await alone()
    alice.session.pause()
    await pass(1_000)
    expect(bob.news()).toEqual(['lobby: alice left', 'lobby: 1 members', 'status alice offline'])
    alice.rendezvous.isCutOff = false
    alice.session.resume()
    await pass(5_000)
    expect(bob.news()).toEqual(['lobby: alice joined', 'lobby: 2 members', 'status alice online'])
    alice.news()
    bob.sendToChannel('welcome back')
    await pass(100)
    expect(alice.news()).toEqual(['lobby: bob: welcome back'])
  })
})

test('who was heard to say goodbye is not in a channel that is joined afterwards, whatever neighbours say', async () => {
  const { lobby, loggedIn, network, realm, pass } = setup()
  const [alice, carol] = await lobby('alice', 'carol')
  const bob = await loggedIn('bob')
  for (const other of [alice, carol]) other.send('bob', 'hello')
  await pass(1_000)
  realm.stop()
  await pass(1_000)
  // Carol does not hear it.
  network.cable(alice.peer, carol.peer).break('silent')
  alice.logout()
  await pass(100)
  bob.join()
  await pass(5_000)
  expect(bob.members()).toEqual(['bob', 'carol'])
})

describe('Farewells', () => {
  const peerOf = (number: number): Peer => ({
    userId: `user ${number}` as UserId,
    sessionId: String(number).padStart(32, '0') as SessionId,
    loginTime: 1,
  })
  const [alice, bob] = [peerOf(1), peerOf(2)]
  function farewells() {
    const clock = new ManualClock()
    return { clock, farewells: new Farewells(clock), asked: [] as string[] }
  }

  test('keep somebody out of a list until the server would have missed it, and have it asked for then', () => {
    const { clock, farewells: all, asked } = farewells()
    all.said(alice)
    for (let i = 0; i < 3; i++)
      expect(all.without([alice, bob], 'members', () => void asked.push('members'))).toEqual([bob])
    clock.advance(30_999)
    expect(asked).toEqual([])
    clock.advance(1)
    expect(asked).toEqual(['members'])
    expect(all.without([alice, bob], 'members', () => undefined)).toEqual([alice, bob])
  })

  test('count for nothing once the server has said so itself, before or after', () => {
    const { clock, farewells: all, asked } = farewells()
    all.said(alice, [['members', () => void asked.push('members')]])
    all.isGone(alice)
    all.isGone(bob)
    all.said(bob)
    expect(all.without([alice, bob], 'members', () => undefined)).toEqual([alice, bob])
    expect(clock.pending).toBe(0)
    expect(asked).toEqual([])
  })

  test('are of 512 sessions at most, and none is left at the end', () => {
    const { clock, farewells: all } = farewells()
    for (let i = 0; i < 2_000; i++) all.said(peerOf(i))
    expect(clock.pending).toBe(512)
    all.close()
    expect(clock.pending).toBe(0)
  })
})

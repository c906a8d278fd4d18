import { describe, expect, test } from 'vitest'

import type { ChannelId, SessionId, UserId } from '../../src/base/ids.ts'
import type { Member } from '../../src/protocol/peer.ts'
import { Membership } from '../../src/rtm/membership.ts'
import { LOBBY, setup } from './setup.ts'

describe('Who comes and goes', () => {
  test('is told to the page before the attributes hear of it: no fault of theirs keeps it back', async () => {
    const { lobby, loggedIn, pass } = setup()
    const [alice] = await lobby('alice')
    const fault = (): never => {
      throw new Error('A fault of the attributes')
    }
    Object.assign(alice.session.channelAttributes, { memberJoined: fault, memberLeft: fault })
    const bob = await loggedIn('bob')
    bob.join()
    await expect(pass(1_000)).rejects.toThrow('A fault of the attributes')
    await pass(1_000)
    expect(alice.news()).toEqual(['lobby: bob joined', 'lobby: 2 members'])
    bob.leave()
    await expect(pass(1_000)).rejects.toThrow('A fault of the attributes')
    await pass(1_000)
    expect(alice.news()).toEqual(['lobby: bob left', 'lobby: 1 members'])
  })
})

/** A membership that hears nobody directly, what it told, and Bob under his first join. */
function membershipAndBob() {
  const told: string[] = []
  const membership = new Membership(
    { lastHeard: () => undefined, isSought: () => false },
    {
      joined: ({ userId }) => told.push(`${userId} joined`),
      left: ({ userId }) => told.push(`${userId} left`),
    },
  )
  const bob: Member = {
    userId: 'bob' as UserId,
    sessionId: 'b'.repeat(32) as SessionId,
    loginTime: 1,
    incarnation: 1,
  }
  return { told, membership, bob }
}

test('Who said goodbye is not brought back by neighbours who have not heard it yet, but by its own word', () => {
  const { told, membership, bob } = membershipAndBob()
  membership.join(bob)
  membership.end(bob)
  membership.introduce(bob, 0)
  expect(told).toEqual(['bob joined', 'bob left'])
  membership.heardIn(bob, 1)
  expect(told).toEqual(['bob joined', 'bob left', 'bob joined'])
})

describe('Who is not heard any more', () => {
  test('was a member under the joins that were known, until its session is ended', () => {
    const { told, membership, bob } = membershipAndBob()
    membership.join({ ...bob, incarnation: 2 })
    membership.lost(bob, 0)
    expect(told).toEqual(['bob joined', 'bob left'])
    expect([1, 2, 3].map((join) => membership.wasIn(bob, join))).toEqual([true, true, false])
    membership.end(bob)
    expect(membership.wasIn(bob, 1)).toBe(false)
  })

  test('was none if only neighbours had named it', () => {
    const { told, membership, bob } = membershipAndBob()
    membership.introduce(bob, 0)
    membership.sweep(60_000)
    expect(told).toEqual(['bob joined', 'bob left'])
    expect(membership.wasIn(bob, 1)).toBe(false)
  })
})

describe('Joining a channel', () => {
  test('answers first, then counts; who is there already is no news', async () => {
    const { lobby, loggedIn, pass } = setup()
    const [alice, bob] = await lobby('alice', 'bob')
    const carol = await loggedIn('carol')
    carol.join()
    await pass(100)
    expect(carol.news()).toEqual(['join lobby: ok', 'lobby: 3 members'])
    expect(carol.members()).toEqual(['carol', 'alice', 'bob'])
    for (const one of [alice, bob]) expect(one.news()).toEqual(['lobby: carol joined', 'lobby: 3 members'])
  })

  test('that nobody answers times out after 5 s, to the millisecond, and may be tried again', async () => {
    const { loggedIn, pass, realm } = setup()
    const alice = await loggedIn('alice')
    realm.answersJoins = false
    alice.join()
    await pass(4_999)
    expect(alice.news()).toEqual([])
    await pass(1)
    expect(alice.news()).toEqual(['join lobby: timeout'])
    realm.answersJoins = true
    alice.join()
    await pass(30)
    expect(alice.news()).toEqual(['join lobby: ok', 'lobby: 1 members'])
  })

  test('twice is refused, also while the first join is under way', async () => {
    const { loggedIn, pass } = setup()
    const alice = await loggedIn('alice')
    alice.join()
    expect(alice.join().outcome).toBe('already-joined')
    await pass(6_000)
    expect(alice.join().outcome).toBe('already-joined')
  })

  test('is possible 20 times at once, by its own count and by the server', async () => {
    const { loggedIn, pass } = setup()
    const alice = await loggedIn('alice')
    const calls = Array.from({ length: 21 }, (_, i) => alice.join(`channel ${i}`))
    await pass(100)
    expect(calls.map(({ outcome }) => outcome)).toEqual([
      ...Array.from({ length: 20 }, () => 'ok'),
      'too-many-channels',
    ])
    alice.leave('channel 3')
    const again = alice.join('channel 20')
    await pass(100)
    expect(again.outcome).toBe('ok')
  })

  test('is over as too many when only the server knows that it is', async () => {
    const { loggedIn, pass } = setup()
    const alice = await loggedIn('alice')
    for (let i = 0; i < 20; i++) alice.rendezvous.join(`ghost ${i}` as ChannelId, 1)
    await pass(50)
    const call = alice.join()
    await pass(50)
    expect(call.outcome).toBe('too-many-channels')
  })

  test('fails when it is left, or logged out of, before the answer', async () => {
    const { loggedIn, pass } = setup()
    const alice = await loggedIn('alice')
    const first = alice.join('one')
    expect(alice.leave('one')).toBe('ok')
    const second = alice.join('two')
    alice.logout()
    expect([first.outcome, second.outcome]).toEqual(['left', 'failure'])
    await pass(1_000)
    expect(alice.log.at(-1)).toBe('disconnected (logout)')
  })

  test('while the server is away succeeds when it is back within 5 s', async () => {
    const { loggedIn, pass, realm } = setup()
    const alice = await loggedIn('alice')
    realm.stop()
    await pass(100)
    const call = alice.join()
    await pass(2_000)
    realm.start()
    await pass(1_000)
    expect(call.outcome).toBe('ok')
  })
})

describe('Leaving a channel', () => {
  test('is told to the others at once, and nothing of the channel arrives any more', async () => {
    const { lobby, pass } = setup()
    const [alice, bob] = await lobby('alice', 'bob')
    expect(alice.leave()).toBe('ok')
    expect(alice.leave()).toBe('not-in-channel')
    bob.sendToChannel('gone?')
    await pass(2_000)
    expect(bob.news().filter((line) => !line.startsWith('send'))).toEqual([
      'lobby: alice left',
      'lobby: 1 members',
    ])
    expect(alice.news()).toEqual([])
    expect(alice.sendToChannel('hello').outcome).toBe('not-in-channel')
    expect(alice.members()).toBe('not-in-channel')
  })

  test('opens no link to members who are not linked', async () => {
    const { loggedIn, pass, network } = setup()
    const [alice, bob] = [await loggedIn('alice'), await loggedIn('bob')]
    network.refusal = () => 'No path'
    alice.join()
    bob.join()
    await pass(100)
    const { attemptCount } = network
    alice.leave()
    await pass(0)
    expect(network.attemptCount).toBe(attemptCount)
  })

  test('and joining again twenty times leaves everybody with the right members, and one link', async () => {
    const { lobby, pass, network } = setup()
    const [alice, bob] = await lobby('alice', 'bob')
    alice.engine.limits.areOn = false
    for (let i = 0; i < 20; i++) {
      alice.leave()
      await pass(i % 7)
      alice.join()
      await pass(i % 11)
    }
    await pass(5_000)
    expect(bob.members()).toEqual(['bob', 'alice'])
    expect(alice.members()).toEqual(['alice', 'bob'])
    expect(network.cables).toHaveLength(1)
    const events = bob.news().filter((line) => / (joined|left)$/.test(line))
    for (const [i, line] of events.entries())
      expect(line).toBe(i % 2 === 0 ? 'lobby: alice left' : 'lobby: alice joined')
    alice.sendToChannel('back')
    await pass(50)
    expect(bob.news().at(-1)).toBe('lobby: alice: back')
  })
})

describe('News that come late', () => {
  test('of an earlier join end no later one', async () => {
    const { lobby, pass } = setup()
    const [alice, bob] = await lobby('alice', 'bob')
    alice.leave()
    alice.join()
    await pass(50)
    bob.news()
    // The server's word of the leave takes a detour.
    bob.rendezvous.deliver(({ left }) => left(LOBBY, { ...alice.peer, incarnation: 1 }))
    await pass(2_000)
    expect(bob.members()).toEqual(['bob', 'alice'])
    expect(bob.news().filter((line) => line.includes('left'))).toEqual([])
  })

  test('of a join bring nobody back who has left since', async () => {
    const { lobby, pass } = setup()
    const [alice, bob] = await lobby('alice', 'bob')
    alice.leave()
    await pass(50)
    bob.news()
    bob.rendezvous.deliver(({ joined }) => joined(LOBBY, { ...alice.peer, incarnation: 1 }))
    await pass(2_000)
    expect(bob.members()).toEqual(['bob'])
    expect(bob.news().filter((line) => line.includes('joined'))).toEqual([])
  })

  test('of an earlier login do not replace a later one', async () => {
    const { lobby, loggedIn, pass } = setup()
    const [alice, bob] = await lobby('alice', 'bob')
    const old = { ...alice.peer, incarnation: 1 }
    const again = await loggedIn('alice')
    again.join()
    await pass(100)
    bob.news()
    bob.rendezvous.deliver(({ joined }) => joined(LOBBY, old))
    bob.rendezvous.deliver(({ gone }) => gone(old, 'replaced'))
    await pass(2_000)
    expect(bob.members()).toEqual(['bob', 'alice'])
    expect(bob.news().filter((line) => / (joined|left)$/.test(line))).toEqual([])
  })

  test('a roster of an earlier join is ignored', async () => {
    const { lobby, pass } = setup()
    const [alice, bob] = await lobby('alice', 'bob')
    alice.leave()
    alice.join()
    const ghost = { ...bob.peer, userId: 'ghost' as UserId, incarnation: 1 }
    alice.rendezvous.deliverRoster(LOBBY, 1, [ghost])
    await pass(1_500)
    expect(alice.members()).toEqual(['alice', 'bob'])
    expect(alice.news()).toEqual(['join lobby: ok', 'lobby: 2 members'])
  })

  test('a message of somebody whose join was not heard of yet brings the join with it', async () => {
    const { lobby, loggedIn, pass, realm } = setup()
    const [alice] = await lobby('alice')
    const bob = await loggedIn('bob')
    bob.send('alice', 'to have a link')
    await pass(100)
    alice.news()
    bob.join()
    await pass(10)
    alice.rendezvous.lose()
    realm.isUp = false
    bob.sendToChannel('hello')
    await pass(100)
    expect(alice.news()).toEqual(['lobby: bob joined', 'lobby: 2 members', 'lobby: bob: hello'])
    realm.start()
  })
})

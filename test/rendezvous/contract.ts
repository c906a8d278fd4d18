import { describe, expect, test } from 'vitest'

import type { ChannelId, SessionId, UserId } from '../../src/base/ids.ts'
import { gather, LOBBY } from './gather.ts'
import type { Meeting } from './participant.ts'

const users = (...names: string[]): UserId[] => names.map((name) => name as UserId)

const ofArrivals = (news: readonly string[]): string[] => news.filter((line) => line.endsWith(' present'))

/** What every rendezvous promises. */
export function rendezvousContract(name: string, open: () => Promise<Meeting>): void {
  const setup = () => gather(open)

  describe(`${name}: who arrives`, () => {
    test('is welcome as itself, with a login time that later logins exceed', async () => {
      const { arrive } = await setup()
      const [alice, bob] = [await arrive('alice'), await arrive('bob')]
      expect(alice.peer.userId).toBe('alice')
      expect(alice.peer.sessionId).toMatch(/^[0-9a-f]{32}$/)
      expect(alice.peer.sessionId).not.toBe(bob.peer.sessionId)
      expect(bob.peer.loginTime).toBeGreaterThanOrEqual(alice.peer.loginTime)
    })

    test('a second time ends the first session, and others hear that it was replaced', async () => {
      const { lobby, arrive, settle } = await setup()
      const [first, bob] = await lobby('alice', 'bob')
      const second = await arrive('alice')
      await settle()
      expect(first.news()).toEqual(['ended: remote-login'])
      expect(bob.news()).toEqual(['alice gone: replaced'])
      expect(second.peer.loginTime).toBeGreaterThan(first.peer.loginTime)
      expect(first.rendezvous.isUp).toBe(false)
    })
  })

  describe(`${name}: a channel`, () => {
    test('has a roster for who joins, and news for who is there', async () => {
      const { arrive, settle } = await setup()
      const [alice, bob] = [await arrive('alice'), await arrive('bob')]
      alice.rendezvous.join(LOBBY, 1)
      await settle()
      bob.rendezvous.join(LOBBY, 7)
      await settle()
      expect(alice.news()).toEqual(['lobby/1 has []', 'lobby: bob/7 joined'])
      expect(bob.news()).toEqual(['lobby/7 has [alice/1]'])
      alice.rendezvous.leave(LOBBY, 1)
      alice.rendezvous.join(LOBBY, 2)
      await settle()
      expect(bob.news()).toEqual(['lobby: alice/1 left', 'lobby: alice/2 joined'])
    })

    test('is not disturbed by a leave of an earlier join', async () => {
      const { lobby, settle } = await setup()
      const [alice, bob] = await lobby('alice', 'bob')
      alice.rendezvous.join(LOBBY, 2)
      alice.rendezvous.leave(LOBBY, 1)
      await settle()
      expect(bob.news()).toEqual(['lobby: alice/2 joined'])
    })

    test('loses who says goodbye at once', async () => {
      const { lobby, settle } = await setup()
      const [alice, bob] = await lobby('alice', 'bob')
      alice.rendezvous.goodbye()
      await settle()
      expect(bob.news()).toEqual(['alice gone: goodbye'])
      expect(alice.news()).toEqual([])
    })

    test('loses who was not heard of for 31 s, not earlier', async () => {
      const { lobby, crash, pass } = await setup()
      const [alice, bob] = await lobby('alice', 'bob')
      await crash(alice)
      await pass(6_000)
      expect(bob.news()).toEqual([])
      await pass(24_000)
      expect(bob.news()).toEqual([expect.stringMatching(/^alice unreachable: 7\d\d\d ms$/)])
      await pass(2_000)
      expect(bob.news()).toEqual(['alice gone: lost'])
    })

    test('is full for who is in 20 others', async () => {
      const { arrive, settle } = await setup()
      const alice = await arrive('alice')
      for (let i = 0; i < 20; i++) alice.rendezvous.join(`channel ${i}` as ChannelId, i + 1)
      await settle()
      alice.news()
      alice.rendezvous.join(LOBBY, 21)
      await settle()
      expect(alice.news()).toEqual(['lobby/21 refused'])
    })
  })

  describe(`${name}: looking for users`, () => {
    test('finds those who are online, and nobody else', async () => {
      const { arrive, settle } = await setup()
      const [alice, bob] = [await arrive('alice'), await arrive('bob')]
      const found = ['bob carol bob', 'carol', ''].map((names) =>
        alice.rendezvous.find(users(...names.split(' ').filter(Boolean))),
      )
      await settle()
      expect(await Promise.all(found)).toEqual([[bob.peer], [], []])
    })

    test('cannot tell when it is down', async () => {
      const { arrive } = await setup()
      const alice = await arrive('alice')
      alice.rendezvous.goodbye()
      expect(await alice.rendezvous.find(users('bob'))).toBeUndefined()
    })
  })

  describe(`${name}: a visit`, () => {
    test('finds the members and the other visitors, and not who asks', async () => {
      const { lobby, arrive, visit } = await setup()
      const [alice, bob] = await lobby('alice', 'bob')
      const [carol, dave] = [await arrive('carol'), await arrive('dave')]
      expect(await visit(carol)).toEqual([alice.peer, bob.peer])
      expect(await visit(dave)).toEqual([alice.peer, bob.peer, carol.peer])
      expect(await visit(carol)).toEqual([alice.peer, bob.peer, dave.peer])
    })

    test('of a channel with nobody finds nobody, and members who come later find the visitor', async () => {
      const { lobby, arrive, visit } = await setup()
      const carol = await arrive('carol')
      expect(await visit(carol)).toEqual([])
      const [alice] = await lobby('alice')
      expect(await visit(alice)).toEqual([carol.peer])
    })

    test('lasts until the visitor ends it, or says goodbye', async () => {
      const { lobby, arrive, visit, settle } = await setup()
      const [alice] = await lobby('alice')
      const [carol, dave] = [await arrive('carol'), await arrive('dave')]
      await visit(carol)
      await visit(dave)
      carol.rendezvous.endVisit(LOBBY)
      await settle()
      expect(await visit(alice)).toEqual([dave.peer])
      dave.rendezvous.goodbye()
      await settle()
      expect(await visit(alice)).toEqual([])
    })

    test('by who then joins is a member, once', async () => {
      const { lobby, arrive, visit, settle } = await setup()
      const [alice] = await lobby('alice')
      const carol = await arrive('carol')
      await visit(carol)
      carol.rendezvous.join(LOBBY, 1)
      await settle()
      expect(await visit(alice)).toEqual([carol.peer])
      carol.rendezvous.leave(LOBBY, 1)
      await settle()
      expect(await visit(alice)).toEqual([])
    })

    test('cannot tell when it is down', async () => {
      const { arrive } = await setup()
      const alice = await arrive('alice')
      alice.rendezvous.goodbye()
      expect(await alice.rendezvous.visit(LOBBY)).toBeUndefined()
    })
  })

  describe(`${name}: a subscription`, () => {
    test('says at once who is there, and tells who comes and goes', async () => {
      const { arrive, settle } = await setup()
      const [alice, bob] = [await arrive('alice'), await arrive('bob')]
      alice.rendezvous.subscribe(users('bob', 'carol'))
      await settle()
      expect(alice.news()).toEqual(['of bob carol are here [bob]'])
      const carol = await arrive('carol')
      bob.rendezvous.goodbye()
      await settle()
      expect(alice.news()).toEqual(['carol present', 'bob gone: goodbye'])
      expect(ofArrivals(carol.news())).toEqual([])
    })

    test('of nobody known says nobody, and does not tell of others who come', async () => {
      const { arrive, settle } = await setup()
      const alice = await arrive('alice')
      alice.rendezvous.subscribe(users('carol'))
      await settle()
      await arrive('bob')
      await settle()
      expect(alice.news()).toEqual(['of carol are here []'])
    })

    test('tells of a later login of its user that the first session is replaced and another is there', async () => {
      const { arrive, settle } = await setup()
      const [alice] = [await arrive('alice'), await arrive('bob')]
      alice.rendezvous.subscribe(users('bob'))
      await settle()
      alice.news()
      await arrive('bob')
      await settle()
      expect(alice.news()).toEqual(['bob gone: replaced', 'bob present'])
    })

    test('tells of a session that was not heard for 7 s, and that it is lost after 31 s', async () => {
      const { arrive, settle, crash, pass } = await setup()
      const [alice, bob] = [await arrive('alice'), await arrive('bob')]
      alice.rendezvous.subscribe(users('bob'))
      await settle()
      alice.news()
      await crash(bob)
      await pass(8_500)
      expect(alice.news()).toEqual([expect.stringMatching(/^bob unreachable: 7\d\d\d ms$/)])
      const carol = await arrive('carol')
      await pass(1_500)
      carol.news()
      carol.rendezvous.subscribe(users('bob'))
      await settle()
      expect(carol.news()).toEqual([
        'of bob are here [bob]',
        expect.stringMatching(/^bob unreachable: \d+ ms$/),
      ])
      await pass(24_000)
      expect(alice.news()).toEqual(['bob gone: lost'])
      expect(carol.news()).toEqual(['bob gone: lost'])
    })

    test('ends when it is taken back', async () => {
      const { arrive, settle } = await setup()
      const [alice, bob] = [await arrive('alice'), await arrive('bob')]
      alice.rendezvous.subscribe(users('bob', 'carol'))
      alice.rendezvous.unsubscribe(users('bob', 'carol'))
      await settle()
      alice.news()
      bob.rendezvous.goodbye()
      await arrive('carol')
      await settle()
      expect(ofArrivals(alice.news())).toEqual([])
    })

    test('ends with the session', async () => {
      const { arrive, settle } = await setup()
      const alice = await arrive('alice')
      alice.rendezvous.subscribe(users('bob'))
      await settle()
      alice.rendezvous.goodbye()
      alice.news()
      await arrive('bob')
      await settle()
      expect(alice.news()).toEqual([])
    })

    test('may be of 512 users in all; those beyond are not told of', async () => {
      const { arrive, settle } = await setup()
      const alice = await arrive('alice')
      const many = Array.from({ length: 511 }, (_, i) => `user${i}`)
      alice.rendezvous.subscribe(users(...many))
      alice.rendezvous.subscribe(users('bob', 'carol'))
      await settle()
      alice.news()
      await arrive('carol')
      await arrive('bob')
      await settle()
      expect(alice.news()).toEqual(['bob present'])
      alice.rendezvous.unsubscribe(users('user1'))
      alice.rendezvous.subscribe(users('carol'))
      await settle()
      expect(alice.news()).toEqual(['of carol are here [carol]'])
    })
  })

  describe(`${name}: how many are in a channel`, () => {
    test('is told for several channels, this session included, in their order', async () => {
      const { lobby, settle } = await setup()
      const [alice] = await lobby('alice', 'bob')
      const counts = alice.rendezvous.count(['empty' as ChannelId, LOBBY, LOBBY])
      await settle()
      expect(await counts).toEqual([0, 2, 2])
    })

    test('is told to who is not in it, and again when somebody left', async () => {
      const { lobby, arrive, settle } = await setup()
      const [alice] = await lobby('alice', 'bob')
      const carol = await arrive('carol')
      alice.rendezvous.leave(LOBBY, 1)
      await settle()
      const counts = carol.rendezvous.count([LOBBY])
      await settle()
      expect(await counts).toEqual([1])
    })

    test('is not known when the place is down', async () => {
      const { arrive } = await setup()
      const alice = await arrive('alice')
      alice.rendezvous.goodbye()
      expect(await alice.rendezvous.count([LOBBY])).toBeUndefined()
    })
  })

  describe(`${name}: a signal`, () => {
    test('arrives with its sender on it, in order', async () => {
      const { arrive, settle } = await setup()
      const [alice, bob] = [await arrive('alice'), await arrive('bob')]
      for (const signal of ['one', 'two', 'three'])
        expect(alice.rendezvous.relay(bob.peer.sessionId, signal)).toBe(true)
      await settle()
      const sender = `alice ${alice.peer.sessionId.slice(0, 4)}`
      expect(bob.news()).toEqual([`${sender}: one`, `${sender}: two`, `${sender}: three`])
    })

    test('to nobody is undeliverable, and to oneself', async () => {
      const { arrive, settle } = await setup()
      const alice = await arrive('alice')
      const nobody = 'f'.repeat(32) as SessionId
      alice.rendezvous.relay(nobody, 'hello')
      alice.rendezvous.relay(alice.peer.sessionId, 'hello')
      await settle()
      expect(alice.news()).toEqual([`undeliverable: ${nobody}`, `undeliverable: ${alice.peer.sessionId}`])
    })

    test('makes both hear when the other is gone', async () => {
      const { arrive, settle } = await setup()
      const [alice, bob] = [await arrive('alice'), await arrive('bob')]
      alice.rendezvous.relay(bob.peer.sessionId, 'hello')
      await settle()
      alice.rendezvous.goodbye()
      await settle()
      expect(bob.news().at(-1)).toBe('alice gone: goodbye')
    })

    test('is not taken when the rendezvous is down', async () => {
      const { arrive } = await setup()
      const [alice, bob] = [await arrive('alice'), await arrive('bob')]
      const { sessionId } = bob.peer
      alice.rendezvous.goodbye()
      expect(alice.rendezvous.relay(sessionId, 'hello')).toBe(false)
    })
  })
}

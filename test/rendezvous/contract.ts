import { describe, expect, onTestFinished, test } from 'vitest'

import type { ChannelId, SessionId, UserId } from '../../src/base/ids.ts'
import type { Peer } from '../../src/protocol/peer.ts'
import type { Meeting, Participant } from './participant.ts'

const LOBBY = 'lobby' as ChannelId
const users = (...names: string[]): UserId[] => names.map((name) => name as UserId)

/** What every rendezvous promises. */
export function rendezvousContract(name: string, open: () => Promise<Meeting>): void {
  async function setup() {
    const meeting = await open()
    onTestFinished(() => meeting.close())
    const arrive = async (user: string): Promise<Participant> => {
      const one = await meeting.arrive(user)
      await one.until(() => one.rendezvous.isUp)
      await meeting.settle()
      one.news()
      return one
    }
    const returned = async (one: Participant): Promise<void> => {
      while (!one.rendezvous.isUp) await meeting.pass(100)
      await meeting.settle()
    }
    return {
      ...meeting,
      arrive,
      returned,
      async lobby<Names extends readonly string[]>(
        ...names: Names
      ): Promise<{ [K in keyof Names]: Participant }> {
        const all: Participant[] = []
        for (const user of names) {
          const one = await arrive(user)
          one.rendezvous.join(LOBBY, 1)
          await meeting.settle()
          all.push(one)
        }
        for (const one of all) one.news()
        return all as { [K in keyof Names]: Participant }
      },
    }
  }

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
    async function visiting() {
      const world = await setup()
      return {
        ...world,
        /** Whom a visit of the lobby finds. */
        async visit({ rendezvous }: Participant): Promise<readonly Peer[]> {
          const holders = rendezvous.visit(LOBBY)
          await world.settle()
          return [...((await holders) ?? [])].sort((a, b) => (a.userId < b.userId ? -1 : 1))
        },
      }
    }

    test('finds the members and the other visitors, and not who asks', async () => {
      const { lobby, arrive, visit } = await visiting()
      const [alice, bob] = await lobby('alice', 'bob')
      const [carol, dave] = [await arrive('carol'), await arrive('dave')]
      expect(await visit(carol)).toEqual([alice.peer, bob.peer])
      expect(await visit(dave)).toEqual([alice.peer, bob.peer, carol.peer])
      expect(await visit(carol)).toEqual([alice.peer, bob.peer, dave.peer])
    })

    test('of a channel with nobody finds nobody, and members who come later find the visitor', async () => {
      const { lobby, arrive, visit } = await visiting()
      const carol = await arrive('carol')
      expect(await visit(carol)).toEqual([])
      const [alice] = await lobby('alice')
      expect(await visit(alice)).toEqual([carol.peer])
    })

    test('lasts until the visitor ends it, or says goodbye', async () => {
      const { lobby, arrive, visit, settle } = await visiting()
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
      const { lobby, arrive, visit, settle } = await visiting()
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

    test('still stands after a connection broke', async () => {
      const { lobby, arrive, visit, breakConnection, returned } = await visiting()
      const [alice] = await lobby('alice')
      const carol = await arrive('carol')
      await visit(carol)
      await breakConnection(carol)
      await returned(carol)
      expect(await visit(alice)).toEqual([carol.peer])
    })

    test('that ends while the connection is broken does not come back', async () => {
      const { lobby, arrive, visit, breakConnection, returned } = await visiting()
      const [alice] = await lobby('alice')
      const carol = await arrive('carol')
      await visit(carol)
      await breakConnection(carol)
      carol.rendezvous.endVisit(LOBBY)
      await returned(carol)
      expect(await visit(alice)).toEqual([])
    })

    test('still stands when the place forgot everybody', async () => {
      const { lobby, arrive, visit, forgetEverybody, returned } = await visiting()
      const [alice] = await lobby('alice')
      const carol = await arrive('carol')
      await visit(carol)
      await forgetEverybody()
      await returned(alice)
      await returned(carol)
      expect(await visit(alice)).toEqual([carol.peer])
    })

    test('cannot tell when it is down', async () => {
      const { arrive } = await setup()
      const alice = await arrive('alice')
      alice.rendezvous.goodbye()
      expect(await alice.rendezvous.visit(LOBBY)).toBeUndefined()
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

  describe(`${name}: a connection that breaks`, () => {
    test('returns by itself as the same session, joins again, and is no news to others', async () => {
      const { lobby, breakConnection, returned } = await setup()
      const [alice, bob] = await lobby('alice', 'bob')
      const before = alice.peer
      await breakConnection(alice)
      expect(alice.news()).toEqual(['down'])
      await returned(alice)
      expect(alice.peer).toEqual(before)
      expect(alice.news()).toEqual(['up', 'lobby/1 has [bob/1]'])
      expect(bob.news()).toEqual([])
    })

    test('does not bring back a channel that was left meanwhile', async () => {
      const { lobby, breakConnection, returned, arrive, settle } = await setup()
      const [alice, bob] = await lobby('alice', 'bob')
      await breakConnection(alice)
      alice.rendezvous.leave(LOBBY, 1)
      await returned(alice)
      expect(bob.news()).toEqual(['lobby: alice/1 left'])
      const carol = await arrive('carol')
      carol.rendezvous.join(LOBBY, 1)
      await settle()
      expect(carol.news()).toEqual(['lobby/1 has [bob/1]'])
    })

    test('of somebody who logged in elsewhere meanwhile is over', async () => {
      const { lobby, breakConnection, arrive, pass } = await setup()
      const [first] = await lobby('alice', 'bob')
      await breakConnection(first)
      first.news()
      const second = await arrive('alice')
      await pass(3_000)
      expect(first.news()).toEqual(['refused: remote-login'])
      expect(second.rendezvous.isUp).toBe(true)
    })
  })

  describe(`${name}: a place that forgot everybody`, () => {
    test('knows them again as the same sessions; its rosters remove nobody for 30 s', async () => {
      const { lobby, forgetEverybody, returned, pass } = await setup()
      const [alice, bob] = await lobby('alice', 'bob')
      const before = [alice.peer, bob.peer]
      await forgetEverybody()
      await returned(alice)
      await returned(bob)
      expect([alice.peer, bob.peer]).toEqual(before)
      const rosters = [...alice.news(), ...bob.news()].filter((line) => line.includes(' has '))
      expect(rosters).toHaveLength(2)
      for (const line of rosters) expect(line).toContain('others may come back')
      await pass(31_000)
      alice.rendezvous.join(LOBBY, 1)
      await pass(100)
      expect(alice.news().filter((line) => line.includes(' has '))).toEqual(['lobby/1 has [bob/1]'])
    })
  })

  describe(`${name}: an operator`, () => {
    test('ends a session, and others hear it', async () => {
      const { lobby, kick, settle } = await setup()
      const [alice, bob] = await lobby('alice', 'bob')
      kick('alice')
      await settle()
      expect(alice.news()).toEqual(['ended: kicked'])
      expect(bob.news()).toEqual(['alice gone: kicked'])
    })
  })
}

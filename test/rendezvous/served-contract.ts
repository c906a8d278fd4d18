import { describe, expect, test } from 'vitest'

import type { UserId } from '../../src/base/ids.ts'
import { gather, LOBBY } from './gather.ts'
import type { ServedMeeting } from './participant.ts'

/** What a rendezvous promises besides that somebody keeps, at the other end of a connection. */
export function servedRendezvousContract(name: string, open: () => Promise<ServedMeeting>): void {
  const setup = () => gather(open)

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

  describe(`${name}: a visit`, () => {
    test('still stands after a connection broke', async () => {
      const { lobby, arrive, visit, breakConnection, returned } = await setup()
      const [alice] = await lobby('alice')
      const carol = await arrive('carol')
      await visit(carol)
      await breakConnection(carol)
      await returned(carol)
      expect(await visit(alice)).toEqual([carol.peer])
    })

    test('that ends while the connection is broken does not come back', async () => {
      const { lobby, arrive, visit, breakConnection, returned } = await setup()
      const [alice] = await lobby('alice')
      const carol = await arrive('carol')
      await visit(carol)
      await breakConnection(carol)
      carol.rendezvous.endVisit(LOBBY)
      await returned(carol)
      expect(await visit(alice)).toEqual([])
    })

    test('still stands when the place forgot everybody', async () => {
      const { lobby, arrive, visit, forgetEverybody, returned } = await setup()
      const [alice] = await lobby('alice')
      const carol = await arrive('carol')
      await visit(carol)
      await forgetEverybody()
      await returned(alice)
      await returned(carol)
      expect(await visit(alice)).toEqual([carol.peer])
    })
  })

  describe(`${name}: a subscription`, () => {
    const bobAndCarol = ['bob', 'carol'] as UserId[]

    test('still stands after a connection broke, and says again who is there', async () => {
      const { arrive, settle, breakConnection, returned } = await setup()
      const [alice, bob] = [await arrive('alice'), await arrive('bob')]
      alice.rendezvous.subscribe(bobAndCarol)
      await settle()
      await breakConnection(alice)
      bob.rendezvous.goodbye()
      await arrive('carol')
      alice.news()
      await returned(alice)
      expect(alice.news()).toEqual(['up', 'of bob carol are here [carol]'])
      await arrive('bob')
      expect(alice.news()).toEqual(['bob present'])
    })

    test('that begins or ends while the connection is broken counts after the return', async () => {
      const { arrive, settle, breakConnection, returned } = await setup()
      const alice = await arrive('alice')
      alice.rendezvous.subscribe(['bob' as UserId])
      await settle()
      await breakConnection(alice)
      alice.rendezvous.unsubscribe(['bob' as UserId])
      alice.rendezvous.subscribe(['carol' as UserId])
      alice.news()
      await returned(alice)
      expect(alice.news()).toEqual(['up', 'of carol are here []'])
      await arrive('bob')
      await arrive('carol')
      expect(alice.news()).toEqual(['carol present'])
    })

    test('still stands when the place forgot everybody; who is missing may come back for 30 s', async () => {
      const { arrive, settle, forgetEverybody, returned, pass } = await setup()
      const [alice, bob] = [await arrive('alice'), await arrive('bob')]
      alice.rendezvous.subscribe(bobAndCarol)
      await settle()
      alice.news()
      await forgetEverybody()
      await returned(alice)
      await returned(bob)
      await settle()
      const news = alice.news()
      expect(news.slice(0, 2)).toEqual(['down', 'up'])
      expect(news[2]).toMatch(/^of bob carol are here \[(bob)?\], others may come back$/)
      // Either it was there before, or it came after.
      expect([...news.slice(3), ...(news[2]?.includes('[bob]') ? ['bob present'] : [])]).toEqual([
        'bob present',
      ])
      await pass(31_000)
      alice.rendezvous.subscribe(bobAndCarol)
      await settle()
      expect(alice.news()).toEqual(['of bob carol are here [bob]'])
    })
  })

  describe(`${name}: probing`, () => {
    test('a connection that is fine changes nothing, however often', async () => {
      const { lobby, pass } = await setup()
      const [alice, bob] = await lobby('alice', 'bob')
      for (let i = 0; i < 20; i++) alice.rendezvous.probe()
      await pass(3_000)
      expect([...alice.news(), ...bob.news()]).toEqual([])
      expect(alice.rendezvous.isUp).toBe(true)
    })

    test('while the next try is waited for makes it now', async () => {
      const { arrive, breakConnection, settle } = await setup()
      const alice = await arrive('alice')
      await breakConnection(alice)
      alice.rendezvous.probe()
      for (let i = 0; i < 3; i++) await settle()
      expect(alice.news()).toEqual(['down', 'up'])
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

import { describe, expect, it } from 'vitest'

import type { ChannelId } from '../../src/base/ids.ts'
import { MAX_HOLDERS, MAX_VISITS_PER_SESSION } from '../../src/protocol/server-messages.ts'
import { LOBBY, OTHER_APP, type TestPage } from './client.ts'
import { setup, type World } from './setup.ts'

const names = (peers: readonly { readonly userId: string }[]): string[] => peers.map(({ userId }) => userId)
const numbered = (name: string, count: number): string[] =>
  Array.from({ length: count }, (_, i) => `${name}${i}`)

/** One after the other, so that they are in this order. */
async function crowd(world: World, users: readonly string[], arrive: (page: TestPage) => Promise<unknown>) {
  const pages: TestPage[] = []
  for (const user of users) {
    const page = await world.logIn(user)
    await arrive(page)
    pages.push(page)
  }
  return pages
}

describe('a visit', () => {
  it('is answered with members and visitors of this app, by its number', async () => {
    const { lobby, logIn } = await setup()
    const [alice] = await lobby('alice')
    const [bob, carol, stranger] = [
      await logIn('bob'),
      await logIn('carol'),
      await logIn('stranger', undefined, OTHER_APP),
    ]
    await bob.visit(LOBBY)
    await stranger.visit(LOBBY)
    carol.send({ type: 'visit', request: 42, channelId: LOBBY })
    expect(await carol.next('visited')).toEqual({
      type: 'visited',
      request: 42,
      holders: [alice.peer, bob.peer],
    })
    expect(await stranger.visit(LOBBY)).toEqual([])
  })

  it('makes nobody known to another: neither it nor the end of anybody is news', async () => {
    const { lobby, logIn, pass } = await setup()
    const [alice] = await lobby('alice')
    const [bob, carol] = [await logIn('bob'), await logIn('carol')]
    for (const visitor of [bob, carol]) await visitor.visit(LOBBY)
    bob.isFrozen = true
    await pass(8_000)
    bob.isFrozen = false
    bob.send({ type: 'goodbye' })
    alice.send({ type: 'goodbye' })
    await bob.closed
    await alice.closed
    expect(await carol.news()).toEqual([])
    expect([...(await alice.news()), ...(await bob.news())]).toEqual([])
  })

  it('makes those known to each other who then exchange signals', async () => {
    const { lobby, logIn } = await setup()
    const [alice] = await lobby('alice')
    const bob = await logIn('bob')
    const [holder] = await bob.visit(LOBBY)
    bob.send({ type: 'signal', to: holder?.sessionId ?? bob.sessionId, signal: 'offer' })
    expect(await alice.next('signal')).toMatchObject({ from: bob.peer })
    bob.send({ type: 'goodbye' })
    expect(await alice.next('gone')).toMatchObject({ peer: bob.peer, why: 'goodbye' })
  })
})

describe('the end of a visit', () => {
  it('comes with a join, and a leave does not bring it back', async () => {
    const { lobby, logIn } = await setup()
    const [alice] = await lobby('alice')
    const bob = await logIn('bob')
    await bob.visit(LOBBY)
    await bob.join(LOBBY, 1)
    await alice.news()
    expect(await alice.visit(LOBBY)).toEqual([bob.peer])
    bob.send({ type: 'leave', channelId: LOBBY, incarnation: 1 })
    await alice.next('left')
    expect(await alice.visit(LOBBY)).toEqual([])
  })

  it('is not needed by a member: who asks and leaves is no visitor', async () => {
    const { lobby } = await setup()
    const [alice, bob] = await lobby('alice', 'bob')
    expect(await bob.visit(LOBBY)).toEqual([alice.peer])
    bob.send({ type: 'leave', channelId: LOBBY, incarnation: 1 })
    await alice.next('left')
    expect(await alice.visit(LOBBY)).toEqual([])
  })

  it('comes with a return that does not say it again, and not with the loss of the socket', async () => {
    const { lobby, logIn, untilLingering } = await setup()
    const [alice] = await lobby('alice')
    const bob = await logIn('bob')
    await bob.visit(LOBBY)
    bob.socket.close()
    await untilLingering(bob)
    expect(names(await alice.visit(LOBBY))).toEqual(['bob'])
    const back = await logIn(bob.identity, bob.credential)
    expect(await alice.visit(LOBBY)).toEqual([])
    await back.visit(LOBBY)
    expect(await alice.visit(LOBBY)).toEqual([bob.peer])
  })

  it('comes when the session is lost', async () => {
    const { lobby, logIn, untilLingering, pass } = await setup()
    const [alice] = await lobby('alice')
    const bob = await logIn('bob')
    await bob.visit(LOBBY)
    bob.socket.close()
    await untilLingering(bob)
    await pass(33_000)
    expect(await alice.visit(LOBBY)).toEqual([])
  })

  it('comes to the oldest with the 21st, and one that is said again is not the oldest', async () => {
    const { logIn } = await setup()
    const [alice, bob] = [await logIn('alice'), await logIn('bob')]
    const rooms = numbered('room', MAX_VISITS_PER_SESSION)
    for (const room of rooms) await alice.visit(room)
    await alice.visit('room0')
    await alice.visit(LOBBY)
    expect(await bob.visit('room1')).toEqual([])
    for (const room of ['room0', 'room2', 'room19', LOBBY])
      expect(await bob.visit(room), room).toEqual([alice.peer])
  })

  it('of a channel that nobody visits is ignored', async () => {
    const { lobby } = await setup()
    const [alice, bob] = await lobby('alice', 'bob')
    for (const channelId of [LOBBY, 'nowhere' as ChannelId]) bob.send({ type: 'endVisit', channelId })
    expect(await bob.news()).toEqual([])
    expect(await alice.visit(LOBBY)).toEqual([bob.peer])
  })
})

describe('of more than 16', () => {
  it('members and visitors 16 of each are named', async () => {
    const world = await setup()
    await crowd(world, numbered('member', MAX_HOLDERS + 1), (page) => page.join(LOBBY, 1))
    await crowd(world, numbered('visitor', MAX_HOLDERS + 1), (page) => page.visit(LOBBY))
    const asker = await world.logIn('asker')
    expect(names(await asker.visit(LOBBY))).toEqual([
      ...numbered('member', MAX_HOLDERS),
      ...numbered('visitor', MAX_HOLDERS),
    ])
  })

  it('the one who asks takes no place', async () => {
    const world = await setup()
    const [first] = await crowd(world, numbered('member', MAX_HOLDERS + 1), (page) => page.join(LOBBY, 1))
    await first?.news()
    const holders = (await first?.visit(LOBBY)) ?? []
    expect(names(holders)).toEqual(numbered('member', MAX_HOLDERS + 1).slice(1))
  })

  it('those are named first who have a socket, and then those who may return', async () => {
    const world = await setup()
    const users = numbered('member', MAX_HOLDERS + 1)
    const members = await crowd(world, users, (page) => page.join(LOBBY, 1))
    const asker = await world.logIn('asker')
    const lost = members.slice(0, 2)
    for (const member of lost) {
      member.socket.close()
      await world.untilLingering(member)
    }
    expect(names(await asker.visit(LOBBY))).toEqual([...users.slice(2), 'member0'])
  })
})

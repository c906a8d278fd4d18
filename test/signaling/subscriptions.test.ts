import { describe, expect, it } from 'vitest'

import type { ChannelId, UserId } from '../../src/base/ids.ts'
import { closeCodes } from '../../src/protocol/server-messages.ts'
import { LOBBY, OTHER_APP, type TestPage } from './client.ts'
import { setup } from './setup.ts'

const users = (...names: string[]): UserId[] => names.map((name) => name as UserId)
const numbered = (name: string, count: number): UserId[] =>
  users(...Array.from({ length: count }, (_, i) => `${name}${i}`))

async function subscribe(page: TestPage, ...names: string[]): Promise<string[]> {
  page.send({ type: 'subscribe', userIds: users(...names) })
  const { peers } = await page.next('subscribed')
  return peers.map(({ userId }) => userId)
}

describe('a subscription', () => {
  it('is answered with those of the users who are there, each once, and with their sessions', async () => {
    const { logIn } = await setup()
    const [alice, bob] = [await logIn('alice'), await logIn('bob')]
    alice.send({ type: 'subscribe', userIds: users('bob', 'carol', 'bob', 'alice') })
    expect(await alice.next('subscribed')).toEqual({
      type: 'subscribed',
      userIds: ['bob', 'carol', 'alice'],
      peers: [bob.peer, alice.peer],
    })
  })

  it('tells who comes, is silent, is heard again and goes, once, also of those who share a channel', async () => {
    const { lobby, logIn, pass } = await setup()
    const [alice] = await lobby('alice')
    await subscribe(alice, 'bob')
    const bob = await logIn('bob')
    await bob.join(LOBBY, 1)
    expect((await alice.news()).map(({ type }) => type)).toEqual(['present', 'joined'])
    bob.isFrozen = true
    await pass(8_000)
    bob.isFrozen = false
    bob.send({ type: 'pong' })
    await bob.settled()
    expect((await alice.news()).map(({ type }) => type)).toEqual(['unreachable', 'reachable'])
    bob.send({ type: 'goodbye' })
    await bob.closed
    expect(await alice.news()).toEqual([{ type: 'gone', peer: bob.peer, why: 'goodbye' }])
  })

  it('tells of a session that returns only that it is heard again', async () => {
    const { logIn, pass, untilLingering } = await setup()
    const [alice, bob] = [await logIn('alice'), await logIn('bob')]
    await subscribe(alice, 'bob')
    bob.socket.terminate()
    await untilLingering(bob)
    await pass(8_000)
    await logIn(bob.identity, bob.credential)
    expect(await alice.news()).toEqual([
      { type: 'unreachable', peer: bob.peer, silentMs: 7_000 },
      { type: 'reachable', peer: bob.peer },
    ])
  })

  it('to a user who is silent already says so after the answer', async () => {
    const { logIn, pass } = await setup()
    const [alice, bob] = [await logIn('alice'), await logIn('bob')]
    bob.isFrozen = true
    await pass(10_000)
    alice.send({ type: 'subscribe', userIds: users('bob') })
    const [answer, silence] = await alice.news()
    expect(answer).toMatchObject({ type: 'subscribed', peers: [bob.peer] })
    expect(silence).toMatchObject({ type: 'unreachable', peer: bob.peer })
    expect(silence && 'silentMs' in silence && silence.silentMs).toBeGreaterThanOrEqual(7_000)
  })

  it('tells that a session made way for a later one of its user, and who that is', async () => {
    const { logIn } = await setup()
    const [alice, first] = [await logIn('alice'), await logIn('bob')]
    await subscribe(alice, 'bob')
    const second = await logIn('bob')
    expect(await alice.news()).toEqual([
      { type: 'gone', peer: first.peer, why: 'replaced' },
      { type: 'present', peer: second.peer },
    ])
  })

  it('knows nobody of another app', async () => {
    const { logIn } = await setup()
    const alice = await logIn('alice')
    await logIn('bob', undefined, OTHER_APP)
    expect(await subscribe(alice, 'bob', 'carol')).toEqual([])
    await logIn('carol', undefined, OTHER_APP)
    expect(await alice.news()).toEqual([])
  })

  it('does not make anybody known to the user', async () => {
    const { logIn } = await setup()
    const [alice, bob] = [await logIn('alice'), await logIn('bob')]
    await subscribe(alice, 'bob')
    alice.send({ type: 'goodbye' })
    await alice.closed
    expect(await bob.news()).toEqual([])
  })

  it('ends with an unsubscription, with its session, and with a return that does not say it again', async () => {
    const { logIn } = await setup()
    const [alice, carol, dave] = [await logIn('alice'), await logIn('carol'), await logIn('dave')]
    for (const page of [alice, carol, dave]) await subscribe(page, 'bob')
    alice.send({ type: 'unsubscribe', userIds: users('bob', 'nobody') })
    carol.socket.terminate()
    await carol.closed
    const back = await logIn(carol.identity, carol.credential)
    dave.send({ type: 'goodbye' })
    await dave.closed
    await alice.settled()
    await logIn('bob')
    expect([...(await alice.news()), ...(await back.news())]).toEqual([])
  })

  it('may be to 512 users of a session; the answer does not name those beyond', async () => {
    const { logIn } = await setup()
    const alice = await logIn('alice')
    alice.send({ type: 'subscribe', userIds: numbered('user', 511) })
    expect((await alice.next('subscribed')).userIds).toHaveLength(511)
    alice.send({ type: 'subscribe', userIds: users('user0', 'bob', 'carol') })
    expect((await alice.next('subscribed')).userIds).toEqual(['user0', 'bob'])
    await logIn('carol')
    const bob = await logIn('bob')
    expect(await alice.news()).toEqual([{ type: 'present', peer: bob.peer }])
    alice.send({ type: 'unsubscribe', userIds: users('user1') })
    expect(await subscribe(alice, 'carol')).toEqual(['carol'])
  })

  it('may be one of so many that all sessions have; there is room again when a session ends', async () => {
    const { logIn } = await setup({ limits: { maxSubscriptions: 3 } })
    const [alice, bob] = [await logIn('alice'), await logIn('bob')]
    await subscribe(alice, 'one', 'two')
    bob.send({ type: 'subscribe', userIds: users('one', 'two') })
    expect((await bob.next('subscribed')).userIds).toEqual(['one'])
    alice.send({ type: 'goodbye' })
    await alice.closed
    bob.send({ type: 'subscribe', userIds: users('one', 'two', 'three', 'four') })
    expect((await bob.next('subscribed')).userIds).toEqual(['one', 'two', 'three'])
  })

  it('costs effort by its size: who asks for 512 users again and again is cut off', async () => {
    const { logIn } = await setup({ limits: { messagesPerSecond: 1, messageBurst: 50 } })
    const alice = await logIn('alice')
    const many = numbered('user', 512)
    for (let i = 0; i < 6; i++) alice.send({ type: i % 2 === 0 ? 'subscribe' : 'unsubscribe', userIds: many })
    expect(await alice.closed).toMatchObject({ code: closeCodes.flood })
  })

  it('fits into one message, however long the names are', async () => {
    const { logIn } = await setup()
    const alice = await logIn('alice')
    const many = Array.from({ length: 512 }, (_, i) => `${i}`.padEnd(64, 'x'))
    expect(await subscribe(alice, ...many)).toEqual([])
  })
})

describe('the question how many are in channels', () => {
  it('is answered in its order, by its number, also to who is in none of them', async () => {
    const { lobby, logIn } = await setup()
    const [alice] = await lobby('alice', 'bob')
    await alice.join('kitchen', 2)
    const carol = await logIn('carol')
    const channelIds = ['kitchen', 'empty', 'lobby'] as ChannelId[]
    carol.send({ type: 'count', request: 7, channelIds })
    expect(await carol.next('counted')).toEqual({ type: 'counted', request: 7, counts: [1, 0, 2] })
  })

  it('does not count visitors, nor members of another app', async () => {
    const { lobby, logIn } = await setup()
    await lobby('alice')
    const [bob, stranger] = [await logIn('bob'), await logIn('stranger', undefined, OTHER_APP)]
    await bob.visit(LOBBY)
    await stranger.join(LOBBY, 1)
    bob.send({ type: 'count', request: 1, channelIds: [LOBBY] })
    expect((await bob.next('counted')).counts).toEqual([1])
  })
})

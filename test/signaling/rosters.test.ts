import { describe, expect, it } from 'vitest'

import type { ChannelId, SessionId, UserId } from '../../src/base/ids.ts'
import { LOBBY, OTHER_APP } from './client.ts'
import { setup } from './setup.ts'

describe('a join', () => {
  it('is answered by everybody else in the channel, and told to them', async () => {
    const { logIn } = await setup()
    const alice = await logIn('alice')
    const bob = await logIn('bob')
    expect(await alice.join(LOBBY, 1)).toEqual({
      type: 'roster',
      channelId: LOBBY,
      incarnation: 1,
      members: [],
    })
    expect(await bob.join(LOBBY, 7)).toEqual({
      type: 'roster',
      channelId: LOBBY,
      incarnation: 7,
      members: [{ ...alice.peer, incarnation: 1 }],
    })
    expect(await alice.news()).toEqual([
      { type: 'joined', channelId: LOBBY, member: { ...bob.peer, incarnation: 7 } },
    ])
  })

  it('that is repeated only brings the roster again', async () => {
    const { lobby } = await setup()
    const [alice, bob] = await lobby('alice', 'bob')
    expect((await alice.join(LOBBY, 1)).members).toHaveLength(1)
    expect(await bob.news()).toEqual([])
  })

  it('with a higher number is a new join, with a lower one it is late and ignored', async () => {
    const { lobby } = await setup()
    const [alice, bob] = await lobby('alice', 'bob')
    await alice.join(LOBBY, 3)
    expect(await bob.next('joined')).toMatchObject({ member: { userId: 'alice', incarnation: 3 } })
    alice.send({ type: 'join', channelId: LOBBY, incarnation: 2 })
    expect(await alice.news()).toEqual([])
    expect(await bob.news()).toEqual([])
    expect(await bob.join(LOBBY, 1)).toMatchObject({ members: [{ incarnation: 3 }] })
  })

  it('of a 21st channel is refused with a sentence, and leaving one makes room', async () => {
    const { logIn } = await setup()
    const alice = await logIn('alice')
    for (let i = 0; i < 20; i++) await alice.join(`room${i}`, i)
    alice.send({ type: 'join', channelId: LOBBY, incarnation: 20 })
    expect(await alice.next('joinRefused')).toMatchObject({
      channelId: LOBBY,
      incarnation: 20,
      reason: 'too-many-channels',
      message: expect.stringContaining('20') as string,
    })
    alice.send({ type: 'leave', channelId: 'room0' as ChannelId, incarnation: 0 })
    await alice.join(LOBBY, 20)
  })

  it('sees nobody of another app in a channel of the same name', async () => {
    const { logIn } = await setup()
    const alice = await logIn('alice')
    const stranger = await logIn('stranger', undefined, OTHER_APP)
    await alice.join(LOBBY, 1)
    expect((await stranger.join(LOBBY, 1)).members).toEqual([])
    expect(await alice.news()).toEqual([])
  })
})

describe('a leave', () => {
  it('is told to the others, who do not see the leaver any more', async () => {
    const { lobby } = await setup()
    const [alice, bob] = await lobby('alice', 'bob')
    alice.send({ type: 'leave', channelId: LOBBY, incarnation: 1 })
    expect(await alice.news()).toEqual([])
    expect(await bob.news()).toEqual([
      { type: 'left', channelId: LOBBY, member: { ...alice.peer, incarnation: 1 } },
    ])
    expect((await bob.join(LOBBY, 1)).members).toEqual([])
  })

  it('of an earlier join is late and ignored; of one that was lost on the way it counts', async () => {
    const { lobby } = await setup()
    const [alice, bob] = await lobby('alice', 'bob')
    await alice.join(LOBBY, 3)
    await bob.next('joined')
    alice.send({ type: 'leave', channelId: LOBBY, incarnation: 1 })
    await alice.settled()
    expect(await bob.news()).toEqual([])
    alice.send({ type: 'leave', channelId: LOBBY, incarnation: 5 })
    await alice.settled()
    expect(await bob.news()).toMatchObject([{ type: 'left', member: { incarnation: 5 } }])
  })

  it('of a channel that one is not in is ignored', async () => {
    const { lobby, logIn } = await setup()
    const [bob] = await lobby('bob')
    const alice = await logIn('alice')
    alice.send({ type: 'leave', channelId: LOBBY, incarnation: 1 })
    expect(await alice.news()).toEqual([])
    expect(await bob.news()).toEqual([])
  })
})

describe('find', () => {
  it('answers with the online ones of this app among the users asked for, each once', async () => {
    const { logIn } = await setup()
    const alice = await logIn('alice')
    const bob = await logIn('bob')
    await logIn('stranger', undefined, OTHER_APP)
    const userIds = ['bob', 'nobody', 'stranger', 'alice', 'bob'] as UserId[]
    alice.send({ type: 'find', request: 42, userIds })
    expect(await alice.next('found')).toEqual({ type: 'found', request: 42, peers: [bob.peer, alice.peer] })
  })
})

describe('a signal', () => {
  it('reaches its recipient as it is, with the sender stamped by the server', async () => {
    const { logIn } = await setup()
    const alice = await logIn('alice')
    const bob = await logIn('bob')
    const signal = 'ü"\\ ' + 'x'.repeat(50_000)
    alice.send({ type: 'signal', to: bob.sessionId, signal })
    expect(await bob.next('signal')).toEqual({ type: 'signal', from: alice.peer, signal })
    expect(await alice.news()).toEqual([])
  })

  it('to nobody, to oneself or to another app comes back as undeliverable', async () => {
    const { logIn } = await setup()
    const alice = await logIn('alice')
    const stranger = await logIn('stranger', undefined, OTHER_APP)
    for (const to of ['0'.repeat(32) as SessionId, alice.sessionId, stranger.sessionId]) {
      alice.send({ type: 'signal', to, signal: 'x' })
      expect(await alice.news()).toEqual([{ type: 'undeliverable', to }])
    }
    expect(await stranger.news()).toEqual([])
  })
})

it('a pair that meets in a channel and exchanges three signals causes no other message', async () => {
  const { lobby, pass } = await setup()
  const [alice, bob] = await lobby('alice', 'bob')
  alice.send({ type: 'signal', to: bob.sessionId, signal: 'offer' })
  await bob.next('signal')
  bob.send({ type: 'signal', to: alice.sessionId, signal: 'answer' })
  await alice.next('signal')
  alice.send({ type: 'signal', to: bob.sessionId, signal: 'candidates' })
  await bob.next('signal')
  await pass(60_000)
  expect([...(await alice.news()), ...(await bob.news())]).toEqual([])
})

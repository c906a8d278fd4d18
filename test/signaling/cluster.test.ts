import { describe, expect, it } from 'vitest'

import type { ChannelId, UserId } from '../../src/base/ids.ts'
import { closeCodes, type ServerMessage } from '../../src/protocol/server-messages.ts'
import { APP, createIdentity, LOBBY, type TestPage } from './client.ts'
import { nodeOf, setupCluster } from './cluster-setup.ts'

async function setup(count = 2) {
  const world = await setupCluster(count)
  return { ...world, one: nodeOf(world, 0), two: nodeOf(world, count > 1 ? 1 : 0) }
}

const member = (page: TestPage, incarnation: number) => ({ ...page.peer, incarnation })

describe('users on different nodes', () => {
  it('see each other come into a channel and leave it', async () => {
    const { one, two, logIn, enter, news, settle } = await setup()
    const alice = await enter(one, 'alice')
    const bob = await logIn(two, 'bob')
    expect((await bob.join(LOBBY, 4)).members).toEqual([member(alice, 1)])
    expect(await news(alice)).toEqual([{ type: 'joined', channelId: LOBBY, member: member(bob, 4) }])
    alice.send({ type: 'leave', channelId: LOBBY, incarnation: 1 })
    expect(await news(bob)).toEqual([{ type: 'left', channelId: LOBBY, member: member(alice, 1) }])
    alice.send({ type: 'count', request: 7, channelIds: [LOBBY, 'empty' as ChannelId] })
    await settle()
    expect(await alice.next('counted')).toEqual({ type: 'counted', request: 7, counts: [1, 0] })
  })

  it('join the same channel in the same moment, and both know it', async () => {
    const { one, two, logIn, settle } = await setup()
    const [alice, bob] = [await logIn(one, 'alice'), await logIn(two, 'bob')]
    await settle()
    const rosters = await Promise.all([alice.join(LOBBY, 1), bob.join(LOBBY, 1)])
    await settle()
    for (const [i, page] of [alice, bob].entries()) {
      const joined = (await page.news()).filter(({ type }) => type === 'joined')
      expect((rosters[i]?.members.length ?? 0) + joined.length).toBeGreaterThan(0)
    }
  })

  it('are found, and signal each other', async () => {
    const { one, two, logIn, news, settle } = await setup()
    const [alice, bob] = [await logIn(one, 'alice'), await logIn(two, 'bob')]
    await settle()
    alice.send({ type: 'find', request: 1, userIds: ['bob' as UserId, 'carol' as UserId] })
    expect((await alice.next('found')).peers).toEqual([bob.peer])
    alice.send({ type: 'signal', to: bob.sessionId, signal: 'offer' })
    expect(await news(bob)).toEqual([{ type: 'signal', from: alice.peer, signal: 'offer' }])
    bob.send({ type: 'signal', to: alice.sessionId, signal: 'answer' })
    expect(await news(alice)).toEqual([{ type: 'signal', from: bob.peer, signal: 'answer' }])
    expect(one.server.stats()).toMatchObject({ relayedSignals: 1, undeliverableSignals: 0 })
    expect(two.server.stats()).toMatchObject({ relayedSignals: 1, undeliverableSignals: 0 })
  })

  it('who have signalled each other hear when the other goes', async () => {
    const { one, two, logIn, news, settle } = await setup()
    const [alice, bob] = [await logIn(one, 'alice'), await logIn(two, 'bob')]
    await settle()
    alice.send({ type: 'signal', to: bob.sessionId, signal: 'offer' })
    await news(bob)
    bob.send({ type: 'goodbye' })
    expect(await news(alice)).toEqual([{ type: 'gone', peer: bob.peer, why: 'goodbye' }])
  })

  it('may signal before their nodes have told of their logins', async () => {
    const { one, two, page, logIn, news, settle } = await setup()
    const bob = await logIn(two, 'bob')
    await settle()
    const alice = await page(one, 'alice')
    await alice.tryLogin(alice.identity)
    alice.send({ type: 'signal', to: bob.sessionId, signal: 'offer' })
    await alice.next('loggedIn')
    const [signal] = await news(bob)
    expect(signal).toMatchObject({ type: 'signal', signal: 'offer' })
    bob.send({ type: 'signal', to: alice.sessionId, signal: 'answer' })
    expect(await news(alice)).toMatchObject([{ type: 'signal', signal: 'answer' }])
  })

  it('get their signals back that cannot be delivered there', async () => {
    const { one, two, logIn, news, settle } = await setup()
    const [alice, bob] = [await logIn(one, 'alice'), await logIn(two, 'bob')]
    await settle()
    bob.socket.terminate()
    let answers: ServerMessage[] = []
    while (answers.length === 0) {
      alice.send({ type: 'signal', to: bob.sessionId, signal: 'offer' })
      answers = await news(alice)
    }
    expect(answers).toEqual([{ type: 'undeliverable', to: bob.sessionId }])
  })

  it('hear of those whom they are subscribed to', async () => {
    const { one, two, logIn, news, settle, pass } = await setup()
    const alice = await logIn(one, 'alice')
    alice.send({ type: 'subscribe', userIds: ['bob' as UserId] })
    await alice.next('subscribed')
    const bob = await logIn(two, 'bob')
    expect(await news(alice)).toEqual([{ type: 'present', peer: bob.peer }])
    bob.isFrozen = true
    await pass(8_000)
    expect(await news(alice)).toMatchObject([{ type: 'unreachable', peer: bob.peer }])
    bob.isFrozen = false
    bob.send({ type: 'pong' })
    await settle()
    expect(await news(alice)).toEqual([{ type: 'reachable', peer: bob.peer }])
    bob.send({ type: 'goodbye' })
    expect(await news(alice)).toEqual([{ type: 'gone', peer: bob.peer, why: 'goodbye' }])
  })

  it('are named as holders of a channel that they visit', async () => {
    const { one, two, logIn, settle } = await setup()
    const [alice, bob] = [await logIn(one, 'alice'), await logIn(two, 'bob')]
    await bob.visit('library')
    await settle()
    expect(await alice.visit('library')).toEqual([bob.peer])
    bob.send({ type: 'endVisit', channelId: 'library' as ChannelId })
    await settle()
    expect(await alice.visit('library')).toEqual([])
  })

  it('who fall silent for good are lost for all, once', async () => {
    const { one, two, enter, pass, news } = await setup()
    const [alice, bob] = [await enter(one, 'alice'), await enter(two, 'bob')]
    bob.socket.terminate()
    await pass(32_000)
    expect(await news(alice)).toMatchObject([
      { type: 'unreachable', peer: bob.peer },
      { type: 'gone', peer: bob.peer, why: 'lost' },
    ])
  })
})

describe('one user on different nodes', () => {
  it('is replaced by the later login, and those who know both hear of it', async () => {
    const { one, two, enter, logIn, news } = await setup()
    const [alice, carol] = [await enter(one, 'alice'), await enter(two, 'carol')]
    const again = await logIn(two, 'alice')
    expect(again.loginTime).toBeGreaterThan(alice.loginTime)
    expect(await alice.next('ended')).toMatchObject({ reason: 'remote-login' })
    expect(await alice.closed).toMatchObject({ code: closeCodes.ended })
    expect(await news(carol)).toEqual([{ type: 'gone', peer: alice.peer, why: 'replaced' }])
  })

  it('goes on at another node as the same session, and nobody notices', async () => {
    const { one, two, enter, logIn, news, settle } = await setup()
    const [alice, bob, carol] = [
      await enter(one, 'alice'),
      await enter(two, 'bob'),
      await enter(one, 'carol'),
    ]
    const back = await logIn(two, alice.identity, alice.credential)
    expect(back.loginTime).toBe(alice.loginTime)
    await settle()
    expect(await alice.closed).toMatchObject({ code: closeCodes.goingAway })
    expect(await news(bob)).toEqual([])
    expect(await news(carol)).toEqual([])
    // It is in the channel still.
    expect((await back.join(LOBBY, 1)).members).toHaveLength(2)
    carol.send({ type: 'signal', to: back.sessionId, signal: 'offer' })
    await settle()
    expect(await back.next('signal')).toMatchObject({ from: carol.peer })
  })

  it('may go from node to node and back', async () => {
    const { one, two, enter, logIn, news, settle } = await setup()
    const [alice, bob] = [await enter(one, 'alice'), await enter(two, 'bob')]
    let present = alice
    for (const node of [two, one, two, one]) {
      present = await logIn(node, alice.identity, present.credential)
      await settle()
      bob.send({ type: 'signal', to: alice.sessionId, signal: 'where are you?' })
      await settle()
      expect(await present.news()).toMatchObject([{ type: 'signal', from: bob.peer }])
    }
    expect(await news(bob)).toEqual([])
  })

  it('cannot come back once a later login has taken its place elsewhere', async () => {
    const { one, two, logIn, page, settle } = await setup()
    const alice = await logIn(one, 'alice')
    await logIn(two, 'alice')
    await settle()
    const back = await page(two, alice.identity)
    await back.tryLogin(alice.identity, { credential: alice.credential })
    expect(await back.next('refused')).toMatchObject({ reason: 'remote-login' })
  })

  it('is there once after two hundred logins at once over three nodes', async () => {
    const { nodes, page, logIn, news, settle } = await setup(3)
    const one = nodeOf({ nodes }, 0)
    const watcher = await logIn(one, 'watcher')
    watcher.send({ type: 'subscribe', userIds: ['alice' as UserId] })
    await watcher.next('subscribed')
    const pages = await Promise.all(
      Array.from({ length: 200 }, async (_, i) =>
        page(nodeOf({ nodes }, i % 3), await createIdentity('alice')),
      ),
    )
    await Promise.all(pages.map((each) => each.tryLogin(each.identity)))
    await settle()
    const open = pages.filter(({ socket }) => socket.readyState === socket.OPEN)
    expect(open).toHaveLength(1)
    const [winner] = open
    const told = await news(watcher)
    const lastPresent = told.filter(({ type }) => type === 'present').at(-1)
    expect(lastPresent).toMatchObject({ peer: { sessionId: winner?.sessionId } })
    for (const each of nodes) {
      const asker = await logIn(each, 'asker')
      asker.send({ type: 'find', request: 1, userIds: ['alice' as UserId] })
      expect((await asker.next('found')).peers).toMatchObject([{ sessionId: winner?.sessionId }])
    }
  })

  it('keeps its session id, which nobody else gets at any node', async () => {
    const { one, two, logIn, page, settle } = await setup()
    const alice = await logIn(one, 'alice')
    await settle()
    const mallory = await page(two, { ...alice.identity, userId: 'mallory' as UserId })
    await mallory.tryLogin(mallory.identity)
    expect(await mallory.next('refused')).toMatchObject({ reason: 'invalid-proof' })
  })
})

describe('an operator', () => {
  it('kicks at one node who is at another, for good', async () => {
    const { one, two, enter, logIn, page, news } = await setup()
    const [alice, bob] = [await enter(one, 'alice'), await enter(two, 'bob')]
    await one.server.kick(APP, 'bob')
    const [gone] = await news(alice)
    expect(gone).toMatchObject({
      type: 'gone',
      peer: bob.peer,
      why: 'kicked',
      notice: expect.any(String) as string,
    })
    expect(await bob.next('ended')).toMatchObject({ reason: 'kicked', notice: expect.any(String) as string })
    expect(await bob.closed).toMatchObject({ code: closeCodes.ended })
    for (const node of [one, two]) {
      const back = await page(node, bob.identity)
      await back.tryLogin(bob.identity, { credential: bob.credential })
      expect(await back.next('refused')).toMatchObject({ reason: 'kicked' })
    }
    await logIn(two, 'bob')
  })

  it('bans at one node for all, those that start later too', async () => {
    const { one, two, start, enter, page } = await setup()
    const bob = await enter(two, 'bob')
    await one.server.ban(APP, 'bob')
    await one.server.ban(APP, 'mallory')
    expect(await bob.next('ended')).toMatchObject({ reason: 'banned' })
    const three = await start()
    for (const node of [one, two, three]) {
      for (const user of ['bob', 'mallory']) {
        const back = await page(node, user)
        await back.tryLogin(back.identity)
        expect(await back.next('refused')).toMatchObject({ reason: 'banned' })
      }
    }
  })
})

describe('a node', () => {
  it('that starts later knows who is there', async () => {
    const { one, enter, start, logIn } = await setup(1)
    const alice = await enter(one, 'alice')
    const two = await start()
    const bob = await logIn(two, 'bob')
    expect((await bob.join(LOBBY, 1)).members).toEqual([member(alice, 1)])
  })

  it('that is killed takes nobody with it who comes back elsewhere within 30 s', async () => {
    const { one, two, enter, logIn, news, kill, pass } = await setup()
    const [alice, bob] = [await enter(one, 'alice'), await enter(two, 'bob')]
    await kill(one)
    await pass(5_000)
    const back = await logIn(two, alice.identity, alice.credential)
    expect(back.loginTime).toBe(alice.loginTime)
    expect((await back.join(LOBBY, 1)).members).toEqual([member(bob, 1)])
    await pass(60_000)
    expect(await news(bob)).toEqual([])
    expect(await news(back)).toEqual([])
  })

  it('that is killed takes nobody with it who comes back after 20 s, and is heard of as silent meanwhile', async () => {
    const { one, two, enter, logIn, news, kill, pass } = await setup()
    const [alice, bob] = [await enter(one, 'alice'), await enter(two, 'bob')]
    await kill(one)
    await pass(20_000)
    expect(await news(bob)).toMatchObject([{ type: 'unreachable', peer: alice.peer }])
    const back = await logIn(two, alice.identity, alice.credential)
    await pass(60_000)
    expect(await news(bob)).toEqual([{ type: 'reachable', peer: alice.peer }])
    expect((await back.join(LOBBY, 1)).members).toEqual([member(bob, 1)])
  })

  it('that is killed takes those with it who do not come back, after 31 s', async () => {
    const { one, two, enter, news, kill, pass } = await setup()
    const [alice, bob] = [await enter(one, 'alice'), await enter(two, 'bob')]
    await kill(one)
    await pass(28_000)
    expect(await news(bob)).toMatchObject([{ type: 'unreachable', peer: alice.peer }])
    await pass(5_000)
    expect(await news(bob)).toEqual([{ type: 'gone', peer: alice.peer, why: 'lost' }])
  })

  it('that stops in order says so: signals to its users come back at once', async () => {
    const { one, two, enter, logIn, news, pass } = await setup()
    const [alice, bob] = [await enter(one, 'alice'), await enter(two, 'bob')]
    await one.server.close()
    bob.send({ type: 'signal', to: alice.sessionId, signal: 'offer' })
    expect(await news(bob)).toEqual([{ type: 'undeliverable', to: alice.sessionId }])
    await pass(2_000)
    const back = await logIn(two, alice.identity, alice.credential)
    await pass(40_000)
    expect(await news(bob)).toEqual([])
    expect(await back.join(LOBBY, 1)).toMatchObject({ members: [member(bob, 1)] })
  })

  it('hears of nobody twice: greets with its own name, and with others while it may not know everybody', async () => {
    const { one, two, page, hub, pass } = await setup()
    const bootOf = async (node: typeof one) => (await (await page(node, 'visitor')).greeting()).boot
    expect(await bootOf(one)).toBe(await bootOf(one))
    expect(await bootOf(one)).not.toBe(await bootOf(two))
    const own = await bootOf(one)
    hub.stop()
    expect(await bootOf(one)).not.toBe(await bootOf(one))
    hub.start({ isEmpty: true })
    await pass(29_000)
    expect(await bootOf(one)).not.toBe(own)
    await pass(2_000)
    expect(await bootOf(one)).toBe(own)
  })
})

describe('while what nodes share is away', () => {
  it('they say so to monitors, and serve their own users', async () => {
    const { one, two, hub, enter, logIn, news, pass } = await setup()
    const [alice, bob] = [await enter(one, 'alice'), await enter(two, 'bob')]
    expect(one.server.readiness()).toEqual({ ready: true, reasons: {} })
    hub.stop()
    expect(one.server.readiness()).toMatchObject({
      ready: false,
      reasons: { redis: /Redis is away/ } as never,
    })
    const carol = await logIn(one, 'carol')
    expect((await carol.join(LOBBY, 1)).members).toHaveLength(2)
    expect(await news(alice)).toMatchObject([{ type: 'joined', member: { userId: 'carol' } }])
    carol.send({ type: 'signal', to: alice.sessionId, signal: 'offer' })
    expect(await news(alice)).toMatchObject([{ type: 'signal' }])
    carol.send({ type: 'signal', to: bob.sessionId, signal: 'offer' })
    expect(await news(carol)).toEqual([{ type: 'undeliverable', to: bob.sessionId }])
    await pass(60_000)
    expect(await news(alice)).toEqual([])
    expect(await news(bob)).toEqual([])
  })

  it.each([true, false])(
    'nobody is gone, and all is known again when it is back, empty: %s',
    async (isEmpty) => {
      const { one, two, hub, enter, logIn, news, pass } = await setup()
      const [alice, bob] = [await enter(one, 'alice'), await enter(two, 'bob')]
      await pass(3_000)
      hub.stop()
      await pass(20_000)
      const carol = await logIn(one, 'carol')
      await carol.join(LOBBY, 1)
      await news(alice)
      expect(await news(bob)).toEqual([])
      hub.start({ isEmpty })
      await pass(3_000)
      expect(one.server.readiness().ready).toBe(true)
      expect(await news(bob)).toMatchObject([{ type: 'joined', member: { userId: 'carol' } }])
      await pass(60_000)
      for (const page of [alice, bob, carol]) expect(await news(page)).toEqual([])
    },
  )

  it('logins are decided at each node, and the later one stays when they meet', async () => {
    const { one, two, hub, enter, logIn, news, pass, clock } = await setup()
    const watcher = await enter(one, 'watcher')
    hub.stop()
    const first = await logIn(one, 'alice')
    await first.join(LOBBY, 1)
    clock.advance(500)
    const second = await logIn(two, 'alice')
    await news(watcher)
    hub.start({ isEmpty: true })
    await pass(3_000)
    expect(await first.next('ended')).toMatchObject({ reason: 'remote-login' })
    expect(await news(watcher)).toEqual([{ type: 'gone', peer: first.peer, why: 'replaced' }])
    expect(await news(second)).toEqual([])
  })

  it('a user who goes to another node meanwhile is there once when it is back', async () => {
    const { one, two, hub, enter, logIn, news, pass } = await setup()
    const [alice, bob, carol] = [
      await enter(one, 'alice'),
      await enter(two, 'bob'),
      await enter(one, 'carol'),
    ]
    hub.stop()
    alice.socket.terminate()
    const back = await logIn(two, alice.identity, alice.credential)
    await pass(5_000)
    hub.start({ isEmpty: true })
    await pass(60_000)
    expect(await news(bob)).toEqual([])
    expect((await news(carol)).filter(({ type }) => type === 'gone')).toEqual([])
    carol.send({ type: 'signal', to: alice.sessionId, signal: 'offer' })
    expect(await news(back)).toMatchObject([{ type: 'signal', from: carol.peer }])
  })

  it('bans and kicks hold, and are told when it is back', async () => {
    const { one, two, hub, enter, page, pass } = await setup()
    const [bob, carol] = [await enter(two, 'bob'), await enter(two, 'carol')]
    hub.stop()
    await one.server.kick(APP, 'bob')
    await one.server.ban(APP, 'carol')
    hub.start({ isEmpty: true })
    await pass(3_000)
    expect(await bob.next('ended')).toMatchObject({ reason: 'kicked' })
    expect(await carol.next('gone')).toMatchObject({ peer: bob.peer, why: 'kicked' })
    expect(await carol.next('ended')).toMatchObject({ reason: 'banned' })
    const back = await page(two, 'carol')
    await back.tryLogin(back.identity)
    expect(await back.next('refused')).toMatchObject({ reason: 'banned' })
  })

  it('a node that died meanwhile is not missed until 30 s after', async () => {
    const { one, two, hub, enter, news, kill, pass } = await setup()
    const [alice, bob] = [await enter(one, 'alice'), await enter(two, 'bob')]
    hub.stop()
    await kill(one)
    await pass(40_000)
    hub.start({ isEmpty: true })
    await pass(28_000)
    expect(await news(bob)).toEqual([])
    await pass(6_000)
    expect(await news(bob)).toMatchObject([{ type: 'gone', peer: alice.peer, why: 'lost' }])
  })
})

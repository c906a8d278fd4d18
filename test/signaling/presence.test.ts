import { describe, expect, it } from 'vitest'

import { closeCodes } from '../../src/protocol/server-messages.ts'
import { APP, LOBBY, OTHER_APP } from './client.ts'
import { setup } from './setup.ts'

describe('a session that says goodbye', () => {
  it('is gone at once for everybody in its channels, each of whom is told once', async () => {
    const { lobby } = await setup()
    const [alice, bob, carol] = await lobby('alice', 'bob', 'carol')
    await alice.join('kitchen', 2)
    await bob.join('kitchen', 2)
    await alice.news()
    alice.send({ type: 'goodbye' })
    expect(await alice.closed).toMatchObject({ code: closeCodes.normal })
    const gone = { type: 'gone', peer: alice.peer, why: 'goodbye' }
    expect(await carol.news()).toEqual([gone])
    expect((await bob.news()).filter((message) => message.type === 'gone')).toEqual([gone])
  })

  it('is gone for those it exchanged signals with, in either direction, and for nobody else', async () => {
    const { logIn } = await setup()
    const [alice, bob, carol, dave] = [
      await logIn('alice'),
      await logIn('bob'),
      await logIn('carol'),
      await logIn('dave'),
    ]
    alice.send({ type: 'signal', to: bob.sessionId, signal: 'offer' })
    carol.send({ type: 'signal', to: alice.sessionId, signal: 'offer' })
    await bob.next('signal')
    await alice.next('signal')
    alice.send({ type: 'goodbye' })
    await alice.closed
    const gone = { type: 'gone', peer: alice.peer, why: 'goodbye' }
    expect(await bob.news()).toEqual([gone])
    expect(await carol.news()).toEqual([gone])
    expect(await dave.news()).toEqual([])
  })

  it('is told to the latest 512 of those it exchanged signals with', async () => {
    const { logIn } = await setup({ limits: { messageBurst: 10_000 } })
    const first = await logIn('first')
    const alice = await logIn('alice')
    first.send({ type: 'signal', to: alice.sessionId, signal: '' })
    await alice.next('signal')
    const others = []
    for (let i = 0; i < 512; i++) others.push(await logIn(`user${i}`))
    for (const other of others) alice.send({ type: 'signal', to: other.sessionId, signal: '' })
    for (const other of others) await other.next('signal')
    alice.send({ type: 'goodbye' })
    await alice.closed
    for (const other of others) await other.next('gone')
    expect(await first.news()).toEqual([])
  })
})

describe('a session whose socket closes without a goodbye', () => {
  it('is lost 31 s after the close', async () => {
    const { lobby, pass, untilLingering } = await setup()
    const [alice, bob] = await lobby('alice', 'bob')
    await pass(4_000)
    alice.socket.close(1001)
    await untilLingering(alice)
    await pass(30_000)
    expect(await bob.news()).toEqual([{ type: 'unreachable', peer: alice.peer, silentMs: 7_000 }])
    await pass(1_000)
    expect(await bob.news()).toEqual([{ type: 'gone', peer: alice.peer, why: 'lost' }])
  })

  it('returns within 7 s as if nothing had happened', async () => {
    const { lobby, logIn, pass, untilLingering } = await setup()
    const [alice, bob] = await lobby('alice', 'bob')
    alice.socket.terminate()
    await untilLingering(alice)
    await pass(6_000)
    const back = await logIn(alice.identity, alice.credential)
    await back.join(LOBBY, 1)
    await pass(40_000)
    expect(await bob.news()).toEqual([])
  })

  it('returns within that time and is only heard again', async () => {
    const { lobby, logIn, pass, untilLingering } = await setup()
    const [alice, bob] = await lobby('alice', 'bob')
    alice.socket.terminate()
    await untilLingering(alice)
    await pass(30_000)

    const back = await logIn(alice.identity, alice.credential)
    expect(back.loginTime).toBe(alice.loginTime)
    expect(await back.join(LOBBY, 1)).toMatchObject({ members: [{ userId: 'bob', incarnation: 1 }] })
    await pass(40_000)
    expect(await bob.news()).toEqual([
      { type: 'unreachable', peer: alice.peer, silentMs: 7_000 },
      { type: 'reachable', peer: alice.peer },
    ])
    bob.send({ type: 'signal', to: alice.sessionId, signal: 'hello again' })
    expect(await back.next('signal')).toMatchObject({ signal: 'hello again' })
  })

  it('keeps its login time without a credential too, since the server still knows it', async () => {
    const { logIn, clock } = await setup()
    const alice = await logIn('alice')
    clock.advance(500)
    const back = await logIn(alice.identity)
    expect(back.loginTime).toBe(alice.loginTime)
  })

  it('returns after that time as a newcomer with its old login time', async () => {
    const { lobby, logIn, pass, untilLingering } = await setup()
    const [alice, bob] = await lobby('alice', 'bob')
    alice.socket.terminate()
    await untilLingering(alice)
    await pass(31_000)
    expect((await bob.news()).map(({ type }) => type)).toEqual(['unreachable', 'gone'])
    const back = await logIn(alice.identity, alice.credential)
    await back.join(LOBBY, 2)
    expect(await bob.next('joined')).toMatchObject({ member: { ...alice.peer, incarnation: 2 } })
  })

  it('is found and listed until it is lost, but takes no signals', async () => {
    const { lobby, logIn, untilLingering } = await setup()
    const [alice, bob] = await lobby('alice', 'bob')
    alice.socket.terminate()
    await untilLingering(alice)
    bob.send({ type: 'find', request: 1, userIds: [alice.identity.userId] })
    expect(await bob.next('found')).toMatchObject({ peers: [alice.peer] })
    bob.send({ type: 'signal', to: alice.sessionId, signal: '' })
    expect(await bob.next('undeliverable')).toMatchObject({ to: alice.sessionId })
    const carol = await logIn('carol')
    expect((await carol.join(LOBBY, 1)).members).toHaveLength(2)
  })
})

describe('a session that connects again while its old socket is open', () => {
  it('goes on over the new one; the old one is dropped and nobody hears of it', async () => {
    const { lobby, logIn, pass } = await setup()
    const [alice, bob] = await lobby('alice', 'bob')
    const again = await logIn(alice.identity, alice.credential)
    expect(await alice.closed).toMatchObject({ code: closeCodes.goingAway })
    expect(again.loginTime).toBe(alice.loginTime)
    await pass(40_000)
    expect(await bob.news()).toEqual([])
    bob.send({ type: 'signal', to: alice.sessionId, signal: 'x' })
    await again.next('signal')
  })
})

describe('an open socket', () => {
  it('is pinged every 5 s, and stays as long as the page answers', async () => {
    const { lobby, pass } = await setup()
    const [alice, bob] = await lobby('alice', 'bob')
    await pass(120_000)
    expect(alice.pingCount).toBe(24)
    expect(await bob.news()).toEqual([])
  })

  it('of a frozen page is closed after 31 s, although its browser answers pings, and its session is lost', async () => {
    const { lobby, pass } = await setup()
    const [alice, bob] = await lobby('alice', 'bob')
    alice.isFrozen = true
    await pass(30_000)
    expect(await bob.news()).toEqual([{ type: 'unreachable', peer: alice.peer, silentMs: 7_000 }])
    await pass(1_000)
    expect(await alice.closed).toMatchObject({ code: closeCodes.silent })
    expect(await bob.news()).toEqual([{ type: 'gone', peer: alice.peer, why: 'lost' }])
  })

  it('that answers no pings at all is given up after two, and its session is lost 31 s after its last message', async () => {
    const { lobby, page, pass } = await setup()
    const [bob] = await lobby('bob')
    const alice = await page('alice', undefined, { autoPong: false })
    alice.isFrozen = true
    await alice.logIn()
    await alice.join(LOBBY, 1)
    await bob.next('joined')
    await pass(14_000)
    expect(alice.socket.readyState).toBe(alice.socket.OPEN)
    await pass(1_000)
    expect(await alice.closed).toMatchObject({ code: 1006 })
    await pass(15_000)
    expect(await bob.news()).toMatchObject([{ type: 'unreachable', silentMs: 7_000 }])
    await pass(1_000)
    expect(await bob.news()).toMatchObject([{ type: 'gone', why: 'lost' }])
  })

  it('is not blamed for a time in which the server itself slept', async () => {
    const { lobby, clock, pass } = await setup()
    const [alice, bob] = await lobby('alice', 'bob')
    clock.sleep(3_600_000)
    await pass(20_000)
    expect(await alice.news()).toEqual([])
    expect(await bob.news()).toEqual([])
  })
})

describe('a session that is silent for 7 s', () => {
  it('is announced once, at 7 s, to everybody in its channels and to those it exchanged signals with', async () => {
    const { lobby, logIn, pass } = await setup()
    const [alice, bob, carol] = await lobby('alice', 'bob', 'carol')
    const [dave, erin] = [await logIn('dave'), await logIn('erin')]
    await alice.join('kitchen', 2)
    await bob.join('kitchen', 2)
    await alice.next('joined')
    alice.send({ type: 'signal', to: dave.sessionId, signal: 'offer' })
    await dave.next('signal')
    await alice.settled()
    alice.isFrozen = true
    await pass(6_750)
    for (const page of [bob, carol, dave]) expect(await page.news()).toEqual([])
    await pass(250)
    const unreachable = { type: 'unreachable', peer: alice.peer, silentMs: 7_000 }
    for (const page of [bob, carol, dave]) expect(await page.news()).toEqual([unreachable])
    await pass(20_000)
    for (const page of [alice, bob, carol, dave, erin]) expect(await page.news()).toEqual([])
  })

  it('is announced again when it is heard, by whatever it says, and each time that it falls silent', async () => {
    const { lobby, pass } = await setup()
    const [alice, bob] = await lobby('alice', 'bob')
    for (let time = 0; time < 3; time++) {
      alice.isFrozen = true
      await pass(10_000)
      expect(await bob.news()).toMatchObject([{ type: 'unreachable', peer: alice.peer }])
      alice.isFrozen = false
      alice.send({ type: 'pong' })
      await alice.settled()
      expect(await bob.news()).toEqual([{ type: 'reachable', peer: alice.peer }])
      await pass(20_000)
      expect(await bob.news()).toEqual([])
    }
  })

  it('that then says goodbye is gone, without having been reachable in between', async () => {
    const { lobby, pass } = await setup()
    const [alice, bob] = await lobby('alice', 'bob')
    alice.isFrozen = true
    await pass(8_000)
    alice.send({ type: 'goodbye' })
    await alice.closed
    expect((await bob.news()).map(({ type }) => type)).toEqual(['unreachable', 'gone'])
  })

  it('is named to those who join, right after the roster, with the time of its silence', async () => {
    const { lobby, logIn, pass } = await setup()
    const [alice] = await lobby('alice', 'bob')
    alice.isFrozen = true
    await pass(12_000)
    const carol = await logIn('carol')
    expect((await carol.join(LOBBY, 1)).members).toHaveLength(2)
    expect(await carol.news()).toEqual([{ type: 'unreachable', peer: alice.peer, silentMs: 12_000 }])
    alice.send({ type: 'pong' })
    await alice.settled()
    expect(await carol.news()).toEqual([{ type: 'reachable', peer: alice.peer }])
    const dave = await logIn('dave')
    await dave.join(LOBBY, 1)
    expect(await dave.news()).toEqual([])
  })

  it('stays unreachable when its socket closes, has 31 s from then, and is no less than 7 s silent', async () => {
    const { lobby, logIn, pass, untilLingering } = await setup()
    const [alice, bob] = await lobby('alice', 'bob')
    alice.isFrozen = true
    await pass(20_000)
    await bob.next('unreachable')
    alice.socket.close(1001)
    await untilLingering(alice)
    await pass(2_000)
    const carol = await logIn('carol')
    await carol.join(LOBBY, 1)
    expect(await carol.next('unreachable')).toMatchObject({ silentMs: 7_000 })
    await bob.next('joined')
    await pass(28_000)
    expect(await bob.news()).toEqual([])
    await pass(1_000)
    expect(await bob.news()).toEqual([{ type: 'gone', peer: alice.peer, why: 'lost' }])
  })

  it('is not blamed for a time in which the server slept, however short', async () => {
    const { lobby, clock, pass } = await setup()
    const [alice, bob] = await lobby('alice', 'bob')
    for (const sleepMs of [900, 1_500, 4_000, 7_000, 30_000]) {
      await pass(4_800)
      clock.sleep(sleepMs)
      await pass(8_000)
    }
    expect(await alice.news()).toEqual([])
    expect(await bob.news()).toEqual([])
  })

  it('is not called back because the server slept', async () => {
    const { lobby, clock, pass } = await setup()
    const [alice, bob] = await lobby('alice', 'bob')
    alice.isFrozen = true
    await pass(8_000)
    await bob.next('unreachable')
    clock.sleep(60_000)
    await pass(30_000)
    expect(await bob.news()).toEqual([])
    await pass(2_000)
    expect(await bob.news()).toEqual([{ type: 'gone', peer: alice.peer, why: 'lost' }])
  })
})

describe('a session that answers pings up to a second late', () => {
  it('is never unreachable', async () => {
    const { lobby, pass } = await setup()
    const [alice, bob] = await lobby('alice', 'bob')
    alice.isFrozen = true
    let answered = 0
    for (let halfSeconds = 0; halfSeconds < 120; halfSeconds++) {
      const asked = alice.pingCount
      await pass(500)
      for (; answered < asked; answered++) alice.send({ type: 'pong' })
      await alice.settled()
    }
    expect(answered).toBeGreaterThan(10)
    expect(await bob.news()).toEqual([])
  })
})

describe('an operator', () => {
  it('kicks a user, who is told, as is everybody who knew it, and who may log in again', async () => {
    const { lobby, logIn, server } = await setup()
    const [alice, bob] = await lobby('alice', 'bob')
    await server.kick(APP, 'alice')
    expect(await alice.next('ended')).toMatchObject({ reason: 'kicked' })
    expect(await alice.closed).toMatchObject({ code: closeCodes.ended })
    expect(await bob.next('gone')).toMatchObject({ peer: alice.peer, why: 'kicked' })
    await logIn('alice')
  })

  it('bans a user, in that app only', async () => {
    const { lobby, logIn, page, server } = await setup()
    const [alice, bob] = await lobby('alice', 'bob')
    await server.ban(APP, 'alice')
    expect(await alice.next('ended')).toMatchObject({ reason: 'banned' })
    expect(await bob.next('gone')).toMatchObject({ peer: alice.peer, why: 'banned' })
    const again = await page('alice')
    await again.tryLogin(again.identity)
    expect(await again.next('refused')).toMatchObject({ reason: 'banned' })
    await logIn('alice', undefined, OTHER_APP)
  })

  it('may name somebody who is not there, but nothing that is no user', async () => {
    const { server } = await setup()
    await server.kick(APP, 'nobody')
    await expect(server.kick('short', 'nobody')).rejects.toThrow(/app id/)
    await expect(server.ban(APP, '')).rejects.toThrow(/user id/)
  })
})

describe('a server that restarted and knows nobody', () => {
  it.each([
    ['with the same secret', 'the same secret for all servers'],
    ['with another key', 'another secret of another server'],
  ])('%s takes its sessions back, which join again and find each other', async (_case, secret) => {
    const { lobby, logIn, restart } = await setup({ secret: 'the same secret for all servers' })
    const pages = await lobby('alice', 'bob', 'carol')
    await restart({ secret })
    for (const page of pages) expect(await page.closed).toMatchObject({ code: closeCodes.restart })
    const back = []
    for (const page of pages) back.push(await logIn(page.identity, page.credential))
    const rosters = []
    for (const page of back) rosters.push(await page.join(LOBBY, 1))
    expect(rosters.map((roster) => roster.members.length)).toEqual([0, 1, 2])
    expect(back.map((page) => page.sessionId)).toEqual(pages.map((page) => page.sessionId))
  })

  it('says so by another boot id', async () => {
    const { client, restart } = await setup()
    const before = await client().greeting()
    const meanwhile = await client().greeting()
    await restart()
    const after = await client().greeting()
    expect(meanwhile.boot).toBe(before.boot)
    expect(after.boot).not.toBe(before.boot)
    expect(meanwhile.nonce).not.toEqual(before.nonce)
  })
})

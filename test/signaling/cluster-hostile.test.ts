import { describe, expect, it } from 'vitest'

import type { AppId, UserId } from '../../src/base/ids.ts'
import { toBase64Url } from '../../src/base/bytes.ts'
import { MAX_CHANGED_SESSIONS } from '../../signaling/cluster/cluster-messages.ts'
import type { SessionRecord } from '../../signaling/cluster/session-record.ts'
import type { NodeId } from '../../signaling/session.ts'
import { createIdentity, LOBBY, type TestIdentity } from './client.ts'
import { nodeOf, setupCluster } from './cluster-setup.ts'

const NODE = 'f'.repeat(32) as NodeId

/** A cluster of one node, and somebody who can write into what nodes share. */
async function setup() {
  const world = await setupCluster(1)
  const heard: string[] = []
  const bus = world.hub.bus()
  await bus.open(NODE, {
    up: () => undefined,
    down: () => undefined,
    news: (text) => heard.push(text),
    letter: (text) => heard.push(text),
  })
  const one = nodeOf(world, 0)
  const nodes = (await bus.nodes()).filter((node) => node !== NODE)
  const announce = (news: object): void => bus.announce(JSON.stringify(news))
  const tell = (number: number, sessions: unknown[], ended: unknown[] = []): void =>
    announce({ type: 'change', node: NODE, number, sessions, ended })
  return { ...world, one, bus, heard, announce, tell, victim: nodes[0] ?? NODE }
}

function recordOf(identity: TestIdentity, more: Partial<SessionRecord> = {}): SessionRecord {
  return {
    appId: identity.appId,
    userId: identity.userId,
    fingerprint: toBase64Url(identity.fingerprint),
    signingKey: toBase64Url(identity.signingKey.publicKey),
    agreementKey: toBase64Url(identity.agreementKey.publicKey),
    loginTime: 1,
    stay: 1,
    isConnected: true,
    channels: [[LOBBY, 1]],
    visits: [],
    ...more,
  }
}

describe('whoever writes into what nodes share', () => {
  it('is not heard with what no node says', async () => {
    const { one, bus, victim, announce, enter, news } = await setup()
    const alice = await enter(one, 'alice')
    const record = recordOf(await createIdentity('bob'))
    for (const text of ['', '{', 'null', '[]', '"x"', '{"type":"alive"}', 'x'.repeat(17_000_000)]) {
      bus.announce(text)
      await bus.post(victim, text)
    }
    const change = { type: 'change', node: NODE, number: 1, sessions: [record], ended: [] }
    for (const broken of [
      { node: 'me' },
      { number: -1 },
      { number: 1.5 },
      { sessions: [{ ...record, appId: 'x' as AppId }] },
      { sessions: [{ ...record, userId: '' as UserId }] },
      { sessions: [{ ...record, signingKey: 'x'.repeat(87_000) }] },
      { sessions: [{ ...record, channels: Array(300).fill([LOBBY, 1]) }] },
      { sessions: Array(MAX_CHANGED_SESSIONS + 1).fill(record) },
      { ended: [{ sessionId: alice.sessionId, why: 'tired' }] },
    ]) {
      announce({ ...change, ...broken })
    }
    expect(await news(alice)).toEqual([])
  })

  it('cannot end a session that is not its own, nor take it by an older stay', async () => {
    const { one, bus, tell, enter, news } = await setup()
    const alice = await enter(one, 'alice')
    bus.write({ number: 1, sessions: new Map() })
    tell(2, [], [{ sessionId: alice.sessionId, why: 'goodbye' }])
    tell(3, [recordOf(alice.identity)])
    const before = recordOf(await createIdentity('alice'))
    tell(4, [before])
    expect(await news(alice)).toEqual([])
  })

  it('cannot give a session id to another user', async () => {
    const { one, bus, tell, enter, logIn, settle } = await setup()
    const alice = await enter(one, 'alice')
    bus.write({ number: 1, sessions: new Map() })
    tell(2, [recordOf({ ...alice.identity, userId: 'mallory' as UserId }, { stay: 2 ** 52 })])
    const bob = await logIn(one, 'bob')
    await settle()
    bob.send({ type: 'find', request: 1, userIds: ['alice', 'mallory'] as UserId[] })
    expect((await bob.next('found')).peers).toEqual([alice.peer])
    expect(alice.socket.readyState).toBe(alice.socket.OPEN)
  })

  it('is read again after a gap, and believed as far as it goes', async () => {
    const { one, bus, tell, enter, news } = await setup()
    const alice = await enter(one, 'alice')
    const [bob, carol] = [await createIdentity('bob'), await createIdentity('carol')]
    bus.write({ number: 1, sessions: new Map([[bob.sessionId, JSON.stringify(recordOf(bob))]]) })
    await bus.beat(JSON.stringify({ type: 'alive', node: NODE, number: 1 }))
    expect(await news(alice)).toMatchObject([{ type: 'joined', member: { userId: 'bob' } }])
    // Its second change is lost; the third says so, and what it has is read.
    bus.write({
      number: 3,
      sessions: new Map([
        [bob.sessionId, 'broken'],
        [carol.sessionId, JSON.stringify(recordOf(carol))],
      ]),
    })
    tell(3, [])
    expect(await news(alice)).toMatchObject([{ type: 'joined', member: { userId: 'carol' } }])
    tell(2, [recordOf(bob, { channels: [] })])
    expect(await news(alice)).toEqual([])
  })

  it('cannot fill the memory with nodes', async () => {
    const { one, announce, enter, logIn, news } = await setup()
    const alice = await enter(one, 'alice')
    for (let i = 0; i < 10_000; i++) {
      announce({ type: 'alive', node: i.toString(16).padStart(32, '0'), number: 1 })
    }
    expect(await news(alice)).toEqual([])
    await (await logIn(one, 'bob')).join(LOBBY, 1)
    expect(await news(alice)).toMatchObject([{ type: 'joined', member: { userId: 'bob' } }])
  })

  it('hears of a session before it hears its signal', async () => {
    const { one, bus, heard, tell, page, settle } = await setup()
    const bob = await createIdentity('bob')
    bus.write({ number: 1, sessions: new Map() })
    tell(2, [])
    tell(3, [recordOf(bob)])
    await settle()
    heard.length = 0
    const alice = await page(one, 'alice')
    await alice.tryLogin(alice.identity)
    alice.send({ type: 'signal', to: bob.sessionId, signal: 'offer' })
    await alice.next('loggedIn')
    await settle()
    const types = heard.map((text) => (JSON.parse(text) as { type: string }).type)
    expect(types.slice(0, 2)).toEqual(['change', 'signal'])
  })

  it('finds no name there of a user who has said goodbye', async () => {
    const { one, hub, enter, settle } = await setup()
    const alice = await enter(one, 'alice')
    expect([...hub.holdings.keys()]).toEqual([expect.stringContaining('alice')])
    alice.send({ type: 'goodbye' })
    await settle()
    expect(hub.holdings.size).toBe(0)
  })
})

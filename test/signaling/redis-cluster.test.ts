import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'

import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest'

import {
  createSignalingServer,
  type SignalingServer,
  type SignalingServerOptions,
} from '../../signaling/index.ts'
import type { UserId } from '../../src/base/ids.ts'
import { RedisServer } from '../support/redis.ts'
import { APP, createIdentity, LOBBY, type TestIdentity, TestPage } from './client.ts'

const secret = 'the secret of all nodes of the tests'
let redis: RedisServer
beforeAll(async () => {
  redis = await RedisServer.start()
})
beforeEach(() => redis.empty())
afterAll(() => redis.close())

const lines: string[] = []
const log = (level: string, sentence: string, details?: object): void => {
  lines.push(`${level} ${sentence} ${JSON.stringify(details ?? {})}`)
}

async function start(options: SignalingServerOptions = {}): Promise<SignalingServer> {
  const server = await createSignalingServer({ port: 0, log, secret, redis: redis.url, ...options })
  onTestFinished(() => server.close())
  return server
}

async function logIn(
  server: SignalingServer,
  who: string | TestIdentity,
  credential?: string,
): Promise<TestPage> {
  const page = new TestPage(server.url, typeof who === 'string' ? await createIdentity(who) : who)
  onTestFinished(() => page.socket.terminate())
  await page.logIn(credential)
  return page
}

/** What it says at `/readyz` after it has changed its mind. */
async function untilReady(server: SignalingServer, isReady: boolean): Promise<string> {
  for (;;) {
    const [response] = (await once(get(server.url.replace(/^ws(.*)rtm$/, 'http$1readyz')), 'response')) as [
      IncomingMessage,
    ]
    let text = ''
    for await (const chunk of response) text += String(chunk)
    if ((response.statusCode === 200) === isReady) return text
  }
}

describe('nodes with one Redis', () => {
  it('share users, channels, signals and kicks', async () => {
    const [one, two] = [await start(), await start()]
    const alice = await logIn(one, 'alice')
    await alice.join(LOBBY, 1)
    const bob = await logIn(two, 'bob')
    await bob.join(LOBBY, 1)
    expect(await alice.next('joined')).toMatchObject({ member: { userId: 'bob' } })
    alice.send({ type: 'signal', to: bob.sessionId, signal: 'offer' })
    for (;;) {
      const message = await bob.next<'signal' | 'joined'>('signal').catch(() => undefined)
      if (message) break
    }
    await two.kick(APP, 'alice')
    expect(await alice.next('ended')).toMatchObject({ reason: 'kicked' })
    expect(await bob.next('gone')).toMatchObject({ peer: alice.peer, why: 'kicked' })
  })

  it('let one of two hundred simultaneous logins of a user stay', async () => {
    const servers = [await start(), await start(), await start()]
    const pages = await Promise.all(
      Array.from({ length: 200 }, async (_, i) => {
        const page = new TestPage(servers[i % 3]?.url ?? '', await createIdentity('alice'))
        onTestFinished(() => page.socket.terminate())
        return page
      }),
    )
    await Promise.all(pages.map((page) => page.tryLogin(page.identity)))
    const closed = new Set<TestPage>()
    await new Promise<void>((resolve) => {
      for (const page of pages) {
        void page.closed.then(() => closed.add(page).size === 199 && resolve())
      }
    })
    const [winner] = pages.filter((page) => !closed.has(page))
    for (const server of servers) {
      const asker = await logIn(server, 'asker')
      asker.send({ type: 'find', request: 1, userIds: ['alice' as UserId] })
      expect((await asker.next('found')).peers).toMatchObject([{ sessionId: winner?.sessionId }])
    }
  })

  it('say that Redis is away, go on, and are whole again when it is back and empty', async () => {
    const [one, two] = [await start(), await start()]
    const alice = await logIn(one, 'alice')
    await alice.join(LOBBY, 1)
    const bob = await logIn(two, 'bob')
    await bob.join(LOBBY, 1)
    await alice.next('joined')
    await redis.kill()
    expect(await untilReady(one, false)).toContain('Redis is away')
    await untilReady(two, false)
    const carol = await logIn(one, 'carol')
    expect((await carol.join(LOBBY, 1)).members).toHaveLength(2)
    await alice.next('joined')

    await redis.startAgain()
    await untilReady(one, true)
    await untilReady(two, true)
    const joined = await bob.next('joined')
    expect(joined.member.userId).toBe('carol')
    bob.send({ type: 'signal', to: carol.sessionId, signal: 'offer' })
    expect(await carol.next('signal')).toMatchObject({ from: bob.peer })
    expect(await alice.news()).toEqual([])
  })

  it('take logins though Redis does not answer, and notice that it does not', async () => {
    const server = await start()
    redis.freeze()
    try {
      await logIn(server, 'alice')
      await untilReady(server, false)
    } finally {
      redis.thaw()
    }
    await untilReady(server, true)
  })

  it('tell again what was lost in Redis, though it never went away', async () => {
    const [one, two] = [await start(), await start()]
    await logIn(one, 'alice')
    await redis.empty()
    const three = async () => {
      const server = await start()
      const asker = await logIn(server, 'asker')
      asker.send({ type: 'find', request: 1, userIds: ['alice' as UserId] })
      const { peers } = await asker.next('found')
      await server.close()
      return peers.length
    }
    while ((await three()) === 0);
    expect(two.readiness().ready).toBe(true)
  })

  it('count the connections of addresses together, and leave nothing that does not end by itself', async () => {
    for (const user of ['alice', 'bob']) {
      const { url } = await start({ trustedProxies: ['loopback'] })
      const page = new TestPage(url, await createIdentity(user), {
        headers: { 'X-Forwarded-For': '192.0.2.7' },
      })
      onTestFinished(() => page.socket.terminate())
      await page.logIn()
    }
    const lives = await redis.lives()
    expect([...lives.keys()].filter((key) => key.startsWith('rtm-mesh:rate:connections'))).toHaveLength(1)
    for (const [key, leftMs] of lives) {
      expect(key).toMatch(/^rtm-mesh:/)
      expect(leftMs).toBeGreaterThan(0)
    }
  })

  it('start without Redis, and are not ready', async () => {
    const server = await start({ redis: 'redis://127.0.0.1:1' })
    expect(server.readiness()).toMatchObject({ ready: false, reasons: { redis: /Redis/ } })
    await logIn(server, 'alice')
  })

  it('never log what gives access to Redis', async () => {
    lines.length = 0
    const url = redis.url.replace('//', '//somebody:pass-word-of-redis@')
    const server = await start({ redis: url })
    expect(server.readiness().ready).toBe(false)
    const other = await start()
    expect(other.readiness().ready).toBe(true)
    expect(lines.join('\n')).toContain('Redis')
    expect(lines.join('\n')).not.toContain('pass-word-of-redis')
    expect(JSON.stringify(server.readiness())).not.toContain('pass-word-of-redis')
  })
})

import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

import { describe, expect, it } from 'vitest'

import type { SignalingServer } from '../../signaling/index.ts'
import { type RefusalReason, refusalReasons, refusals } from '../../signaling/refusals.ts'
import { closeCodes } from '../../src/protocol/server-messages.ts'
import { loginMessage, type TestPage } from './client.ts'
import { countsOf, metricsOf } from './metric-values.ts'
import { setup, type World } from './setup.ts'

/** The raw socket below a page, for frames that no WebSocket sends. */
function rawSocketOf(page: TestPage): Socket {
  return (page.socket as unknown as { _socket: Socket })._socket
}

/** What a client does to meet it, after its login; the others have tests of their own below or elsewhere. */
const misdeeds: Partial<Record<RefusalReason, (page: TestPage) => void | Promise<void>>> = {
  'too-large': (page) => page.socket.send('x'.repeat(64 * 1024 + 1)),
  'too-many-pieces': (page) => {
    for (let i = 0; i < 100; i++) page.socket.send(' ', { fin: false })
  },
  // A frame with a reserved bit.
  'broken-frame': (page) => void rawSocketOf(page).write(Buffer.from([0xf1, 0x80, 0, 0, 0, 0])),
  'not-utf8': (page) => page.socket.send(Buffer.from([0xff, 0xfe]), { binary: false }),
  binary: (page) => page.socket.send(Buffer.from('{"type":"pong"}')),
  malformed: (page) => page.socket.send('nonsense'),
  'second-login': async (page) => page.send(await loginMessage(page.identity, new Uint8Array(32))),
  flood: (page) => {
    for (let i = 0; i < 1_100; i++) page.send({ type: 'find', request: i, userIds: [] })
  },
}

describe('a client learns why it is cut off, and monitors how often, when it sends', () => {
  it.each(Object.keys(misdeeds) as (keyof typeof misdeeds)[])('%s', async (reason) => {
    const world = await setup()
    const page = await world.logIn('mallory')
    await misdeeds[reason]?.(page)
    const { code, sentence } = refusals[reason]
    expect(await page.closed).toEqual({ code, reason: sentence })
    expect(await countsOf(world.server, 'refusals')).toEqual({ [reason]: 1 })
  })
})

describe('before the login', () => {
  async function closing(world: World, act: (page: TestPage) => void | Promise<void>) {
    const page = await world.page('mallory')
    await page.greeting()
    await act(page)
    return page.closed
  }

  it('another message and silence are told apart', async () => {
    const world = await setup()
    const early = await closing(world, (page) => page.send({ type: 'renew' }))
    expect(early).toEqual({ code: closeCodes.malformed, reason: refusals['not-a-login'].sentence })
    const silent = await closing(world, () => world.clock.advance(10_000))
    expect(silent).toEqual({ code: closeCodes.loginTimeout, reason: refusals['login-timeout'].sentence })
    expect(await countsOf(world.server, 'refusals')).toEqual({ 'not-a-login': 1, 'login-timeout': 1 })
  })

  it('the time for a login is an option', async () => {
    const world = await setup({ limits: { loginWithinMs: 3_000 } })
    const page = await world.page('slow')
    await page.greeting()
    await world.pass(2_000)
    expect(page.socket.readyState).toBe(page.socket.OPEN)
    world.clock.advance(1_000)
    expect(await page.closed).toMatchObject({ code: closeCodes.loginTimeout })
  })

  it('whoever is refused by HTTP is told in words too', async () => {
    const world = await setup({ origins: ['https://example.com'] })
    const { port } = world.server
    const key = 'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=='
    const upgrade = (path: string, more = key): Promise<string> =>
      say(
        port,
        `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n${more}\r\n\r\n`,
      )
    expect(await upgrade('/other')).toMatch(/^HTTP\/1\.1 404 [^]*not at this path\.$/)
    expect(await upgrade('/rtm')).toMatch(/^HTTP\/1\.1 403 [^]*Pages of this origin may not/)
    const known = 'Origin: https://example.com\r\nSec-WebSocket-Version: 13'
    expect(await upgrade('/rtm', known)).toMatch(/^HTTP\/1\.1 400 [^]*no handshake/)
    expect(await countsOf(world.server, 'refusals')).toEqual({
      'wrong-path': 1,
      origin: 1,
      'bad-handshake': 1,
    })
  })

  it('who connects while the server ends is told to come back', async () => {
    const world = await setup()
    const page = await world.logIn('alice')
    page.socket.pause()
    const closed = world.server.close()
    const answer = await say(
      world.server.port,
      'GET /rtm HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
    )
    expect(answer).toMatch(/^HTTP\/1\.1 503 [^]*come back/)
    page.socket.resume()
    await closed
  })

  it('who says nothing at all has no longer than who says half of it', async () => {
    const world = await setup({ limits: { loginWithinMs: 500 } })
    const socket = connect(world.server.port, '127.0.0.1')
    socket.write('GET /rtm HTTP/1.1\r\nHost: x\r\n')
    let text = ''
    socket.on('data', (chunk: Buffer) => (text += chunk.toString()))
    await once(socket, 'close')
    expect(text).toMatch(/^HTTP\/1\.1 408 /)
  })
})

describe('the limits of a session are options', () => {
  it('in how many channels it may be', async () => {
    const world = await setup({ limits: { maxChannelsPerSession: 1 } })
    const page = await world.logIn('alice')
    await page.join('lobby', 1)
    page.send({ type: 'join', channelId: 'arena' as never, incarnation: 2 })
    expect(await page.next('joinRefused')).toMatchObject({
      message: 'A session may be in 1 channels: leave one first',
    })
    expect(await countsOf(world.server, 'declines')).toEqual({ 'too-many-channels': 1 })
  })

  it('to how many users it may be subscribed', async () => {
    const world = await setup({ limits: { maxSubscriptionsPerSession: 2 } })
    const page = await world.logIn('alice')
    page.send({ type: 'subscribe', userIds: ['a', 'b', 'c', 'd'] as never })
    expect((await page.next('subscribed')).userIds).toEqual(['a', 'b'])
    expect(await countsOf(world.server, 'declines')).toEqual({ 'too-many-subscriptions': 2 })
  })

  it('how large a message may be', async () => {
    const world = await setup({ limits: { maxMessageBytes: 2_000 } })
    const page = await world.logIn('alice')
    page.send({ type: 'signal', to: page.sessionId, signal: 'x'.repeat(1_500) })
    await page.next('undeliverable')
    page.send({ type: 'signal', to: page.sessionId, signal: 'x'.repeat(2_000) })
    expect(await page.closed).toMatchObject({ code: closeCodes.tooLarge })
  })
})

it('every reason for a refusal has a code, a sentence that fits into a close frame, and a metric', async () => {
  const world = await setup()
  const counted = await refusalMetrics(world.server)
  expect(counted.sort()).toEqual([...refusalReasons].sort())
  for (const reason of refusalReasons) {
    const { code, sentence } = refusals[reason]
    const isOfHttp = code >= 400 && code < 600
    expect(isOfHttp || Object.values<number>(closeCodes).includes(code), reason).toBe(true)
    expect(sentence, reason).toMatch(/^[A-Z]\w* \w+.* \S+$/)
    expect(Buffer.byteLength(sentence), reason).toBeLessThanOrEqual(123)
  }
})

async function refusalMetrics(server: SignalingServer): Promise<string[]> {
  const names = [...(await metricsOf(server)).keys()]
  return names.flatMap((name) => /^rtm_mesh_refusals_total\{reason="(.+)"\}$/.exec(name)?.[1] ?? [])
}

/** The whole answer to these bytes. */
async function say(port: number, text: string): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  let answer = ''
  socket.on('data', (chunk: Buffer) => (answer += chunk.toString()))
  socket.write(text)
  await once(socket, 'close')
  return answer
}

import { once } from 'node:events'
import { createServer, get, type IncomingMessage } from 'node:http'
import { connect } from 'node:net'

import { describe, expect, it, onTestFinished } from 'vitest'
import { WebSocket } from 'ws'

import { noLog } from '../support/no-log.ts'
import { closeCodes } from '../../src/protocol/server-messages.ts'
import { createSignalingServer, type SignalingServerOptions } from '../../signaling/index.ts'
import { APP, createIdentity, TestClient, TestPage } from './client.ts'
import { setup } from './setup.ts'

const SECRET = 'x'.repeat(32)

async function ask(url: string): Promise<{ status: number | undefined; text: string }> {
  const [response] = (await once(get(url, { agent: false }), 'response')) as [IncomingMessage]
  let text = ''
  for await (const chunk of response) text += String(chunk)
  return { status: response.statusCode, text: text.trim() }
}

async function start(options: SignalingServerOptions = {}) {
  const server = await createSignalingServer({ port: 0, log: noLog, ...options })
  onTestFinished(() => server.close())
  return server
}

async function logIn(url: string, user: string): Promise<TestPage> {
  const page = new TestPage(url, await createIdentity(user))
  await page.logIn()
  return page
}

/** The status with which the upgrade is refused. */
async function refusalOf(url: string, options: { origin?: string } = {}): Promise<number | undefined> {
  const socket = new WebSocket(url, options)
  socket.on('error', () => undefined)
  const [, response] = (await once(socket, 'unexpected-response')) as [unknown, IncomingMessage]
  socket.terminate()
  return response.statusCode
}

describe('a signaling server', () => {
  it('says where it is', async () => {
    const server = await start()
    expect(server.port).toBeGreaterThan(0)
    expect(server.url).toBe(`ws://127.0.0.1:${server.port}/rtm`)
    await logIn(server.url, 'alice')
  })

  it('listens where it is told to', async () => {
    const server = await start({ host: '0.0.0.0', path: '/signaling' })
    expect(server.url).toBe(`ws://localhost:${server.port}/signaling`)
    await logIn(server.url, 'alice')
  })

  it('counts what it does', async () => {
    const server = await start()
    expect(server.stats()).toEqual({ openSockets: 0, relayedSignals: 0, undeliverableSignals: 0 })
    const [alice, bob] = [await logIn(server.url, 'alice'), await logIn(server.url, 'bob')]
    alice.send({ type: 'signal', to: bob.sessionId, signal: 'offer' })
    bob.send({ type: 'signal', to: alice.sessionId, signal: 'answer' })
    alice.send({ type: 'signal', to: alice.sessionId, signal: 'to nobody' })
    await alice.settled()
    await bob.settled()
    expect(server.stats()).toEqual({ openSockets: 2, relayedSignals: 2, undeliverableSignals: 1 })
    await server.close()
    expect(server.stats()).toEqual({ openSockets: 0, relayedSignals: 2, undeliverableSignals: 1 })
  })

  it('answers monitors, and says to others what it is', async () => {
    const server = await start()
    const base = `http://127.0.0.1:${server.port}`
    expect(await ask(`${base}/healthz`)).toEqual({ status: 200, text: 'ok' })
    expect((await ask(`${base}/healthz?verbose`)).status).toBe(200)
    expect(await ask(`${base}/readyz`)).toEqual({ status: 200, text: '{"ready":true,"reasons":{}}' })
    expect(await ask(`${base}/rtm`)).toMatchObject({
      status: 426,
      text: expect.stringContaining('WebSocket') as string,
    })
    expect(await ask(`${base}/`)).toMatchObject({
      status: 404,
      text: expect.stringContaining('/rtm') as string,
    })
    expect(await refusalOf(`ws://127.0.0.1:${server.port}/other`)).toBe(404)
  })

  it('lets pages of the allowed origins in, and nobody else', async () => {
    const server = await start({ origins: ['https://example.com/', 'HTTP://localhost:5173'] })
    expect(await refusalOf(server.url, { origin: 'https://evil.example' })).toBe(403)
    expect(await refusalOf(server.url)).toBe(403)
    for (const origin of ['https://example.com', 'http://localhost:5173']) {
      await new TestClient(server.url, { origin }).next('hello')
    }
  })

  it('lets pages from files in where the origin null is allowed, and only there', async () => {
    const open = await start({ origins: ['https://example.com', 'null'] })
    await new TestClient(open.url, { origin: 'null' }).next('hello')
    const closed = await start({ origins: ['https://example.com'] })
    expect(await refusalOf(closed.url, { origin: 'null' })).toBe(403)
  })

  it('writes neither tokens nor user ids into its log', async () => {
    const lines: unknown[] = []
    const server = await start({ log: (...line) => lines.push(line) })
    const alice = new TestPage(server.url, await createIdentity('alice-in-wonderland'))
    await alice.tryLogin(alice.identity, { token: 'the-secret-token' })
    await alice.next('loggedIn')
    alice.socket.send('nonsense')
    await alice.closed
    expect(JSON.stringify(lines)).not.toMatch(/alice-in-wonderland|the-secret-token/)
    expect(lines).toHaveLength(1)
  })
})

describe('createSignalingServer rejects with a sentence', () => {
  it.each<[string, SignalingServerOptions, RegExp]>([
    ['a port that is none', { port: 70_000 }, /port 70000/],
    ['a path without a slash', { path: 'rtm' }, /slash/],
    ['an app id that is none', { apps: { short: {} } }, /32 visible/],
    [
      'a certificate that no token can have been made with',
      { apps: { [APP]: { certificate: 'c' } } },
      /must be 32 hexadecimal digits/,
    ],
    [
      'an empty certificate, which might be meant as one',
      { apps: { [APP]: { certificate: '' } } },
      /must be 32 hexadecimal digits/,
    ],
    ['an empty secret', { secret: '' }, /empty/],
    ['an empty list of secrets', { secret: [] }, /empty/],
    ['nine secrets', { secret: Array<string>(9).fill('x'.repeat(32)) }, /8 secrets/],
    ['an origin that is none', { origins: ['example.com'] }, /https:\/\/example\.com/],
    ['an origin with a path', { origins: ['https://example.com/app'] }, /must look like/],
    ['ICE servers without urls', { iceServers: [{}] as never }, /ICE/],
    ['Redis without a secret', { redis: 'redis://localhost' }, /need one secret/],
    ['a Redis that is none', { redis: 'localhost:6379', secret: SECRET }, /look like redis:/],
    ['a Redis with more in its URL', { redis: 'redis://localhost/a/b', secret: SECRET }, /look like redis:/],
    ['a host that is not here', { host: '192.0.2.1' }, /not an address of this machine/],
  ])('%s', async (_case, options, sentence) => {
    await expect(createSignalingServer({ port: 0, log: noLog, ...options })).rejects.toThrow(sentence)
  })

  it('a port that is taken', async () => {
    const { port } = await start()
    await expect(createSignalingServer({ port, log: noLog })).rejects.toThrow(
      `Port ${port} on 127.0.0.1 is taken`,
    )
  })
})

describe('close', () => {
  it('ends all sockets with 1012, frees the port, and may be called twice', async () => {
    const server = await start()
    const { port } = server
    const alice = await logIn(server.url, 'alice')
    const visitor = new TestClient(server.url)
    await visitor.next('hello')
    await Promise.all([server.close(), server.close()])
    await server.close()
    expect(await alice.closed).toMatchObject({ code: closeCodes.restart })
    expect(await visitor.closed).toMatchObject({ code: closeCodes.restart })
    await start({ port })
  })

  it('destroys the socket of a client that does not answer', async () => {
    const server = await start()
    const { port } = server
    const alice = await logIn(server.url, 'alice')
    alice.socket.pause()
    await server.close()
    await expect(once(connect(port, '127.0.0.1'), 'connect')).rejects.toThrow(/ECONNREFUSED/)
    alice.socket.resume()
    await alice.closed
  })

  it('is not ready while it ends, and says so as long as there is anybody to wait for', async () => {
    const server = await start()
    const alice = await logIn(server.url, 'alice')
    alice.socket.pause()
    expect(server.readiness()).toEqual({ ready: true, reasons: {} })
    const closed = server.close()
    expect(await ask(`http://127.0.0.1:${server.port}/healthz`)).toMatchObject({ status: 200 })
    const { status, text } = await ask(`http://127.0.0.1:${server.port}/readyz`)
    expect(status).toBe(503)
    expect(JSON.parse(text)).toEqual({ ready: false, reasons: { shutdown: 'This server shuts down' } })
    alice.socket.resume()
    await closed
    expect(server.readiness().ready).toBe(false)
  })

  it('does not wait for monitors that keep their connection', async () => {
    const server = await start()
    const monitor = connect(server.port, '127.0.0.1')
    monitor.on('error', () => undefined)
    monitor.write('GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n')
    await once(monitor, 'data')
    await server.close()
    await once(monitor, 'close')
  })

  it('tells nobody that anybody left: they all come back', async () => {
    const { lobby, server } = await setup()
    const [alice, bob] = await lobby('alice', 'bob')
    await server.close()
    await alice.closed
    await bob.closed
    expect(await bob.news()).toEqual([])
  })
})

describe('a shared http server', () => {
  async function share() {
    const shared = createServer((_request, response) => response.end('the page'))
    shared.listen(0, '127.0.0.1')
    await once(shared, 'listening')
    onTestFinished(() => shared.close().closeAllConnections())
    return shared
  }

  it('keeps its own pages and its own upgrades', async () => {
    const shared = await share()
    shared.on('upgrade', (request, socket) => {
      if (request.url === '/hmr') socket.end('HTTP/1.1 418 Teapot\r\n\r\n')
    })
    const server = await start({ server: shared })
    expect(server.url).toBe(`ws://localhost:${server.port}/rtm`)
    await logIn(`ws://127.0.0.1:${server.port}/rtm?x`, 'alice')
    expect(await ask(`http://127.0.0.1:${server.port}/`)).toEqual({ status: 200, text: 'the page' })
    expect(await refusalOf(`ws://127.0.0.1:${server.port}/hmr`)).toBe(418)
  })

  it('stays open when the signaling server closes', async () => {
    const shared = await share()
    const server = await start({ server: shared })
    const alice = await logIn(`ws://127.0.0.1:${server.port}/rtm`, 'alice')
    await server.close()
    expect(await alice.closed).toMatchObject({ code: closeCodes.restart })
    expect(shared.listening).toBe(true)
    expect(shared.listenerCount('upgrade')).toBe(0)
  })

  it('need not listen yet, and takes the signaling server along when it closes', async () => {
    const shared = createServer()
    const { clock, server } = await setup({ server: shared })
    expect(server.port).toBe(0)
    shared.listen(0, '127.0.0.1')
    await once(shared, 'listening')
    expect(server.port).toBeGreaterThan(0)
    shared.close()
    await once(shared, 'close')
    expect(clock.pending).toBe(0)
  })
})

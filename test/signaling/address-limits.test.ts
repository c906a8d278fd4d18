import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { setImmediate } from 'node:timers/promises'

import { expect, it, onTestFinished } from 'vitest'
import { type ClientOptions, WebSocket } from 'ws'

import { createSignalingServer } from '../../signaling/index.ts'
import type { Limits } from '../../signaling/limits.ts'
import { closeCodes } from '../../src/protocol/server-messages.ts'
import { noLog } from '../support/no-log.ts'
import { APP, createIdentity, loginMessage, type TestIdentity, TestPage } from './client.ts'
import { countsOf } from './metric-values.ts'
import { setup, type World } from './setup.ts'

const CERTIFICATE = '5'.repeat(32)
const SCHOOL = '198.51.100.7'
const ELSEWHERE = '203.0.113.9'

/** Connects as a client of that address does, by a proxy. */
const from = (address: string): ClientOptions => ({ headers: { 'x-forwarded-for': address } })

const limited = (limits: Partial<Limits>) => setup({ trustedProxies: ['loopback'], limits })

/** Status and sentence with which the upgrade is refused. */
async function refusalOf(url: string, options: ClientOptions) {
  const socket = new WebSocket(url, options)
  socket.on('error', () => undefined)
  const [, response] = (await once(socket, 'unexpected-response')) as [unknown, IncomingMessage]
  let text = ''
  for await (const chunk of response) text += String(chunk)
  socket.terminate()
  return { status: response.statusCode, text, retryAfter: response.headers['retry-after'] }
}

it('an address has so many sockets at once; the next is closed with 1013, and other addresses are not concerned', async () => {
  const world = await limited({ maxSocketsPerAddress: 2 })
  const [first] = [world.client(from(SCHOOL)), world.client(from(SCHOOL))]
  await first.next('hello')
  expect(await world.client(from(SCHOOL)).closed).toEqual({
    code: closeCodes.overload,
    reason: 'Too many connections from this address are open: try again later',
  })
  await world.client(from(ELSEWHERE)).next('hello')
  first.socket.close()
  await first.closed
  await world.client(from(SCHOOL)).next('hello')
  expect(await countsOf(world.server, 'refusals')).toEqual({ 'address-full': 1 })
})

it('the hosts of one IPv6 network count as one address', async () => {
  const world = await limited({ maxSocketsPerAddress: 1 })
  await world.client(from('2001:db8:0:1::5')).next('hello')
  expect(await world.client(from('2001:db8:0:1:ffff::5')).closed).toMatchObject({ code: closeCodes.overload })
  await world.client(from('2001:db8:0:2::5')).next('hello')
})

it('an address that connects too often is refused with 429 before there is a WebSocket', async () => {
  const world = await limited({ connectionsPerMinutePerAddress: 3 })
  for (let i = 0; i < 3; i++) {
    const client = world.client(from(SCHOOL))
    await client.next('hello')
    client.socket.close()
  }
  expect(await refusalOf(world.server.url, from(SCHOOL))).toEqual({
    status: 429,
    text: 'Too many connections from this address: try again in a minute.',
    retryAfter: '60',
  })
  await world.client(from(ELSEWHERE)).next('hello')
  expect(await countsOf(world.server, 'refusals')).toEqual({ 'address-rate': 1 })
})

it('an address whose connections are ended for nonsense may not connect for a while; who is there stays', async () => {
  const world = await limited({ misdeedsPerMinutePerAddress: 5 })
  const honest = await world.page('honest', APP, from(SCHOOL))
  await honest.logIn()
  for (let i = 0; i < 5; i++) {
    const mallory = world.client(from(SCHOOL))
    await mallory.next('hello')
    mallory.socket.send('nonsense')
    await mallory.closed
  }
  expect(await refusalOf(world.server.url, from(SCHOOL))).toMatchObject({ status: 429, retryAfter: '60' })
  await world.client(from(ELSEWHERE)).next('hello')
  honest.send({ type: 'renew' })
  await honest.next('credential')
  expect(await countsOf(world.server, 'refusals')).toEqual({ malformed: 5, 'address-rate': 1 })
})

it('who leaves without a login, or is silent, has done nothing that is held against its address', async () => {
  const world = await limited({ misdeedsPerMinutePerAddress: 1 })
  for (let i = 0; i < 3; i++) {
    const client = world.client(from(SCHOOL))
    await client.next('hello')
    if (i === 0) client.socket.terminate()
    else world.clock.advance(10_000)
    await client.closed
  }
  await world.client(from(SCHOOL)).next('hello')
})

it('more connections a second than the server takes are refused with 503, from wherever they come', async () => {
  const world = await limited({ connectionsPerSecond: 2, maxSockets: 2 })
  await Promise.all([world.client().next('hello'), world.client(from(SCHOOL)).next('hello')])
  expect(await refusalOf(world.server.url, from(ELSEWHERE))).toMatchObject({ status: 503 })
  expect(await refusalOf(world.server.url, {})).toMatchObject({ status: 503 })
  expect(await countsOf(world.server, 'refusals')).toEqual({ 'connection-rate': 2 })
})

it('messages of all sockets of an address count together, and a client elsewhere is not concerned', async () => {
  const world = await limited({ messagesPerSecondPerAddress: 10, messageBurstPerAddress: 60 })
  const flooders = await Promise.all(
    Array.from({ length: 4 }, async (_, i) => {
      const page = await world.page(`user${i}`, APP, from(SCHOOL))
      await page.logIn()
      return page
    }),
  )
  const bob = await world.page('bob', APP, from(ELSEWHERE))
  await bob.logIn()
  for (let i = 0; i < 30; i++) {
    for (const page of flooders) page.send({ type: 'find', request: i, userIds: [] })
    bob.send({ type: 'find', request: i, userIds: [] })
  }
  const [first, ...others] = await Promise.all(flooders.map((page) => page.closed))
  expect(first).toEqual({
    code: closeCodes.flood,
    reason: 'The clients of this address send more messages a second than are taken',
  })
  expect(others.map(({ code }) => code)).toEqual([closeCodes.flood, closeCodes.flood, closeCodes.flood])
  expect(await bob.news()).toHaveLength(30)
  expect(await countsOf(world.server, 'refusals')).toEqual({ 'address-flood': 4 })
})

it('an address that has sent too much does not begin anew by coming back', async () => {
  const world = await limited({ messagesPerSecondPerAddress: 10, messageBurstPerAddress: 40 })
  const flood = async (user: string): Promise<number> => {
    const page = await world.page(user, APP, from(SCHOOL))
    await page.logIn()
    for (let i = 0; i < 39; i++) page.send({ type: 'find', request: i, userIds: [] })
    const answers = (await page.news()).length
    page.socket.terminate()
    await page.closed
    return answers
  }
  // The login is a message, and so is the question whether all has come.
  expect(await flood('alice')).toBe(39)
  await world.pass(1_000)
  expect(await flood('bob')).toBeLessThan(10)
  await world.pass(5_000)
  expect(await flood('carol')).toBe(39)
})

/** A server with a certificate, to which wrong tokens can be shown. */
async function guarded(limits: Partial<Limits>) {
  const world = await setup({
    trustedProxies: ['loopback'],
    apps: { [APP]: { certificate: CERTIFICATE } },
    limits,
  })
  const attempt = async (who: string | TestIdentity, address: string, token = 'a wrong one') => {
    const page = await world.page(who, APP, from(address))
    await page.tryLogin(page.identity, { token })
    return page
  }
  return { ...world, attempt }
}

/** Time passes, as long as it takes until this has happened, in steps in which a page is served. */
async function passUntil(world: World, page: TestPage, happened: Promise<unknown>): Promise<void> {
  let isOver = false
  void happened.then(() => (isOver = true))
  while (!isOver) {
    await page.settled()
    world.clock.advance(100)
    await Promise.race([happened, setImmediate()])
  }
}

it('failed logins of an address are answered ever later, those of others at once', async () => {
  const { attempt, clock, server } = await guarded({ failedLoginsPerMinutePerAddress: 20 })
  for (let i = 0; i < 2; i++) await (await attempt('mallory', SCHOOL)).next('refused')
  const slow = await attempt('mallory', SCHOOL)
  // Its answer waits for a clock that stands still.
  const elsewhere = await attempt('alice', ELSEWHERE)
  expect(await elsewhere.next('refused')).toMatchObject({ reason: 'invalid-token' })
  expect(await slow.news()).toEqual([])
  clock.advance(100)
  expect(await slow.next('refused')).toMatchObject({ reason: 'invalid-token' })
  expect(await slow.closed).toMatchObject({ code: closeCodes.refused })
  expect(await countsOf(server, 'logins')).toEqual({ 'invalid-token': 4 })
})

it('after too many failed logins no login of the address is looked at, but of a session that returns', async () => {
  const world = await setup({ trustedProxies: ['loopback'], limits: { failedLoginsPerMinutePerAddress: 10 } })
  const honest = await world.page('honest', APP, from(SCHOOL))
  await honest.logIn()
  const guess = async (address: string) => {
    const page = await world.page('mallory', APP, from(address))
    const { nonce } = await page.greeting()
    nonce.fill(1)
    page.send(await loginMessage(page.identity, nonce))
    const answered = page.next('refused')
    await passUntil(world, page, page.closed)
    return answered
  }
  for (let i = 0; i < 11; i++) expect(await guess(SCHOOL)).toMatchObject({ reason: 'invalid-proof' })
  // A reason that clients have always known: they try again later, and show the sentence.
  expect(await guess(SCHOOL)).toMatchObject({
    reason: 'overload',
    message: expect.stringMatching(
      /^Too many logins from this address have failed: try again in \d+ seconds$/,
    ),
  })
  expect(await guess(ELSEWHERE)).toMatchObject({ reason: 'invalid-proof' })

  const stranger = await world.page('stranger', APP, from(SCHOOL))
  await stranger.tryLogin(stranger.identity)
  expect(await stranger.next('refused')).toMatchObject({ reason: 'overload' })
  honest.socket.terminate()
  const back = await world.page(honest.identity, APP, from(SCHOOL))
  await back.logIn(honest.credential)
  expect(back.loginTime).toBe(honest.loginTime)
  const forged = await world.page('forger', APP, from(SCHOOL))
  await forged.tryLogin(forged.identity, { credential: honest.credential })
  expect(await forged.next('refused')).toMatchObject({ reason: 'overload' })
})

it('of 400 wrong logins that come at the same moment from one address 101 are looked at, and who returns gets in', async () => {
  const world = await setup({ trustedProxies: ['loopback'] })
  const honest = await world.page('honest', APP, from(SCHOOL))
  await honest.logIn()
  honest.socket.terminate()
  const mallory = await createIdentity('mallory')
  const pages = await Promise.all(
    Array.from({ length: 400 }, async () => {
      const page = await world.page(mallory, APP, from(SCHOOL))
      await page.greeting()
      return page
    }),
  )
  const guess = await loginMessage(mallory, new Uint8Array(32))
  for (const page of pages) page.send(guess)
  const back = await world.page(honest.identity, APP, from(SCHOOL))
  await back.logIn(honest.credential)
  await passUntil(world, back, Promise.all(pages.map((page) => page.closed)))
  expect(await countsOf(world.server, 'logins')).toEqual({
    admitted: 1,
    returned: 1,
    'invalid-proof': 101,
    overload: 299,
  })
}, 20_000)

it('300 honest logins that come at the same moment from one address are all taken', async () => {
  const world = await setup({ trustedProxies: ['loopback'] })
  const pages = await Promise.all(
    Array.from({ length: 300 }, (_, i) => world.page(`pupil${i}`, APP, from(SCHOOL))),
  )
  await Promise.all(pages.map((page) => page.logIn()))
  expect(await countsOf(world.server, 'logins')).toEqual({ admitted: 300 })
}, 20_000)

it('whoever waits for the answer to a failed login does not keep the server from ending', async () => {
  const { attempt, clock, server } = await guarded({ failedLoginsPerMinutePerAddress: 1 })
  const waits = [await attempt('a', SCHOOL), await attempt('b', SCHOOL)]
  for (const page of waits) await page.settled()
  await server.close()
  await Promise.all(waits.map((page) => page.closed))
  expect(clock.pending).toBe(0)
})

it('clients of this machine are not counted by address, whatever their headers say', async () => {
  const server = await createSignalingServer({
    port: 0,
    log: noLog,
    limits: { maxSocketsPerAddress: 1, connectionsPerMinutePerAddress: 1 },
  })
  onTestFinished(() => server.close())
  for (let i = 0; i < 3; i++) {
    const page = new TestPage(server.url, await createIdentity(`user${i}`), from(SCHOOL))
    await page.logIn()
  }
})

it('a proxy that was not named is told of once, without the address of anybody', async () => {
  const lines: unknown[][] = []
  const world = await setup({ log: (...line) => lines.push(line) })
  for (let i = 0; i < 3; i++) await world.client(from(SCHOOL)).next('hello')
  const told = lines.filter(([level]) => level === 'warn')
  expect(told).toEqual([['warn', expect.stringContaining('--trusted-proxy'), undefined]])
  expect(JSON.stringify(lines)).not.toContain(SCHOOL)
})

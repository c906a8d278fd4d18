import { connect } from 'node:net'

import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { utf8 } from '../../src/base/bytes.ts'
import type { ChannelId, SessionId } from '../../src/base/ids.ts'
import type { LogDetails } from '../../src/base/logger.ts'
import type { ClientMessage } from '../../src/protocol/client-messages.ts'
import { closeCodes, MAX_SERVER_MESSAGE_BYTES } from '../../src/protocol/server-messages.ts'
import { refusals } from '../../signaling/refusals.ts'
import { APP, createIdentity, LOBBY, loginMessage, type TestPage } from './client.ts'
import { countsOf } from './metric-values.ts'
import { setup, type World } from './setup.ts'

/** Every test has this pair, which must not notice anything. */
let world: World
let alice: TestPage
let bob: TestPage
const problems: string[] = []

beforeEach(async () => {
  problems.length = 0
  world = await setup({
    log: (level: string, sentence: string, details?: LogDetails) =>
      level === 'info' || problems.push(`${sentence} ${details?.['error']}`),
  })
  ;[alice, bob] = await world.lobby('alice', 'bob')
})

afterEach(async () => {
  alice.send({ type: 'signal', to: bob.sessionId, signal: 'still here?' })
  expect(await bob.next('signal')).toMatchObject({ from: alice.peer, signal: 'still here?' })
  expect(await alice.news()).toEqual([])
  expect(await bob.news()).toEqual([])
  expect(problems).toEqual([])
  await world.server.close()
})

describe('a logged-in client is closed, and its session lingers, when it sends', () => {
  const join = { type: 'join', channelId: 'lobby', incarnation: 1 }
  it.each([
    ['more than 64 KB', closeCodes.tooLarge, 'x'.repeat(MAX_SERVER_MESSAGE_BYTES + 1)],
    ['a binary message', closeCodes.malformed, utf8(JSON.stringify({ type: 'pong' }))],
    ['what is not JSON', closeCodes.malformed, '{"type":'],
    ['nothing', closeCodes.malformed, ''],
    ['JSON that is no message', closeCodes.malformed, 'null'],
    ['a type that does not exist', closeCodes.malformed, '{"type":"shutdown"}'],
    ['a message of the server', closeCodes.malformed, '{"type":"ping"}'],
    ['a join without a number', closeCodes.malformed, JSON.stringify({ ...join, incarnation: undefined })],
    ['a join with a negative number', closeCodes.malformed, JSON.stringify({ ...join, incarnation: -1 })],
    ['a join with half a number', closeCodes.malformed, JSON.stringify({ ...join, incarnation: 1.5 })],
    [
      'a join with a number beyond exactness',
      closeCodes.malformed,
      JSON.stringify({ ...join, incarnation: 1e300 }),
    ],
    [
      'a join of a channel with a bad name',
      closeCodes.malformed,
      JSON.stringify({ ...join, channelId: 'ä' }),
    ],
    ['a channel that is a list', closeCodes.malformed, JSON.stringify({ ...join, channelId: ['lobby'] })],
    ['deep nesting', closeCodes.malformed, '['.repeat(30_000) + ']'.repeat(30_000)],
    [
      'a find of 257 users',
      closeCodes.malformed,
      JSON.stringify({ type: 'find', request: 1, userIds: Array(257).fill('a') }),
    ],
    [
      'a subscription to 513 users',
      closeCodes.malformed,
      JSON.stringify({ type: 'subscribe', userIds: Array(513).fill('a') }),
    ],
    [
      'a subscription to what is no user',
      closeCodes.malformed,
      JSON.stringify({ type: 'subscribe', userIds: ['a', null] }),
    ],
    [
      'a question about 33 channels',
      closeCodes.malformed,
      JSON.stringify({ type: 'count', request: 1, channelIds: Array(33).fill('a') }),
    ],
    ['a visit without a number', closeCodes.malformed, JSON.stringify({ type: 'visit', channelId: 'lobby' })],
    [
      'a visit with half a number',
      closeCodes.malformed,
      JSON.stringify({ type: 'visit', request: 0.5, channelId: 'lobby' }),
    ],
    [
      'a visit of a channel with a bad name',
      closeCodes.malformed,
      JSON.stringify({ type: 'visit', request: 1, channelId: 'x'.repeat(65) }),
    ],
    [
      'a visit of many channels at once',
      closeCodes.malformed,
      JSON.stringify({ type: 'visit', request: 1, channelId: ['lobby', 'arena'] }),
    ],
    ['an end of a visit of nothing', closeCodes.malformed, JSON.stringify({ type: 'endVisit' })],
    ['a signal to a name', closeCodes.malformed, JSON.stringify({ type: 'signal', to: 'alice', signal: '' })],
    ['a second login', closeCodes.malformed, 'login'],
  ])('%s', async (_case, code, input) => {
    const mallory = await world.logIn('mallory')
    const second = JSON.stringify(await loginMessage(mallory.identity, new Uint8Array(32)))
    mallory.socket.send(input === 'login' ? second : input)
    const { code: actual, reason } = await mallory.closed
    expect(actual).toBe(code)
    if (code === closeCodes.malformed) expect(reason).toMatch(/\w+ \w+ \w+/)
    const back = await world.logIn(mallory.identity, mallory.credential)
    expect(back.loginTime).toBe(mallory.loginTime)
  })
})

describe('a client that has not logged in', () => {
  it.each([
    { type: 'join', channelId: LOBBY, incarnation: 1 },
    { type: 'leave', channelId: LOBBY, incarnation: 1 },
    { type: 'find', request: 1, userIds: [] },
    { type: 'visit', request: 1, channelId: LOBBY },
    { type: 'endVisit', channelId: LOBBY },
    { type: 'signal', to: '0'.repeat(32) as SessionId, signal: '' },
    { type: 'pong' },
    { type: 'goodbye' },
    { type: 'renew' },
  ] satisfies ClientMessage[])('is closed when it sends $type', async (message) => {
    const mallory = world.client()
    await mallory.next('hello')
    mallory.send(message)
    expect(await mallory.closed).toMatchObject({ code: closeCodes.malformed })
  })

  it('is closed when it sends more than 32 messages while its login is being decided', async () => {
    // A login that failed once has to wait for the answer the next time.
    const slow = await setup({
      trustedProxies: ['loopback'],
      limits: { failedLoginsPerMinutePerAddress: 1 },
    })
    const fail = async (): Promise<TestPage> => {
      const mallory = await slow.page('mallory', APP, { headers: { 'x-forwarded-for': '192.0.2.1' } })
      await mallory.greeting()
      mallory.send(await loginMessage(mallory.identity, new Uint8Array(32)))
      return mallory
    }
    await (await fail()).next('refused')
    const mallory = await fail()
    for (let i = 0; i < 33; i++) mallory.send({ type: 'renew' })
    expect(await mallory.closed).toEqual({
      code: closeCodes.malformed,
      reason: refusals.impatient.sentence,
    })
    await slow.server.close()
  })
})

describe('a flood', () => {
  it('of messages is cut off after the burst', async () => {
    const mallory = await world.logIn('mallory')
    for (let i = 0; i < 1_500; i++) mallory.send({ type: 'find', request: i, userIds: [] })
    expect(await mallory.closed).toMatchObject({ code: closeCodes.flood })
  })

  it('of visits is cut off like any other', async () => {
    const mallory = await world.logIn('mallory')
    for (let i = 0; i < 1_500; i++) {
      mallory.send({ type: 'visit', request: i, channelId: `room${i}` as ChannelId })
    }
    expect(await mallory.closed).toMatchObject({ code: closeCodes.flood })
  })

  it('of pings is cut off too', async () => {
    const mallory = await world.logIn('mallory')
    for (let i = 0; i < 1_500 && mallory.socket.readyState === mallory.socket.OPEN; i++) {
      mallory.socket.ping()
      // With 60 answers outstanding ws itself would give the socket up.
      if (i % 50 === 49) await mallory.settled()
    }
    expect(await mallory.closed).toMatchObject({ code: closeCodes.flood })
  })

  it('within the long-run rate is no flood', async () => {
    const eager = await world.logIn('eager')
    for (let second = 0; second < 15; second++) {
      for (let i = 0; i < 150; i++) eager.send({ type: 'find', request: i, userIds: [] })
      expect(await eager.news()).toHaveLength(150)
      await world.pass(1_000)
    }
  })

  it('of joins of a large channel is cut off earlier, as each is told to many', async () => {
    const crowd = await Promise.all(Array.from({ length: 100 }, (_, i) => world.logIn(`user${i}`)))
    for (const page of crowd) await page.join('arena', 1)
    const mallory = await world.logIn('mallory')
    const sent = 600
    for (let i = 1; i <= sent; i++) {
      mallory.send({ type: 'join', channelId: 'arena' as ChannelId, incarnation: i })
    }
    expect(await mallory.closed).toMatchObject({ code: closeCodes.flood })
  })

  it('of signals to one who does not read ends as undeliverable, without that one losing its socket', async () => {
    const slow = await world.logIn('slow')
    const mallory = await world.logIn('mallory')
    slow.socket.pause()
    const signal = 'x'.repeat(60_000)
    for (let i = 0; i < 400; i++) mallory.send({ type: 'signal', to: slow.sessionId, signal })
    const answers = await mallory.news()
    expect(answers.length).toBeGreaterThan(0)
    expect(answers.every((answer) => answer.type === 'undeliverable')).toBe(true)
    slow.socket.resume()
    const received = await slow.news()
    expect(received.length + answers.length).toBe(400)
    expect(slow.socket.readyState).toBe(slow.socket.OPEN)
  })
})

it('a reader that does not read is cut off with 1013 once 1 MB waits for it', async () => {
  const generous = await setup({ limits: { messageBurst: 100_000 } })
  const crowd = await Promise.all(Array.from({ length: 250 }, (_, i) => generous.logIn(`user${i}`)))
  for (const page of crowd) await page.join('arena', 1)
  const slow = await generous.logIn('slow')
  await slow.join('arena', 1)
  slow.socket.pause()
  // Each repetition is answered by a roster of 30 KB; the system's own buffers take up to 36 MB first.
  for (let i = 0; i < 2_000; i++) slow.send({ type: 'join', channelId: 'arena' as ChannelId, incarnation: 1 })
  while (!('slow-reader' in (await countsOf(generous.server, 'refusals')))) await crowd[0]?.settled()
  slow.socket.resume()
  expect(await slow.closed).toMatchObject({ code: closeCodes.overload })
})

it('beyond the limit of sockets the next one is closed with 1013', async () => {
  const small = await setup({ limits: { maxSockets: 2 } })
  const first = await small.logIn('first')
  await small.logIn('second')
  const third = small.client()
  expect(await third.closed).toMatchObject({ code: closeCodes.overload })
  first.socket.close()
  await first.closed
  await small.logIn('first')
  await small.server.close()
})

it('rubbish instead of WebSocket frames costs nobody but its sender', async () => {
  const { port } = world.server
  for (const rubbish of [
    'not http at all\r\n\r\n',
    'GET /rtm HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
    'GET // HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
    'GET /rtm HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n' +
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff',
  ]) {
    const socket = connect(port, '127.0.0.1')
    await new Promise<void>((resolve) => {
      socket.on('close', () => resolve()).on('error', () => undefined)
      socket.resume()
      socket.end(Buffer.from(rubbish, 'latin1'))
    })
  }
})

it('a connection that breaks off in the middle of a message is only a lost one', async () => {
  const mallory = await world.logIn('mallory')
  mallory.socket.send('{"type":"jo', { fin: false })
  mallory.socket.terminate()
  await world.untilLingering(mallory)
})

it('a text that is not UTF-8 closes its connection', async () => {
  const mallory = await world.logIn('mallory')
  mallory.socket.send(Buffer.from([0xff, 0xfe]), { binary: false })
  expect(await mallory.closed).toMatchObject({ code: closeCodes.malformed })
})

it('a message in a thousand pieces closes its connection', async () => {
  const mallory = await world.logIn('mallory')
  for (let i = 0; i < 1_000; i++) mallory.socket.send(' ', { fin: false })
  expect((await mallory.closed).code).not.toBe(1000)
})

it('thousands of random and mutated messages never disturb anybody else', { timeout: 60_000 }, async () => {
  const mallory = await createIdentity('mallory')
  const login = JSON.stringify(await loginMessage(mallory, new Uint8Array(32)))
  const valid = [
    login,
    JSON.stringify({ type: 'join', channelId: 'arena', incarnation: 3 }),
    JSON.stringify({ type: 'leave', channelId: 'arena', incarnation: 3 }),
    JSON.stringify({ type: 'find', request: 3, userIds: ['alice', 'bob'] }),
    JSON.stringify({ type: 'visit', request: 3, channelId: 'arena' }),
    JSON.stringify({ type: 'endVisit', channelId: 'arena' }),
    JSON.stringify({ type: 'signal', to: '0'.repeat(32), signal: 'x' }),
    JSON.stringify({ type: 'renew' }),
    JSON.stringify({ type: 'pong' }),
  ]
  const mutated = fc
    .tuple(
      fc.constantFrom(...valid),
      fc.nat(),
      fc.string({ maxLength: 4, unit: 'binary' }),
      fc.nat({ max: 3 }),
    )
    .map(([text, at, insert, cut]) => {
      const position = at % text.length
      return text.slice(0, position) + insert + text.slice(position + cut)
    })
  const input = fc.oneof(fc.constantFrom(...valid), mutated, fc.json(), fc.string({ unit: 'binary' }))
  const open = { page: await world.logIn(mallory) }
  await fc.assert(
    fc.asyncProperty(fc.array(input, { minLength: 1, maxLength: 30 }), async (texts) => {
      const { page } = open
      for (const text of texts) page.socket.send(text)
      await page.news()
      await world.pass(1_000)
      if (page.socket.readyState !== page.socket.OPEN) open.page = await world.logIn(mallory, page.credential)
    }),
    { numRuns: 300, seed: 1 },
  )
  open.page.send({ type: 'goodbye' })
})

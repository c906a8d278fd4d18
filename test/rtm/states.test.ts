import { describe, expect, test } from 'vitest'

import { timeouts } from '../../src/rtm/limits.ts'
import { LOBBY, type Page, setup, text } from './setup.ts'

type World = ReturnType<typeof setup>
type State = 'never logged in' | 'connecting' | 'connected' | 'reconnecting' | 'aborted'

/** Alice, alone in the lobby as far as she could join it. Nobody else has ever logged in. */
const reached: Record<State, (world: World) => Promise<Page>> = {
  'never logged in': ({ page }) => Promise.resolve(page('alice')),
  connecting({ page, realm }) {
    realm.isUp = false
    const alice = page('alice')
    alice.login()
    return Promise.resolve(alice)
  },
  async connected({ loggedIn, pass }) {
    const alice = await loggedIn('alice')
    alice.join()
    await pass(100)
    return alice
  },
  async reconnecting(world) {
    const alice = await reached.connected(world)
    world.realm.stop()
    await world.pass(4_000)
    return alice
  },
  async aborted(world) {
    const alice = await reached.connected(world)
    world.realm.end('alice', 'kicked')
    await world.pass(20)
    return alice
  },
}

const nothing = (): void => undefined
const room = {
  memberJoined: nothing,
  memberLeft: nothing,
  memberCount: nothing,
  message: nothing,
  attributesUpdated: nothing,
}
const options = { isKeptIfOffline: false }
const change = { kind: 'update', attributes: [{ key: 'topic', value: 'tea' }] } as const

type Operation = (page: Page, done: (outcome: unknown) => void) => void
/** What it answers while connected, and while reconnecting, there with the time that it takes; elsewhere all are alike. */
const operations: Record<string, [Operation, connected: unknown, reconnecting: unknown, afterMs: number]> = {
  'a message to a peer': [
    ({ engine }, done) => engine.sendToPeer('nobody', text('hi'), options, done),
    'peer-unreachable',
    'timeout',
    timeouts.sendMs,
  ],
  'a message to oneself': [
    ({ engine }, done) => engine.sendToPeer('alice', text('hi'), options, done),
    'ok',
    'ok',
    0,
  ],
  'a message to a channel': [
    ({ engine }, done) => engine.sendToChannel(LOBBY, text('hi'), done),
    'ok',
    'ok',
    0,
  ],
  // Nobody else is there, after 400 ms of silence, where nobody tells who is.
  'a join': [({ engine }, done) => engine.join('other' as typeof LOBBY, room, done), 'ok', 'ok', 400],
  'a leave': [(page, done) => done(page.leave()), 'ok', 'ok', 0],
  'the members of a channel': [(page, done) => done(page.members()), ['alice'], ['alice'], 0],
  'the count of a channel that is not joined': [
    ({ engine }, done) => engine.countMembers(['other'], done),
    [{ channelId: 'other', count: 0 }],
    'timeout',
    timeouts.countMembersMs,
  ],
  'a question who is online': [
    ({ engine }, done) => engine.queryPeers(['nobody'], done),
    [{ userId: 'nobody', state: 'offline' }],
    'timeout',
    timeouts.queryPeersMs,
  ],
  'a subscription': [
    ({ engine }, done) => engine.subscribePeers(['nobody'], done),
    'ok',
    'timeout',
    timeouts.subscribeMs,
  ],
  'the end of a subscription': [
    ({ engine }, done) => done(engine.unsubscribePeers(['nobody'])),
    'ok',
    'ok',
    0,
  ],
  'the list of subscriptions': [({ engine }, done) => done(engine.subscriptions('online-status')), [], [], 0],
  "a write of one's own attributes": [
    (page, done) => page.engine.writeUserAttributes(change, done),
    'ok',
    'ok',
    0,
  ],
  "one's own attributes": [
    ({ engine }, done) => engine.readUserAttributes('alice', undefined, done),
    [],
    [],
    0,
  ],
  "another user's attributes": [
    ({ engine }, done) => engine.readUserAttributes('nobody', undefined, done),
    'user-not-found',
    'timeout',
    timeouts.attributesMs,
  ],
  "a joined channel's attributes": [
    ({ engine }, done) => engine.readChannelAttributes(LOBBY, undefined, done),
    [],
    [],
    0,
  ],
  "another channel's attributes": [
    ({ engine }, done) => engine.readChannelAttributes('other', undefined, done),
    [],
    'timeout',
    timeouts.attributesMs,
  ],
  "a write of another channel's attributes": [
    ({ engine }, done) => engine.writeChannelAttributes('other', change, false, done),
    'ok',
    'timeout',
    timeouts.attributesMs,
  ],
}

/** What the operation answers in this state, and when; it is answered in time, once. */
async function attempt(state: State, operation: Operation) {
  const world = setup()
  const alice = await reached[state](world)
  expect(alice.engine.state).toBe(state === 'never logged in' ? 'disconnected' : state)
  const answers: { outcome: unknown; afterMs: number }[] = []
  const start = world.clock.now()
  operation(alice, (outcome) => answers.push({ outcome, afterMs: world.clock.now() - start }))
  await world.pass(11_000)
  expect(answers).toHaveLength(1)
  return answers[0]
}

describe.each(Object.entries(operations))('%s', (_, [operation, connected, reconnecting, afterMs]) => {
  test.each(['never logged in', 'connecting'] as const)('is refused at once: %s', async (state) => {
    expect(await attempt(state, operation)).toEqual({ outcome: 'not-logged-in', afterMs: 0 })
  })

  test('is answered: connected', async () => {
    expect((await attempt('connected', operation))?.outcome).toEqual(connected)
  })

  test('is attempted until it is out of time: reconnecting', async () => {
    expect(await attempt('reconnecting', operation)).toEqual({ outcome: reconnecting, afterMs })
  })

  test('is refused at once: aborted', async () => {
    expect(await attempt('aborted', operation)).toEqual({ outcome: 'aborted', afterMs: 0 })
  })
})

test.each([
  ['never logged in', 'ok', 'not-logged-in'],
  ['connecting', 'already-login', 'ok'],
  ['connected', 'already-login', 'ok'],
  ['reconnecting', 'already-login', 'ok'],
  ['aborted', 'already-login', 'ok'],
] as const)('%s: a login answers %s, a logout %s', async (state, login, logout) => {
  expect((await attempt(state, ({ engine }, done) => engine.login(null, 'alice', done)))?.outcome).toBe(login)
  const left = await attempt(state, ({ engine }, done) => engine.logout(done))
  expect(left).toEqual({ outcome: logout, afterMs: 0 })
})

describe('What was attempted while reconnecting', () => {
  test('is answered when the connection is back in time', async () => {
    const world = setup()
    const alice = await reached.reconnecting(world)
    const bob = world.page('bob')
    const calls = [
      alice.send('bob', 'hello'),
      alice.query('bob'),
      alice.subscribe('bob'),
      alice.count('other'),
    ]
    const attributes = alice.readAttributes('bob')
    await world.pass(2_000)
    world.realm.start()
    bob.login()
    await world.pass(2_900)
    expect(calls.map(({ outcome }) => outcome)).toEqual(['ok', 'bob online', 'ok', [0]])
    expect(attributes.outcome).toEqual([])
  })
})

describe('The connection state, row by row', () => {
  test('Disconnected, a login is accepted: Connecting; success: Connected, after the answer', async () => {
    const { page, pass } = setup()
    const alice = page('alice')
    alice.login()
    await pass(30)
    expect(alice.news()).toEqual(['connecting (login)', 'login: ok', 'connected (login-success)'])
  })

  test('Connecting, refused: Disconnected, after the answer', async () => {
    const { page, pass, realm } = setup()
    realm.refusal = () => 'invalid-token'
    const alice = page('alice')
    alice.login()
    await pass(30)
    expect(alice.news()).toEqual([
      'connecting (login)',
      'login: invalid-token',
      'disconnected (login-failure)',
    ])
  })

  test('Connecting, 12 s without success: Disconnected, and it is not tried any more', async () => {
    const world = setup()
    const alice = await reached.connecting(world)
    await world.pass(12_000)
    expect(alice.news().slice(1)).toEqual(['login: timeout', 'disconnected (login-timeout)'])
    world.realm.start()
    await world.pass(60_000)
    expect(world.realm.residents.size).toBe(0)
    expect(alice.news()).toEqual([])
  })

  test('Connecting, logout: Disconnected, and the login is answered as unknown', async () => {
    const alice = await reached.connecting(setup())
    alice.logout()
    expect(alice.news().slice(1)).toEqual(['login: unknown', 'logout: ok', 'disconnected (logout)'])
  })

  test('Connected, lost for less than 4 s: nothing', async () => {
    const world = setup()
    const alice = await reached.connected(world)
    alice.news()
    world.realm.stop()
    await world.pass(3_400)
    world.realm.start()
    await world.pass(30_000)
    expect(alice.news()).toEqual([])
  })

  test('Connected, lost for 4 s: Reconnecting; attempts that fail say nothing; back: Connected', async () => {
    const world = setup()
    const alice = await reached.connected(world)
    alice.news()
    world.realm.stop()
    await world.pass(3_600_000)
    expect(alice.news()).toEqual(['reconnecting (interrupted)'])
    world.realm.start()
    await world.pass(1_000)
    expect(alice.news()).toEqual(['connected (login-success)'])
  })

  test.each(['connected', 'reconnecting'] as const)(
    '%s, the user logs in elsewhere: Aborted, out of all channels, and not back by itself',
    async (state) => {
      const world = setup()
      const alice = await reached[state](world)
      alice.news()
      world.realm.start()
      // The later login; the first one may only be about to return.
      const elsewhere = world.page('alice')
      elsewhere.login()
      await world.pass(1_000)
      expect(alice.news()).toEqual(['aborted (remote-login)'])
      expect(alice.members()).toBe('aborted')
      await world.pass(60_000)
      expect([alice.engine.state, elsewhere.engine.state]).toEqual(['aborted', 'connected'])
    },
  )

  test.each(['kicked', 'banned'] as const)('Connected, %s: Aborted', async (why) => {
    const world = setup()
    const alice = await reached.connected(world)
    alice.news()
    world.realm.end('alice', why)
    await world.pass(60_000)
    expect(alice.news()).toEqual(['aborted (banned-by-server)'])
  })

  test.each(['kicked', 'banned'] as const)('Reconnecting, refused as %s: Aborted', async (why) => {
    const world = setup()
    const alice = await reached.reconnecting(world)
    alice.news()
    world.realm.refusal = () => why
    world.realm.start()
    await world.pass(60_000)
    expect(alice.news()).toEqual(['aborted (banned-by-server)'])
  })

  test.each(['connected', 'reconnecting', 'aborted'] as const)(
    '%s, logout: Disconnected, after the answer; then a login is possible',
    async (state) => {
      const world = setup()
      const alice = await reached[state](world)
      alice.news()
      alice.logout()
      expect(alice.news()).toEqual(['logout: ok', 'disconnected (logout)'])
      world.realm.start()
      alice.login()
      await world.pass(1_000)
      expect(alice.news()).toEqual(['connecting (login)', 'login: ok', 'connected (login-success)'])
    },
  )

  test('Aborted, login: nothing but the answer', async () => {
    const alice = await reached.aborted(setup())
    alice.news()
    alice.login()
    expect(alice.news()).toEqual(['login: already-login'])
  })

  test('Disconnected, logout: nothing but the answer', () => {
    const alice = setup().page('alice')
    alice.logout()
    expect(alice.news()).toEqual(['logout: not-logged-in'])
  })
})

import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'

import type { LoginRefusal } from '../../src/protocol/server-messages.ts'
import type { RtmMessage } from '../../src/web.ts'
import { setup } from './setup.ts'

beforeEach(() => {
  for (const method of ['error', 'warn'] as const)
    vi.spyOn(console, method).mockImplementation(() => undefined)
})
afterEach(() => {
  vi.restoreAllMocks()
})

type World = ReturnType<typeof setup>
type User = Awaited<ReturnType<World['loggedIn']>>

/** Calls that need somebody logged in, with arguments that are good. */
const calls: Readonly<Record<string, (user: User) => Promise<unknown>>> = {
  renewToken: ({ client }) => client.renewToken('another'),
  sendMessageToPeer: ({ client }) => client.sendMessageToPeer({ text: 'hello' }, 'bob'),
  queryPeersOnlineStatus: ({ client }) => client.queryPeersOnlineStatus(['bob']),
  subscribePeersOnlineStatus: ({ client }) => client.subscribePeersOnlineStatus(['bob']),
  unsubscribePeersOnlineStatus: ({ client }) => client.unsubscribePeersOnlineStatus(['bob']),
  queryPeersBySubscriptionOption: ({ client }) =>
    client.queryPeersBySubscriptionOption('ONLINE_STATUS' as never),
  getChannelMemberCount: ({ client }) => client.getChannelMemberCount(['room']),
  setLocalUserAttributes: ({ client }) => client.setLocalUserAttributes({ mood: 'fine' }),
  addOrUpdateLocalUserAttributes: ({ client }) => client.addOrUpdateLocalUserAttributes({ mood: 'fine' }),
  deleteLocalUserAttributesByKeys: ({ client }) => client.deleteLocalUserAttributesByKeys(['mood']),
  clearLocalUserAttributes: ({ client }) => client.clearLocalUserAttributes(),
  getUserAttributes: ({ client }) => client.getUserAttributes('bob'),
  getUserAttributesByKeys: ({ client }) => client.getUserAttributesByKeys('bob', ['mood']),
  setChannelAttributes: ({ client }) => client.setChannelAttributes('room', { topic: 'tea' }),
  addOrUpdateChannelAttributes: ({ client }) => client.addOrUpdateChannelAttributes('room', { topic: 'tea' }),
  deleteChannelAttributesByKeys: ({ client }) => client.deleteChannelAttributesByKeys('room', ['topic']),
  clearChannelAttributes: ({ client }) => client.clearChannelAttributes('room'),
  getChannelAttributes: ({ client }) => client.getChannelAttributes('room'),
  getChannelAttributesByKeys: ({ client }) => client.getChannelAttributesByKeys('room', ['topic']),
  join: ({ channel }) => channel('room').join(),
  leave: ({ channel }) => channel('room').leave(),
  sendMessage: ({ channel }) => channel('room').sendMessage({ text: 'hello' }),
  getMembers: ({ channel }) => channel('room').getMembers(),
}
const rows = Object.entries(calls)

describe('Every call that needs a login', () => {
  test.each(rows)('%s rejects with 102 before a login and after a logout', async (_, run) => {
    const { client, after, failed } = setup()
    const alice = client('alice')
    expect(await failed(0, run(alice))).toBe('RtmInvalidStatusError 102')
    await after(50, alice.client.login({ uid: 'alice' }))
    await after(10, alice.client.logout())
    expect(await failed(0, run(alice))).toBe('RtmInvalidStatusError 102')
  })

  test.each([...rows, ['login', ({ client }: User) => client.login({ uid: 'alice' })] as const])(
    '%s rejects with 101 after destroy',
    async (_, run) => {
      const { loggedIn, failed } = setup()
      const alice = await loggedIn('alice')
      const channel = alice.channel('room')
      alice.client.destroy()
      expect(await failed(0, run({ ...alice, channel: () => channel }))).toBe('RtmInvalidStatusError 101')
    },
  )

  test.each([
    ['renewToken', 2, 4],
    ['sendMessageToPeer', 180, 5],
    ['queryPeersOnlineStatus', 10, 5],
    ['subscribePeersOnlineStatus', 10, 5],
    ['unsubscribePeersOnlineStatus', 10, 5],
    ['queryPeersBySubscriptionOption', 10, 3],
    ['getChannelMemberCount', 1, 3],
    ['setLocalUserAttributes', 10, 5],
    ['getUserAttributes', 40, 5],
    ['setChannelAttributes', 10, 5],
    ['getChannelAttributes', 10, 5],
  ])('%s rejects when it is called more than %i times', async (method, count, code) => {
    const { loggedIn, pass, failed } = setup()
    const alice = await loggedIn('alice')
    const run = calls[method] ?? (() => Promise.resolve())
    for (let i = 0; i < count; i++) run(alice).catch(() => undefined)
    expect(await failed(0, run(alice))).toBe(`RtmInvokeTooOftenError ${code}`)
    await pass(11_000)
  })

  test.each([
    ['sendMessageToPeer', 10_000, 2],
    ['queryPeersOnlineStatus', 10_000, 4],
    ['subscribePeersOnlineStatus', 10_000, 4],
    ['getChannelMemberCount', 5_000, 4],
    ['getUserAttributes', 5_000, 7],
    ['join', 5_000, 4],
  ])('%s rejects when nobody answers for %i ms', async (method, ms, code) => {
    const { loggedIn, realm, failed } = setup()
    const alice = await loggedIn('alice')
    // Without a server one would be alone in the channel.
    if (method === 'join') realm.answersJoins = false
    else realm.stop()
    const run = calls[method] ?? (() => Promise.resolve())
    expect(await failed(ms, run(alice))).toBe(`RtmTimeoutError ${code}`)
  })

  test.each([
    ['sendMessageToPeer', 2],
    ['queryPeersOnlineStatus', 4],
    ['subscribePeersOnlineStatus', 4],
    ['unsubscribePeersOnlineStatus', 4],
    ['queryPeersBySubscriptionOption', 2],
    ['getChannelMemberCount', 4],
    ['setLocalUserAttributes', 7],
    ['getUserAttributes', 7],
    ['setChannelAttributes', 7],
    ['getChannelAttributes', 7],
    ['join', 4],
    ['leave', 1],
    ['getMembers', 3],
    ['sendMessage', 2],
    ['renewToken', 1],
  ])('%s rejects at once when the same user has logged in elsewhere', async (method, code) => {
    const { loggedIn, pass, failed } = setup()
    const alice = await loggedIn('alice')
    await pass(1_000)
    await loggedIn('alice')
    await pass(50)
    expect(alice.news()).toEqual(['ABORTED (REMOTE_LOGIN)'])
    const run = calls[method] ?? (() => Promise.resolve())
    expect(await failed(0, run(alice))).toBe(`RtmInvalidStatusError ${code}`)
  })
})

describe('A login', () => {
  test.each([
    ['invalid-app-id', 'RtmUnauthenticatedError 4'],
    ['invalid-token', 'RtmUnauthenticatedError 5'],
    ['token-expired', 'RtmUnauthenticatedError 6'],
    ['not-authorized', 'RtmUnauthenticatedError 7'],
    ['banned', 'RtmUnauthenticatedError 7'],
    ['overload', 'RtmInternalError 1'],
  ] satisfies [LoginRefusal, string][])('that is refused (%s) rejects with its code', async (why, told) => {
    const { client, realm, failed } = setup()
    realm.refusal = () => why
    const alice = client('alice')
    expect(await failed(50, alice.client.login({ uid: 'alice', token: 'one' }))).toBe(told)
    expect(alice.news()).toEqual(['CONNECTING (LOGIN)', 'DISCONNECTED (LOGIN_FAILURE)'])
  })

  test('rejects with 3 for what is no user id or no token, whatever else is wrong', async () => {
    const { client, failed } = setup()
    const alice = client('alice').client
    for (const uid of ['', 'null', 'ä', 7, undefined, 'x'.repeat(65)])
      expect(await failed(0, alice.login({ uid } as never))).toBe('RtmInvalidArgumentError 3')
    expect(await failed(0, alice.login(undefined as never))).toBe('RtmInvalidArgumentError 3')
    const token = 7 as never
    expect(await failed(0, alice.login({ uid: 'alice', token }))).toBe('RtmInvalidArgumentError 3')
  })

  test('takes null, undefined, an empty token and any other where the app has no certificate', async () => {
    const { client, after, pass } = setup()
    const alice = client('alice').client
    for (const token of [null, undefined, '', 'anything']) {
      await after(50, alice.login({ uid: 'alice', token }))
      await after(10, alice.logout())
      await pass(1_000)
    }
  })

  test('rejects with 10 while another is under way, and with 8 when somebody is logged in', async () => {
    const { client, after, pass, failed } = setup()
    const { client: alice } = client('alice')
    const login = alice.login({ uid: 'alice' })
    expect(await failed(0, alice.login({ uid: 'alice' }))).toBe('RtmInvokeTooOftenError 10')
    await after(50, login)
    await pass(1_000)
    expect(await failed(0, alice.login({ uid: 'alice' }))).toBe('RtmInvalidStatusError 8')
    expect(await failed(0, alice.login({ uid: 'bob' }))).toBe('RtmInvalidStatusError 8')
    expect(await failed(0, alice.login({ uid: 'bob' }))).toBe('RtmInvokeTooOftenError 10')
  })

  test('rejects with 9 after 12 s, and with 1 when a logout comes between', async () => {
    const { client, realm, failed, after } = setup()
    realm.stop()
    const { client: alice, news } = client('alice')
    expect(await failed(12_000, alice.login({ uid: 'alice', token: 'one' }))).toBe('RtmTimeoutError 9')
    expect(news()).toEqual(['CONNECTING (LOGIN)', 'DISCONNECTED (LOGIN_TIMEOUT)'])
    const login = failed(0, alice.login({ uid: 'alice', token: 'one' }))
    await after(0, alice.logout())
    expect(await login).toBe('RtmInternalError 1')
  })

  test('a logout rejects with 102 when nobody is logged in', async () => {
    const { client, failed } = setup()
    expect(await failed(0, client('alice').client.logout())).toBe('RtmInvalidStatusError 102')
  })
})

describe('Channels', () => {
  test('tell of two objects of one id which one has joined', async () => {
    const { loggedIn, after, pass, failed } = setup()
    const alice = await loggedIn('alice')
    const [one, other] = [alice.channel('room'), alice.channel('room')]
    expect(one).not.toBe(other)
    const join = one.join()
    expect(await failed(10, other.join())).toBe('RtmInvalidStatusError 202')
    await after(50, join)
    await pass(5_000)
    expect(await failed(0, one.join())).toBe('RtmInvalidStatusError 6')
    expect(await failed(0, other.sendMessage({ text: 'hello' }))).toBe('RtmInvalidStatusError 5')
    expect(await failed(0, other.getMembers())).toBe('RtmInvalidStatusError 5')
    expect(await failed(0, other.leave())).toBe('RtmInvalidStatusError 3')
    expect(await one.getMembers()).toEqual(['alice'])
    await after(10, one.leave())
    await pass(5_000)
    await after(50, other.join())
    expect(await failed(0, one.leave())).toBe('RtmInvalidStatusError 3')
  })

  test('are limited to 20 at once, 50 joins in 3 s and 2 of one channel in 5 s', async () => {
    const { loggedIn, after, failed } = setup()
    const alice = await loggedIn('alice')
    for (let i = 0; i < 20; i++) await after(10, alice.channel(`room ${i}`).join())
    expect(await failed(0, alice.channel('one more').join())).toBe('RtmLimitExceededError 5')
    expect(await failed(0, alice.channel('one more').join())).toBe('RtmLimitExceededError 5')
    expect(await failed(0, alice.channel('one more').join())).toBe('RtmInvokeTooOftenError 8')
    for (let i = 22; i < 50; i++) await failed(0, alice.channel(`room ${i}`).join())
    expect(await failed(0, alice.channel('room 50').join())).toBe('RtmInvokeTooOftenError 7')
  })

  test('reject what is not joined, and a sixth list of members', async () => {
    const { loggedIn, after, failed } = setup()
    const alice = await loggedIn('alice')
    const room = alice.channel('room')
    expect(await failed(0, room.leave())).toBe('RtmInvalidStatusError 3')
    expect(await failed(0, room.sendMessage({ text: 'hello' }))).toBe('RtmInvalidStatusError 5')
    expect(await failed(0, room.getMembers())).toBe('RtmInvalidStatusError 5')
    await after(50, room.join())
    for (let i = 0; i < 5; i++) await room.getMembers()
    expect(await failed(0, room.getMembers())).toBe('RtmInvokeTooOftenError 4')
  })

  test('are left also while they are being joined: the join rejects, and says why', async () => {
    const { loggedIn, after, pass } = setup()
    const [alice, bob] = [await loggedIn('alice'), await loggedIn('bob')]
    await after(500, bob.channel('room').join())
    bob.news()
    const room = alice.channel('room')
    const join = room.join().catch((error: unknown) => String(error))
    const leave = room.leave()
    expect([await after(50, leave), await join]).toEqual([
      undefined,
      'RtmInternalError: join: The channel was left before the join was answered; the join counts no more',
    ])
    await pass(1_000)
    expect(alice.news()).toEqual([])
    expect(await after(50, bob.client.getChannelMemberCount(['room']))).toEqual({ room: 1 })
    await expect(room.leave()).rejects.toMatchObject({ code: 3 })
    await pass(5_000)
    // Joined, left and joined again in one tick: the last word counts.
    const first = room.join().catch(() => 'undone')
    const left = room.leave()
    const second = room.join()
    await after(100, left)
    expect(await first).toBe('undone')
    await second
    expect((await room.getMembers()).sort()).toEqual(['alice', 'bob'])
    await after(10, room.leave())
  })

  test('a message that no member takes rejects with 2 after 10 s', async () => {
    const { loggedIn, after, network, failed } = setup()
    const rooms = []
    for (const name of ['alice', 'bob']) {
      const room = (await loggedIn(name)).channel('room')
      await after(500, room.join())
      rooms.push(room)
    }
    for (const cable of network.openCables) cable.stall()
    expect(await failed(10_000, rooms[0]?.sendMessage({ text: 'hello' }) ?? Promise.resolve())).toBe(
      'RtmTimeoutError 2',
    )
  })
})

describe('Arguments', () => {
  const bad = [
    null,
    undefined,
    'hello',
    {},
    { text: 7 },
    { messageType: 'RAW', text: 'x' },
    { rawMessage: [1] },
  ]
  const large: RtmMessage[] = [
    { text: 'ä'.repeat(16_385) },
    { rawMessage: new Uint8Array(32_768), description: 'x' },
  ]

  test('of messages are judged before the login', async () => {
    const { client, failed } = setup()
    const alice = client('alice')
    const room = alice.channel('room')
    for (const message of bad as RtmMessage[]) {
      expect(await failed(0, alice.client.sendMessageToPeer(message, 'bob'))).toBe(
        'RtmInvalidArgumentError 7',
      )
      expect(await failed(0, room.sendMessage(message))).toBe('RtmInvalidArgumentError 4')
    }
    for (const message of large) {
      expect(await failed(0, alice.client.sendMessageToPeer(message, 'bob'))).toBe('RtmLimitExceededError 7')
      expect(await failed(0, room.sendMessage(message))).toBe('RtmLimitExceededError 4')
    }
  })

  test('of attributes and tokens are judged before the login, ids after it', async () => {
    const { client, failed, after } = setup()
    const { client: alice } = client('alice')
    for (const map of [null, [], { a: 7 }, { '': 'x' }, { 'a b': 'x' }, { a: '' }] as never[]) {
      expect(await failed(0, alice.setLocalUserAttributes(map))).toBe('RtmInvalidArgumentError 3')
      expect(await failed(0, alice.addOrUpdateChannelAttributes('room', map))).toBe(
        'RtmInvalidArgumentError 3',
      )
    }
    expect(await failed(0, alice.addOrUpdateLocalUserAttributes({}))).toBe('RtmInvalidArgumentError 3')
    const many = Object.fromEntries(Array.from({ length: 33 }, (_, i) => [`key${i}`, 'x']))
    for (const map of [many, { a: 'x'.repeat(8_193) }, { ['k'.repeat(33)]: 'x' }])
      expect(await failed(0, alice.setLocalUserAttributes(map))).toBe('RtmLimitExceededError 4')
    for (const keys of [[], [7], ['a b'], 'key', undefined] as never[]) {
      expect(await failed(0, alice.deleteLocalUserAttributesByKeys(keys))).toBe('RtmInvalidArgumentError 3')
      expect(await failed(0, alice.getUserAttributesByKeys('bob', keys))).toBe('RtmInvalidArgumentError 3')
    }
    for (const token of ['', undefined, 7] as never[])
      expect(await failed(0, alice.renewToken(token))).toBe('RtmInvalidArgumentError 2')
    expect(await failed(0, alice.getUserAttributes('ä'))).toBe('RtmInvalidStatusError 102')
    await after(50, alice.login({ uid: 'alice' }))
    expect(await failed(0, alice.getUserAttributes('ä'))).toBe('RtmInvalidArgumentError 3')
    expect(await failed(0, alice.setChannelAttributes('ä', { a: 'x' }))).toBe('RtmInvalidArgumentError 3')
    expect(await failed(500, alice.getUserAttributes('nobody'))).toBe('RtmInternalError 6')
    expect(await failed(0, alice.sendMessageToPeer({ text: 'hello' }, 'ä'))).toBe('RtmInvalidArgumentError 6')
  })

  test('of presence calls have codes of their own, and their numbers limits', async () => {
    const { loggedIn, failed } = setup()
    const { client: alice } = await loggedIn('alice')
    const ids = (count: number) => Array.from({ length: count }, (_, i) => `user ${i}`)
    for (const list of [[], ['ä'], 'bob', undefined] as never[]) {
      expect(await failed(0, alice.queryPeersOnlineStatus(list))).toBe('RtmInvalidArgumentError 2')
      expect(await failed(0, alice.subscribePeersOnlineStatus(list))).toBe('RtmInvalidArgumentError 2')
      expect(await failed(0, alice.unsubscribePeersOnlineStatus(list))).toBe('RtmInvalidArgumentError 2')
      expect(await failed(0, alice.getChannelMemberCount(list))).toBe('RtmInvalidArgumentError 2')
    }
    expect(await failed(0, alice.queryPeersOnlineStatus(ids(257)))).toBe('RtmLimitExceededError 2')
    expect(await failed(0, alice.subscribePeersOnlineStatus(ids(513)))).toBe('RtmLimitExceededError 6')
    expect(await failed(0, alice.getChannelMemberCount(ids(33)))).toBe('RtmLimitExceededError 5')
    expect(await failed(0, alice.queryPeersBySubscriptionOption('MOOD' as never))).toBe(
      'RtmInvalidArgumentError 1',
    )
  })
})

import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'

import type { ReceivedMessageProperties, RtmChannel, RtmClient, RtmMessage } from '../../src/web.ts'
import { setup } from './setup.ts'

const { RtmError } = await import('../../src/web.ts')

beforeEach(() => {
  vi.spyOn(console, 'warn').mockImplementation(() => undefined)
})
afterEach(() => {
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
})

/** What a framework does to objects that it keeps. */
function wrapped<T extends object>(object: T): T {
  return new Proxy(object, {
    get: (target, key, receiver) => {
      const value: unknown = Reflect.get(target, key, receiver)
      return typeof value === 'object' && value !== null ? wrapped(value) : value
    },
  })
}

describe('Events and promises', () => {
  test('come in an order that programs rely on: the state inside login, all else after who awaits the call', async () => {
    const { client, pass } = setup()
    const { client: alice } = client('alice')
    const log: string[] = []
    alice.on('ConnectionStateChanged', (state, reason) => log.push(`${state} ${reason}`))
    async function program(): Promise<void> {
      const login = alice.login({ uid: 'alice' })
      log.push('login was called')
      await login
      log.push('logged in')
      const room = alice.createChannel('room')
      await deeply(() => room.join(), 4)
      log.push('joined')
      room.on('MemberCountUpdated', (count) => log.push(`${count} members`))
    }
    const deeply = async (call: () => Promise<void>, depth: number): Promise<void> => {
      await (depth > 0 ? deeply(call, depth - 1) : call())
    }
    const done = program()
    await pass(1_000)
    await done
    const logout = alice.logout().then(() => log.push('logged out'))
    await pass(10)
    await logout
    expect(log).toEqual([
      'CONNECTING LOGIN',
      'login was called',
      'logged in',
      'CONNECTED LOGIN_SUCCESS',
      'joined',
      '1 members',
      'logged out',
      'DISCONNECTED LOGOUT',
    ])
  })

  test('of a login that fails: the rejection, then the event', async () => {
    const { client, realm, pass } = setup()
    vi.spyOn(console, 'error').mockImplementation(() => undefined)
    realm.refusal = () => 'invalid-token'
    const { client: alice, log } = client('alice')
    const login = alice.login({ uid: 'alice' }).catch(() => log.push('rejected'))
    await pass(50)
    await login
    expect(log).toEqual(['CONNECTING (LOGIN)', 'rejected', 'DISCONNECTED (LOGIN_FAILURE)'])
  })

  test('never tell of the next login before the last one is over', async () => {
    const { loggedIn, pass } = setup()
    const { client: alice, news } = await loggedIn('alice')
    void alice.logout()
    void alice.login({ uid: 'bob' })
    await pass(50)
    expect(news()).toEqual(['DISCONNECTED (LOGOUT)', 'CONNECTING (LOGIN)', 'CONNECTED (LOGIN_SUCCESS)'])
  })

  test('a listener that throws is reported and stops nobody else', async () => {
    const reported: unknown[] = []
    vi.stubGlobal('reportError', (error: unknown) => reported.push(error))
    const { loggedIn, after } = setup()
    const alice = await loggedIn('alice')
    const mistake = new Error('a mistake in a listener')
    const room = alice.channel('room').prependListener('MemberCountUpdated', () => {
      throw mistake
    })
    await after(100, room.join())
    expect(alice.news()).toEqual(['room: 1 members'])
    expect(reported).toEqual([mistake])
  })

  test('an error is an Error with code, name and a sentence that names the method and says what to do', async () => {
    const { client, pass } = setup()
    const room = client('alice').client.createChannel('room')
    await pass(0)
    const error: unknown = await room.join().catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(Error)
    expect(error).toBeInstanceOf(RtmError)
    expect({ ...(error as object), message: (error as Error).message }).toEqual({
      code: 102,
      name: 'RtmInvalidStatusError',
      message: 'join: Nobody is logged in; call login first and wait for its success',
    })
    expect(String(error)).toMatch(/^RtmInvalidStatusError: join: /)
  })
})

describe('Messages', () => {
  test('arrive with their type, their sender and their time, whatever else their object had', async () => {
    const { loggedIn, clock, after } = setup()
    const [alice, bob] = [await loggedIn('alice'), await loggedIn('bob')]
    const heard: unknown[][] = []
    const note = (...args: unknown[]) => void heard.push(args)
    bob.client.on('MessageFromPeer', note)
    const rooms = [alice.channel('room'), bob.channel('room')]
    for (const room of rooms) await after(500, room.join())
    rooms[1]?.on('ChannelMessage', note)
    const from = clock.now()
    const messages = [
      { text: 'hello', rawMessage: undefined, mood: 'fine' } as unknown as RtmMessage,
      { messageType: 'TEXT', text: '' } as const,
      { rawMessage: new Uint8Array([1, 2]) },
      alice.client.createMessage<{ messageType: 'RAW'; rawMessage: Uint8Array; description: string }>({
        rawMessage: new Uint8Array(2),
        description: 'two',
      }),
    ]
    for (const message of messages) {
      expect(await after(20, alice.client.sendMessageToPeer(message, 'bob'))).toEqual({
        hasPeerReceived: true,
      })
      await after(20, rooms[0]?.sendMessage(message) ?? Promise.resolve())
    }
    const expected = [
      { text: 'hello', messageType: 'TEXT' },
      { text: '', messageType: 'TEXT' },
      { rawMessage: new Uint8Array([1, 2]), description: '', messageType: 'RAW' },
      { rawMessage: new Uint8Array(2), description: 'two', messageType: 'RAW' },
    ]
    expect(heard.map(([message, sender]) => [message, sender])).toEqual(
      expected.flatMap((message) => [
        [message, 'alice'],
        [message, 'alice'],
      ]),
    )
    for (const [, , properties] of heard) {
      const { serverReceivedTs } = properties as ReceivedMessageProperties
      expect(Object.keys(properties as object)).toEqual(['serverReceivedTs'])
      expect(serverReceivedTs).toBeGreaterThanOrEqual(from)
      expect(serverReceivedTs).toBeLessThanOrEqual(clock.now())
    }
  })

  test('to oneself arrive; to who is offline they are not received, unless they are kept', async () => {
    const { loggedIn, after, pass } = setup()
    const alice = await loggedIn('alice')
    const told = (text: string, options?: { enableOfflineMessaging: boolean }) =>
      after(100, alice.client.sendMessageToPeer({ text }, 'bob', options))
    expect(await after(10, alice.client.sendMessageToPeer({ text: 'note' }, 'alice'))).toEqual({
      hasPeerReceived: true,
    })
    expect(alice.news()).toEqual(['alice: note'])
    expect(await told('lost')).toEqual({ hasPeerReceived: false })
    expect(await told('kept', { enableOfflineMessaging: true })).toEqual({ hasPeerReceived: false })
    const bob = await loggedIn('bob')
    const properties: unknown[] = []
    bob.client.on('MessageFromPeer', (_, __, props) => properties.push(props.isOfflineMessage))
    await pass(6_000)
    expect([bob.news(), properties]).toEqual([['alice: kept'], [true]])
  })
})

describe('Objects that a framework has wrapped in a Proxy', () => {
  test('work as before', async () => {
    const { loggedIn, pass, after } = setup()
    const [alice, bob] = [await loggedIn('alice'), await loggedIn('bob')]
    const client: RtmClient = wrapped(alice.client)
    const state: { room: RtmChannel } = wrapped({ room: client.createChannel('room') })
    const heard: string[] = []
    const listener = (text: string) => void heard.push(text)
    state.room.on('MemberJoined', listener)
    await after(500, state.room.join())
    await after(500, bob.channel('room').join())
    expect(heard).toEqual(['bob'])
    expect(state.room.off('MemberJoined', listener).listenerCount('MemberJoined')).toBe(0)
    expect((await state.room.getMembers()).sort()).toEqual(['alice', 'bob'])
    await after(50, client.setLocalUserAttributes(wrapped({ mood: 'fine' })))
    const invitation = wrapped(client.createLocalInvitation('bob'))
    invitation.content = 'lunch?'
    const told: string[] = []
    invitation.on('LocalInvitationReceivedByPeer', () => told.push(invitation.state))
    bob.client.on('RemoteInvitationReceived', (incoming) => wrapped(incoming).refuse())
    invitation.on('LocalInvitationRefused', () => told.push(invitation.state))
    invitation.send()
    await pass(500)
    expect(told).toEqual(['RECEIVED_BY_REMOTE', 'REFUSED_BY_REMOTE'])
    await after(10, state.room.leave())
    await after(10, client.logout())
  })
})

describe('Attributes and presence', () => {
  test('are plain maps, of users, of channels, and of any key', async () => {
    const { loggedIn, after, clock } = setup()
    const [alice, bob] = [await loggedIn('alice'), await loggedIn('bob')]
    const own = Object.fromEntries([
      ['mood', 'fine'],
      ['__proto__', 'odd'],
    ])
    await after(50, alice.client.setLocalUserAttributes(own))
    await after(50, alice.client.addOrUpdateLocalUserAttributes({ place: 'here' }))
    const read = await after(500, bob.client.getUserAttributes('alice'))
    expect(Object.keys(read).sort()).toEqual(['__proto__', 'mood', 'place'])
    expect(Object.values(read).sort()).toEqual(['fine', 'here', 'odd'])
    await after(50, alice.client.deleteLocalUserAttributesByKeys(['mood', 'nothing']))
    expect(await after(500, bob.client.getUserAttributesByKeys('alice', ['mood', 'place']))).toEqual({
      place: 'here',
    })
    await after(50, alice.client.clearLocalUserAttributes())
    expect(await after(500, bob.client.getUserAttributes('alice'))).toEqual({})
    for (const one of [alice, bob]) await after(500, one.channel('room').join())
    bob.news()
    const options = { enableNotificationToChannelMembers: true }
    await after(500, alice.client.setChannelAttributes('room', { topic: 'tea' }, options))
    expect(bob.news().filter((event) => event.includes('attributes'))).toEqual([
      'room: attributes topic=tea of alice',
    ])
    await after(500, alice.client.addOrUpdateChannelAttributes('room', { time: 'now' }))
    const attributes = await after(500, bob.client.getChannelAttributes('room'))
    expect(Object.keys(attributes).sort()).toEqual(['time', 'topic'])
    expect(attributes['topic']?.lastUpdateUserId).toBe('alice')
    expect(attributes['topic']?.lastUpdateTs).toBeLessThanOrEqual(clock.now())
    await after(500, bob.client.deleteChannelAttributesByKeys('room', ['topic']))
    expect(
      Object.keys(await after(500, alice.client.getChannelAttributesByKeys('room', ['time', 'topic']))),
    ).toEqual(['time'])
    await after(500, alice.client.clearChannelAttributes('room'))
    expect(await after(500, bob.client.getChannelAttributes('room'))).toEqual({})
  })

  test('of a member can be read inside MemberJoined', async () => {
    const { loggedIn, after } = setup()
    const [alice, bob] = [await loggedIn('alice'), await loggedIn('bob')]
    await after(50, bob.client.setLocalUserAttributes({ mood: 'fine' }))
    const room = alice.channel('room')
    const read: unknown[] = []
    room.on('MemberJoined', (memberId) => {
      void alice.client.getUserAttributes(memberId).then((attributes) => read.push(attributes))
    })
    await after(500, room.join())
    await after(500, bob.channel('room').join())
    expect(read).toEqual([{ mood: 'fine' }])
  })

  test('say who is online, who is subscribed to, and how many are in a channel', async () => {
    const { loggedIn, after } = setup()
    const [alice, bob] = [await loggedIn('alice'), await loggedIn('bob')]
    expect(await after(500, alice.client.queryPeersOnlineStatus(['bob', '__proto__']))).toEqual(
      Object.fromEntries([
        ['bob', true],
        ['__proto__', false],
      ]),
    )
    await after(500, alice.client.subscribePeersOnlineStatus(['bob', 'carol']))
    expect(alice.news()).toEqual(['bob is ONLINE, carol is OFFLINE'])
    const option = 'ONLINE_STATUS' as Parameters<RtmClient['queryPeersBySubscriptionOption']>[0]
    expect(await alice.client.queryPeersBySubscriptionOption(option)).toEqual(['bob', 'carol'])
    await after(50, alice.client.unsubscribePeersOnlineStatus(['carol']))
    await after(600, bob.client.logout())
    expect(alice.news()).toEqual(['bob is OFFLINE'])
    await after(500, alice.channel('room').join())
    expect(await after(500, alice.client.getChannelMemberCount(['room', 'empty']))).toEqual({
      room: 1,
      empty: 0,
    })
  })
})

describe('A client', () => {
  test('logs in again under another user id with the same channel objects', async () => {
    const { loggedIn, after, client } = setup()
    const watcher = (await loggedIn('watcher')).channel('room')
    await after(500, watcher.join())
    const alice = client('alice')
    const room = alice.channel('room')
    for (const uid of ['alice', 'bob']) {
      await after(1_000, alice.client.login({ uid }))
      await after(3_000, room.join())
      expect((await watcher.getMembers()).sort()).toEqual([uid, 'watcher'].sort())
      await after(1_000, alice.client.logout())
      expect(await watcher.getMembers()).toEqual(['watcher'])
    }
  })

  test('is destroyed, twice, and another one takes its place', async () => {
    const { client, after, pass } = setup()
    const first = client('alice')
    const login = first.client.login({ uid: 'alice' }).catch((error: unknown) => error)
    first.client.destroy()
    first.client.destroy()
    const second = client('alice')
    await after(50, second.client.login({ uid: 'alice' }))
    await pass(1_000)
    expect(await login).toMatchObject({ code: 1 })
    expect(first.news()).toEqual(['CONNECTING (LOGIN)', 'DISCONNECTED (LOGOUT)'])
    expect(second.news()).toEqual(['CONNECTING (LOGIN)', 'CONNECTED (LOGIN_SUCCESS)'])
    const { userId, state } = await second.client.diagnose()
    expect([userId, state]).toEqual(['alice', 'CONNECTED'])
    expect(await first.client.diagnose()).toMatchObject({ userId: null, state: 'DISCONNECTED', peers: [] })
  })

  test('tells nothing that has arrived once it is destroyed, only that it is logged out', async () => {
    const { loggedIn, after, pass } = setup()
    const [alice, bob] = [await loggedIn('alice'), await loggedIn('bob')]
    const [room, bobsRoom] = [alice.channel('room'), bob.channel('room')]
    await after(500, room.join())
    await after(500, bobsRoom.join())
    alice.news()
    alice.client.on('MessageFromPeer', () => alice.client.destroy())
    const texts = ['first', 'second'].map((text) => bob.client.sendMessageToPeer({ text }, 'alice'))
    const toAll = bobsRoom.sendMessage({ text: 'to all' })
    bob.client.createLocalInvitation('alice').send()
    alice.client.on('RemoteInvitationReceived', () => alice.log.push('a call'))
    await pass(500)
    await Promise.all([toAll, ...texts])
    expect(alice.news()).toEqual(['bob: first', 'DISCONNECTED (LOGOUT)'])
  })

  test('answers at once also while the file with the sentences of errors is on its way', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined)
    let comes = (): void => undefined
    const logFile = new Promise<void>((resolve) => (comes = resolve))
    const { client, pass } = setup({ logFile })
    const { client: alice, log } = client('alice')
    const send = (): unknown =>
      alice.sendMessageToPeer({ text: 'too early' }, 'bob').catch((error: unknown) => {
        if (error instanceof RtmError) log.push(`${error.name} ${error.code} ${error.message}`)
      })
    send()
    alice
      .createLocalInvitation('bob')
      .on('LocalInvitationFailure', (reason) => log.push(reason))
      .send()
    await pass(0)
    expect(log.splice(0)).toEqual([
      'RtmInvalidStatusError 102 sendMessageToPeer: not-logged-in',
      'NOT_LOGGEDIN',
    ])
    expect(warn).not.toHaveBeenCalled()
    comes()
    await pass(6_000)
    const sentence = 'sendMessageToPeer: Nobody is logged in; call login first and wait for its success'
    expect(warn.mock.calls.flat().filter((word) => String(word).includes(sentence))).toHaveLength(1)
    send()
    await pass(0)
    // Now the error says it, so the console need not.
    expect(log).toEqual([`RtmInvalidStatusError 102 ${sentence}`])
    expect(warn.mock.calls.flat().filter((word) => String(word).includes(sentence))).toHaveLength(1)
  })

  test('has a log without what it said', async () => {
    const { loggedIn, after, pass } = setup()
    const { client: alice } = await loggedIn('alice')
    await after(10, alice.sendMessageToPeer({ text: 'a secret' }, 'alice'))
    await pass(2_000)
    const log = await after(100, alice.readLog())
    expect(log).toContain('A login begins')
    expect(log).not.toContain('a secret')
    await after(100, alice.clearLog())
    expect(await after(100, alice.readLog())).not.toContain('A login begins')
  })

  test('hears that its token ends, and renews it', async () => {
    const { client, realm, after, pass, clock } = setup()
    let lifeMs = 60_000
    realm.termsOf = () => ({ version: 7, expiresAt: clock.now() + lifeMs })
    const alice = client('alice')
    alice.client.on('TokenPrivilegeWillExpire', () => alice.log.push('will expire'))
    alice.client.on('TokenExpired', () => alice.log.push('expired'))
    await after(50, alice.client.login({ uid: 'alice', token: 'one' }))
    alice.news()
    await pass(31_000)
    expect(alice.news()).toEqual(['will expire'])
    lifeMs = 40_000
    await after(50, alice.client.renewToken('another'))
    await pass(45_000)
    expect(alice.news()).toEqual(['will expire', 'expired', 'ABORTED (TOKEN_EXPIRED)'])
  })
})

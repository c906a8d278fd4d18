import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'

import { Engine } from '../../src/rtm/engine.ts'
import { setup } from './setup.ts'

const {
  AgoraRtmKit,
  AgoraRtmLoginErrorCode: Login,
  AgoraRtmLogoutErrorCode: Logout,
  AgoraRtmMessage,
  AgoraRtmRawMessage,
  AgoraRtmSendPeerMessageErrorCode: Send,
  AgoraRtmSetContextErrorCode: SetContext,
} = await import('../../src/index.ts')

const APP = 'a'.repeat(32)

beforeEach(() => {
  for (const method of ['error', 'warn'] as const)
    vi.spyOn(console, method).mockImplementation(() => undefined)
})
afterEach(() => {
  vi.restoreAllMocks()
})

describe('A kit', () => {
  test('is made for an app id of 32 visible characters and for no other', () => {
    for (const appId of ['', 'a'.repeat(31), 'a'.repeat(33), 'é'.repeat(32), ' '.repeat(32)])
      expect(AgoraRtmKit.initWithAppId(appId)).toBeNull()
  })

  test('tells its version as the package has it', async () => {
    const { version } = (await import('../../package.json', { with: { type: 'json' } })).default
    expect(AgoraRtmKit.getSDKVersion()).toBe(version)
  })

  test('logs in and out: promise, completion, then event', async () => {
    const { kit, pass } = setup()
    const alice = kit('alice')
    const login = alice.kit.loginByToken(null, 'alice', (code) => alice.log.push(`completion ${code}`))
    await pass(50)
    expect(await login).toBe(Login.Ok)
    expect(alice.news()).toEqual(['state 2 (1)', 'completion 0', 'state 3 (2)'])
    const logout = alice.kit.logoutWithCompletion((code) => alice.log.push(`completion ${code}`))
    expect(await logout).toBe(Logout.Ok)
    await pass(0)
    expect(alice.news()).toEqual(['completion 0', 'state 1 (6)'])
    expect(await alice.kit.logoutWithCompletion()).toBe(Logout.NotLoggedIn)
  })

  test('answers bad names and tokens with a code and a sentence, never with a rejection', async () => {
    const { kit } = setup()
    const alice = kit('alice')
    for (const name of ['', 'null', 'é', 'a'.repeat(65), null, undefined, 7])
      expect(await alice.kit.loginByToken(null, name as string)).toBe(Login.InvalidArgument)
    expect(await alice.kit.loginByToken(7 as unknown as string, 'alice')).toBe(Login.InvalidArgument)
    expect(console.warn).toHaveBeenCalled()
  })

  test('is kicked by another login of the same user, in the same page too', async () => {
    const { loggedIn, pass } = setup()
    const first = await loggedIn('alice')
    await loggedIn('alice')
    await pass(50)
    expect(first.news()).toEqual(['state 5 (8)'])
  })

  test('carries messages, text and raw, to others and to itself', async () => {
    const { loggedIn, after } = setup()
    const [alice, bob] = [await loggedIn('alice'), await loggedIn('bob')]
    const text = alice.kit.sendMessage(AgoraRtmMessage.initWithText('hello'), 'bob')
    expect(await after(100, text)).toBe(Send.Ok)
    const raw = AgoraRtmRawMessage.initWithRawData(new Uint8Array([1, 2]), 'two')
    expect(await after(100, alice.kit.sendMessage(raw, 'bob', null))).toBe(Send.Ok)
    expect(await after(100, alice.kit.sendMessage(raw, 'alice'))).toBe(Send.Ok)
    expect(bob.news()).toEqual(['alice: hello', 'alice: 1 2 (two)'])
    expect(alice.news()).toEqual(['alice: 1 2 (two)'])
  })

  test('says when a message was sent, never later than now', async () => {
    const { loggedIn, pass, clock, kit, realm } = setup()
    const alice = await loggedIn('alice')
    realm.clockOffsetMs = -60_000
    const bob = kit('bob')
    void bob.kit.loginByToken(null, 'bob')
    await pass(50)
    const times: number[] = []
    bob.kit.agoraRtmDelegate = {
      messageReceived: (_, message) => times.push(message.serverReceivedTs),
    }
    void alice.kit.sendMessage(AgoraRtmMessage.initWithText('from the future'), 'bob')
    await pass(100)
    expect(times).toHaveLength(1)
    expect(times[0]).toBeLessThanOrEqual(clock.now() - 60_000)
    expect(Number.isInteger(times[0])).toBe(true)
  })

  test('refuses what is no message', async () => {
    const { loggedIn } = setup()
    const alice = await loggedIn('alice')
    const bad = [null, undefined, 'text', {}, { text: 7 }, { type: 2, text: '', rawData: [1] }]
    for (const message of bad)
      expect(await alice.kit.sendMessage(message as never, 'bob')).toBe(Send.InvalidMessage)
    expect(await alice.kit.sendMessage(AgoraRtmMessage.initWithText('x'), 'é')).toBe(Send.InvalidUserId)
  })

  test('goes on calling back when a delegate throws', async () => {
    const reported: unknown[] = []
    vi.stubGlobal('reportError', (error: unknown) => reported.push(error))
    const { loggedIn, pass } = setup()
    const [alice, bob] = [await loggedIn('alice'), await loggedIn('bob')]
    let count = 0
    bob.kit.agoraRtmDelegate = {
      messageReceived: () => {
        count += 1
        throw new Error('a mistake in a delegate')
      },
    }
    for (let i = 0; i < 3; i++) void alice.kit.sendMessage(AgoraRtmMessage.initWithText(`${i}`), 'bob')
    await pass(100)
    expect([count, reported.length]).toEqual([3, 3])
    vi.unstubAllGlobals()
  })

  test('works inside a Proxy, as frameworks wrap it', async () => {
    const { kit, pass } = setup()
    const alice = kit('alice')
    const wrapped = new Proxy(alice.kit, {
      get: (target, key, receiver): unknown => {
        const value: unknown = Reflect.get(target, key, receiver)
        return typeof value === 'object' && value !== null ? new Proxy(value, {}) : value
      },
    })
    const login = wrapped.loginByToken(null, 'alice')
    await pass(50)
    expect(await login).toBe(Login.Ok)
    const channel = wrapped.createChannelWithId('lobby')
    const join = channel && new Proxy(channel, {}).joinWithCompletion()
    await pass(50)
    expect(await join).toBe(0)
    expect(await wrapped.diagnose()).toMatchObject({ userId: 'alice', peers: [] })
  })

  test('that was destroyed answers so, and is logged out', async () => {
    const { loggedIn, pass } = setup()
    const [alice, bob] = [await loggedIn('alice'), await loggedIn('bob')]
    const channel = alice.channel('lobby')
    alice.kit.destroy()
    alice.kit.destroy()
    expect(await alice.kit.loginByToken(null, 'alice')).toBe(101)
    expect(await alice.kit.logoutWithCompletion()).toBe(101)
    expect(await alice.kit.sendMessage(AgoraRtmMessage.initWithText('x'), 'bob')).toBe(101)
    expect(alice.kit.createChannelWithId('other')).toBeNull()
    expect(alice.kit.destroyChannelWithId('lobby')).toBe(false)
    expect(await channel.joinWithCompletion()).toBe(101)
    expect(await alice.kit.diagnose()).toMatchObject({ userId: null, state: 1 })
    const send = bob.kit.sendMessage(AgoraRtmMessage.initWithText('x'), 'alice')
    await pass(50)
    expect(await send).toBe(Send.PeerUnreachable)
  })
})

describe('setParameters', () => {
  test('switches the limits off and on', async () => {
    const { loggedIn, pass } = setup()
    const alice = await loggedIn('alice')
    const send181 = async (): Promise<number[]> => {
      const message = AgoraRtmMessage.initWithText('x')
      const answers = Array.from({ length: 181 }, () => alice.kit.sendMessage(message, 'alice'))
      await pass(10)
      return Promise.all(answers)
    }
    expect(alice.kit.setParameters('{"rateLimits":false}')).toBe(0)
    expect(await send181()).not.toContain(Send.TooOften)
    expect(alice.kit.setParameters('{"rateLimits":true}')).toBe(0)
    expect((await send181()).filter((code) => code === Send.TooOften)).toHaveLength(1)
  })

  test.each([0, 60, 2_592_000])('takes %i seconds as the life of channel attributes', async (seconds) => {
    const login = vi.spyOn(Engine.prototype, 'login')
    const { loggedIn } = setup()
    const { kit } = await loggedIn('alice')
    const engine = login.mock.contexts[0]
    if (!(engine instanceof Engine)) throw new Error('no engine logged in')
    expect(engine.channelAttributesTtlMs).toBe(24 * 60 * 60_000)
    expect(kit.setParameters(`{"channelAttributesTtl":${seconds}}`)).toBe(0)
    expect(engine.channelAttributesTtlMs).toBe(seconds * 1_000)
    expect(kit.setParameters('{"rateLimits":true}')).toBe(0)
    expect(engine.channelAttributesTtlMs).toBe(seconds * 1_000)
  })

  test.each(['-1', '0.5', '2592001', '"60"', 'null', '1e999'])(
    'takes no %s as the life of channel attributes',
    (value) => {
      const { kit } = setup()
      expect(kit('alice').kit.setParameters(`{"channelAttributesTtl":${value}}`)).not.toBe(0)
      expect(console.error).toHaveBeenCalled()
    },
  )

  test.each(['', '{', 'null', '[]', '7', '{"rateLimits":"no"}', '{"unknown":1}', undefined])(
    'takes no %j, and says so',
    (text) => {
      const { kit } = setup()
      expect(kit('alice').kit.setParameters(text as string)).not.toBe(0)
      expect(console.error).toHaveBeenCalled()
    },
  )
})

describe('setRtmServiceContext', () => {
  test('is for the time before the first kit, or after the last was destroyed', () => {
    const { kit } = setup()
    const context = { signaling: ['wss://example.org/rtm'], iceServers: [] }
    expect(AgoraRtmKit.setRtmServiceContext(context)).toBe(SetContext.Ok)
    const { kit: first } = kit('alice')
    const { kit: second } = kit('bob')
    expect(AgoraRtmKit.setRtmServiceContext(context)).toBe(SetContext.Failure)
    first.destroy()
    first.destroy()
    expect(AgoraRtmKit.setRtmServiceContext(context)).toBe(SetContext.Failure)
    second.destroy()
    expect(AgoraRtmKit.setRtmServiceContext({})).toBe(SetContext.Ok)
    expect(AgoraRtmKit.initWithAppId('too short')).toBeNull()
    expect(AgoraRtmKit.setRtmServiceContext({})).toBe(SetContext.Ok)
  })

  test('takes an empty list of servers: then there is none to log in at', () => {
    expect(AgoraRtmKit.setRtmServiceContext({ signaling: [] })).toBe(SetContext.Ok)
    expect(AgoraRtmKit.setRtmServiceContext({})).toBe(SetContext.Ok)
  })

  test.each([
    null,
    { signaling: 'wss://example.org' },
    { signaling: ['https://example.org'] },
    { signaling: ['example.org/rtm'] },
    { signaling: [7] },
    { iceServers: 'stun:example.org' },
    { iceTransportPolicy: 'turn' },
  ])('takes no %j, and says so', (context) => {
    expect(AgoraRtmKit.setRtmServiceContext(context as never)).toBe(SetContext.Failure)
    expect(console.error).toHaveBeenCalled()
  })
})

describe('The app id', () => {
  test('of kits is theirs: it is in what they diagnose', async () => {
    const { loggedIn } = setup()
    const { kit } = await loggedIn('alice')
    expect(await kit.diagnose()).toMatchObject({ appId: APP, userId: 'alice', state: 3 })
  })
})

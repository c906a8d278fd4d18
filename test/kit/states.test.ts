import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'

import { ask, callsOf, nameOf } from './calls.ts'
import { setup } from './setup.ts'

const calls = callsOf(await import('../../src/index.ts'))

beforeEach(() => {
  vi.spyOn(console, 'warn').mockImplementation(() => undefined)
})
afterEach(() => {
  vi.restoreAllMocks()
})

const rows = Object.entries(calls)
const LOGIN = 'AgoraRtmKit.loginByToken'
const LOGOUT = 'AgoraRtmKit.logoutWithCompletion'
const needLogin = rows.filter(([method]) => method !== LOGIN && method !== LOGOUT)

describe('While nobody is logged in', () => {
  test.each(needLogin)(
    '%s answers NotLoggedIn, before the first login and after a logout',
    async (_, call) => {
      const { kit, after } = setup()
      const alice = kit('alice')
      expect(await nameOf(call.codes, call.good(alice))).toBe('NotLoggedIn')
      await after(50, alice.kit.loginByToken(null, 'alice'))
      await alice.kit.logoutWithCompletion()
      expect(await nameOf(call.codes, call.good(alice))).toBe('NotLoggedIn')
    },
  )

  test('a logout answers NotLoggedIn, and a login logs in', async () => {
    const { kit, after } = setup()
    const alice = kit('alice')
    expect(await alice.kit.logoutWithCompletion()).toBe(102)
    expect(await after(50, alice.kit.loginByToken(null, 'alice'))).toBe(0)
  })
})

describe('While a login is under way', () => {
  test.each(needLogin)('%s answers NotLoggedIn', async (_, call) => {
    const { kit, after } = setup()
    const alice = kit('alice')
    const login = alice.kit.loginByToken(null, 'alice')
    expect(await nameOf(call.codes, call.good(alice))).toBe('NotLoggedIn')
    expect(await after(50, login)).toBe(0)
  })

  test('another login answers AlreadyLogin, a logout Ok, and the login Unknown', async () => {
    const { kit, pass } = setup()
    const alice = kit('alice')
    const login = alice.kit.loginByToken(null, 'alice')
    expect(await alice.kit.loginByToken(null, 'alice')).toBe(8)
    expect(await alice.kit.logoutWithCompletion()).toBe(0)
    expect(await login).toBe(1)
    await pass(50)
    expect(alice.news()).toEqual(['state 2 (1)', 'state 1 (6)'])
  })
})

/** What a page answers that reaches no server and nobody else: at once, or after so many milliseconds. */
const whileReconnecting: Readonly<Record<string, readonly [name: string, ms: number]>> = {
  [LOGIN]: ['AlreadyLogin', 0],
  [LOGOUT]: ['Ok', 0],
  // It has no code for a timeout.
  'AgoraRtmKit.renewToken': ['Failure', 10_000],
  'AgoraRtmKit.sendMessage': ['Timeout', 10_000],
  'AgoraRtmKit.queryPeersOnlineStatus': ['Timeout', 10_000],
  'AgoraRtmKit.subscribePeersOnlineStatus': ['Timeout', 10_000],
  'AgoraRtmKit.unsubscribePeersOnlineStatus': ['Ok', 0],
  'AgoraRtmKit.queryPeersBySubscriptionOption': ['Ok', 0],
  'AgoraRtmKit.setLocalUserAttributes': ['Ok', 0],
  'AgoraRtmKit.addOrUpdateLocalUserAttributes': ['Ok', 0],
  'AgoraRtmKit.deleteLocalUserAttributesByKeys': ['Ok', 0],
  'AgoraRtmKit.clearLocalUserAttributes': ['Ok', 0],
  'AgoraRtmKit.getUserAttributes': ['Timeout', 5_000],
  'AgoraRtmKit.getUserAttributesByKeys': ['Timeout', 5_000],
  'AgoraRtmKit.setChannelAttributes': ['Timeout', 5_000],
  'AgoraRtmKit.addOrUpdateChannelAttributes': ['Timeout', 5_000],
  'AgoraRtmKit.deleteChannelAttributesByKeys': ['Timeout', 5_000],
  'AgoraRtmKit.clearChannelAttributes': ['Timeout', 5_000],
  'AgoraRtmKit.getChannelAttributes': ['Timeout', 5_000],
  'AgoraRtmKit.getChannelAttributesByKeys': ['Timeout', 5_000],
  'AgoraRtmKit.getChannelMemberCount': ['Timeout', 5_000],
  // By the silence of those who are linked, of whom there is nobody.
  'AgoraRtmChannel.joinWithCompletion': ['Ok', 400],
  'AgoraRtmChannel.leaveWithCompletion': ['NotInChannel', 0],
  'AgoraRtmChannel.sendMessage': ['Failure', 0],
  'AgoraRtmChannel.getMembersWithCompletion': ['NotInChannel', 0],
}

describe('While reconnecting', () => {
  test.each(rows)('%s is tried for as long as it may take', async (method, { codes, good }) => {
    const { loggedIn, realm, pass } = setup()
    const alice = await loggedIn('alice')
    realm.stop()
    await pass(5_000)
    expect(alice.news()).toEqual(['state 4 (5)'])
    const [expected, ms] = whileReconnecting[method] ?? ['a row in the table above', 0]
    const asked = ask(codes, good(alice))
    if (ms > 0) {
      await pass(ms - 1)
      expect(asked.name).toBe('pending')
      await pass(1)
    }
    await pass(0)
    expect(asked.name).toBe(expected)
  })
})

describe('While aborted', () => {
  test.each(rows)('%s answers at once', async (_, { codes, good, whenAborted }) => {
    const { loggedIn, pass } = setup()
    const alice = await loggedIn('alice')
    await pass(1_000)
    await loggedIn('alice')
    await pass(50)
    expect(alice.news()).toEqual(['state 5 (8)'])
    expect(await nameOf(codes, good(alice))).toBe(whenAborted)
  })

  test('a logout leads out, and to the next login', async () => {
    const { loggedIn, pass, after } = setup()
    const alice = await loggedIn('alice')
    await pass(1_000)
    await loggedIn('alice')
    await pass(50)
    expect(await alice.kit.loginByToken(null, 'alice')).toBe(8)
    expect(await alice.kit.logoutWithCompletion()).toBe(0)
    expect(await after(50, alice.kit.loginByToken(null, 'alice'))).toBe(0)
    expect(alice.news()).toEqual(['state 5 (8)', 'state 1 (6)', 'state 2 (1)', 'state 3 (2)'])
  })
})

describe('After the kit was destroyed', () => {
  test.each(rows)('%s answers NotInitialized', async (method, { codes, good }) => {
    const { loggedIn } = setup()
    const alice = await loggedIn('alice')
    const channel = alice.channel('room 0')
    alice.kit.destroy()
    const answer = good({ ...alice, channel: () => channel })
    expect(await nameOf(codes, answer)).toBe(method === LOGIN ? 'LoginNotInitialized' : 'NotInitialized')
  })
})

describe('When the session ends before there is an answer', () => {
  test.each([
    'AgoraRtmKit.queryPeersOnlineStatus',
    'AgoraRtmKit.subscribePeersOnlineStatus',
    'AgoraRtmKit.getUserAttributes',
    'AgoraRtmKit.getChannelMemberCount',
    'AgoraRtmChannel.joinWithCompletion',
  ])('%s answers Failure', async (method) => {
    const { loggedIn, realm, pass } = setup()
    const alice = await loggedIn('alice')
    realm.stop()
    const { codes, good } = calls[method] ?? {}
    if (!codes || !good) throw new Error('no such call')
    const asked = ask(codes, good(alice))
    await pass(100)
    expect(asked.name).toBe('pending')
    await alice.kit.logoutWithCompletion()
    await pass(0)
    expect(asked.name).toBe('Failure')
  })
})

import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'

import { APP } from '../support/credentials.ts'
import { setup } from './setup.ts'

const { default: AgoraRTM } = await import('../../src/web.ts')

// What programs rely on, as the official package was measured to do it.

const KB = 1_024
const BAD_IDS = ['', 'null', 'é', 'a'.repeat(65), null, undefined, 7] as unknown as string[]

beforeEach(() => {
  vi.spyOn(console, 'warn').mockImplementation(() => undefined)
})
afterEach(() => {
  vi.restoreAllMocks()
})

/** Kind and code of what is thrown at once; its sentence is more than its name. */
function thrown(run: () => unknown): string {
  try {
    run()
  } catch (error) {
    if (!(error instanceof AgoraRTM.RtmError)) return String(error)
    expect(error).toBeInstanceOf(Error)
    expect(error.message.split(' ').length).toBeGreaterThan(3)
    return `${error.name} ${error.code}`
  }
  return 'nothing was thrown'
}

const attributes = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`key${i}`, 'a']))
const ids = (count: number) => Array.from({ length: count }, (_, i) => `user ${i}`)

describe('What is wrong at once', () => {
  test('createInstance throws on a bad app id', () => {
    for (const id of ['', 'a'.repeat(31), 'a'.repeat(33), 'é'.repeat(32), null, undefined, 7])
      expect(thrown(() => AgoraRTM.createInstance(id as string))).toBe('RtmInvalidArgumentError 1')
  })

  test('createChannel and createLocalInvitation throw on a bad id, logged in or not', async () => {
    const { client, loggedIn } = setup()
    for (const { client: one } of [client('alice'), await loggedIn('bob')]) {
      for (const id of BAD_IDS) {
        expect(thrown(() => one.createChannel(id))).toBe('RtmInvalidArgumentError 1')
        expect(thrown(() => one.createLocalInvitation(id))).toBe('RtmInvalidArgumentError 1')
      }
    }
  })

  test('cancel() of an invitation that was not sent throws code 2', () => {
    const alice = setup().client('alice')
    expect(thrown(() => alice.client.createLocalInvitation('bob').cancel())).toBe('RtmInvalidStatusError 2')
  })

  test('an oversized content is taken, and throws code 1 at send(); shortened, it can be sent', async () => {
    const { loggedIn, pass } = setup()
    const [alice, bob] = [await loggedIn('alice'), await loggedIn('bob')]
    const received = vi.fn()
    bob.client.on('RemoteInvitationReceived', received)
    const invitation = alice.client.createLocalInvitation('bob')
    invitation.content = 'é'.repeat(4 * KB + 1)
    expect(thrown(() => invitation.send())).toBe('RtmLimitExceededError 1')
    expect(invitation.state).toBe('IDLE')
    invitation.content = 'é'.repeat(4 * KB)
    invitation.send()
    await pass(1_000)
    expect(received).toHaveBeenCalledOnce()
    invitation.cancel()
    await pass(1_000)
  })
})

describe('A login', () => {
  test('tells CONNECTING before login() returns, and CONNECTED after it has resolved', async () => {
    const { client, pass } = setup()
    const alice = client('alice')
    const login = alice.client.login({ uid: 'alice' }).then(() => alice.log.push('resolved'))
    expect(alice.news()).toEqual(['CONNECTING (LOGIN)'])
    await pass(50)
    await login
    expect(alice.news()).toEqual(['resolved', 'CONNECTED (LOGIN_SUCCESS)'])
  })

  test('tells CONNECTING before login() returns right after another call, too, and what was before it first', async () => {
    const { client, pass } = setup()
    const { client: alice, log } = client('alice')
    const program = async (): Promise<void> => {
      await alice.sendMessageToPeer({ text: 'too early' }, 'bob').catch(() => log.push('rejected'))
      const first = alice.login({ uid: 'alice' })
      log.push('called')
      await first
      await alice.logout()
      const second = alice.login({ uid: 'bob' })
      log.push('called again')
      await second
      log.push('logged in')
    }
    const done = program()
    await pass(100)
    await done
    await pass(0)
    expect(log).toEqual([
      'rejected',
      'CONNECTING (LOGIN)',
      'called',
      'CONNECTED (LOGIN_SUCCESS)',
      'DISCONNECTED (LOGOUT)',
      'CONNECTING (LOGIN)',
      'called again',
      'logged in',
      'CONNECTED (LOGIN_SUCCESS)',
    ])
  })

  test('rejects a second one at once as too often, and the first goes on', async () => {
    const { client, after, failed } = setup()
    const alice = client('alice')
    const first = alice.client.login({ uid: 'alice' })
    expect(await failed(0, alice.client.login({ uid: 'alice' }))).toBe('RtmInvokeTooOftenError 10')
    await after(50, first)
    expect(await failed(1_000, alice.client.login({ uid: 'alice' }))).toBe('RtmInvalidStatusError 8')
  })

  test('takes any token where the app has no certificate', async () => {
    const { client, after } = setup()
    for (const token of [null, undefined, '', 'a token', '006something']) {
      const alice = client('alice')
      await after(50, alice.client.login({ uid: 'alice', token }))
      await after(50, alice.client.logout())
    }
  })

  test('says what is wrong with its arguments', async () => {
    const { client, failed } = setup()
    for (const uid of BAD_IDS)
      expect(await failed(0, client('alice').client.login({ uid }))).toBe('RtmInvalidArgumentError 3')
    for (const options of [undefined, null, {}, 'alice'])
      expect(await failed(0, client('alice').client.login(options as unknown as { uid: string }))).toBe(
        'RtmInvalidArgumentError 3',
      )
  })
})

describe('Before a login', () => {
  test('every call rejects with code 102', async () => {
    const { client, failed } = setup()
    const alice = client('alice')
    const rtm = alice.client
    const channel = alice.channel('room')
    const calls = {
      logout: () => rtm.logout(),
      renewToken: () => rtm.renewToken('a token'),
      sendMessageToPeer: () => rtm.sendMessageToPeer({ text: 'hello' }, 'bob'),
      setLocalUserAttributes: () => rtm.setLocalUserAttributes({ mood: 'good' }),
      addOrUpdateLocalUserAttributes: () => rtm.addOrUpdateLocalUserAttributes({ mood: 'good' }),
      deleteLocalUserAttributesByKeys: () => rtm.deleteLocalUserAttributesByKeys(['mood']),
      clearLocalUserAttributes: () => rtm.clearLocalUserAttributes(),
      getUserAttributes: () => rtm.getUserAttributes('bob'),
      getUserAttributesByKeys: () => rtm.getUserAttributesByKeys('bob', ['mood']),
      queryPeersOnlineStatus: () => rtm.queryPeersOnlineStatus(['bob']),
      subscribePeersOnlineStatus: () => rtm.subscribePeersOnlineStatus(['bob']),
      unsubscribePeersOnlineStatus: () => rtm.unsubscribePeersOnlineStatus(['bob']),
      queryPeersBySubscriptionOption: () =>
        rtm.queryPeersBySubscriptionOption(AgoraRTM.PeerSubscriptionOption.ONLINE_STATUS),
      getChannelMemberCount: () => rtm.getChannelMemberCount(['room']),
      getChannelAttributes: () => rtm.getChannelAttributes('room'),
      getChannelAttributesByKeys: () => rtm.getChannelAttributesByKeys('room', ['topic']),
      setChannelAttributes: () => rtm.setChannelAttributes('room', { topic: 'tea' }),
      addOrUpdateChannelAttributes: () => rtm.addOrUpdateChannelAttributes('room', { topic: 'tea' }),
      deleteChannelAttributesByKeys: () => rtm.deleteChannelAttributesByKeys('room', ['topic']),
      clearChannelAttributes: () => rtm.clearChannelAttributes('room'),
      join: () => channel.join(),
      leave: () => channel.leave(),
      sendMessage: () => channel.sendMessage({ text: 'hello' }),
      getMembers: () => channel.getMembers(),
    }
    for (const [name, run] of Object.entries(calls))
      expect([name, await failed(0, run())]).toEqual([name, 'RtmInvalidStatusError 102'])
  })

  test('what is wrong with a message, an attribute or a token comes first', async () => {
    const { client, failed } = setup()
    const alice = client('alice')
    const rtm = alice.client
    const channel = alice.channel('room')
    const wrong = { text: 7 } as unknown as { text: string }
    const long = { text: 'a'.repeat(32 * KB + 1) }
    const calls: [expected: string, call: () => Promise<unknown>][] = [
      ['RtmInvalidArgumentError 7', () => rtm.sendMessageToPeer(wrong, 'bob')],
      ['RtmLimitExceededError 7', () => rtm.sendMessageToPeer(long, 'bob')],
      ['RtmInvalidArgumentError 4', () => channel.sendMessage(wrong)],
      ['RtmLimitExceededError 4', () => channel.sendMessage(long)],
      ['RtmInvalidArgumentError 3', () => rtm.setLocalUserAttributes({ mood: '' })],
      ['RtmInvalidArgumentError 3', () => rtm.setChannelAttributes('room', { topic: '' })],
      ['RtmLimitExceededError 4', () => rtm.setLocalUserAttributes({ mood: 'a'.repeat(8 * KB + 1) })],
      ['RtmLimitExceededError 4', () => rtm.setLocalUserAttributes(attributes(33))],
      ['RtmLimitExceededError 4', () => rtm.addOrUpdateChannelAttributes('room', attributes(33))],
      ['RtmInvalidArgumentError 3', () => rtm.getUserAttributesByKeys('bob', [])],
      ['RtmInvalidArgumentError 2', () => rtm.renewToken('')],
    ]
    for (const [expected, run] of calls)
      expect([String(run), await failed(0, run())]).toEqual([String(run), expected])
  })

  test('send() of an invitation throws nothing, and tells NOT_LOGGEDIN', async () => {
    const { client, pass } = setup()
    const invitation = client('alice').client.createLocalInvitation('bob')
    const heard: unknown[] = []
    invitation.on('LocalInvitationFailure', (reason) => heard.push(reason))
    invitation.send()
    await pass(0)
    expect(heard).toEqual(['NOT_LOGGEDIN'])
    expect(invitation.state).toBe('FAILURE')
  })
})

describe('Numbers over a limit', () => {
  test('are RtmLimitExceededError', async () => {
    const { loggedIn, failed } = setup()
    const { client, channel } = await loggedIn('alice', { rateLimits: false })
    expect(await failed(50, client.queryPeersOnlineStatus(ids(257)))).toBe('RtmLimitExceededError 2')
    expect(await failed(50, client.subscribePeersOnlineStatus(ids(513)))).toBe('RtmLimitExceededError 6')
    expect(await failed(50, client.getChannelMemberCount(ids(33)))).toBe('RtmLimitExceededError 5')
    for (let n = 0; n < 20; n++)
      expect(await failed(500, channel(`room ${n}`).join())).toBe('it has not failed')
    expect(await failed(500, channel('room 20').join())).toBe('RtmLimitExceededError 5')
  })

  test('calls too often are RtmInvokeTooOftenError', async () => {
    const { loggedIn, failed } = setup()
    const { client, channel } = await loggedIn('alice')
    const room = channel('room')
    for (let i = 0; i < 2; i++) {
      await failed(500, room.join())
      await failed(0, room.leave())
    }
    expect(await failed(0, room.join())).toBe('RtmInvokeTooOftenError 8')
    await failed(50, client.getChannelMemberCount(['room']))
    expect(await failed(0, client.getChannelMemberCount(['room']))).toBe('RtmInvokeTooOftenError 3')
  })
})

describe('Channel objects', () => {
  test('two of one id are two: one of them can be in the channel', async () => {
    const { loggedIn, after, failed } = setup()
    const alice = await loggedIn('alice', { rateLimits: false })
    const [first, second] = [alice.channel('room'), alice.channel('room')]
    expect(first).not.toBe(second)
    await after(500, first.join())
    expect(await failed(0, second.join())).toBe('RtmInvalidStatusError 202')
    expect(await failed(0, first.join())).toBe('RtmInvalidStatusError 6')
    expect(await failed(0, second.sendMessage({ text: 'hello' }))).toBe('RtmInvalidStatusError 5')
    expect(await failed(0, second.getMembers())).toBe('RtmInvalidStatusError 5')
    expect(await failed(0, second.leave())).toBe('RtmInvalidStatusError 3')
    await after(0, first.leave())
    await after(500, second.join())
    expect(await second.getMembers()).toEqual(['alice'])
  })
})

describe('Emitters', () => {
  test('return themselves, and do what those of Node do', () => {
    const { client } = setup()
    const alice = client('alice').client
    const emitters = [alice, alice.createChannel('room'), alice.createLocalInvitation('bob')]
    for (const emitter of emitters) {
      const one = emitter as typeof alice
      const [heard, listener] = [[] as string[], vi.fn()]
      const chain = one
        .removeAllListeners()
        .on('TokenExpired', listener)
        .addListener('TokenExpired', () => heard.push('second'))
        .prependListener('TokenExpired', () => heard.push('first'))
        .once('TokenExpired', () => heard.push('once'))
        .off('TokenPrivilegeWillExpire', listener)
        .removeListener('TokenPrivilegeWillExpire', listener)
        .setMaxListeners(20)
      expect(chain).toBe(one)
      expect(one.listenerCount('TokenExpired')).toBe(4)
      expect(one.eventNames()).toEqual(['TokenExpired'])
      one.emit('TokenExpired')
      one.emit('TokenExpired')
      expect(heard).toEqual(['first', 'second', 'once', 'first', 'second'])
      expect(listener).toHaveBeenCalledTimes(2)
      expect(one.off('TokenExpired', listener).listeners('TokenExpired')).toHaveLength(2)
      expect(one.removeAllListeners('TokenExpired').listenerCount('TokenExpired')).toBe(0)
    }
  })
})

describe('Messages', () => {
  test('may have properties that nobody knows, calls more arguments, and rawMessage: undefined', async () => {
    const { loggedIn, after } = setup()
    const [alice, bob] = [await loggedIn('alice'), await loggedIn('bob')]
    const heard: unknown[] = []
    bob.client.on('MessageFromPeer', (message, peerId, { serverReceivedTs }) =>
      heard.push([message, peerId, typeof serverReceivedTs]),
    )
    const send = alice.client.sendMessageToPeer.bind(alice.client) as (...all: unknown[]) => Promise<unknown>
    const sent = [
      { text: 'a', id: 7, sentAt: new Date(0) },
      { text: 'b', rawMessage: undefined, description: undefined },
      { text: 'c', messageType: 'TEXT', rawMessage: undefined },
      AgoraRTM.createMessage({ text: 'd' }),
      alice.client.createMessage({ text: 'e', messageType: 'TEXT' }),
      { rawMessage: new Uint8Array([1]), text: undefined },
      { rawMessage: new Uint8Array([2]), description: 'two', messageType: 'RAW' },
    ]
    for (const message of sent) {
      const options = { enableOfflineMessaging: false, enableHistoricalMessaging: true }
      expect(await after(50, send(message, 'bob', options, 'more'))).toEqual({ hasPeerReceived: true })
    }
    const text = (word: string) => [{ text: word, messageType: 'TEXT' }, 'alice', 'number']
    const raw = (byte: number, description: string) => {
      const rawMessage = new Uint8Array([byte])
      return [{ rawMessage, description, messageType: 'RAW' }, 'alice', 'number']
    }
    expect(heard).toEqual([...['a', 'b', 'c', 'd', 'e'].map(text), raw(1, ''), raw(2, 'two')])
  })

  test('and options may be objects of a class that has accessors', async () => {
    const { client, loggedIn, after } = setup()
    const bob = await loggedIn('bob')
    class Line {
      constructor(private readonly words: string[]) {}
      get text(): string {
        return this.words.join(' ')
      }
      get uid(): string {
        return this.text
      }
    }
    const alice = client('alice')
    await after(50, alice.client.login(new Line(['alice'])))
    await after(50, alice.client.sendMessageToPeer(new Line(['hello', 'bob']), 'bob'))
    expect(bob.news()).toEqual(['alice: hello bob'])
  })

  test('to a user who is offline resolve with hasPeerReceived: false', async () => {
    const { loggedIn, after } = setup()
    const alice = await loggedIn('alice')
    expect(await after(10_000, alice.client.sendMessageToPeer({ text: 'hello' }, 'bob'))).toEqual({
      hasPeerReceived: false,
    })
  })
})

test('options of earlier versions are taken', () => {
  const { client } = setup()
  client('alice')
  const config = {
    enableLogUpload: true,
    logFilter: AgoraRTM.LOG_FILTER_OFF,
    enableCloudProxy: true,
    proxy: 1,
  }
  const made = AgoraRTM.createInstance(APP, config, [AgoraRTM.AreaCode.GLOBAL])
  made.updateConfig({ ...config })
  made.setParameters({ enableLogUpload: false })
  made.destroy()
})

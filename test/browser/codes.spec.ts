import type { Page } from 'playwright/test'

import { createSignalingServer } from '../../signaling/index.ts'
import { limits, timeouts } from '../conformance/limits.mjs'
import type { Call } from '../kit/calls.ts'
import { APP_ID, expect, logIn, test } from './support/world.ts'

// Every method that answers with a code, with the codes that it has (test/kit/calls.ts), in a page with a real server.

const LOGIN = 'AgoraRtmKit.loginByToken'
const LOGOUT = 'AgoraRtmKit.logoutWithCompletion'
const JOIN = 'AgoraRtmChannel.joinWithCompletion'
const LEAVE = 'AgoraRtmChannel.leaveWithCompletion'

/** What each of these methods answers, called one after the other. */
function answersOf(page: Page, how: 'good' | 'bad', order: { first?: string[]; last?: string[] } = {}) {
  return page.evaluate(
    async ([kind, first, last]) => {
      const { callsOf, nameOf } = await window.loadCalls()
      const calls = callsOf(window.rtm)
      const rest = Object.keys(calls).filter((method) => ![...first, ...last].includes(method))
      const answers: Record<string, string> = {}
      for (const method of [...first, ...rest, ...last]) {
        const call = calls[method]?.[kind]
        const { codes = {} } = calls[method] ?? {}
        if (call) answers[method] = await nameOf(codes, call(window.user))
      }
      return answers
    },
    [how, order.first ?? [], order.last ?? []] as const,
  )
}

/** What each method is expected to answer, by its row in the table. */
function expected(page: Page, column: 'refusal' | 'whenAborted'): Promise<Record<string, string>> {
  return page.evaluate(async (name) => {
    const { callsOf } = await window.loadCalls()
    const named = Object.entries(callsOf(window.rtm)).map(([method, call]: [string, Call]) => [
      method,
      call[name],
    ])
    return Object.fromEntries(named.filter(([, answer]) => answer !== undefined)) as Record<string, string>
  }, column)
}

async function newUser(page: Page): Promise<void> {
  await page.evaluate((appId) => {
    window.user = new window.TestUser(appId)
  }, APP_ID)
}

/** Every answer is this one, but for these methods. */
const allBut =
  (usual: string, others: Record<string, string> = {}) =>
  (answers: Record<string, string>): string[] =>
    Object.entries(answers)
      .filter(([method, answer]) => answer !== (others[method] ?? usual))
      .map(([method, answer]) => `${method}: ${answer}`)

test('every method answers Ok', async ({ world }) => {
  const [alice, bob] = [await world.page(), await world.login('bob')]
  await bob.evaluate(() => window.user.join('room 0'))
  await newUser(alice)

  const answers = await answersOf(alice, 'good', { first: [LOGIN, JOIN], last: [LEAVE, LOGOUT] })

  expect(allBut('Ok')(answers)).toEqual([])
  expect(Object.keys(answers).length).toBeGreaterThanOrEqual(24)
})

test('every method answers NotLoggedIn before a login, and NotInitialized once the kit is destroyed', async ({
  world,
}) => {
  const page = await world.page()
  await newUser(page)

  const before = await answersOf(page, 'good', { last: [LOGIN] })
  await page.evaluate(() => window.user.kit.destroy())
  const after = await answersOf(page, 'good')

  expect(allBut('NotLoggedIn', { [LOGIN]: 'Ok' })(before)).toEqual([])
  expect(allBut('NotInitialized', { [LOGIN]: 'LoginNotInitialized' })(after)).toEqual([])
})

test('every method that has arguments says when they are no good', async ({ world }) => {
  const page = await world.login('alice', { rateLimits: true })
  expect(await answersOf(page, 'bad')).toEqual(await expected(page, 'refusal'))
})

test('every limit: one call more is too often', async ({ world }) => {
  const page = await world.page()

  for (const [row, limit] of limits.entries()) {
    // A kit of its own, as limits are counted for each kit by itself.
    const names = await page.evaluate(
      async ([appId, { methods, count, isPerChannel }, userId]) => {
        const { callsOf, nameOf } = await window.loadCalls()
        const calls = callsOf(window.rtm)
        const user = new window.TestUser(appId)
        if (!methods[0]?.includes('login')) await user.login(userId)
        const answers = Array.from({ length: count + 1 }, (_, i) => {
          const call = calls[methods[i % methods.length] ?? '']
          return call ? nameOf(call.codes, call.good(user, isPerChannel ? 0 : i)) : Promise.resolve('no call')
        })
        return Promise.all(answers)
      },
      [APP_ID, limit, `user ${row}`] as const,
    )
    const what = `${limit.methods.join(', ')}: ${limit.code}`
    expect.soft(names.indexOf(limit.code), what).toBe(limit.count)
  }
})

test('every method answers at once when the session was ended by another login', async ({ world }) => {
  const page = await world.login('alice', { rateLimits: true })
  await logIn(await world.page(), 'alice')
  expect(await page.evaluate(() => window.user.until('Aborted'))).toEqual(['Aborted/RemoteLogin'])

  expect(await answersOf(page, 'good', { last: [LOGOUT] })).toEqual(await expected(page, 'whenAborted'))
  expect(await page.evaluate(() => window.user.until('Disconnected'))).toEqual(['Disconnected/Logout'])
})

test('while no server answers, a call that needs one ends with Timeout in its time', async ({ world }) => {
  const page = await world.page()
  await page.clock.install()
  await logIn(page, 'alice')
  await page.evaluate(() => void window.loadCalls())
  await world.signaling.close()
  await page.clock.runFor(5_000)
  expect(await page.evaluate(() => window.user.until('Reconnecting'))).toEqual(['Reconnecting/Interrupted'])

  // A login is none, a join succeeds without a server, and there is nobody who could get a channel's message.
  const others = [LOGIN, JOIN, 'AgoraRtmChannel.sendMessage']
  const methods = Object.keys(timeouts).filter((method) => !others.includes(method))
  const asked = page.evaluate(async (all) => {
    const { callsOf, nameOf } = await window.loadCalls()
    const calls = callsOf(window.rtm)
    const from = performance.now()
    const answers = all.map(async (method) => {
      const call = calls[method]
      const name = call && (await nameOf(call.codes, call.good(window.user)))
      return [method, name, Math.round((performance.now() - from) / 1_000) * 1_000] as const
    })
    Object.assign(window, { isAsked: true })
    return Promise.all(answers)
  }, methods)
  await page.waitForFunction(() => 'isAsked' in window)
  for (let second = 0; second < 11; second++) await page.clock.runFor(1_000)

  expect(await asked).toEqual(methods.map((method) => [method, 'Timeout', timeouts[method]]))
})

test('what is too large, too much or not there has its code', async ({ world }) => {
  const page = await world.login('alice')

  const codes = await page.evaluate(async () => {
    const { kit } = window.user
    const many = (count: number) => Array.from({ length: count }, (_, i) => `name ${i}`)
    const joins = []
    for (let i = 0; i < 21; i++) joins.push(await window.user.join(`room ${i}`))
    return {
      query257: (await kit.queryPeersOnlineStatus(many(257))).errorCode,
      subscribe513: await kit.subscribePeersOnlineStatus(many(513)),
      subscribe512: await kit.subscribePeersOnlineStatus(many(512)),
      oneMore: await kit.subscribePeersOnlineStatus(['one more']),
      count33: (await kit.getChannelMemberCount(many(33))).errorCode,
      the21stJoin: joins.at(-1),
      joinAgain: await window.user.join('room 0'),
      largeAttribute: await kit.setLocalUserAttributes([{ key: 'key', value: 'x'.repeat(8_193) }]),
      noUser: (await kit.getUserAttributes('nobody')).errorCode,
      noPeer: await window.user.tell('nobody', 'hello'),
      kept: await window.user.keep('nobody', 'hello'),
      notJoined: [
        await window.user.say('elsewhere', 'hello'),
        await window.user.leave('elsewhere'),
        (await window.user.channel('elsewhere').getMembersWithCompletion()).errorCode,
      ],
    }
  })

  expect(codes).toEqual({
    query257: 2,
    subscribe513: 6,
    subscribe512: 0,
    oneMore: 6,
    count33: 5,
    the21stJoin: 5,
    joinAgain: 6,
    largeAttribute: 4,
    noUser: 6,
    noPeer: 3,
    kept: 4,
    notJoined: [1, 3, 5],
  })
})

test('each method about attributes does what its name says', async ({ world }) => {
  const [alice, bob] = [await world.login('alice'), await world.login('bob')]

  const seen = await alice.evaluate(async () => {
    const { kit } = window.user
    const attribute = (key: string, value: string) => ({ key, value })
    const inWords = (list: readonly { key: string; value: string }[] | null) =>
      (list ?? []).map(({ key, value }) => `${key}=${value}`).join(' ')
    const said: string[] = []
    const look = async () => {
      const [own, room] = [await kit.getUserAttributes('alice'), await kit.getChannelAttributes('room')]
      said.push(`${inWords(own.attributes)} | ${inWords(room.attributes)}`)
    }
    const first = [attribute('a', '1'), attribute('b', '2')]
    await kit.setLocalUserAttributes(first)
    await kit.setChannelAttributes('room', first)
    await look()
    const second = [attribute('b', '3'), attribute('c', '4')]
    await kit.addOrUpdateLocalUserAttributes(second)
    await kit.addOrUpdateChannelAttributes('room', second)
    await look()
    const some = ['c', 'nothing', 'b']
    const byKeys = await kit.getUserAttributesByKeys('alice', some)
    const ofRoom = await kit.getChannelAttributesByKeys('room', some)
    said.push(`${inWords(byKeys.attributes)} | ${inWords(ofRoom.attributes)}`)
    await kit.deleteLocalUserAttributesByKeys(['a', 'nothing'])
    await kit.deleteChannelAttributesByKeys('room', ['a', 'nothing'])
    await look()
    return said
  })
  expect(seen).toEqual([
    'a=1 b=2 | a=1 b=2',
    'a=1 b=3 c=4 | a=1 b=3 c=4',
    'b=3 c=4 | b=3 c=4',
    'b=3 c=4 | b=3 c=4',
  ])

  const readByBob = () =>
    bob.evaluate(async () => {
      const { attributes, userId, errorCode } = await window.user.kit.getUserAttributesByKeys('alice', ['c'])
      return [attributes, userId, errorCode, await window.user.attributes('room')]
    })
  expect(await readByBob()).toEqual([[{ key: 'c', value: '4' }], 'alice', 0, 'b=3 (alice) c=4 (alice)'])
  await alice.evaluate(async () => {
    await window.user.kit.clearLocalUserAttributes()
    await window.user.kit.clearChannelAttributes('room')
  })
  expect(await readByBob()).toEqual([[], 'alice', 0, ''])
})

test('a channel object is made, counted, destroyed and made again', async ({ world }) => {
  const [alice, bob] = [await world.login('alice'), await world.login('bob')]
  await bob.evaluate(() => window.user.join('room'))

  const seen = await alice.evaluate(async () => {
    const { kit } = window.user
    const [first, second] = [{}, {}]
    const channel = kit.createChannelWithId('room', first)
    const again = kit.createChannelWithId('room', second)
    const count = async () => (await kit.getChannelMemberCount(['nowhere', 'room'])).channelMemberCounts
    const before = await count()
    await channel?.joinWithCompletion()
    const members = await channel?.getMembersWithCompletion()
    return {
      invalid: kit.createChannelWithId('ü'),
      isSame: again === channel && channel?.channelDelegate === second && channel.kit === kit,
      before,
      members: members?.members?.map(({ userId, channelId }) => `${userId} in ${channelId}`).sort(),
      after: await count(),
      destroyed: [kit.destroyChannelWithId('room'), kit.destroyChannelWithId('room')],
      code: await channel?.joinWithCompletion(),
      isAnother: kit.createChannelWithId('room') !== channel,
    }
  })

  expect(seen).toEqual({
    invalid: null,
    isSame: true,
    before: [
      { channelId: 'nowhere', count: 0 },
      { channelId: 'room', count: 1 },
    ],
    members: ['alice in room', 'bob in room'],
    after: [
      { channelId: 'nowhere', count: 0 },
      { channelId: 'room', count: 2 },
    ],
    destroyed: [true, false],
    code: 101,
    isAnother: true,
  })
  expect(await bob.evaluate(() => window.user.until('room -alice'))).toEqual(['#room -alice'])
})

test('what the end of a session or channel overtakes has failed', async ({ world }) => {
  const page = await world.login('alice')

  const codes = await page.evaluate(async () => {
    const { kit } = window.user
    const join = window.user.join('room')
    const leave = await window.user.leave('room')
    const calls = [
      kit.queryPeersOnlineStatus(['bob']),
      kit.subscribePeersOnlineStatus(['bob']),
      kit.getChannelMemberCount(['room']),
      kit.getUserAttributes('bob'),
    ]
    const logout = await kit.logoutWithCompletion()
    const answers = await Promise.all(calls)
    const login = kit.loginByToken(null, 'alice')
    const secondLogout = await kit.logoutWithCompletion()
    return {
      join: [await join, leave],
      answers: answers.map((answer) => (typeof answer === 'number' ? answer : answer.errorCode)),
      logins: [logout, await login, secondLogout],
    }
  })

  expect(codes.join).toEqual([1, 0])
  expect(codes.answers).toEqual([1, 1, 1, 2])
  expect(codes.logins).toEqual([0, 1, 0])
})

test('a login that the server refuses, and a ban, have their codes and reasons', async ({ world }) => {
  const page = await world.login('mallory')
  await world.signaling.ban(APP_ID, 'mallory')
  expect(await page.evaluate(() => window.user.until('Aborted'))).toEqual(['Aborted/BannedByServer'])
  await page.evaluate(() => window.user.kit.logoutWithCompletion())
  expect(await page.evaluate(() => window.user.login('mallory'))).toBe(7)
  expect(await page.evaluate(() => window.user.until('LoginFailure'))).toEqual(['Disconnected/LoginFailure'])

  const elsewhere = await createSignalingServer({ port: 0, apps: { ['another'.padEnd(32, '.')]: {} } })
  const code = await page.evaluate(
    ([url, appId]) => {
      window.user.kit.destroy()
      window.rtm.AgoraRtmKit.setRtmServiceContext({ signaling: [url] })
      window.user = new window.TestUser(appId)
      return window.user.login('alice')
    },
    [elsewhere.url, APP_ID] as const,
  )
  expect(code).toBe(4)
  expect(await page.evaluate(() => window.user.until('LoginFailure'))).toEqual(['Disconnected/LoginFailure'])
  await elsewhere.close()
})

test('each event names the kit or channel that it is about, and brings what the API page says', async ({
  world,
}) => {
  const [alice, bob] = [await world.page(), await world.login('bob')]
  await alice.evaluate(async (appId) => {
    const { rtm } = window
    window.user = new window.TestUser(appId)
    const said: Record<string, unknown[]> = {}
    const note = (event: string, ...facts: unknown[]) => (said[event] ??= facts)
    const { kit } = window.user
    kit.agoraRtmDelegate = {
      connectionStateChanged: (of, state, reason) => note('state', of === kit, state, reason),
      messageReceived: (of, message, peerId) =>
        note('peer message', of === kit, message instanceof rtm.AgoraRtmRawMessage, message.type, peerId),
      PeersOnlineStatusChanged: (of, [status]) =>
        note(
          'status',
          of === kit,
          status instanceof rtm.AgoraRtmPeerOnlineStatus,
          status?.peerId,
          status?.state,
        ),
    }
    const channel = window.user.channel('room')
    channel.channelDelegate = {
      memberJoined: (of, member) => note('joined', of === channel, member),
      memberLeft: (of, member) => note('left', of === channel, member),
      memberCount: (of, count) => note('count', of === channel, count),
      messageReceived: (of, message, member) =>
        note('channel message', of === channel, message.type, message.text, member),
      attributeUpdate: (of, [attribute]) => {
        const { key, value, lastUpdateUserId } = attribute ?? {}
        note(
          'attributes',
          of === channel,
          attribute instanceof rtm.AgoraRtmChannelAttribute,
          key,
          value,
          lastUpdateUserId,
        )
      },
    }
    Object.assign(window, { said })
    await kit.loginByToken(null, 'alice')
    await channel.joinWithCompletion()
    await kit.subscribePeersOnlineStatus(['bob'])
  }, APP_ID)
  await bob.evaluate(async () => {
    const { rtm, user } = window
    await user.join('room')
    await user.kit.sendMessage(rtm.AgoraRtmRawMessage.initWithRawData(new Uint8Array([1])), 'alice')
    await user.say('room', 'hello')
    await user.put('room', { topic: 'tea' }, true)
    await user.leave('room')
  })

  const member = { userId: 'bob', channelId: 'room' }
  await expect
    .poll(() => alice.evaluate(() => (window as unknown as { said: unknown }).said))
    .toEqual({
      state: [true, 2, 1],
      count: [true, 1],
      status: [true, true, 'bob', 0],
      joined: [true, member],
      'peer message': [true, true, 2, 'bob'],
      'channel message': [true, 1, 'hello', member],
      attributes: [true, true, 'topic', 'tea', 'bob'],
      left: [true, member],
    })
})

import type { AgoraRtmRawMessage } from '../../src/index.ts'
import { crash, expect, logIn, test, type World } from './support/world.ts'

async function setup(world: World) {
  const [alice, bob] = [await world.login('alice'), await world.login('bob')]
  await alice.evaluate(() => window.user.join('room'))
  await bob.evaluate(() => window.user.join('room'))
  await alice.evaluate(() => window.user.until('\\+bob'))
  return { alice, bob }
}

const numbers = (count: number, prefix: string) => Array.from({ length: count }, (_, i) => `${prefix}${i}`)

test('100 channel and 100 peer messages each way all arrive, once and in order', async ({ world }) => {
  const { alice, bob } = await setup(world)
  const talk = async ([peerId, count]: readonly [string, number]) => {
    const codes: Promise<number>[] = []
    for (let i = 0; i < count; i++) {
      codes.push(window.user.say('room', `channel ${i}`), window.user.tell(peerId, `peer ${i}`))
    }
    return [...new Set(await Promise.all(codes))]
  }

  const codes = await Promise.all([
    alice.evaluate(talk, ['bob', 100] as const),
    bob.evaluate(talk, ['alice', 100] as const),
  ])

  expect(codes).toEqual([[0], [0]])
  for (const [page, from] of [
    [alice, 'bob'],
    [bob, 'alice'],
  ] as const) {
    const received = await page.evaluate((sender) => window.user.until(`${sender}: `, 200), from)
    const channel = received.filter((event) => event.startsWith('#room'))
    const peer = received.filter((event) => !event.startsWith('#room'))
    expect(channel).toEqual(numbers(100, `#room ${from}: channel `))
    expect(peer).toEqual(numbers(100, `${from}: peer `))
  }
})

test('a message may have 32 KB and not a byte more', async ({ world }) => {
  const { alice, bob } = await setup(world)

  const codes = await alice.evaluate(async () => {
    const { AgoraRtmMessage, AgoraRtmRawMessage } = window.rtm
    const messages = [
      AgoraRtmMessage.initWithText('x'.repeat(32 * 1024)),
      AgoraRtmMessage.initWithText('x'.repeat(32 * 1024 + 1)),
      AgoraRtmMessage.initWithText('€'.repeat(10_923)),
      AgoraRtmRawMessage.initWithRawData(new Uint8Array(32 * 1024 - 4).fill(7), 'four'),
      AgoraRtmRawMessage.initWithRawData(new Uint8Array(32 * 1024 - 4).fill(7), 'five!'),
    ]
    const channel = window.user.channel('room')
    const answers: [number, number][] = []
    for (const message of messages) {
      answers.push([await window.user.kit.sendMessage(message, 'bob'), await channel.sendMessage(message)])
    }
    return answers
  })

  expect(codes).toEqual([
    [0, 0],
    [7, 4],
    [7, 4],
    [0, 0],
    [7, 4],
  ])
  const sizes = await bob.evaluate(async () =>
    (await window.user.until('alice: ', 4)).map(({ length }) => length),
  )
  const raw = 'four ['.length + 2 * (32 * 1024 - 4)
  expect(sizes).toEqual([
    'alice: '.length + 32 * 1024,
    '#room alice: '.length + 32 * 1024,
    'alice: '.length + raw,
    '#room alice: '.length + raw,
  ])
})

test('with limits on, the 181st message within 3 s is too often, whether to a peer or to a channel', async ({
  world,
}) => {
  const alice = await world.login('alice', { rateLimits: true })
  const bob = await world.login('bob')
  await alice.evaluate(() => window.user.join('room'))

  const codes = await alice.evaluate(async () => {
    const sent = Array.from({ length: 90 }, (_, i) => [
      window.user.tell('bob', `${i}`),
      window.user.say('room', `${i}`),
    ])
    const inTime = await Promise.all(sent.flat())
    return [
      ...new Set(inTime),
      await window.user.tell('bob', 'once more'),
      await window.user.say('room', 'once more'),
    ]
  })

  expect(codes).toEqual([0, 5, 3])
  expect(await bob.evaluate(() => window.user.until('alice: ', 90))).toHaveLength(90)
})

test('a raw message arrives with its bytes, its description and a time between sending and receiving', async ({
  world,
}) => {
  const { alice, bob } = await setup(world)
  await bob.evaluate(() => {
    window.user.kit.agoraRtmDelegate = {
      messageReceived: (_, message, peerId) => Object.assign(window, { received: { message, peerId } }),
    }
  })

  const sentAfter = Date.now()
  await alice.evaluate(() => {
    const bytes = new Uint8Array([0, 1, 2, 255])
    const message = window.rtm.AgoraRtmRawMessage.initWithRawData(bytes, 'a picture')
    const sent = window.user.kit.sendMessage(message, 'bob')
    bytes.fill(9)
    return sent
  })
  await bob.waitForFunction(() => 'received' in window)

  const received = await bob.evaluate(() => {
    const { message, peerId } = (
      window as unknown as {
        received: { message: AgoraRtmRawMessage; peerId: string }
      }
    ).received
    const { type, text, rawData, serverReceivedTs, isOfflineMessage } = message
    return { type, text, rawData: [...rawData], serverReceivedTs, isOfflineMessage, peerId }
  })
  expect(received).toMatchObject({
    type: 2,
    text: 'a picture',
    rawData: [0, 1, 2, 255],
    isOfflineMessage: false,
    peerId: 'alice',
  })
  expect(received.serverReceivedTs).toBeGreaterThanOrEqual(sentAfter - 1_000)
  expect(received.serverReceivedTs).toBeLessThanOrEqual(Date.now() + 1_000)
})

test('users who share no channel reach each other, whoever is first, and nobody reaches a user who is not there', async ({
  world,
}) => {
  const [alice, bob] = [await world.login('alice'), await world.login('bob')]

  expect(await bob.evaluate(() => window.user.tell('alice', 'first'))).toBe(0)
  expect(await alice.evaluate(() => window.user.tell('bob', 'second'))).toBe(0)
  expect(await alice.evaluate(() => window.user.tell('nobody', 'hello?'))).toBe(3)

  expect(await alice.evaluate(() => window.user.until('bob: '))).toEqual(['bob: first'])
  expect(await bob.evaluate(() => window.user.until('alice: '))).toEqual(['alice: second'])
})

test('when 4,096 messages wait for a peer whose page has died, one more has failed', async ({ world }) => {
  const { alice, bob } = await setup(world)
  await alice.evaluate(() => window.user.untilLinked(['bob']))
  await crash(bob)

  const failed = await alice.evaluate(async () => {
    const codes: [number, number][] = []
    for (let i = 0; i < 4_098; i++) void window.user.tell('bob', `${i}`).then((code) => codes.push([i, code]))
    while (codes.length < 2) await new Promise(requestAnimationFrame)
    return codes
  })

  const { Failure } = { Failure: 1 }
  expect(failed).toEqual([
    [4_096, Failure],
    [4_097, Failure],
  ])
})

test('a message to oneself arrives', async ({ world }) => {
  const alice = await world.login('alice')

  expect(await alice.evaluate(() => window.user.tell('alice', 'note to self'))).toBe(0)

  expect(await alice.evaluate(() => window.user.until('alice: '))).toEqual(['alice: note to self'])
})

test('two kits in one page talk to each other, also in one channel', async ({ world }) => {
  const page = await world.page()
  await logIn(page, 'alice')

  const events = await page.evaluate(async (appId) => {
    const bob = new window.TestUser(appId)
    await bob.login('bob')
    await window.user.join('room')
    await bob.join('room')
    await window.user.until('\\+bob')
    await Promise.all([
      window.user.say('room', 'from alice'),
      bob.say('room', 'from bob'),
      bob.tell('alice', 'psst'),
    ])
    return [await bob.until('alice: '), await window.user.until('bob: ', 2)]
  }, '0123456789abcdef0123456789abcdef')

  expect(events[0]).toEqual(['#room alice: from alice'])
  expect(events[1]?.sort()).toEqual(['#room bob: from bob', 'bob: psst'].sort())
})

test('objects that a framework wrapped in deep proxies work as before', async ({ world }) => {
  const [alice, bob] = [await world.page(), await world.login('bob')]
  await bob.evaluate(() => window.user.join('room'))

  const codes = await alice.evaluate(async (appId) => {
    /** As Vue's reactive() and MobX do: whatever is read through the proxy is a proxy again. */
    const wrapped = new WeakMap<object, object>()
    function deep<T>(value: T): T {
      if (
        typeof value !== 'object' ||
        value === null ||
        value instanceof Promise ||
        ArrayBuffer.isView(value)
      )
        return value
      const known = wrapped.get(value)
      const proxy =
        known ??
        new Proxy(value, { get: (target, key, receiver) => deep(Reflect.get(target, key, receiver)) })
      wrapped.set(value, proxy)
      return proxy as T
    }
    const { AgoraRtmKit, AgoraRtmMessage } = window.rtm
    const kit = deep(AgoraRtmKit.initWithAppId(appId))
    if (!kit) throw new Error('no kit')
    const heard: string[] = []
    kit.agoraRtmDelegate = deep({
      messageReceived: (_: unknown, message: { text: string }) => void heard.push(message.text),
    })
    const login = await kit.loginByToken(null, 'alice')
    const channel = deep(kit.createChannelWithId('room'))
    if (!channel) throw new Error('no channel')
    const join = await channel.joinWithCompletion()
    const { members } = await channel.getMembersWithCompletion()
    const message = deep(AgoraRtmMessage.initWithText('through a proxy'))
    const sent = [
      await channel.sendMessage(message),
      await kit.sendMessage(message, 'bob'),
      await kit.sendMessage(message, 'alice'),
    ]
    return [
      login,
      join,
      members?.length,
      sent,
      heard,
      await channel.leaveWithCompletion(),
      await kit.logoutWithCompletion(),
    ]
  }, '0123456789abcdef0123456789abcdef')

  expect(codes).toEqual([0, 0, 2, [0, 0, 0], ['through a proxy'], 0, 0])
  expect(await bob.evaluate(() => window.user.until('alice: ', 2))).toEqual([
    '#room alice: through a proxy',
    'alice: through a proxy',
  ])
})

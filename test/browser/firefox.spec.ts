import { expect, join, linked, type Tab, type World } from './support/world.ts'
import { type Firefox, test } from './support/firefox.ts'

const NAMES = ['carol', 'fred', 'frida'] as const

/** Carol in Chromium, Fred and Frida in Firefox: all in #room, linked to each other. */
async function setup(world: World, firefox: Firefox) {
  const [carol, fred, frida] = await Promise.all([
    world.login('carol'),
    firefox.login('fred'),
    firefox.login('frida'),
  ])
  const tabs: readonly Tab[] = [carol, fred, frida]
  for (const tab of tabs) await join(tab)
  await linked(NAMES, tabs)
  return { carol, fred, frida, tabs }
}

const until = (tab: Tab, pattern: string, count = 1): Promise<string[]> =>
  tab.evaluate(([wanted, often]) => window.user.until(wanted, often), [pattern, count] as const)

const get = (tab: Tab, userId: string) =>
  tab.evaluate(async (id) => {
    const { attributes } = await window.user.kit.getUserAttributes(id)
    return Object.fromEntries((attributes ?? []).map(({ key, value }) => [key, value]))
  }, userId)

const numbers = (count: number, prefix: string) => Array.from({ length: count }, (_, i) => `${prefix}${i}`)

test('users in Chromium and Firefox are members of one channel, and linked directly', async ({
  world,
  firefox,
}) => {
  const { tabs, carol } = await setup(world, firefox)
  for (const tab of tabs) {
    expect(await tab.evaluate(() => window.user.members('room'))).toEqual([...NAMES])
    const { peers } = await tab.evaluate(() => window.user.kit.diagnose())
    expect(peers.map(({ path }) => path)).toEqual(['direct', 'direct'])
  }
  expect(await until(carol, '\\+', 2)).toEqual(['#room +fred', '#room +frida'])
})

test('100 channel and 100 peer messages each way between the browsers all arrive, once and in order', async ({
  world,
  firefox,
}) => {
  const { carol, fred } = await setup(world, firefox)
  const talk = async ([peerId, count]: readonly [string, number]) => {
    const codes: Promise<number>[] = []
    for (let i = 0; i < count; i++) {
      codes.push(window.user.say('room', `channel ${i}`), window.user.tell(peerId, `peer ${i}`))
    }
    return [...new Set(await Promise.all(codes))]
  }
  const codes = await Promise.all([
    carol.evaluate(talk, ['fred', 100] as const),
    fred.evaluate(talk, ['carol', 100] as const),
  ])
  expect(codes).toEqual([[0], [0]])
  for (const [tab, from] of [
    [carol, 'fred'],
    [fred, 'carol'],
  ] as const) {
    const received = await until(tab, `${from}: `, 200)
    expect(received.filter((event) => event.startsWith('#'))).toEqual(numbers(100, `#room ${from}: channel `))
    expect(received.filter((event) => !event.startsWith('#'))).toEqual(numbers(100, `${from}: peer `))
  }
})

test('raw data, and messages of 32 KB of either kind, arrive as they were sent, both ways', async ({
  world,
  firefox,
}) => {
  const { carol, fred } = await setup(world, firefox)
  const listen = (tab: Tab) =>
    tab.evaluate(() => {
      const received: [text: string, data: string][] = []
      Object.assign(window, { received })
      window.user.kit.agoraRtmDelegate = {
        messageReceived: (_, message) => {
          const isRaw = message instanceof window.rtm.AgoraRtmRawMessage
          const data = isRaw ? message.rawData : new Uint8Array()
          // Long ones as a sum and a length.
          const sum = data.reduce((all, byte, i) => (all * 31 + byte + i) % 1_000_003, 7)
          received.push([message.text.slice(0, 3), `${message.text.length} ${data.length} ${sum}`])
        },
      }
    })
  const send = (tab: Tab, to: string) =>
    tab.evaluate(async (peerId) => {
      const { AgoraRtmMessage, AgoraRtmRawMessage } = window.rtm
      const long = Uint8Array.from({ length: 32 * 1024 - 4 }, (_, i) => (i * i) % 251)
      const messages = [
        AgoraRtmRawMessage.initWithRawData(new Uint8Array([0, 1, 2, 255]), 'a picture'),
        AgoraRtmRawMessage.initWithRawData(long, 'long'),
        AgoraRtmMessage.initWithText('€'.repeat(10_922)),
        AgoraRtmMessage.initWithText('€'.repeat(10_923)),
      ]
      const sums = messages.slice(0, 3).map((message): [string, string] => {
        const data = message instanceof AgoraRtmRawMessage ? message.rawData : new Uint8Array()
        const sum = data.reduce((all, byte, i) => (all * 31 + byte + i) % 1_000_003, 7)
        return [message.text.slice(0, 3), `${message.text.length} ${data.length} ${sum}`]
      })
      const codes: number[] = []
      for (const message of messages) codes.push(await window.user.kit.sendMessage(message, peerId))
      return { sums, codes }
    }, to)
  const heard = (tab: Tab) => tab.evaluate(() => Reflect.get(window, 'received') as unknown)

  for (const [from, to, name] of [
    [carol, fred, 'fred'],
    [fred, carol, 'carol'],
  ] as const) {
    await listen(to)
    const { sums, codes } = await send(from, name)
    expect(codes).toEqual([0, 0, 0, 7])
    await expect.poll(() => heard(to)).toEqual(sums)
  }
})

test('attributes of users and of the channel are the same in both browsers, whoever sets them', async ({
  world,
  firefox,
}) => {
  const { tabs, carol, fred } = await setup(world, firefox)
  for (const [tab, hat] of [
    [carol, 'red'],
    [fred, 'blue'],
  ] as const) {
    const code = await tab.evaluate(
      (value) => window.user.kit.setLocalUserAttributes([{ key: 'hat', value }]),
      hat,
    )
    expect(code).toBe(0)
  }
  expect(await get(carol, 'fred')).toEqual({ hat: 'blue' })
  expect(await get(fred, 'carol')).toEqual({ hat: 'red' })

  const codes = await Promise.all([
    carol.evaluate(() => window.user.put('room', { topic: 'tea', place: 'garden' }, true)),
    fred.evaluate(() => window.user.put('room', { topic: 'tea', time: 'five' }, true)),
  ])
  expect(codes).toEqual([0, 0])
  const all = /^place=garden \(carol\) time=five \(fred\) topic=tea \((carol|fred)\)$/
  for (const tab of tabs) {
    await expect.poll(() => tab.evaluate(() => window.user.attributes('room'))).toMatch(all)
    await until(tab, '#room has .*place=garden .*time=five')
  }
})

test('an invitation each way rings in the other browser; one is accepted and one refused, and both sides know', async ({
  world,
  firefox,
}) => {
  const [carol, fred] = [await world.login('carol'), await firefox.login('fred')]
  for (const tab of [carol, fred]) await tab.evaluate(() => void window.user.calls)

  expect(await carol.evaluate(() => window.user.calls.invite('fred', 'lunch'))).toBe(0)
  await until(fred, '^carol calls: lunch, room 7$')
  await until(carol, '^lunch: received by peer$')
  expect(await fred.evaluate(() => window.user.calls.accept('lunch', 'in a minute'))).toBe(0)
  await until(carol, '^lunch: accepted, in a minute$')
  await until(fred, '^accepted carol: lunch$')

  expect(await fred.evaluate(() => window.user.calls.invite('carol', 'dinner'))).toBe(0)
  await until(carol, '^fred calls: dinner, room 7$')
  expect(await carol.evaluate(() => window.user.calls.refuse('dinner', 'busy'))).toBe(0)
  await until(fred, '^dinner: refused, busy$')
  await until(carol, '^refused fred: dinner$')
})

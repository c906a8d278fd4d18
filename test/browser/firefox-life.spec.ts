import { linkContract } from '../mesh/link-contract.ts'
import { SECRET } from './support/mortal-server.ts'
import { kill, Firefox, type FirefoxTab, startFirefox, test } from './support/firefox.ts'
import { expect, join, linked, logIn, type Tab, type World } from './support/world.ts'

const CACHED = 4

/** Carol in Chromium, Fred in Firefox: both in #room, linked to each other. */
async function setup(world: World, firefox: Firefox) {
  const [carol, fred] = await Promise.all([world.login('carol'), firefox.login('fred')])
  for (const tab of [carol, fred]) await join(tab)
  await linked(['carol', 'fred'], [carol, fred])
  return { carol, fred }
}

const until = (tab: Tab, pattern: string, count = 1): Promise<string[]> =>
  tab.evaluate(([wanted, often]) => window.user.until(wanted, often), [pattern, count] as const)

const eventsOf = (tab: Tab, pattern: string): Promise<string[]> =>
  tab.evaluate((wanted) => window.user.events.filter((event) => new RegExp(wanted).test(event)), pattern)

const pageTime = (tab: Tab): Promise<number> => tab.evaluate(() => performance.now())

/** When this happened last, in milliseconds after a moment of the page's own time. */
const elapsed = (tab: Tab, event: string, since: number): Promise<number> =>
  tab.evaluate(
    ([wanted, from]) => {
      const { events, times } = window.user
      return (times[events.lastIndexOf(wanted)] ?? NaN) - from
    },
    [event, since] as const,
  )

test('a link in Firefox does what links do', async ({ firefox }) => {
  const tab = await firefox.page()
  for (const title of linkContract) {
    await test.step(title, () =>
      tab.evaluate(async (part) => {
        const { check } = await window.loadLinkKinds()
        await check('over WebRTC', part)
      }, title),
    )
  }
})

test('two tabs of one Firefox need no RTCPeerConnection for each other, and see each other leave', async ({
  firefox,
}) => {
  const context = await firefox.context()
  const [fred, frida] = [await firefox.login('fred', context), await firefox.login('frida', context)]
  for (const tab of [fred, frida]) await join(tab)
  await until(fred, '#room \\+frida')
  for (const [tab, peer] of [
    [fred, 'frida'],
    [frida, 'fred'],
  ] as const) {
    expect(await tab.evaluate((to) => window.user.tell(to, 'hello'), peer)).toBe(0)
    expect(await tab.evaluate(() => window.user.say('room', 'all'))).toBe(0)
  }
  expect(await until(fred, 'frida: ', 2)).toEqual(['frida: hello', '#room frida: all'])
  expect(await until(frida, 'fred: ', 2)).toEqual(['fred: hello', '#room fred: all'])
  expect(await fred.evaluate(() => window.user.put('room', { topic: 'tea' }, true))).toBe(0)
  expect(await until(frida, '#room has')).toEqual(['#room has topic=tea (fred)'])
  const { peers } = await fred.evaluate(() => window.user.kit.diagnose())
  expect(peers.map(({ path }) => path)).toEqual(['tab'])
  for (const tab of [fred, frida]) expect(await tab.evaluate(() => window.connectionCount)).toBe(0)

  const closedAt = await pageTime(fred)
  await frida.close()
  await until(fred, '#room -frida')
  expect(await elapsed(fred, '#room -frida', closedAt)).toBeLessThan(2_000)
})

for (const [how, leave] of [
  ['reloaded', (tab: FirefoxTab) => tab.reload()],
  ['closed', (tab: FirefoxTab) => tab.close()],
  ['left for another one', (tab: FirefoxTab) => tab.goto('about:blank')],
] as const) {
  test(`a page in Firefox that is ${how} has left, and is Offline, at once`, async ({ world, firefox }) => {
    const { carol, fred } = await setup(world, firefox)
    expect(await carol.evaluate(() => window.user.subscribe('fred'))).toBe(0)
    await until(carol, 'fred is Online')

    const leftAt = await pageTime(carol)
    await leave(fred)
    await until(carol, '#room -fred')
    await until(carol, 'fred is Offline')
    expect(await elapsed(carol, '#room -fred', leftAt)).toBeLessThan(2_000)
    expect(await elapsed(carol, 'fred is Offline', leftAt)).toBeLessThan(2_000)
    expect(await eventsOf(carol, 'fred is ')).toEqual(['fred is Online', 'fred is Offline'])
  })
}

test('what a page in Firefox has kept for somebody, and its log, are there after a reload', async ({
  world,
  firefox,
}) => {
  const fred = await firefox.login('fred')
  const codes = await fred.evaluate(() =>
    Promise.all([window.user.keep('carol', 'one'), window.user.keep('carol', 'two')]),
  )
  expect(codes).toEqual([CACHED, CACHED])
  const before = await fred.evaluate(() => window.user.kit.readLog())
  expect(before).toContain('A login begins')
  await fred.reload()
  await logIn(fred, 'fred', { rateLimits: false })
  const after = await fred.evaluate(() => window.user.kit.readLog())
  expect(after.slice(0, before.length)).toBe(before)
  expect(after.slice(before.length)).toContain('A login begins')

  const carol = await world.login('carol')
  expect(await until(carol, 'fred: ', 2)).toEqual(['fred: (offline) one', 'fred: (offline) two'])

  // And what was received is known after a reload, so that nothing comes twice.
  expect(await carol.evaluate(() => window.user.keep('frida', 'three'))).toBe(CACHED)
  const frida = await firefox.login('frida')
  expect(await until(frida, 'carol: ')).toEqual(['carol: (offline) three'])
  await frida.reload()
  await logIn(frida, 'frida', { rateLimits: false })
  expect(await carol.evaluate(() => window.user.tell('frida', 'four'))).toBe(0)
  expect(await until(frida, 'carol: four')).toEqual(['carol: four'])
  expect(await eventsOf(frida, 'offline')).toEqual([])
})

test('when the server dies, users in both browsers talk on, and new ones are met when it is back', async ({
  world,
  firefox,
  server,
}) => {
  const { carol, fred } = await setup(world, firefox)
  await server.kill()
  expect(await carol.evaluate(() => window.user.tell('fred', 'no server'))).toBe(0)
  expect(await fred.evaluate(() => window.user.say('room', 'none at all'))).toBe(0)
  await until(fred, '^carol: no server$')
  await until(carol, '^#room fred: none at all$')

  await server.startAgain(SECRET)
  const frida = await firefox.login('frida')
  await join(frida)
  for (const tab of [carol, fred, frida]) {
    await expect
      .poll(() => tab.evaluate(() => window.user.members('room')), { timeout: 20_000 })
      .toEqual(['carol', 'fred', 'frida'])
  }
  for (const tab of [carol, fred]) {
    expect(await tab.evaluate(() => window.user.tell('frida', 'hello'))).toBe(0)
    expect(await eventsOf(tab, ' -|Aborted')).toEqual([])
  }
  await until(frida, '^(carol|fred): hello$', 2)
})

test('a Firefox that is killed is Unreachable after 6 to 8 s, and Offline and out of its channel after 30 to 33 s', async ({
  world,
  testPages,
}) => {
  const browser = await startFirefox()
  const doomed = new Firefox(browser, testPages.resolvedUrls?.local[0] ?? '', world.signaling.url)
  const { carol } = await setup(world, doomed)
  expect(await carol.evaluate(() => window.user.subscribe('fred'))).toBe(0)
  await until(carol, 'fred is Online')

  await kill(browser)
  const killedAt = await pageTime(carol)
  await until(carol, 'fred is Offline')
  await until(carol, '#room -fred')
  expect(await eventsOf(carol, 'fred is ')).toEqual([
    'fred is Online',
    'fred is Unreachable',
    'fred is Offline',
  ])
  const unreachableAfter = await elapsed(carol, 'fred is Unreachable', killedAt)
  expect(unreachableAfter).toBeGreaterThan(6_000)
  expect(unreachableAfter).toBeLessThan(8_000)
  for (const event of ['fred is Offline', '#room -fred']) {
    const after = await elapsed(carol, event, killedAt)
    expect(after).toBeGreaterThan(30_000)
    expect(after).toBeLessThan(33_000)
  }
})

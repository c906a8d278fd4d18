import { chromium } from 'playwright'

import { crash, expect, logIn, test, World } from './support/world.ts'

async function setup(world: World) {
  const [alice, bob] = [await world.login('alice'), await world.login('bob')]
  await alice.evaluate(() => window.user.join('room'))
  await bob.evaluate(() => window.user.join('room'))
  await alice.evaluate(() => window.user.untilLinked(['bob']))
  return { alice, bob }
}

test('a page that is closed in the middle of a conversation has left within a second', async ({ world }) => {
  const { alice, bob } = await setup(world)
  await bob.evaluate(() => {
    setInterval(() => void window.user.say('room', 'still here'), 20)
  })
  await alice.evaluate(() => window.user.until('still here', 5))

  const closedAt = await alice.evaluate(() => performance.now())
  await bob.close({ runBeforeUnload: false })
  await alice.evaluate(() => window.user.until('#room -bob'))

  const leftAt = await alice.evaluate(() => window.user.times[window.user.events.indexOf('#room -bob')])
  expect((leftAt ?? Infinity) - closedAt).toBeLessThan(1_000)
})

test('a page that navigates away has left within a second', async ({ world }) => {
  const { alice, bob } = await setup(world)

  const closedAt = await alice.evaluate(() => performance.now())
  await bob.goto('about:blank')
  await alice.evaluate(() => window.user.until('#room -bob'))

  const leftAt = await alice.evaluate(() => window.user.times[window.user.events.indexOf('#room -bob')])
  expect((leftAt ?? Infinity) - closedAt).toBeLessThan(1_000)
})

/** Playwright turns the back/forward cache off; people's browsers have it. */
const testWithPageCache = test.extend({
  world: async ({ world, testPages }, use, { project }) => {
    const browser = await chromium.launch({
      ...project.use.launchOptions,
      ignoreDefaultArgs: ['--disable-back-forward-cache'],
    })
    await use(new World(browser, testPages.resolvedUrls?.local[0] ?? '', world.signaling))
    await browser.close()
  },
})

testWithPageCache(
  'a page that navigates away and might be shown again has left within a second',
  async ({ world }) => {
    const { alice, bob } = await setup(world)
    await bob.evaluate(() => {
      addEventListener('pagehide', ({ persisted }) => localStorage.setItem('persisted', String(persisted)))
    })

    const closedAt = await alice.evaluate(() => performance.now())
    const address = bob.url()
    // Of the same origin, since that is where browsers keep pages.
    await bob.goto(`${address}?elsewhere`)
    await alice.evaluate(() => window.user.until('#room -bob'))

    const leftAt = await alice.evaluate(() => window.user.times[window.user.events.indexOf('#room -bob')])
    expect((leftAt ?? Infinity) - closedAt).toBeLessThan(1_000)
    expect(await bob.evaluate(() => localStorage.getItem('persisted'))).toBe('true')
  },
)

for (const [how, isAwaited] of [
  ['when the others have noticed', true],
  ['at once', false],
] as const) {
  // Chromium keeps no page with an open WebSocket or RTCPeerConnection, so the events are made by hand.
  test(`a page that is put away and shown again ${how} leaves, joins and hears everything`, async ({
    world,
  }) => {
    const { alice, bob } = await setup(world)
    const hide = () => dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }))
    const show = () => dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))
    if (isAwaited) {
      await bob.evaluate(hide)
      await alice.evaluate(() => window.user.until('-bob'))
      await bob.evaluate(show)
    } else {
      await bob.evaluate(`(${hide.toString()})(); (${show.toString()})()`)
    }

    const seen = await alice.evaluate(() => window.user.until('[-+]bob', 3))
    expect(seen).toEqual(['#room +bob', '#room -bob', '#room +bob'])
    const users = [
      [alice, 'alice', 'bob'],
      [bob, 'bob', 'alice'],
    ] as const
    for (const [page, , other] of users) {
      expect(await page.evaluate((peerId) => window.user.tell(peerId, 'again'), other)).toBe(0)
      expect(await page.evaluate(() => window.user.say('room', 'again'))).toBe(0)
      expect(await page.evaluate(() => window.user.members('room'))).toEqual(['alice', 'bob'])
    }
    for (const [page, , other] of users) {
      const heard = await page.evaluate((peerId) => window.user.until(`${peerId}: again`, 2), other)
      expect(heard.sort()).toEqual([`#room ${other}: again`, `${other}: again`])
    }
    expect(await alice.evaluate(() => window.user.until('[-+]bob', 3))).toHaveLength(3)
    expect(await bob.evaluate(() => window.user.events)).not.toContain('#room -alice')
  })
}

test('a crashed page does not count as a goodbye', async ({ world }) => {
  const { alice, bob } = await setup(world)

  await crash(bob)
  // The link is given up after 6 s of silence; by then a goodbye would have come.
  await alice.evaluate(async () => {
    const pathToBob = async () =>
      (await window.user.kit.diagnose()).peers.find(({ userId }) => userId === 'bob')?.path
    while ((await pathToBob()) === 'direct') await new Promise(requestAnimationFrame)
  })

  expect(await alice.evaluate(() => window.user.events)).not.toContain('#room -bob')
  expect(await alice.evaluate(() => window.user.members('room'))).toEqual(['alice', 'bob'])
})

test('logging out is a leave for the others at once', async ({ world }) => {
  const { alice, bob } = await setup(world)

  expect(await bob.evaluate(() => window.user.kit.logoutWithCompletion())).toBe(0)

  expect(await alice.evaluate(() => window.user.until('#room -bob'))).toEqual(['#room -bob'])
  expect(await bob.evaluate(() => window.user.events.at(-1))).toBe('Disconnected/Logout')
  expect(await alice.evaluate(() => window.user.tell('bob', 'gone?'))).toBe(3)
})

test('a second login of a user ends the first, which stays out until it logs out', async ({ world }) => {
  const { alice, bob } = await setup(world)
  const second = await world.login('bob')
  await second.evaluate(() => window.user.join('room'))

  await bob.evaluate(() => window.user.until('Aborted'))
  expect(await bob.evaluate(() => window.user.events.at(-1))).toBe('Aborted/RemoteLogin')
  expect(await alice.evaluate(() => window.user.until('[-+]bob', 3))).toEqual([
    '#room +bob',
    '#room -bob',
    '#room +bob',
  ])
  const answers = await bob.evaluate(async () => [
    await window.user.login('bob'),
    await window.user.tell('alice', 'from the first'),
    await window.user.say('room', 'from the first'),
    await window.user.join('other'),
    await window.user.leave('room'),
  ])
  expect(answers).toEqual([8, 2, 2, 4, 1])
  expect(await second.evaluate(() => window.user.tell('alice', 'from the second'))).toBe(0)
  expect(await alice.evaluate(() => window.user.until('bob: '))).toEqual(['bob: from the second'])
  expect(await bob.evaluate(() => window.user.kit.logoutWithCompletion())).toBe(0)
  expect(await bob.evaluate(() => window.user.login('carol'))).toBe(0)
})

test('a page that died unannounced and logs in again within a second wins at once', async ({ world }) => {
  const { alice, bob } = await setup(world)
  const again = await world.page()
  await crash(bob)

  const startedAt = Date.now()
  await logIn(again, 'bob')
  // Nobody waited for the end of the first session, which would be missed after 7 s and gone after 31 s.
  expect(Date.now() - startedAt).toBeLessThan(5_000)
  await again.evaluate(() => window.user.join('room'))

  expect(await alice.evaluate(() => window.user.tell('bob', 'is it you?'))).toBe(0)
  expect(await again.evaluate(() => window.user.until('alice: '))).toEqual(['alice: is it you?'])
  expect(await again.evaluate(() => window.user.say('room', 'it is me'))).toBe(0)
  expect(await alice.evaluate(() => window.user.until('bob: '))).toEqual(['#room bob: it is me'])
})

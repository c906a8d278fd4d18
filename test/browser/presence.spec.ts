import type { Page } from 'playwright/test'

import { crash, expect, logIn, test, type World } from './support/world.ts'

/** When this happened first after a moment of the page's own time, in milliseconds since then. */
function elapsed(page: Page, event: string, since: number): Promise<number> {
  return page.evaluate(
    ([wanted, from]) => {
      const { events, times } = window.user
      return (times.find((time, i) => time >= from && events[i] === wanted) ?? NaN) - from
    },
    [event, since] as const,
  )
}

const pageTime = (page: Page): Promise<number> => page.evaluate(() => performance.now())

/** What the page was told of this user's state. */
const statesOf = (page: Page, name: string): Promise<string[]> =>
  page.evaluate((of) => window.user.events.filter((event) => event.startsWith(`${of} is`)), name)

test('a subscriber is told at once of a goodbye and of a login', async ({ world }) => {
  const [alice, bob] = [await world.login('alice'), await world.login('bob')]
  expect(await alice.evaluate(() => window.user.subscribe('bob', 'carol'))).toBe(0)
  expect(await alice.evaluate(() => window.user.until(' is '))).toEqual(['bob is Online', 'carol is Offline'])

  const goneAt = await pageTime(alice)
  await bob.evaluate(() => window.user.kit.logoutWithCompletion())
  await alice.evaluate(() => window.user.until('bob is Offline'))
  expect(await elapsed(alice, 'bob is Offline', goneAt)).toBeLessThan(1_000)

  expect(await bob.evaluate(() => window.user.login('bob'))).toBe(0)
  await alice.evaluate(() => window.user.until('bob is Online', 2))
  await logIn(await world.page(), 'carol')
  await alice.evaluate(() => window.user.until('carol is Online'))
  const query = await alice.evaluate(() => window.user.kit.queryPeersOnlineStatus(['dave', 'carol', 'bob']))
  expect(query.peerOnlineStatus.map(({ peerId, isOnline }) => [peerId, isOnline])).toEqual([
    ['dave', false],
    ['carol', true],
    ['bob', true],
  ])
})

test('who unsubscribes is told no more, and the list of subscriptions says so', async ({ world }) => {
  const [alice, bob] = [await world.login('alice'), await world.login('bob')]
  const subscribed = () =>
    alice.evaluate(async () => {
      const { kit } = window.user
      const { OnlineStatus } = window.rtm.AgoraRtmPeerSubscriptionOptions
      return (await kit.queryPeersBySubscriptionOption(OnlineStatus)).peers
    })
  await alice.evaluate(() => window.user.subscribe('bob', 'carol'))
  await alice.evaluate(() => window.user.until(' is ', 2))
  expect(await subscribed()).toEqual(['bob', 'carol'])

  expect(await alice.evaluate(() => window.user.kit.unsubscribePeersOnlineStatus(['bob', 'dave']))).toBe(0)
  expect(await subscribed()).toEqual(['carol'])
  await bob.evaluate(() => window.user.kit.logoutWithCompletion())
  await logIn(await world.page(), 'carol')
  await alice.evaluate(() => window.user.until('carol is Online'))
  expect(await statesOf(alice, 'bob')).toEqual(['bob is Online'])
})

test('a second login of a user is no change of its state', async ({ world }) => {
  const [alice, bob] = [await world.login('alice'), await world.login('bob')]
  await alice.evaluate(() => window.user.subscribe('bob'))
  await logIn(await world.page(), 'bob')
  await bob.evaluate(() => window.user.until('Aborted'))
  // The end of the first session is noticed now, if ever; nothing happens by which one could know that it is not.
  const since = await pageTime(alice)
  await alice.waitForFunction((from) => performance.now() - from > 1_500, since)
  expect(await statesOf(alice, 'bob')).toEqual(['bob is Online'])
})

// Both wait for clocks that cannot be moved, and do next to nothing meanwhile: so they are side by side.
test('a page that crashes is Unreachable after 6 to 8 s, and Offline and out of its channel after 30 to 33 s; where the server dies instead, linked users keep each other Online for 40 s', async ({
  world,
}) => {
  test.setTimeout(90_000)
  await Promise.all([pageCrashes(world), serverIsGone(await world.another())])
})

/** A page that crashes is Unreachable after 6 to 8 s, and Offline and out of its channel after 30 to 33 s. */
async function pageCrashes(world: World): Promise<void> {
  // Alice and Bob are linked; Carol shares no channel with him, and knows him by the server alone.
  const [alice, bob] = await world.inRoom('alice', 'bob')
  const carol = await world.login('carol')
  const observers = [alice, carol]
  for (const page of observers) {
    expect(await page.evaluate(() => window.user.subscribe('bob'))).toBe(0)
    await page.evaluate(() => window.user.until('bob is Online'))
  }
  expect((await carol.evaluate(() => window.user.kit.diagnose())).peers).toEqual([])

  await crash(bob)
  const crashedAt = await Promise.all(observers.map(pageTime))

  await alice.evaluate(() => window.user.until('#room -bob'))
  for (const [i, page] of observers.entries()) {
    await page.evaluate(() => window.user.until('bob is Offline'))
    expect(await statesOf(page, 'bob')).toEqual(['bob is Online', 'bob is Unreachable', 'bob is Offline'])
    const unreachableAfter = await elapsed(page, 'bob is Unreachable', crashedAt[i] ?? NaN)
    expect(unreachableAfter).toBeGreaterThan(6_000)
    expect(unreachableAfter).toBeLessThan(8_000)
    const offlineAfter = await elapsed(page, 'bob is Offline', crashedAt[i] ?? NaN)
    expect(offlineAfter).toBeGreaterThan(30_000)
    expect(offlineAfter).toBeLessThan(33_000)
  }
  const leftAfter = await elapsed(alice, '#room -bob', crashedAt[0] ?? NaN)
  expect(leftAfter).toBeGreaterThan(30_000)
  expect(leftAfter).toBeLessThan(33_000)
}

/** Linked users keep each other Online without a server for 40 s. */
async function serverIsGone(world: World): Promise<void> {
  const [alice, bob] = await world.inRoom('alice', 'bob')
  await world.login('carol')
  for (const page of [alice, bob]) {
    expect(await page.evaluate(() => window.user.subscribe('alice', 'bob', 'carol'))).toBe(0)
  }

  await world.signaling.close()
  const since = await pageTime(alice)
  await alice.waitForFunction((from) => performance.now() - from > 40_000, since, { timeout: 45_000 })

  for (const page of [alice, bob]) {
    expect(await statesOf(page, 'alice')).toEqual(['alice is Online'])
    expect(await statesOf(page, 'bob')).toEqual(['bob is Online'])
    // Nobody hears of her any more.
    const ofCarol = ['carol is Online', 'carol is Unreachable', 'carol is Offline']
    expect(await statesOf(page, 'carol')).toEqual(ofCarol)
  }
  expect(await alice.evaluate(() => window.user.tell('bob', 'still here'))).toBe(0)
}

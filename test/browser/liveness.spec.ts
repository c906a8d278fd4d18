import type { Page } from 'playwright/test'

import { cutLink } from './support/cut.ts'
import { type FreezableBrowser, freezableBrowser, freeze } from './support/freezable.ts'
import { expect, linked, logIn, test as withWorld } from './support/world.ts'

const test = withWorld.extend<{
  /** Users in the channel, linked to each other; those in `freezable` have a browser of their own. */
  inRoom: <const Names extends readonly string[]>(
    names: Names,
    freezable: readonly string[],
  ) => Promise<{ [K in keyof Names]: Page }>
}>({
  inRoom: async ({ world, launchOptions }, use) => {
    const browsers: FreezableBrowser[] = []
    const loggedIn = async (name: string, isFreezable: boolean): Promise<Page> => {
      if (!isFreezable) return world.login(name, { rateLimits: false })
      const browser = await freezableBrowser(launchOptions)
      browsers.push(browser)
      const page = await world.pageIn(browser.context)
      await logIn(page, name, { rateLimits: false })
      return page
    }
    await use(async <const Names extends readonly string[]>(names: Names, freezable: readonly string[]) => {
      const pages: Page[] = []
      for (const name of names) {
        const page = await loggedIn(name, freezable.includes(name))
        await page.evaluate(() => window.user.join('room'))
        pages.push(page)
      }
      await linked(names, pages)
      return pages as { [K in keyof Names]: Page }
    })
    for (const browser of browsers) await browser.close()
  },
})

/** How long something lasts is what is tested here: so long, by the clock of a page that runs. */
const lasting = (page: Page, seconds: number) =>
  page.evaluate((ms) => new Promise<void>((resolve) => setTimeout(resolve, ms)), seconds * 1_000)

const comingsAndGoings = (page: Page) =>
  page.evaluate(() => window.user.events.filter((event) => /^#room [-+]/.test(event)))

const heardFrom = (page: Page, name: string) =>
  page.evaluate(
    (from) => window.user.events.filter((event) => new RegExp(`^(#room )?${from}: `).test(event)),
    name,
  )

test('a page that was frozen for 20 s was never away; for 40 s it leaves once and joins once', async ({
  inRoom,
}) => {
  test.setTimeout(120_000)
  const [alice, bob, carol] = await inRoom(['alice', 'bob', 'carol'], ['bob', 'carol'])
  await alice.evaluate(() => window.user.until('\\+(bob|carol)', 2))
  await bob.evaluate(() => window.user.until('\\+carol'))

  const [thawBob, thawCarol] = [await freeze(bob), await freeze(carol)]
  const early = alice.evaluate(() =>
    Promise.all([
      window.user.tell('bob', 'early'),
      window.user.tell('carol', 'early'),
      window.user.say('room', 'early'),
    ]),
  )
  await lasting(alice, 20)
  expect(await comingsAndGoings(alice)).toEqual(['#room +bob', '#room +carol'])
  await thawBob()
  expect(await bob.evaluate(() => window.user.until('alice: early', 2))).toHaveLength(2)

  await alice.evaluate(() => window.user.until('#room -carol'))
  expect(await alice.evaluate(() => window.user.members('room'))).toEqual(['alice', 'bob'])
  const late = alice.evaluate(() =>
    Promise.all([window.user.say('room', 'late'), window.user.tell('carol', 'late')]),
  )
  await lasting(alice, 8)
  await thawCarol()
  const thawedAt = Date.now()
  await alice.evaluate(() => window.user.until('#room \\+carol', 2))
  expect(Date.now() - thawedAt).toBeLessThan(5_000)
  const [lateToRoom, lateToCarol] = await late

  // What frozen peers were sent is answered as unknown: it may still arrive, and does, once. In the channel nobody
  // was online, and it was kept for those that were only unreachable.
  expect(await early).toEqual([2, 2, 0])
  expect(lateToRoom).toBe(0)
  for (const page of [alice, bob, carol])
    expect(await page.evaluate(() => window.user.say('room', 'all here'))).toBe(0)
  await Promise.all(
    [alice, bob, carol].map((page) => page.evaluate(() => window.user.until(': all here', 2))),
  )
  expect((await heardFrom(bob, 'alice')).sort()).toEqual([
    '#room alice: all here',
    '#room alice: early',
    '#room alice: late',
    'alice: early',
  ])
  const isLateThere = lateToCarol === 0
  expect((await heardFrom(carol, 'alice')).filter((event) => !event.endsWith(': late')).sort()).toEqual([
    '#room alice: all here',
    '#room alice: early',
    'alice: early',
  ])
  // It had left when the channel was told; and a peer message that failed is not delivered.
  const lateOnes = (await heardFrom(carol, 'alice')).filter((event) => event.endsWith(': late'))
  if (lateToCarol !== 2) expect(lateOnes).toEqual(isLateThere ? ['alice: late'] : [])
  const leaveAndJoin = ['#room -carol', '#room +carol']
  expect(await comingsAndGoings(alice)).toEqual(['#room +bob', '#room +carol', ...leaveAndJoin])
  expect(await comingsAndGoings(bob)).toEqual(['#room +carol', ...leaveAndJoin])
  expect(await comingsAndGoings(carol)).toEqual([])
  for (const page of [alice, bob, carol])
    expect(await page.evaluate(() => window.user.members('room'))).toEqual(['alice', 'bob', 'carol'])
})

test('a link that is closed behind the back of the engine is replaced within 2 s, and nothing is lost or doubled', async ({
  inRoom,
}) => {
  const [alice, bob] = await inRoom(['alice', 'bob'], [])
  const pairs = [
    [alice, 'bob'],
    [bob, 'alice'],
  ] as const
  const counting = pairs.map(([page, other]) =>
    page.evaluate(async (peerId) => {
      const answers: Promise<number>[] = []
      for (let i = 0; i < 150; i++) {
        answers.push(window.user.tell(peerId, `${i}`))
        // A steady flow, in the middle of which the link is cut.
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
      return Promise.all(answers)
    }, other),
  )
  for (const [one, other] of [
    [alice, bob],
    [bob, alice],
  ] as const) {
    expect(await cutLink(one, other)).toBe(true)
    const cutAt = Date.now()
    await expect
      .poll(() =>
        one.evaluate(() =>
          window.openConnections().some(({ connectionState }) => connectionState === 'connected'),
        ),
      )
      .toBe(true)
    expect(Date.now() - cutAt).toBeLessThan(2_000)
  }
  for (const answers of await Promise.all(counting)) expect(answers).toEqual(Array(150).fill(0))
  const numbers = Array.from({ length: 150 }, (_, i) => i)
  expect(await heardFrom(alice, 'bob')).toEqual(numbers.map((i) => `bob: ${i}`))
  expect(await heardFrom(bob, 'alice')).toEqual(numbers.map((i) => `alice: ${i}`))
})

test('a page that is online again gives up a link that brings nothing within 2 s', async ({ inRoom }) => {
  const [alice, bob, carol] = await inRoom(['alice', 'bob', 'carol'], ['bob'])
  const thaw = await freeze(bob)
  const goneAfter = await alice.evaluate(async () => {
    const pathTo = async (userId: string) =>
      (await window.user.kit.diagnose()).peers.find((peer) => peer.userId === userId)?.path
    const start = performance.now()
    dispatchEvent(new Event('online'))
    while ((await pathTo('bob')) === 'direct') await new Promise(requestAnimationFrame)
    return performance.now() - start
  })
  expect(goneAfter).toBeLessThan(2_000)
  await thaw()
  await alice.evaluate(() => window.user.untilLinked(['bob', 'carol']))
  // The link that lives was not touched.
  expect(await carol.evaluate(() => window.openConnections().length)).toBe(2)
})

test('a browser that makes no connection more is told so in words, and linked when it makes one again', async ({
  world,
}) => {
  const [alice, bob] = [await world.login('alice'), await world.page()]
  await bob.evaluate(() => {
    const real = window.RTCPeerConnection
    window.RTCPeerConnection = class extends real {
      constructor() {
        super()
        this.close()
        throw new DOMException('Cannot create so many PeerConnections', 'UnknownError')
      }
    }
    addEventListener('enough', () => (window.RTCPeerConnection = real), { once: true })
  })
  await logIn(bob, 'bob', { rateLimits: false })
  for (const page of [alice, bob]) await page.evaluate(() => window.user.join('room'))
  const told = alice.evaluate(() => window.user.tell('bob', 'hello'))
  const lastError = await bob.evaluate(async () => {
    const errorOf = async () => (await window.user.kit.diagnose()).peers[0]?.lastError
    let error = await errorOf()
    while (error === undefined) {
      await new Promise(requestAnimationFrame)
      error = await errorOf()
    }
    return error
  })
  expect(lastError).toMatch(/as many connections as it may have/)
  await bob.evaluate(() => dispatchEvent(new Event('enough')))
  expect(await told).toBe(0)
  expect(await heardFrom(bob, 'alice')).toEqual(['alice: hello'])
})

test('ICE servers that the browser cannot use are named as the reason why there is no link', async ({
  world,
}) => {
  const alice = await world.login('alice')
  const bob = await world.page()
  await bob.evaluate((signalingUrl) => {
    window.rtm.AgoraRtmKit.setRtmServiceContext({
      signaling: [signalingUrl],
      iceServers: [{ urls: 'nonsense:server' }],
    })
  }, world.signaling.url)
  await logIn(bob, 'bob')
  for (const page of [alice, bob]) await page.evaluate(() => window.user.join('room'))
  const lastError = await bob.evaluate(async () => {
    const errorOf = async () => (await window.user.kit.diagnose()).peers[0]?.lastError
    while ((await errorOf()) === undefined) await new Promise(requestAnimationFrame)
    return errorOf()
  })
  expect(lastError).toContain('nonsense:server')
})

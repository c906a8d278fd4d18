import type { BrowserContext, Page } from 'playwright/test'

import { createSignalingServer } from '../../signaling/index.ts'
import { isolatedBrowser, serveFromHere, whyNotIsolated } from './support/isolated.ts'
import { expect, logIn, test } from './support/world.ts'

/** A tab whose kit knows these signaling servers. */
async function tabIn(context: BrowserContext, url: string, signaling: string[]): Promise<Page> {
  const page = await context.newPage()
  page.on('pageerror', (error) => {
    throw error
  })
  await page.goto(url)
  await page.waitForFunction(() => 'rtm' in window)
  await page.evaluate((urls) => {
    window.rtm.AgoraRtmKit.setRtmServiceContext({ signaling: urls, iceServers: [] })
  }, signaling)
  return page
}

async function loggedIn(
  context: BrowserContext,
  url: string,
  name: string,
  signaling: string[] = [],
): Promise<Page> {
  const page = await tabIn(context, url, signaling)
  await logIn(page, name, { rateLimits: false })
  return page
}

/** Everything that two users do together, with nobody's help. */
async function expectCompany(alice: Page, bob: Page): Promise<void> {
  for (const page of [alice, bob]) expect(await page.evaluate(() => window.user.join('room'))).toBe(0)
  await alice.evaluate(() => window.user.until('#room \\+bob'))
  expect(await bob.evaluate(() => window.user.members('room'))).toEqual(['alice', 'bob'])

  expect(await alice.evaluate(() => window.user.tell('bob', 'hello'))).toBe(0)
  expect(await bob.evaluate(() => window.user.tell('alice', 'hello yourself'))).toBe(0)
  expect(await bob.evaluate(() => window.user.until('^alice: '))).toEqual(['alice: hello'])
  expect(await alice.evaluate(() => window.user.until('^bob: '))).toEqual(['bob: hello yourself'])
  for (const page of [alice, bob]) {
    const codes = await page.evaluate(() =>
      Promise.all(Array.from({ length: 20 }, (_, i) => window.user.say('room', `${i}`))),
    )
    expect(codes).toEqual(Array.from({ length: 20 }, () => 0))
  }
  const heard = await bob.evaluate(() => window.user.until('#room alice: ', 20))
  expect(heard).toEqual(Array.from({ length: 20 }, (_, i) => `#room alice: ${i}`))

  expect(await alice.evaluate(() => window.user.put('room', { topic: 'tea' }, true))).toBe(0)
  expect(await bob.evaluate(() => window.user.until('#room has'))).toEqual(['#room has topic=tea (alice)'])
  expect(await bob.evaluate(() => window.user.put('room', { place: 'garden' }))).toBe(0)
  expect(await alice.evaluate(() => window.user.attributes('room'))).toBe(
    'place=garden (bob) topic=tea (alice)',
  )
  const ofBob = await alice.evaluate(async () => (await window.user.kit.diagnose()).peers[0]?.path)
  expect(ofBob).toBe('tab')

  await bob.close({ runBeforeUnload: true })
  await alice.evaluate(() => window.user.until('#room -bob'))
}

test.describe('with no interface but loopback, and no server', () => {
  const whyNot = whyNotIsolated()
  if (whyNot !== undefined) console.log(`Not run: two tabs without a network, as ${whyNot}`)
  test.skip(whyNot !== undefined, whyNot)

  test('two tabs talk both ways, share attributes and see each other leave', async ({
    testPages,
    launchOptions,
  }) => {
    const { executablePath = '', args = [] } = launchOptions
    const { browser, close } = await isolatedBrowser({ executablePath, args })
    try {
      const context = await browser.newContext()
      const url = await serveFromHere(context, testPages.resolvedUrls?.local[0] ?? '')
      const [alice, bob] = [await loggedIn(context, url, 'alice'), await loggedIn(context, url, 'bob')]
      await expectCompany(alice, bob)
    } finally {
      await close()
    }
  })
})

test('two tabs without a server need no RTCPeerConnection for each other', async ({ world }) => {
  const { context, url } = await world.browserOfOneUser()
  const [alice, bob] = [await loggedIn(context, url, 'alice'), await loggedIn(context, url, 'bob')]
  await expectCompany(alice, bob)
  expect(await alice.evaluate(() => window.connectionCount)).toBe(0)
})

test('of two tabs with the same user the later login stays', async ({ world }) => {
  const { context, url } = await world.browserOfOneUser()
  const first = await loggedIn(context, url, 'alice')
  const second = await loggedIn(context, url, 'alice')
  await first.evaluate(() => window.user.until('Aborted/RemoteLogin'))
  expect(await second.evaluate(() => window.user.events.at(-1))).toBe('Connected/LoginSuccess')
  const bob = await loggedIn(context, url, 'bob')
  expect(await bob.evaluate(() => window.user.tell('alice', 'which?'))).toBe(0)
  expect(await second.evaluate(() => window.user.until('^bob'))).toEqual(['bob: which?'])
})

test('tabs with other servers do not see each other, nor end each other', async ({ world }) => {
  const { context, url } = await world.browserOfOneUser()
  const alone = await loggedIn(context, url, 'alice')
  const served = await loggedIn(context, url, 'alice', [world.signaling.url])
  for (const page of [alone, served]) await page.evaluate(() => window.user.join('room'))
  expect(await alone.evaluate(() => window.user.members('room'))).toEqual(['alice'])
  expect(await alone.evaluate(() => window.user.tell('bob', 'nobody'))).toBe(3)
  for (const page of [alone, served]) {
    expect(await page.evaluate(() => window.user.events.filter((event) => event.includes('/')))).toEqual([
      'Connecting/Login',
      'Connected/LoginSuccess',
    ])
  }
})

test('a server that appears later takes the same sessions in: nobody logs in again, nobody is there twice', async ({
  world,
}) => {
  const { context, url } = await world.browserOfOneUser()
  const { port, url: signalingUrl } = world.signaling
  const carol = await world.page()
  await world.signaling.close()
  const [alice, bob] = [
    await loggedIn(context, url, 'alice', [signalingUrl]),
    await loggedIn(context, url, 'bob', [signalingUrl]),
  ]
  for (const page of [alice, bob]) expect(await page.evaluate(() => window.user.join('room'))).toBe(0)
  await alice.evaluate(() => window.user.until('#room \\+bob'))
  await alice.evaluate(() => window.user.put('room', { written: 'before the server' }))
  const idBefore = (await alice.evaluate(() => window.user.kit.diagnose())).sessionId

  const again = await createSignalingServer({ port, secret: 'the secret of the tests' })
  try {
    await logIn(carol, 'carol', { rateLimits: false })
    await carol.evaluate(() => window.user.join('room'))
    await expect
      .poll(() => carol.evaluate(() => window.user.members('room')), { timeout: 20_000 })
      .toEqual(['alice', 'bob', 'carol'])
    await expect
      .poll(() => carol.evaluate(() => window.user.attributes('room')))
      .toBe('written=before the server (alice)')
    expect(await bob.evaluate(() => window.user.say('room', 'once'))).toBe(0)
    for (const page of [alice, carol]) await page.evaluate(() => window.user.until('#room bob: once'))
    expect((await alice.evaluate(() => window.user.kit.diagnose())).sessionId).toBe(idBefore)
    const events = await alice.evaluate(() => window.user.events)
    expect(events.filter((event) => event.includes('bob: once'))).toHaveLength(1)
    expect(events.filter((event) => event.includes('+bob'))).toHaveLength(1)
    expect(events.filter((event) => event.includes('-'))).toEqual([])
    expect(events.filter((event) => event.includes('/'))).toEqual([
      'Connecting/Login',
      'Connected/LoginSuccess',
    ])
  } finally {
    await again.close()
  }
})

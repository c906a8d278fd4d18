import type { Page } from 'playwright/test'

import { lasting } from '../support/real-time.ts'
import { serveFromHere } from './support/isolated.ts'
import { Network, type Place, whyNoNetwork } from './support/network.ts'
import { answersTo, expectAllArrived, runTraffic } from './support/traffic.ts'
import { expect, logIn, test as withPages } from './support/world.ts'

const PER_SECOND = 20
const USERS = { alice: 'near', bob: 'far' } as const satisfies Record<string, Place>

const test = withPages.extend<{ network: Network }>({
  network: async ({}, use) => {
    const network = await Network.create('the secret of the tests')
    await use(network)
    await network.close()
  },
})

const whyNot = whyNoNetwork()
if (whyNot !== undefined) console.log(`Not run: two users whose packets get lost, as ${whyNot}`)
test.skip(whyNot !== undefined, whyNot)

async function setup(
  network: Network,
  siteUrl: string,
  launchOptions: { executablePath?: string; args?: string[] },
): Promise<Map<string, Page>> {
  const { executablePath = '', args = [] } = launchOptions
  const pages = new Map<string, Page>()
  for (const [name, place] of Object.entries(USERS)) {
    const browser = await network.browserAt(place, { executablePath, args })
    const context = await browser.newContext()
    await context.grantPermissions(['local-network-access'])
    const url = await serveFromHere(context, siteUrl)
    const page = await context.newPage()
    page.on('pageerror', (error) => {
      throw error
    })
    await page.goto(url)
    await page.waitForFunction(() => 'rtm' in window)
    await page.evaluate((signalingUrl) => {
      window.rtm.AgoraRtmKit.setRtmServiceContext({ signaling: [signalingUrl], iceServers: [] })
    }, network.urlAt(place))
    await logIn(page, name, { rateLimits: false })
    expect(await page.evaluate(() => window.user.join('room'))).toBe(0)
    pages.set(name, page)
  }
  await pages.get('alice')?.evaluate(() => window.user.untilLinked(['bob']))
  return pages
}

async function expectNobodyLeft(pages: ReadonlyMap<string, Page>): Promise<void> {
  for (const [name, page] of pages) {
    const events = await page.evaluate(() => window.user.events)
    expect(
      events.filter((event) => event.startsWith('#room -')),
      name,
    ).toEqual([])
  }
}

test('after 20 s in which every packet was lost nothing is lost, and nobody has left', async ({
  network,
  testPages,
  launchOptions,
}) => {
  test.setTimeout(120_000)
  const pages = await setup(network, testPages.resolvedUrls?.local[0] ?? '', launchOptions)
  const traffic = runTraffic(pages, PER_SECOND, 35)
  // In the middle of the traffic, and for the time of the title: a real network.
  await lasting(5_000)
  network.lose(1)
  await lasting(20_000)
  const backAt = Date.now()
  network.lose(0)
  await traffic

  const pairs = await expectAllArrived(pages)
  for (const { pair, longestGapMs, gapEndsAt } of pairs) {
    console.log(`${pair}: nothing for ${longestGapMs} ms, again ${gapEndsAt - backAt} ms after the return`)
  }
  // Who has waited for 10 s is told that nobody knows; all else is Ok.
  const { 0: ok = 0, 2: timedOut = 0, ...others } = await answersTo(pages)
  console.log(`${ok} calls were answered with Ok, ${timedOut} with Timeout`)
  expect(others).toEqual({})
  await expectNobodyLeft(pages)
})

test('a minute in which 5 % of the packets are lost loses no message, and nobody leaves', async ({
  network,
  testPages,
  launchOptions,
}) => {
  test.setTimeout(150_000)
  const pages = await setup(network, testPages.resolvedUrls?.local[0] ?? '', launchOptions)
  network.lose(0.05)
  await runTraffic(pages, PER_SECOND, 60)

  const pairs = await expectAllArrived(pages)
  for (const { pair, count, longestGapMs } of pairs)
    console.log(`${pair}: ${count} messages, nothing for ${longestGapMs} ms at most`)
  expect(await answersTo(pages)).toEqual({ 0: 2 * PER_SECOND * 60 })
  await expectNobodyLeft(pages)
})

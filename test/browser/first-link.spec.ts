import type { Page } from 'playwright/test'

import { APP_ID, expect, linked, test } from './support/world.ts'

/** Notes every connection that this page makes from now on, whatever becomes of it. */
function noteConnections(page: Page) {
  return page.evaluate(() => {
    const made: RTCPeerConnection[] = []
    window.RTCPeerConnection = class extends RTCPeerConnection {
      constructor(configuration?: RTCConfiguration) {
        super(configuration)
        made.push(this)
      }
    }
    Object.assign(window, { made })
  })
}

/** Of those, how many there are, and how many are open. */
function connections(page: Page) {
  return page.evaluate(() => {
    const { made } = window as unknown as { made: RTCPeerConnection[] }
    return [made.length, made.filter(({ connectionState }) => connectionState !== 'closed').length]
  })
}

function logIn(page: Page, name: string) {
  return page.evaluate(
    ([appId, userId]) => {
      window.user = new window.TestUser(appId, { rateLimits: false })
      return window.user.login(userId)
    },
    [APP_ID, name] as const,
  )
}

test('the first offer is made before anybody is there to have it: its candidates are in it', async ({
  world,
}) => {
  const pages = [await world.page(), await world.page()]
  await Promise.all(pages.map(noteConnections))
  expect(await Promise.all(pages.map((page, i) => logIn(page, `user${i}`)))).toEqual([0, 0])
  for (const page of pages) expect(await connections(page)).toEqual([1, 1])
  for (const page of pages) expect(await page.evaluate(() => window.user.join('room'))).toBe(0)
  await linked(['user0', 'user1'], pages)

  const signals = world.serverMessages
    .filter(({ type, from }) => type === 'signal' && from === 'client')
    .map(
      (message) => JSON.parse((message as unknown as { signal: string }).signal) as Record<string, unknown>,
    )
  expect(signals.length).toBeLessThanOrEqual(3)
  const [offer, answer] = signals
  expect(offer).toMatchObject({ type: 'offer' })
  expect(offer?.candidates).not.toEqual([])
  expect(answer).toMatchObject({ type: 'answer' })
  // The one that offers has used what it had; the other answers with a new one.
  const made = await Promise.all(pages.map(connections))
  expect(made.reduce((sum, [count = 0]) => sum + count, 0)).toBe(3)
})

test('a connection that was made ahead, and that nobody needed, is closed after 10 s', async ({ world }) => {
  const page = await world.page()
  await noteConnections(page)
  await page.clock.install()
  expect(await logIn(page, 'alice')).toBe(0)
  expect(await connections(page)).toEqual([1, 1])
  await page.clock.fastForward(10_000)
  await expect.poll(() => connections(page)).toEqual([1, 0])
})

test('a logout closes it at once', async ({ world }) => {
  const page = await world.page()
  await noteConnections(page)
  expect(await logIn(page, 'alice')).toBe(0)
  await page.evaluate(() => window.user.kit.logoutWithCompletion())
  await expect.poll(() => connections(page), { timeout: 3_000 }).toEqual([1, 0])
})

test('none is made ahead where TURN servers would keep an address for it', async ({ world }) => {
  const page = await world.page()
  await noteConnections(page)
  await page.evaluate((url) => {
    const turn = { urls: 'turn:127.0.0.1:9', username: 'u', credential: 'c' }
    window.rtm.AgoraRtmKit.setRtmServiceContext({ signaling: [url], iceServers: [turn] })
  }, world.signaling.url)
  expect(await logIn(page, 'alice')).toBe(0)
  expect(await page.evaluate(() => window.user.join('room'))).toBe(0)
  expect(await connections(page)).toEqual([0, 0])
})

test('every login is another session, though the keys of one are made before it', async ({ world }) => {
  const page = await world.page()
  const sessions: string[] = []
  for (const name of ['alice', 'alice', 'bob']) {
    expect(await logIn(page, name)).toBe(0)
    const diagnosis = await page.evaluate(() => window.user.kit.diagnose())
    sessions.push(diagnosis?.sessionId ?? '')
    await page.evaluate(() => window.user.kit.logoutWithCompletion())
  }
  expect(new Set(sessions).size).toBe(3)
})

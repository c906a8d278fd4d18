import type { Page } from 'playwright/test'

import { logStoreContract } from '../storage/log-contract.ts'
import { APP_ID, crash, expect, logIn, test } from './support/world.ts'

for (const { title } of logStoreContract) {
  test(`logs in IndexedDB: ${title}`, async ({ world }) => {
    const page = await world.page()
    await page.evaluate(async (one) => (await window.loadLogs()).runCase(one), title)
  })
}

interface Line {
  readonly time: string
  readonly level: string
  readonly kit: string
  readonly user?: string
  readonly session?: string
  readonly text: string
  readonly details?: Record<string, unknown>
}

/** A kit whose log this is, without a login. */
function makeKit(page: Page) {
  return page.evaluate((appId) => {
    window.user = new window.TestUser(appId)
  }, APP_ID)
}

async function linesOf(page: Page): Promise<Line[]> {
  const log = await page.evaluate(() => window.user.kit.readLog())
  return log
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))
}

const textsOf = (lines: readonly Line[]): string[] => lines.map(({ text }) => text)

test('what a page did, the next page of this browser reads, line by line and oldest first', async ({
  world,
}) => {
  const page = await world.login('alice')
  await page.evaluate(() => window.user.join('room'))
  const before = await linesOf(page)
  expect(textsOf(before)).toEqual(expect.arrayContaining(['A kit was made', 'A login begins']))
  const states = before.filter(({ text }) => text === 'The connection state changed')
  expect(states).toMatchObject([
    { details: { state: 'connecting', reason: 'login' } },
    { user: 'alice', details: { state: 'connected', reason: 'login-success' } },
  ])
  await world.reload(page)
  await makeKit(page)
  const after = await linesOf(page)
  expect(after.slice(0, before.length)).toEqual(before)
  expect(new Set(after.map(({ kit }) => kit)).size).toBe(2)
  expect(after.map(({ time }) => time)).toEqual(after.map(({ time }) => time).sort())
})

test('a page that is left writes what it had not written yet', async ({ world }) => {
  const page = await world.login('alice')
  await page.evaluate(() => window.user.kit.readLog())
  await page.evaluate(() => {
    // Just now: the next line would be written a second later.
    void window.user.kit.sendMessage(window.rtm.AgoraRtmMessage.initWithText('hello'), 'not a user id é')
    return window.user.kit.logoutWithCompletion().then(() => location.reload())
  })
  await page.waitForEvent('load')
  await world.loaded(page)
  await makeKit(page)
  const lines = await linesOf(page)
  expect(lines).toContainEqual(
    expect.objectContaining({ details: { state: 'disconnected', reason: 'logout' } }),
  )
  expect(textsOf(lines)).toContainEqual(expect.stringMatching(/^sendMessage: The user id must be/))
})

test('a line is on the disk after a second: a page that crashes loses no more', async ({ world }) => {
  const { context, url } = await world.browserOfOneUser()
  const [page, other] = [await world.pageIn(context, url), await world.pageIn(context, url)]
  await makeKit(other)
  await logIn(page, 'alice')
  const loggedInAt = Date.now()
  const loggedIn = expect.objectContaining({
    user: 'alice',
    details: { state: 'connected', reason: 'login-success' },
  })
  await expect.poll(() => linesOf(other), { intervals: [100] }).toContainEqual(loggedIn)
  expect(Date.now() - loggedInAt).toBeLessThan(2_500)
  await crash(page)
  expect(await linesOf(other)).toContainEqual(loggedIn)
})

test('two tabs write to one log at once, and neither loses a line', async ({ world }) => {
  const { context, url } = await world.browserOfOneUser()
  const pages = [await world.pageIn(context, url), await world.pageIn(context, url)]
  for (const page of pages) await makeKit(page)
  const each = 300
  await Promise.all(
    pages.map((page, tab) =>
      page.evaluate(
        async ([tabNumber, count]) => {
          const { kit } = window.user
          const { logbook } = kit['internals']()
          for (let i = 0; i < count; i++) {
            logbook.log('info', `line ${i} of tab ${tabNumber}`)
            if (i % 10 === 0) await kit.readLog()
          }
          await kit.readLog()
        },
        [tab, each] as const,
      ),
    ),
  )
  for (const page of pages) {
    const texts = textsOf(await linesOf(page))
    for (const tab of [0, 1]) {
      const expected = Array.from({ length: each }, (_, i) => `line ${i} of tab ${tab}`)
      expect(texts.filter((text) => text.endsWith(`of tab ${tab}`))).toEqual(expected)
    }
  }
})

test('with the filter off nothing is written', async ({ world }) => {
  const page = await world.page()
  await page.evaluate(async (appId) => {
    window.user = new window.TestUser(appId)
    window.user.kit.setLogFilters(window.rtm.AgoraRtmLogFilter.Off)
    await window.user.login('alice')
    await window.user.join('room')
    await window.user.kit.logoutWithCompletion()
  }, APP_ID)
  const databases = await page.evaluate(() => indexedDB.databases())
  expect(databases.map(({ name }) => name)).not.toContain('rtm-mesh-log/1')
  expect(await linesOf(page)).toEqual([])
})

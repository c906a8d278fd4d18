import { existsSync } from 'node:fs'
import { join } from 'node:path'

import { test as base, type BrowserContext, expect, type Page } from 'playwright/test'

import { FreshClone } from './support/fresh-clone.ts'

interface Demo {
  readonly url: string
  readonly clone: string
  /** In a browser context of its own. */
  page(): Promise<Page>
}

const test = base.extend<{ demo: Demo }>({
  demo: [
    async ({ browser }, use) => {
      const clone = await FreshClone.inTemporaryFolder()
      const contexts: BrowserContext[] = []
      try {
        const url = await clone.start()
        await optimized(clone.path)
        const page = async (): Promise<Page> => {
          const context = await browser.newContext()
          contexts.push(context)
          return context.newPage()
        }
        await use({ url, clone: clone.path, page })
      } finally {
        for (const context of contexts) await context.close()
        await clone.remove()
      }
    },
    // More than the clone's own deadlines, which say what was waited for and leave nothing behind.
    { timeout: 240_000 },
  ],
})

/**
 * Vite has bundled the dependencies that it found. Were one missing, Vite would add it when a page asks for it and
 * reload all pages: a reload fails the test and is not waited for.
 */
async function optimized(clone: string): Promise<void> {
  const metadata = join(clone, 'node_modules/.vite-demo/deps/_metadata.json')
  await expect.poll(() => existsSync(metadata), { timeout: 30_000 }).toBe(true)
}

/** Logs in through the kit that the page's own server serves, with nothing configured. */
async function enter({ url, clone, page: openPage }: Demo, name: string): Promise<Page> {
  const page = await openPage()
  await page.goto(url)
  page.on('load', () => {
    throw new Error(`The page of ${name} was loaded again`)
  })
  await page.evaluate(
    async ([kitUrl, userUrl, userId]) => {
      window.rtm = await import(kitUrl)
      const { TestUser } = await import(userUrl)
      window.user = new TestUser('a'.repeat(32), { rateLimits: false })
      const codes = [await window.user.login(userId), await window.user.join('room')]
      if (codes.some((code) => code !== 0)) throw new Error(`${userId} could not enter: ${codes.join()}`)
    },
    [`/@fs${clone}/src/index.ts`, `/@fs${clone}/test/browser/page/test-user.ts`, name] as const,
  )
  return page
}

test('on a fresh clone npm start serves a page on which two users exchange 100 channel and 100 peer messages each way', async ({
  demo,
}) => {
  const [alice, bob] = [await enter(demo, 'alice'), await enter(demo, 'bob')]
  const others = [
    [alice, 'bob'],
    [bob, 'alice'],
  ] as const

  // Who sends before it knows of the other sends to nobody.
  await alice.evaluate(() => window.user.until('#room \\+bob'))

  const codes = await Promise.all(
    others.map(([page, other]) =>
      page.evaluate(async (peerId) => {
        const sent: Promise<number>[] = []
        for (let i = 0; i < 100; i++)
          sent.push(window.user.say('room', `${i}`), window.user.tell(peerId, `${i}`))
        return [...new Set(await Promise.all(sent))]
      }, other),
    ),
  )

  expect(codes).toEqual([[0], [0]])
  for (const [page, other] of others) {
    const heard = await page.evaluate((sender) => window.user.until(`${sender}: `, 200), other)
    const inOrder = Array.from({ length: 100 }, (_, i) => `${i}`)
    expect(heard.filter((event) => !event.startsWith('#'))).toEqual(
      inOrder.map((text) => `${other}: ${text}`),
    )
    expect(heard.filter((event) => event.startsWith('#'))).toEqual(
      inOrder.map((text) => `#room ${other}: ${text}`),
    )
  }
})

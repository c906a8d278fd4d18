import type { Page } from 'playwright/test'

import { linkContract } from '../mesh/link-contract.ts'
import { expect, logIn, test } from './support/world.ts'

for (const kind of ['over WebRTC', 'between tabs', 'over somebody else'] as const) {
  test(`a link ${kind} does what links do`, async ({ world }) => {
    const page = await world.page()
    for (const title of linkContract) {
      await test.step(title, () =>
        page.evaluate(
          async ([name, part]) => {
            const { check } = await window.loadLinkKinds()
            await check(name, part)
          },
          [kind, title] as const,
        ),
      )
    }
  })
}

test('two tabs are linked without a connection, and again when one of them comes back', async ({ world }) => {
  const alice = await world.page()
  await logIn(alice, 'alice', { rateLimits: false })
  const bob = await world.pageIn(alice.context())
  await logIn(bob, 'bob', { rateLimits: false })
  await converse(alice, bob)

  await bob.close()
  const again = await world.pageIn(alice.context())
  await logIn(again, 'bob', { rateLimits: false })
  await converse(alice, again)
})

/** More than a link takes at once, both ways, without a connection. */
async function converse(alice: Page, bob: Page): Promise<void> {
  const words = Array.from({ length: 30 }, (_, i) => `${i} `.padEnd(30_000, 'x'))
  for (const page of [alice, bob]) await page.evaluate(() => void (window.user.events.length = 0))
  for (const [page, other] of [
    [alice, 'bob'],
    [bob, 'alice'],
  ] as const) {
    const codes = await page.evaluate(
      ([to, texts]) => Promise.all(texts.map((text) => window.user.tell(to, text))),
      [other, words] as const,
    )
    expect(new Set(codes)).toEqual(new Set([0]))
  }
  for (const [page, other] of [
    [alice, 'bob'],
    [bob, 'alice'],
  ] as const) {
    expect(await page.evaluate(() => window.user.events)).toEqual(words.map((text) => `${other}: ${text}`))
    expect(await page.evaluate(() => window.connectionCount)).toBe(0)
    const { peers } = await page.evaluate(() => window.user.kit.diagnose())
    expect(peers.find(({ state }) => state === 'linked')).toMatchObject({ userId: other, path: 'tab' })
  }
}

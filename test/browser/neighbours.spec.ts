import type { Page } from 'playwright/test'

import { createSignalingServer } from '../../signaling/index.ts'
import { expect, logIn, test } from './support/world.ts'

const pathTo = (page: Page, userId: string): Promise<string | undefined> =>
  page.evaluate(
    async (user) => (await window.user.kit.diagnose()).peers.find((peer) => peer.userId === user)?.path,
    userId,
  )

const eventsOf = (page: Page): Promise<string[]> => page.evaluate(() => window.user.events)

/** Dave joins by the one whom he knows, and all that he then does with the others works. */
async function takePart(members: readonly [Page, Page, Page], dave: Page): Promise<void> {
  const [, bob, carol] = members
  expect(await dave.evaluate(() => window.user.join('room'))).toBe(0)
  for (const page of members) await page.evaluate(() => window.user.until('^#room \\+dave$'))
  await dave.evaluate(() => window.user.untilLinked(['bob', 'carol']))
  expect(await dave.evaluate(() => window.user.members('room'))).toEqual(['alice', 'bob', 'carol', 'dave'])

  expect(await dave.evaluate(() => window.user.say('room', 'to all'))).toBe(0)
  for (const page of members) await page.evaluate(() => window.user.until('^#room dave: to all$'))
  for (const [page, name] of [
    [bob, 'bob'],
    [carol, 'carol'],
  ] as const) {
    expect(await page.evaluate(() => window.user.say('room', 'to the room'))).toBe(0)
    expect(await page.evaluate(() => window.user.tell('dave', 'to dave'))).toBe(0)
    expect(await dave.evaluate((user) => window.user.tell(user, 'from dave'), name)).toBe(0)
    await dave.evaluate((user) => window.user.until(`^#room ${user}: to the room$`), name)
    await dave.evaluate((user) => window.user.until(`^${user}: to dave$`), name)
    await page.evaluate(() => window.user.until('^dave: from dave$'))
    expect(await pathTo(page, 'dave')).toBe('direct')
    expect(await pathTo(dave, name)).toBe('direct')
  }
}

/** The server comes back empty; who was there is there, and nobody has seen anybody leave or come. */
async function comeBack(port: number, secret: string, pages: readonly Page[]): Promise<void> {
  const before = await Promise.all(pages.map(eventsOf))
  const again = await createSignalingServer({ port, secret })
  try {
    for (const page of pages) await page.evaluate(() => window.user.until('^Connected/', 2))
    // A roster that removed somebody, or named somebody twice, would have come by then.
    await expect.poll(() => again.stats().openSockets, { timeout: 20_000 }).toBe(pages.length)
    for (const page of pages) {
      expect(await page.evaluate(() => window.user.members('room'))).toEqual([
        'alice',
        'bob',
        'carol',
        'dave',
      ])
    }
    const first = pages[0]
    expect(await first?.evaluate(() => window.user.say('room', 'all here'))).toBe(0)
    for (const page of pages.slice(1)) await page.evaluate(() => window.user.until(': all here$'))
    for (const [i, page] of pages.entries()) {
      const news = (await eventsOf(page)).slice(before[i]?.length)
      expect(news.filter((event) => /^#room [+-]/.test(event))).toEqual([])
      expect((await eventsOf(page)).filter((event) => event.startsWith('#room -'))).toEqual([])
    }
  } finally {
    await again.close()
  }
}

for (const [how, secret] of [
  ['empty', 'the secret of the tests'],
  ['empty and with another secret', 'another secret of the tests'],
] as const) {
  test(`without the server a page that had written to one member joins the room and meets all; it comes back ${how}`, async ({
    world,
  }) => {
    const members = await world.inRoom('alice', 'bob', 'carol')
    const dave = await world.login('dave')
    expect(await dave.evaluate(() => window.user.tell('alice', 'hello'))).toBe(0)
    const { port } = world.signaling
    await world.signaling.close()
    for (const page of [...members, dave]) await page.evaluate(() => window.user.until('^Reconnecting/'))

    await takePart(members, dave)
    await comeBack(port, secret, [...members, dave])
  })
}

test('without the server a tab of a member’s browser joins the room and meets all', async ({ world }) => {
  const members = await world.inRoom('alice', 'bob', 'carol')
  const [alice] = members
  const dave = await world.pageIn(alice.context())
  await logIn(dave, 'dave', { rateLimits: false })
  const { port } = world.signaling
  await world.signaling.close()
  for (const page of [...members, dave]) await page.evaluate(() => window.user.until('^Reconnecting/'))

  await takePart(members, dave)
  expect(await pathTo(dave, 'alice')).toBe('tab')
  await comeBack(port, 'another secret of the tests', [...members, dave])
})

test('without the server a user finds and writes to somebody whom only a neighbour knows', async ({
  world,
}) => {
  const [alice, bob, carol] = [
    await world.login('alice'),
    await world.login('bob'),
    await world.login('carol'),
  ]
  for (const page of [alice, carol]) {
    expect(await page.evaluate(() => window.user.tell('bob', 'hello'))).toBe(0)
  }
  await world.signaling.close()
  for (const page of [alice, bob, carol]) await page.evaluate(() => window.user.until('^Reconnecting/'))

  expect(await alice.evaluate(() => window.user.tell('carol', 'are you there?'))).toBe(0)
  expect(await carol.evaluate(() => window.user.tell('alice', 'here'))).toBe(0)
  await carol.evaluate(() => window.user.until('^alice: are you there\\?$'))
  await alice.evaluate(() => window.user.until('^carol: here$'))
  expect(await pathTo(alice, 'carol')).toBe('direct')
  const { servers } = await alice.evaluate(() => window.user.kit.diagnose())
  expect(servers).toContainEqual({ url: 'neighbours: 2 users', state: 'connected' })
})

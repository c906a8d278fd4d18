import type { Page } from 'playwright/test'

import { APP_ID, expect, test, type World } from './support/world.ts'

/** Users who hear of calls. */
async function users<const Names extends readonly string[]>(
  world: World,
  ...names: Names
): Promise<{ [Index in keyof Names]: Page }> {
  const pages: Page[] = []
  for (const name of names) {
    const page = await world.login(name)
    await page.evaluate(() => void window.user.calls)
    pages.push(page)
  }
  return pages as { [Index in keyof Names]: Page }
}

const invite = (page: Page, callee: string, content: string): Promise<number> =>
  page.evaluate(([to, words]) => window.user.calls.invite(to, words), [callee, content] as const)

const until = (page: Page, event: string): Promise<string[]> =>
  page.evaluate((pattern) => window.user.until(pattern), `^${event}$`)

/** What a page was told of one invitation. */
const told = (page: Page, content: string): Promise<string[]> =>
  page.evaluate((words) => window.user.events.filter((event) => event.includes(words)), content)

test('an invitation rings, is accepted with a response, and both sides know; so does one that is refused', async ({
  world,
}) => {
  const [alice, bob] = await users(world, 'alice', 'bob')
  expect(await invite(alice, 'bob', 'lunch')).toBe(0)
  await until(bob, 'alice calls: lunch, room 7')
  await until(alice, 'lunch: received by peer')
  expect(await bob.evaluate(() => window.user.calls.accept('lunch', 'in a minute'))).toBe(0)
  await until(alice, 'lunch: accepted, in a minute')
  await until(bob, 'accepted alice: lunch')

  expect(await invite(alice, 'bob', 'dinner')).toBe(0)
  await until(bob, 'alice calls: dinner, room 7')
  expect(await bob.evaluate(() => window.user.calls.refuse('dinner', 'busy'))).toBe(0)
  await until(alice, 'dinner: refused, busy')
  await until(bob, 'refused alice: dinner')

  expect(await told(alice, 'lunch')).toEqual(['lunch: received by peer', 'lunch: accepted, in a minute'])
  expect(await told(bob, 'dinner')).toEqual(['alice calls: dinner, room 7', 'refused alice: dinner'])
})

test('an invitation is taken back, and two at once between the same users go their own ways', async ({
  world,
}) => {
  const [alice, bob] = await users(world, 'alice', 'bob')
  expect(
    await alice.evaluate(() =>
      Promise.all([window.user.calls.invite('bob', 'tea'), window.user.calls.invite('bob', 'coffee')]),
    ),
  ).toEqual([0, 0])
  await until(bob, 'alice calls: tea, room 7')
  await until(bob, 'alice calls: coffee, room 7')
  expect(await alice.evaluate(() => window.user.calls.cancel('tea'))).toBe(0)
  expect(await bob.evaluate(() => window.user.calls.accept('coffee', 'yes'))).toBe(0)
  await until(alice, 'tea: canceled')
  await until(bob, 'alice canceled: tea')
  await until(alice, 'coffee: accepted, yes')
  await until(bob, 'accepted alice: coffee')
  expect(await alice.evaluate(() => window.user.calls.cancel('coffee'))).toBe(3)
  expect(await bob.evaluate(() => window.user.calls.accept('tea', 'late'))).toBe(3)
})

test('a callee who is offline gets the invitation when it logs in within 30 s; it rings on when its page is loaded anew', async ({
  world,
}) => {
  const [alice] = await users(world, 'alice')
  expect(await invite(alice, 'bob', 'party')).toBe(0)
  const [bob] = await users(world, 'bob')
  await until(bob, 'alice calls: party, room 7')
  await until(alice, 'party: received by peer')

  await world.reload(bob)
  await bob.evaluate(async (appId) => {
    window.user = new window.TestUser(appId)
    void window.user.calls
    await window.user.login('bob')
  }, APP_ID)
  await until(bob, 'alice calls: party, room 7')
  expect(await bob.evaluate(() => window.user.calls.accept('party', 'here'))).toBe(0)
  await until(alice, 'party: accepted, here')
  expect(await told(alice, 'party')).toEqual(['party: received by peer', 'party: accepted, here'])
})

test('an invitation of nobody fails, and it stops to ring when the caller closes its page', async ({
  world,
}) => {
  const [alice, bob] = await users(world, 'alice', 'bob')
  expect(await invite(alice, 'bob', 'walk')).toBe(0)
  await until(bob, 'alice calls: walk, room 7')
  await alice.close()
  await until(bob, 'failed with alice: walk, LocalOffline')

  const failed = await bob.evaluate(async () => {
    await window.user.kit.logoutWithCompletion()
    const code = await window.user.calls.invite('alice', 'back')
    return [code, ...(await window.user.until('^back'))]
  })
  expect(failed).toEqual([0, 'back: failed, NotLoggedIn'])
})

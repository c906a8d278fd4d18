import type { Page } from 'playwright/test'

import { expect, test, type World } from './support/world.ts'

async function setup(world: World, userCount: number) {
  const names = Array.from({ length: userCount }, (_, i) => `user${i}`)
  const pages: Page[] = []
  for (const name of names) pages.push(await world.login(name))
  const everywhere = <T>(run: (argument: string) => T | Promise<T>, argument = '') =>
    Promise.all(pages.map((page) => page.evaluate(run, argument)))
  const linked = () =>
    Promise.all(
      pages.map((page, i) =>
        page.evaluate(
          (others) => window.user.untilLinked(others),
          names.filter((_, j) => j !== i),
        ),
      ),
    )
  const connectionCounts = () => everywhere(() => window.connectionCount)
  return { names, pages, everywhere, linked, connectionCounts }
}

for (const userCount of [3, 8]) {
  test(`${userCount} users form a full mesh with one connection a pair, whatever they join`, async ({
    world,
  }) => {
    const { names, everywhere, linked, connectionCounts } = await setup(world, userCount)
    const oneAPair = names.map(() => userCount - 1)

    expect(await everywhere((channel) => window.user.join(channel), 'first')).toEqual(names.map(() => 0))
    await linked()
    expect(await connectionCounts()).toEqual(oneAPair)

    await everywhere((channel) => window.user.join(channel), 'second')
    for (const channel of ['first', 'second']) {
      expect(await everywhere((id) => window.user.members(id), channel)).toEqual(names.map(() => names))
      expect(await everywhere((id) => window.user.say(id, 'hello'), channel)).toEqual(names.map(() => 0))
    }
    const heard = await everywhere(
      (count) => window.user.until(': hello', Number(count)),
      String(2 * (userCount - 1)),
    )
    expect(heard.map(({ length }) => length)).toEqual(names.map(() => 2 * (userCount - 1)))
    expect(await connectionCounts()).toEqual(oneAPair)
  })
}

test('leaving and rejoining twenty times makes no connection and loses no event', async ({ world }) => {
  const { names, pages, everywhere, linked, connectionCounts } = await setup(world, 3)
  // One after the other, so that the others find the first in their rosters and its joins are those below.
  for (const page of pages) await page.evaluate(() => window.user.join('room'))
  await linked()

  const [first, ...others] = pages
  const outAndIn: string[] = []
  for (let i = 0; i < 20; i++) {
    expect(await first?.evaluate(() => window.user.leave('room'))).toBe(0)
    expect(await first?.evaluate(() => window.user.join('room'))).toBe(0)
    outAndIn.push('#room -user0', '#room +user0')
  }

  for (const page of others) {
    await page.evaluate(() => window.user.until('\\+user0', 20))
    expect(await page.evaluate(() => window.user.until('[-+]user0', 40))).toEqual(outAndIn)
  }
  for (const page of pages) {
    const lastCount = () =>
      page.evaluate(() => window.user.events.filter((event) => event.endsWith(' members')).at(-1))
    await expect.poll(lastCount).toBe('#room 3 members')
  }
  expect(await everywhere(() => window.user.members('room'))).toEqual(names.map(() => names))

  for (const page of pages) expect(await page.evaluate(() => window.user.say('room', 'still here'))).toBe(0)
  const heard = await everywhere(() => window.user.until(': still here', 2))
  for (const [i, events] of heard.entries()) {
    const expected = names.filter((_, j) => j !== i).map((name) => `#room ${name}: still here`)
    expect(events.sort()).toEqual(expected)
  }
  expect(await connectionCounts()).toEqual([2, 2, 2])
})

test('a pair costs the server at most three signals, and nothing is said while nothing changes', async ({
  world,
}) => {
  const { pages, everywhere, linked } = await setup(world, 4)
  await everywhere(() => window.user.join('room'))
  await linked()
  await everywhere(() => window.user.say('room', 'all here'))
  await everywhere(() => window.user.until(': all here', 3))

  const saidBefore = world.serverMessages.length
  await pages[0]?.evaluate(async () => {
    for (let i = 0; i < 50; i++) await window.user.say('room', `${i}`)
  })
  await Promise.all(pages.map((page) => world.nextPing(page)))
  await Promise.all(pages.map((page) => world.nextPing(page)))
  expect(world.serverMessages.slice(saidBefore)).toEqual([])
  const pairCount = (4 * 3) / 2
  expect(world.relayedSignals).toBeGreaterThanOrEqual(2 * pairCount)
  expect(world.relayedSignals).toBeLessThanOrEqual(3 * pairCount)
})

test('a pair without a channel costs the server at most three signals, whichever of them begins', async ({
  world,
}) => {
  const { pages } = await setup(world, 6)
  for (let i = 0; i < 6; i += 2) {
    const before = world.relayedSignals
    expect(await pages[i]?.evaluate((peerId) => window.user.tell(peerId, 'hello'), `user${i + 1}`)).toBe(0)
    expect(world.relayedSignals - before).toBeLessThanOrEqual(3)
  }
  // What was still to be said has been said by then.
  await Promise.all(pages.map((page) => world.nextPing(page)))
  expect(world.relayedSignals).toBeLessThanOrEqual(3 * 3)
})

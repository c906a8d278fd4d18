import type { Page } from 'playwright/test'

import { lasting } from '../support/real-time.ts'
import { test } from './support/cluster.ts'
import { answersTo, expectAllArrived, runTraffic } from './support/traffic.ts'
import { expect } from './support/world.ts'

const serverOf = (page: Page) =>
  page.evaluate(async () => {
    const [server] = (await window.user.kit.diagnose()).servers
    return server && `${server.url} ${server.state}`
  })

const expectNoLeave = async (pages: ReadonlyMap<string, Page>): Promise<void> => {
  for (const page of pages.values()) {
    expect(await page.evaluate(() => window.user.events.filter((event) => event.includes(' -')))).toEqual([])
  }
}

/** Longer than the server's clock for a session that is lost, and than what nodes take to notice one that is gone. */
const TRAFFIC_SECONDS = 45

test('users at different nodes see each other, link and chat, and a later login at another node ends the earlier', async ({
  world,
  cluster,
}) => {
  const pages = await cluster.inRoom(world, 'alice', 'bob')
  const [alice, bob] = [...pages.values()]
  if (!alice || !bob) throw new Error('Two pages are needed')
  expect(await serverOf(alice)).toBe(`${cluster.one.url} connected`)
  expect(await serverOf(bob)).toBe(`${cluster.two.url} connected`)
  expect(await alice.evaluate(() => window.user.members('room'))).toEqual(['alice', 'bob'])
  expect(await alice.evaluate(() => window.user.tell('bob', 'to you'))).toBe(0)
  expect(await bob.evaluate(() => window.user.say('room', 'to all'))).toBe(0)
  await bob.evaluate(() => window.user.until('alice: to you'))
  await alice.evaluate(() => window.user.until('#room bob: to all'))
  await alice.evaluate(() => window.user.subscribe('carol'))

  const carol = await cluster.arrive(world, 'carol', cluster.two)
  await alice.evaluate(() => window.user.until('carol is Online'))
  const again = await cluster.arrive(world, 'carol', cluster.one)
  await carol.evaluate(() => window.user.until('Aborted/RemoteLogin'))
  expect(await again.evaluate(() => window.user.tell('bob', 'the later one'))).toBe(0)
  await bob.evaluate(() => window.user.until('carol: the later one'))
})

test('a node that is killed under traffic costs nobody a message, and its users are back on the other within 10 s', async ({
  world,
  cluster,
}) => {
  test.setTimeout(150_000)
  const pages = await cluster.inRoom(world, 'alice', 'bob', 'carol', 'dave')
  const traffic = runTraffic(pages, 20, TRAFFIC_SECONDS)
  // Both have talked before, and go on in the middle of it.
  await lasting(3_000)
  const killedAt = Date.now()
  await cluster.one.kill()
  for (const page of pages.values()) {
    await expect
      .poll(() => serverOf(page), { timeout: 10_000, intervals: [100] })
      .toBe(`${cluster.two.url} connected`)
  }
  console.log(`all users are at the other node ${Date.now() - killedAt} ms after the first was killed`)
  await traffic
  await expectAllArrived(pages)
  expect(Object.keys(await answersTo(pages))).toEqual(['0'])
  await expectNoLeave(pages)

  const erin = await cluster.arrive(world, 'erin', cluster.one)
  await erin.evaluate(() => window.user.join('room'))
  expect(await erin.evaluate(() => window.user.members('room'))).toEqual([
    'alice',
    'bob',
    'carol',
    'dave',
    'erin',
  ])
})

test('Redis that is killed for 20 s under traffic and back empty costs nobody a message, and nobody leaves', async ({
  world,
  cluster,
}) => {
  test.setTimeout(180_000)
  const { one, two, redis } = cluster
  const pages = await cluster.inRoom(world, 'alice', 'bob', 'carol', 'dave')
  const traffic = runTraffic(pages, 20, TRAFFIC_SECONDS + 20)
  await lasting(3_000)
  await redis.kill()
  await expect.poll(async () => [await one.isReady(), await two.isReady()]).toEqual([false, false])
  // Each node goes on by itself.
  const erin = await cluster.arrive(world, 'erin', one)
  expect(await erin.evaluate(() => window.user.join('room'))).toBe(0)
  // The time of the title: leases of nodes, sessions and users end meanwhile.
  await lasting(20_000)
  await redis.startAgain()
  await expect.poll(async () => [await one.isReady(), await two.isReady()]).toEqual([true, true])
  for (const page of pages.values()) await page.evaluate(() => window.user.until('[+]erin'))
  await traffic
  await expectAllArrived(pages)
  expect(Object.keys(await answersTo(pages))).toEqual(['0'])
  await expectNoLeave(new Map([...pages, ['erin', erin]]))
  expect(await erin.evaluate(() => window.user.members('room'))).toEqual([
    'alice',
    'bob',
    'carol',
    'dave',
    'erin',
  ])

  const frank = await cluster.arrive(world, 'frank', two)
  await frank.evaluate(() => window.user.join('room'))
  expect(await frank.evaluate(() => window.user.members('room'))).toHaveLength(6)
})

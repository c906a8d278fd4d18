import type { Page } from 'playwright/test'

import { seededRandom } from '../support/random.ts'
import { lasting } from '../support/real-time.ts'
import { cutLink } from './support/cut.ts'
import { SECRET, test } from './support/mortal-server.ts'
import { answersTo, expectAllArrived, runTraffic } from './support/traffic.ts'
import { expect, type World } from './support/world.ts'

const NAMES = ['alice', 'bob', 'carol', 'dave', 'eve']
const SECONDS = 60
const PER_SECOND = 20
const CUT_EVERY_S = 5
/** Longer than the 4 s that a gap may take without being reported; a link is cut in the middle of each. */
const SERVER_AWAY_S = 6
const SERVER_DIES_AT_S = [12, 36]
/** What its successors sign with. */
const SECRETS = [SECRET, 'another, as good a secret'] as const
const SEED = Number(process.env['RTM_MESH_SEED'] ?? 1)

async function setup(world: World): Promise<Map<string, Page>> {
  const pages = new Map<string, Page>()
  for (const name of NAMES) {
    const page = await world.login(name)
    await page.evaluate(() => window.user.join('room'))
    pages.set(name, page)
  }
  for (const [name, page] of pages) {
    const others = NAMES.filter((other) => other !== name)
    await page.evaluate((userIds) => window.user.untilLinked(userIds), others)
  }
  return pages
}

/** In steps of a second while `during` lasts: the minute of the title, of real browsers and a real server. */
async function everySecond(during: Promise<unknown>, step: (second: number) => Promise<void>): Promise<void> {
  let isOver = false
  const over = during.finally(() => (isOver = true))
  for (let second = 1; !isOver; second++) {
    await Promise.race([over, lasting(1_000)])
    if (!isOver) await step(second)
  }
  await over
}

test('five users talk for a minute while links are cut and the server dies twice: nothing is lost, and nobody leaves', async ({
  world,
  server,
}) => {
  test.setTimeout(180_000)
  const pages = await setup(world)
  const random = seededRandom(SEED)
  const joinedBefore = new Map<string, string[]>()
  const comings = (page: Page) =>
    page.evaluate(() => window.user.events.filter((event) => /^#room [-+]/.test(event)))
  for (const [name, page] of pages) joinedBefore.set(name, await comings(page))
  const connectionsBefore = await connectionCount(pages)

  const cuts: string[] = []
  const cutOne = async (second: number): Promise<void> => {
    for (;;) {
      const [a, b] = shuffled(NAMES, random)
      const [page, other] = [pages.get(a ?? ''), pages.get(b ?? '')]
      if (!page || !other) throw new Error('There are five pages')
      if (!(await cutLink(page, other))) continue
      cuts.push(`${second} s ${a} to ${b}`)
      return
    }
  }
  await everySecond(runTraffic(pages, PER_SECOND, SECONDS), async (second) => {
    const died = SERVER_DIES_AT_S.indexOf(second)
    const returned = SERVER_DIES_AT_S.indexOf(second - SERVER_AWAY_S)
    if (died >= 0) await server.kill()
    if (returned >= 0) await server.startAgain(SECRETS[returned] ?? '')
    if (second % CUT_EVERY_S === 0 && second < SECONDS) await cutOne(second)
  })

  const pairs = await expectAllArrived(pages)
  expect(await answersTo(pages)).toEqual({ 0: NAMES.length * PER_SECOND * SECONDS })
  console.log(`Seed ${SEED}. Cut after ${cuts.join(', ')}`)
  const replaced = ((await connectionCount(pages)) - connectionsBefore) / 2
  const received = pairs.reduce((sum, { count }) => sum + count, 0)
  console.log(`${NAMES.length * PER_SECOND * SECONDS} sent, ${received} received, ${replaced} links replaced`)
  console.log(
    `Longest gaps: ${pairs.map(({ pair, longestGapMs }) => `${pair} ${longestGapMs} ms`).join(', ')}`,
  )
  for (const [name, page] of pages) {
    expect(await comings(page), `who came and went, as ${name} heard`).toEqual(joinedBefore.get(name))
    const states = await page.evaluate(() => window.user.events.filter((event) => /^\w+\/\w+$/.test(event)))
    expect(states, `the connection states of ${name}`).toEqual([
      'Connecting/Login',
      'Connected/LoginSuccess',
      'Reconnecting/Interrupted',
      'Connected/LoginSuccess',
      'Reconnecting/Interrupted',
      'Connected/LoginSuccess',
    ])
    expect(await page.evaluate(() => window.user.members('room'))).toEqual(NAMES)
  }
})

/** `RTCPeerConnection`s that were made so far; each link has two. */
async function connectionCount(pages: ReadonlyMap<string, Page>): Promise<number> {
  let count = 0
  for (const page of pages.values()) count += await page.evaluate(() => window.connectionCount)
  return count
}

function shuffled<T>(all: readonly T[], random: () => number): T[] {
  const pool = [...all]
  return all.flatMap(() => pool.splice(Math.floor(random() * pool.length), 1))
}

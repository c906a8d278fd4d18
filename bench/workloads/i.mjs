import { busyTimeOf, memoryOf, processOf } from '../processes.mjs'

/** @import { Frame, Page } from 'playwright' */
/** @import { Turn, Workload } from './workload.mjs' */

const LINK_COUNT = 50
/** In a room with the hub, where a library has rooms: channels of the API are 20 at most. */
const ROOM_SIZE = 5
/** Browser contexts that the others are in, as frames of one page each. They may link to each other as they like. */
const CONTEXT_COUNT = 5
/** Until what a new link does only once is over. */
const SETTLE_MS = 5_000
const IDLE_MS = 10_000

/** @type {Workload} */
export const workload = {
  letter: 'i',
  title: `memory of a page with ${LINK_COUNT} links, per link`,
  unit: 'KB',
  better: 'less',
  further: { idle: 'processor time of the idle page, ms a second per link' },
  isOnce: true,
  isFullOnly: true,
  patienceMs: 120_000,
  async measure(turn) {
    const browser = await turn.newBrowser()
    try {
      const hub = await (await browser.newContext()).newPage()
      await hub.goto(turn.pageUrl)
      await hub.evaluate((server) => window.measures.prepare('hub', server), turn.server.url)
      const hasRooms = await hub.evaluate(() => window.measures.hasSecondRooms())
      const rooms = Array.from({ length: hasRooms ? LINK_COUNT / ROOM_SIZE : 1 }, (_, k) => `star-${k}`)
      const users = await framesOf(turn, () => browser.newContext().then((context) => context.newPage()))
      await hub.evaluate((all) => window.measures.enterAll(all), rooms)
      const process = await processOf(browser, hub)
      const before = await settledMemory(hub, process)
      // One after the other: what all of them do at once is not what is measured here.
      for (const [i, frame] of users.entries()) {
        await frame.evaluate((room) => window.measures.enter(room, 'hub'), rooms[i % rooms.length] ?? '')
        await frame.evaluate(() => window.measures.untilHeard(['hub']))
      }
      const after = await settledMemory(hub, process)
      const busyBefore = busyTimeOf(process)
      await passes(hub, IDLE_MS)
      const idle = (busyTimeOf(process) - busyBefore) / (IDLE_MS / 1_000) / LINK_COUNT
      return { value: (after - before) / LINK_COUNT, idle }
    } finally {
      await browser.close()
    }
  },
}

/**
 * The users, each a page of its own in a frame, prepared.
 *
 * @param {Turn} turn
 * @param {() => Promise<Page>} newPage
 * @returns {Promise<Frame[]>}
 */
async function framesOf({ pageUrl, server }, newPage) {
  const perPage = LINK_COUNT / CONTEXT_COUNT
  /** @type {Frame[]} */
  const users = []
  for (let context = 0; context < CONTEXT_COUNT; context++) {
    const page = await newPage()
    await page.goto(new URL('/frames.html', pageUrl).href)
    await page.evaluate(([url, count]) => {
      const loaded = Array.from({ length: count }, () => {
        const frame = document.createElement('iframe')
        frame.src = url
        document.body.append(frame)
        return new Promise((resolve) => frame.addEventListener('load', resolve))
      })
      return Promise.all(loaded)
    }, /** @type {const} */ ([pageUrl, perPage]))
    users.push(...page.mainFrame().childFrames())
  }
  for (const [i, frame] of users.entries()) {
    const options = /** @type {const} */ ([`p${i}`, server.url])
    await frame.evaluate(([me, url]) => window.measures.prepare(me, url), options)
  }
  return users
}

/**
 * @param {Page} page
 * @param {number} process
 */
async function settledMemory(page, process) {
  await passes(page, SETTLE_MS)
  const session = await page.context().newCDPSession(page)
  await session.send('HeapProfiler.collectGarbage')
  await session.detach()
  return memoryOf(process)
}

/**
 * @param {Page} page
 * @param {number} ms
 */
function passes(page, ms) {
  return page.evaluate((time) => new Promise((resolve) => setTimeout(resolve, time)), ms)
}

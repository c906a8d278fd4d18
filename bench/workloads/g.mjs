import { median } from '../statistics.mjs'

/** @import { Page } from 'playwright' */
/** @import { Workload } from './workload.mjs' */

/** Rooms that are entered, one after the other; the first one finds code that has never run. */
const WARM_UP_COUNT = 1
const QUICK_COUNT = 3
const FULL_COUNT = 5

/** A page that began so much later than it should have was late by the machine's doing: that round says nothing. */
const LATE_MS = 10

/** Until when all six pages have been told the moment at which all of them go: one after the other takes 10 ms. */
const NOTICE_MS = 100

let roomCount = 0

/** @type {Workload} */
export const workload = {
  letter: 'g',
  title: 'a second room with the same 6, until all have heard each other there',
  unit: 'ms',
  better: 'less',
  quickRounds: 1,
  further: { newConnections: 'new connections' },
  async measure({ crowd, isQuick }) {
    const pages = (await crowd.linked(7)).slice(0, 6)
    const [first] = pages
    if (!(await first?.evaluate(() => window.measures.hasSecondRooms()))) return undefined
    const before = await crowd.sent()
    /** @type {number[]} */
    const times = []
    const count = WARM_UP_COUNT + (isQuick ? QUICK_COUNT : FULL_COUNT)
    let tries = 0
    while (times.length < count) {
      if (++tries > 3 * count) throw new Error('Pages cannot begin at one moment on this machine')
      const time = await meetInNewRoom(pages, crowd.names.slice(0, 6))
      if (time !== undefined) times.push(time)
    }
    const { connections } = await crowd.sent()
    const newConnections = (connections - before.connections) / tries
    return { value: median(times.slice(WARM_UP_COUNT)), newConnections }
  },
}

/**
 * @param {readonly Page[]} pages
 * @param {readonly string[]} names theirs
 * @returns {Promise<number | undefined>} milliseconds from the first "go" to the last hello; nothing if a page was late
 */
async function meetInNewRoom(pages, names) {
  const room = `second-${++roomCount}`
  const at = Date.now() + NOTICE_MS
  const times = await Promise.all(
    pages.map((page, i) => {
      const order = /** @type {const} */ ([room, names.filter((_, j) => j !== i), at])
      return page.evaluate(([second, others, when]) => window.measures.meetIn(second, others, when), order)
    }),
  )
  const beginnings = times.map(({ startedAt }) => startedAt)
  if (Math.max(...beginnings) - at > LATE_MS) return undefined
  return Math.max(...times.map(({ heardAt }) => heardAt)) - Math.min(...beginnings)
}

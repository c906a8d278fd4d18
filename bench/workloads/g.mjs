/** @import { Workload } from './workload.mjs' */

let roomCount = 0

/** @type {Workload} */
export const workload = {
  letter: 'g',
  title: 'a second room with the same 6, until all have heard each other there',
  unit: 'ms',
  better: 'less',
  further: { newConnections: 'new connections' },
  async measure({ crowd }) {
    const pages = (await crowd.linked(7)).slice(0, 6)
    const names = crowd.names.slice(0, 6)
    const [first] = pages
    if (!(await first?.evaluate(() => window.measures.hasSecondRooms()))) return undefined
    const before = await crowd.sent()
    const room = `second-${++roomCount}`
    const times = await Promise.all(
      pages.map((page, i) => {
        const order = /** @type {const} */ ([room, names.filter((_, j) => j !== i)])
        return page.evaluate(([second, others]) => window.measures.meetIn(second, others), order)
      }),
    )
    const after = await crowd.sent()
    const startedAt = Math.min(...times.map((time) => time.startedAt))
    return {
      value: Math.max(...times.map((time) => time.heardAt)) - startedAt,
      newConnections: after.connections - before.connections,
    }
  },
}

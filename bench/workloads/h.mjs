import { median } from '../statistics.mjs'

/** @import { Workload } from './workload.mjs' */

const WARM_UP_COUNT = 3
const QUICK_COUNT = 7
const FULL_COUNT = 20

/** @type {Workload} */
export const workload = {
  letter: 'h',
  title: 'a shared value is written, until 6 others have it',
  unit: 'ms',
  better: 'less',
  quickRounds: 1,
  async measure({ crowd, isQuick }) {
    const [writer, ...others] = await crowd.linked(7)
    if (!writer || !(await writer.evaluate(() => window.measures.hasShared()))) return undefined
    /** @type {number[]} */
    const times = []
    for (let i = 0; i < WARM_UP_COUNT + (isQuick ? QUICK_COUNT : FULL_COUNT); i++) {
      const value = `value ${i}`
      const startedAt = await writer.evaluate((text) => window.measures.share('topic', text), value)
      const thereAt = await Promise.all(
        others.map((page) => page.evaluate((text) => window.measures.untilShared('topic', text), value)),
      )
      if (i >= WARM_UP_COUNT) times.push(Math.max(...thereAt) - startedAt)
    }
    return { value: median(times) }
  },
}

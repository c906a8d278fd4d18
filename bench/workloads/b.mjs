import { median, quantile } from '../statistics.mjs'
import { pairOf } from './workload.mjs'

/** @import { Workload } from './workload.mjs' */

const WARM_UP_COUNT = 100
const QUICK_COUNT = 300
const FULL_COUNT = 1_000

/** @type {Workload} */
export const workload = {
  letter: 'b',
  title: 'round trip of 100 bytes, p50',
  unit: 'ms',
  better: 'less',
  quickRounds: 1,
  further: { p99: 'p99, ms' },
  async measure({ crowd, isQuick }) {
    const [page] = pairOf(await crowd.linked(2))
    if (!(await page.evaluate(() => window.measures.hasMessages()))) return undefined
    const run = (/** @type {number} */ count) => {
      const order = /** @type {const} */ ([crowd.nextBatch(), count])
      return page.evaluate(([batch, trips]) => window.measures.roundTrips('p1', batch, trips), order)
    }
    await run(WARM_UP_COUNT)
    const times = await run(isQuick ? QUICK_COUNT : FULL_COUNT)
    return { value: median(times), p99: quantile(times, 0.99) }
  },
}

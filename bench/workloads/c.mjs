import { pairOf, SMALL_BYTES } from './workload.mjs'

/** @import { Workload } from './workload.mjs' */

const LARGE_BYTES = 16 * 1024
const WARM_UP_COUNT = 1_000
/** So many that the second half of them meets code that is compiled, and that it takes a good part of a second. */
const SMALL_COUNT = { quick: 5_000, full: 40_000 }
const LARGE_COUNT = { quick: 300, full: 4_000 }

/** @type {Workload} */
export const workload = {
  letter: 'c',
  title: '100-byte messages on one pair',
  unit: '/s',
  better: 'more',
  quickRounds: 1,
  further: { kb16: 'of 16 KB, /s' },
  async measure({ crowd, isQuick }) {
    const [page] = pairOf(await crowd.linked(2))
    if (!(await page.evaluate(() => window.measures.hasMessages()))) return undefined
    const size = isQuick ? 'quick' : 'full'
    const pour = async (/** @type {number} */ count, /** @type {number} */ bytes) => {
      const order = /** @type {const} */ ([crowd.nextBatch(), count, bytes])
      const ms = await page.evaluate(
        ([batch, messages, length]) => window.measures.pour('p1', batch, messages, length),
        order,
      )
      return (count / ms) * 1_000
    }
    await pour(WARM_UP_COUNT, SMALL_BYTES)
    const value = await pour(SMALL_COUNT[size], SMALL_BYTES)
    await pour(WARM_UP_COUNT / 10, LARGE_BYTES)
    return { value, kb16: await pour(LARGE_COUNT[size], LARGE_BYTES) }
  },
}

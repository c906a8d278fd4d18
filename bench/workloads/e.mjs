/** @import { Crowd } from '../crowd.mjs' */
/** @import { Workload } from './workload.mjs' */

/** @type {Workload} */
export const workload = {
  letter: 'e',
  title: 'everybody has heard everybody, 10 pages at once',
  unit: 'ms',
  better: 'less',
  quickRounds: 1,
  further: {
    pages6: '6 pages, ms',
    pages2: '2 pages, ms',
    signalsPerPair: 'signals per pair',
    connectionsPerPair: 'connections per pair',
  },
  async measure({ crowd, isQuick }) {
    const small = isQuick ? {} : { pages2: await meet(crowd, 2), pages6: await meet(crowd, 6) }
    const value = await meet(crowd, 10)
    const pairs = (10 * 9) / 2
    const { signals, connections } = await crowd.sent()
    // Each end makes one.
    return { value, ...small, signalsPerPair: signals / pairs, connectionsPerPair: connections / pairs / 2 }
  },
}

/**
 * @param {Crowd} crowd
 * @param {number} count
 */
async function meet(crowd, count) {
  await crowd.fresh(count)
  const { all } = await crowd.meet()
  return all
}

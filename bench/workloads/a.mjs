/** @import { Workload } from './workload.mjs' */

/** @type {Workload} */
export const workload = {
  letter: 'a',
  title: 'from "go" to the first message, two loaded pages',
  unit: 'ms',
  better: 'less',
  further: { signals: 'signals' },
  async measure({ crowd }) {
    await crowd.fresh(2)
    const { first } = await crowd.meet()
    const { signals } = await crowd.sent()
    return { value: first, signals }
  },
}

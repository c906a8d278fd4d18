/** @import { Workload } from './workload.mjs' */

/** @type {Workload} */
export const workload = {
  letter: 'f',
  title: 'late join into a room of 6, until all have heard each other',
  unit: 'ms',
  better: 'less',
  quickRounds: 1,
  async measure({ crowd }) {
    await crowd.linked(6)
    await crowd.another()
    const { all } = await crowd.meet()
    return { value: all }
  },
}

import { enterAll } from './crowd.mjs'
import { dialects } from './measure.mjs'
import { frameOf } from './web-socket.mjs'
import { pause } from './signals.mjs'
import { watchServer } from './watched-server.mjs'

/** @import { Member } from './crowd.mjs' */
/** @import { Measured } from './measure.mjs' */
/** @import { Sample } from './probe.mjs' */
/** @typedef {{ sessions: number, forMs: number, comingPerSecond: number, printEveryMs: number }} SoakPlan */
/** @typedef {{ before: Sample, full: Sample, after: Sample, came: number }} SoakResult memory with nobody, with all, and with nobody again */

/** How often some leave and as many come; each newcomer sends a signal to its neighbour. */
const BEAT_MS = 1_000

/** Servers may keep a session that has closed its socket for a while. */
const REST_MS = 3_000

/**
 * A crowd of constant size in which all the time some leave and others come. What a server keeps of each would show in
 * its memory.
 *
 * @param {Measured} name
 * @param {SoakPlan} plan
 * @param {(line: { seconds: number, came: number, sample: Sample }) => void} print
 * @returns {Promise<SoakResult>}
 */
export async function soak(name, plan, print) {
  const server = await watchServer(name)
  const makeClients = dialects[name]
  try {
    const before = await server.collected()
    let present = await enterAll(server.port, await makeClients(plan.sessions, 0))
    let came = present.length
    const began = performance.now()
    let printedAt = began
    for (let wave = 1; performance.now() - began < plan.forMs; wave++) {
      const beat = pause(BEAT_MS)
      // Those who sit beside each other leave together.
      const count = 2 * Math.ceil((plan.comingPerSecond * BEAT_MS) / 2_000)
      present.slice(0, count).forEach((member) => member.leave())
      const newcomers = await enterAll(server.port, await makeClients(count, wave))
      greet(newcomers)
      present = [...present.slice(count), ...newcomers]
      came += count
      if (performance.now() - printedAt >= plan.printEveryMs) {
        printedAt = performance.now()
        print({ seconds: (printedAt - began) / 1_000, came, sample: await server.sample() })
      }
      await beat
    }
    const full = await server.collected()
    present.forEach((member) => member.leave())
    await pause(REST_MS)
    return { before, full, after: await server.collected(), came }
  } finally {
    await server.stop()
  }
}

/** @param {readonly Member[]} members */
function greet(members) {
  members.forEach((member, index) => {
    const neighbour = members[index ^ 1]
    if (neighbour) member.write(frameOf(member.client.signal(neighbour.client.address)))
  })
}

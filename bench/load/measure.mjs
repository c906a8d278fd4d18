import { enterAll } from './crowd.mjs'
import { peerjs } from './dialects/peerjs.mjs'
import { rtmMesh } from './dialects/rtm-mesh.mjs'
import { yWebrtc } from './dialects/y-webrtc.mjs'
import { flood, pairsOf, pause, quantile, trickle } from './signals.mjs'
import { watchServer } from './watched-server.mjs'

/** @import { Profiler } from 'node:inspector' */
/** @import { Sample } from './probe.mjs' */
/** @import { WatchedServer } from './watched-server.mjs' */

export const dialects = { 'rtm-mesh': rtmMesh, 'y-webrtc': yWebrtc, peerjs }

/** @typedef {keyof typeof dialects} Measured */
/** @typedef {(phase: 'logins' | 'signals', profile: Profiler.Profile) => void} OnProfile */

/**
 * @typedef {object} Plan
 * @property {number} sessions logged in and idle, but for those that signal
 * @property {number} pairs of sessions that signal; a session of rtm-mesh may send 200 messages a second
 * @property {number} warmUpMs
 * @property {number} measureMs
 * @property {number} signalsPerSecond of the measurement of how long a signal takes
 * @property {boolean} isBrief without memory, for which one has to wait and which few sessions say little of
 */

/**
 * @typedef {object} Figures
 * @property {number} sessions
 * @property {number} loginsPerSecond by the clock: the generator may be what is slow
 * @property {number} cpuMsPerLogin of the server
 * @property {number} loginGeneratorBusy how busy the generator was, of 1: close to 1, and the clock says nothing
 * @property {number} [rssKbPerSession] resident memory, with the garbage of the logins
 * @property {number} [heapKbPerSession] what is reachable, with buffers
 * @property {number} signalsPerSecond
 * @property {number} cpuUsPerSignal
 * @property {number} signalGeneratorBusy
 * @property {number} p50Ms
 * @property {number} p99Ms
 * @property {number} lostSignals
 */

/** Servers notice closed sockets, and clients answer pings, before memory is looked at. */
const SETTLE_MS = 1_000

/**
 * A server from its start to its end: logins, then memory, then signals as fast as it can, then at a quiet rate.
 *
 * @param {Measured} name
 * @param {Plan} plan
 * @param {OnProfile} [onProfile] gets what the server was busy with; figures are worse then
 * @returns {Promise<Figures>}
 */
export async function measureServer(name, plan, onProfile) {
  const server = await watchServer(name)
  try {
    await warmUp(server, name, plan)
    const clients = await dialects[name](plan.sessions, 1)
    const before = plan.isBrief ? undefined : await server.collected()

    const logins = await profiled(server, 'logins', onProfile, () =>
      timed(server, () => enterAll(server.port, clients)),
    )
    const members = logins.result
    const memory = before && (await memoryPerSession(server, before, members.length))

    const pairs = pairsOf(members, plan.pairs)
    const busy = generatorClock()
    const signals = await profiled(server, 'signals', onProfile, () =>
      flood(pairs, plan, async () => ({ ...(await server.sample()), ...busy() })),
    )
    const { tookMs, lost } = await trickle(pairs, {
      perSecond: plan.signalsPerSecond,
      measureMs: plan.measureMs,
    })
    members.forEach((member) => member.destroy())

    return {
      sessions: members.length,
      loginsPerSecond: members.length / logins.seconds,
      cpuMsPerLogin: logins.serverCpuMs / members.length,
      loginGeneratorBusy: logins.generatorBusy,
      ...memory,
      signalsPerSecond: signals.count / signals.seconds,
      cpuUsPerSignal: ((signals.after.cpuMs - signals.before.cpuMs) * 1_000) / signals.count,
      signalGeneratorBusy:
        (signals.after.generatorMs - signals.before.generatorMs) / (signals.after.at - signals.before.at),
      p50Ms: quantile(tookMs, 0.5),
      p99Ms: quantile(tookMs, 0.99),
      lostSignals: lost,
    }
  } finally {
    await server.stop()
  }
}

/** @param {WatchedServer} server @param {Sample} before @param {number} sessions */
async function memoryPerSession(server, before, sessions) {
  await pause(SETTLE_MS)
  const after = await server.sample()
  const collected = await server.collected()
  return {
    rssKbPerSession: (after.rssBytes - before.rssBytes) / sessions / 1_024,
    heapKbPerSession: (collected.heapBytes - before.heapBytes) / sessions / 1_024,
  }
}

/**
 * What runs for the first time is slow: a server is measured as it is after a while.
 *
 * @param {WatchedServer} server
 * @param {Measured} name
 * @param {Plan} plan
 */
async function warmUp(server, name, { isBrief }) {
  const members = await enterAll(server.port, await dialects[name](WARM_UP_SESSIONS, 0))
  members.forEach((member) => member.leave())
  await pause(isBrief ? SETTLE_MS / 4 : SETTLE_MS)
}

const WARM_UP_SESSIONS = 300

/** @template T @param {WatchedServer} server @param {() => Promise<T>} act */
async function timed(server, act) {
  const busy = generatorClock()
  const before = { ...(await server.sample()), ...busy() }
  const result = await act()
  const after = { ...busy(), ...(await server.sample()) }
  return {
    result,
    seconds: (after.at - before.at) / 1_000,
    serverCpuMs: after.cpuMs - before.cpuMs,
    generatorBusy: (after.generatorMs - before.generatorMs) / (after.at - before.at),
  }
}

/** This process's own processor time beside the clock. */
function generatorClock() {
  return () => {
    const { user, system } = process.cpuUsage()
    return { at: performance.now(), generatorMs: (user + system) / 1_000 }
  }
}

/**
 * @template T
 * @param {WatchedServer} server
 * @param {'logins' | 'signals'} phase
 * @param {OnProfile | undefined} onProfile
 * @param {() => Promise<T>} act
 */
async function profiled(server, phase, onProfile, act) {
  if (!onProfile) return act()
  await server.startProfile()
  const result = await act()
  onProfile(phase, await server.stopProfile())
  return result
}

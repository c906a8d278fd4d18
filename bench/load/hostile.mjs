import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

import { median } from '../statistics.mjs'
import { freePort, startServer } from '../servers/start-server.mjs'
import { enterAll } from './crowd.mjs'
import { rtmMesh } from './dialects/rtm-mesh.mjs'
import { readCounts } from './metrics.mjs'
import { pairsOf, pause, quantile, trickle } from './signals.mjs'

/** @import { ChildProcess } from 'node:child_process' */
/** @import { Attacked } from './attacker.mjs' */
/** @import { Counts } from './metrics.mjs' */
/** @import { Pair } from './signals.mjs' */

/** @typedef {{ inputs: number, perSecond: number, sockets: number, pages: number, rounds: number }} HostilePlan */
/** @typedef {{ p50Ms: number, p99Ms: number, sent: number, lost: number, cpu: number }} Phase of honest signals; `cpu`: of the server, of 1 core */
/** @typedef {Phase & Attacked & { lookedAt: number, refused: number, atTheDoor: number }} AttackedPhase what the server's metrics say of it */
/** @typedef {{ quiet: Phase, scattered: AttackedPhase, together: AttackedPhase }} HostileRound */

/** Of all pages together: 25 of each, as of a page that is being linked to others. */
const SIGNALS_PER_SECOND = 500
/** A phase begins when nothing of the one before it is left. */
const REST_MS = 500
/** Of what attackers do in their time a part is to connect and to log in. */
const DEEDS_PER_INPUT = 1.1
/** Frames that ws refuses before they are messages. */
const NO_MESSAGES = ['too-large', 'too-many-pieces', 'broken-frame', 'not-utf8']
const AT_THE_DOOR = ['bad-handshake', 'address-rate', 'connection-rate']

/**
 * How long signals of honest pages take while hostile sockets do all that is refused, beside how long they take in quiet
 * times at the same rate. In turns, as a machine is not the same all the time: quiet, attackers who come from another
 * address each time, attackers who come from ten.
 *
 * @param {HostilePlan} plan
 * @returns {Promise<HostileRound[]>}
 */
export async function hostile({ inputs, perSecond, sockets, pages, rounds }) {
  const metricsPort = await freePort()
  const args = ['--trusted-proxy', 'loopback', '--metrics-port', String(metricsPort)]
  const server = await startServer('rtm-mesh', { args })
  const attacker = startAttacker([String(server.port), String(sockets)])
  try {
    await once(attacker, 'message')
    const members = await enterAll(server.port, await rtmMesh(pages))
    const pairs = pairsOf(members, pages / 2)
    const measureMs = (inputs / rounds / perSecond) * 1_000
    const phase = () => measurePhase(pairs, metricsPort, measureMs)
    const attack = async (/** @type {boolean} */ isScattered) => {
      const answered = once(attacker, 'message')
      attacker.send({
        inputs: (inputs / rounds) * DEEDS_PER_INPUT,
        perSecond: perSecond * DEEDS_PER_INPUT,
        isScattered,
      })
      const { figures, counts } = await phase()
      const [attacked] = /** @type {[Attacked]} */ (await answered)
      return { ...figures, ...attacked, ...judged(counts, figures.sent) }
    }
    // What runs for the first time is slow.
    await attack(true)
    const found = []
    for (let round = 0; round < rounds; round++) {
      await pause(REST_MS)
      const { figures: quiet } = await phase()
      const scattered = await attack(true)
      await pause(REST_MS)
      found.push({ quiet, scattered, together: await attack(false) })
    }
    members.forEach((member) => member.destroy())
    return found
  } finally {
    attacker.disconnect()
    await server.stop()
  }
}

/** @param {Pair[]} pairs @param {number} metricsPort @param {number} measureMs */
async function measurePhase(pairs, metricsPort, measureMs) {
  const before = await readCounts(metricsPort)
  const { tookMs, sent, lost } = await trickle(pairs, { perSecond: SIGNALS_PER_SECOND, measureMs })
  const counts = (await readCounts(metricsPort)).since(before)
  const cpu = counts.of('cpu_seconds_total') / counts.seconds
  return { figures: { p50Ms: quantile(tookMs, 0.5), p99Ms: quantile(tookMs, 0.99), sent, lost, cpu }, counts }
}

/** @param {Counts} counts @param {number} honest */
function judged(counts, honest) {
  const refusals = counts.labelled('refusals_total')
  const of = (/** @type {readonly string[]} */ reasons) =>
    reasons.reduce((total, reason) => total + (refusals.get(reason) ?? 0), 0)
  const logins = counts.labelled('logins_total')
  const admitted = (logins.get('admitted') ?? 0) + (logins.get('returned') ?? 0)
  const refusedLogins = sum(logins.values()) - admitted
  const atTheDoor = of(AT_THE_DOOR)
  return {
    lookedAt: counts.of('messages_total') - honest - admitted + of(NO_MESSAGES),
    refused: sum(refusals.values()) - atTheDoor + refusedLogins,
    atTheDoor,
  }
}

/** @param {Iterable<number>} values */
function sum(values) {
  return [...values].reduce((total, value) => total + value, 0)
}

/**
 * Attackers have machines of their own: where the system can, theirs gets the time that nobody else wants (`SCHED_IDLE`).
 *
 * @param {string[]} args
 * @returns {ChildProcess}
 */
function startAttacker(args) {
  const idle = process.platform === 'linux' && {
    execPath: 'chrt',
    execArgv: ['--idle', '0', process.execPath],
  }
  return fork(join(import.meta.dirname, 'attacker.mjs'), args, { ...idle })
}

/** @param {readonly HostileRound[]} rounds */
export function tableOfAttack(rounds) {
  /** @type {[string, (round: HostileRound) => number, number][]} */
  const rows = [
    ['p50 of a signal in quiet times, ms', ({ quiet }) => quiet.p50Ms, 2],
    ['p99', ({ quiet }) => quiet.p99Ms, 2],
    ["  server's CPU, of one core", ({ quiet }) => quiet.cpu, 2],
    ...['scattered', 'together'].flatMap((name) => rowsOf(/** @type {'scattered' | 'together'} */ (name))),
    ['honest signals lost', (round) => round.quiet.lost + round.scattered.lost + round.together.lost, 0],
  ]
  const lines = rows.map(([what, of, digits]) => {
    const values = rounds.map(of)
    const cells = [...values, median(values)].map((value) => value.toFixed(digits).padStart(9))
    return `${what.padEnd(52)}${cells.join('')}`
  })
  const head = ['round', ...rounds.map((_, i) => String(i + 1).padStart(9)), '   median']
  return [`${head[0]?.padEnd(52)}${head.slice(1).join('')}`, ...lines].join('\n')
}

const whence = { scattered: 'from ever new addresses', together: 'from ten addresses' }

/** @param {'scattered' | 'together'} name @returns {[string, (round: HostileRound) => number, number][]} */
function rowsOf(name) {
  return [
    [`p50 under attack ${whence[name]}, ms`, (round) => round[name].p50Ms, 2],
    ['p99', (round) => round[name].p99Ms, 2],
    ['  of that in quiet times', (round) => round[name].p99Ms / round.quiet.p99Ms, 2],
    ['  connections of attackers', (round) => round[name].connections, 0],
    ['  of them turned away', (round) => round[name].turnedAway, 0],
    ['  turned away at the door, by its metrics', (round) => round[name].atTheDoor, 0],
    ['  inputs sent', (round) => round[name].sent, 0],
    ['  looked at by the server, by its metrics', (round) => round[name].lookedAt, 0],
    ['  connections ended for one, by its metrics', (round) => round[name].refused, 0],
    ["  server's CPU, of one core", (round) => round[name].cpu, 2],
  ]
}

import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus, loadavg } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'

import { ensureDependencies, ensureNode, giveUp } from '../../scripts/tools.mjs'
import { ensureFreshBuild } from '../fresh-build.mjs'

/** @import { Figures, Measured, Plan } from './measure.mjs' */

// npm run load: what signaling servers bear, this library's and its peers', one after the other on this machine.

const usage = `Usage: npm run load -- [options]

  --sessions N       logged in at one time (2000)
  --pairs N          of them that send signals as fast as they can (250)
  --seconds N        how long each measurement lasts (5)
  --servers LIST     of rtm-mesh, y-webrtc, peerjs (all)
  --profile FOLDER   writes what each server was busy with, and prints the most of it
  --soak TIME        such as 10m: some leave and others come all the time, and resident memory is printed
  --hostile          malformed, oversized and out-of-order inputs of 50 sockets beside 20 honest pages: p99 of their signals
  --inputs N         of a hostile run, from ever new addresses, and as many from ten (100000)
  --rounds N         in which a hostile run does it (5)
  --coming N         newcomers a second of a soak (50)
  --brief            without memory, and the waits that it needs
  --json             prints figures for programs
`

const MS_BY_UNIT = new Map([
  ['s', 1_000],
  ['m', 60_000],
  ['h', 3_600_000],
])

const { values: options } = parseArgs({
  options: {
    sessions: { type: 'string', default: '2000' },
    pairs: { type: 'string', default: '250' },
    seconds: { type: 'string', default: '5' },
    servers: { type: 'string', default: 'rtm-mesh,y-webrtc,peerjs' },
    profile: { type: 'string' },
    soak: { type: 'string' },
    hostile: { type: 'boolean', default: false },
    inputs: { type: 'string', default: '100000' },
    rounds: { type: 'string', default: '5' },
    coming: { type: 'string', default: '50' },
    brief: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})

ensureNode()
ensureDependencies()
// Whoever asks for figures has built what is measured.
if (!options.json) ensureFreshBuild()

// Only now, because what they import may have been installed by this very run.
const { dialects, measureServer } = await import('./measure.mjs')
const { busiest } = await import('./profile.mjs')
const { soak } = await import('./soak.mjs')
const { hostile, tableOfAttack } = await import('./hostile.mjs')

const isMeasured = (/** @type {string} */ name) => Object.hasOwn(dialects, name)
const names = /** @type {Measured[]} */ (options.servers.split(',').filter(isMeasured))
const sessions = Number(options.sessions)
const seconds = Number(options.seconds)
const soakMs = options.soak === undefined ? undefined : millisecondsOf(options.soak)
const rates = [options.pairs, options.coming, options.inputs, options.rounds].map(Number)
const numbers = [sessions, seconds, ...rates, soakMs ?? 1]
if (options.help) console.log(usage)
else if (names.length === 0 || numbers.some((number) => !(number > 0))) giveUp(usage)
else if (options.hostile) await beHostile()
else if (soakMs !== undefined) await soakAll(soakMs)
else await measureAll()

async function measureAll() {
  /** @type {Plan} */
  const plan = {
    sessions,
    pairs: Math.min(Number(options.pairs), Math.floor(sessions / 2)),
    warmUpMs: Math.min(2_000, seconds * 500),
    measureMs: seconds * 1_000,
    signalsPerSecond: 2_000,
    isBrief: options.brief,
  }
  const folder = options.profile
  if (folder !== undefined) mkdirSync(folder, { recursive: true })
  /** @type {[Measured, Figures][]} */
  const found = []
  for (const name of names) {
    const figures = await measureServer(
      name,
      plan,
      folder === undefined
        ? undefined
        : (phase, profile) => {
            writeFileSync(join(folder, `${name}-${phase}.cpuprofile`), JSON.stringify(profile))
            console.log(`${name}, ${phase}: of the time in which the server was busy`)
            for (const { where, share } of busiest(profile, 15)) {
              console.log(`  ${(share * 100).toFixed(1).padStart(5)} %  ${where}`)
            }
          },
    )
    found.push([name, figures])
  }
  if (options.json) console.log(JSON.stringify(Object.fromEntries(found)))
  else printTable(found)
}

/** @param {readonly [Measured, Figures][]} found */
function printTable(found) {
  /** @type {[keyof Figures, string, number][]} */
  const rows = [
    ['sessions', 'sessions', 0],
    ['loginsPerSecond', 'logins a second', 0],
    ['cpuMsPerLogin', "  server's CPU per login, ms", 3],
    ['loginGeneratorBusy', '  generator busy, of 1', 2],
    ['rssKbPerSession', 'resident memory per session, KB', 1],
    ['heapKbPerSession', '  of it in use, KB', 1],
    ['signalsPerSecond', 'relayed signals a second', 0],
    ['cpuUsPerSignal', "  server's CPU per signal, µs", 1],
    ['signalGeneratorBusy', '  generator busy, of 1', 2],
    ['p50Ms', 'a signal among 2,000 a second: p50, ms', 2],
    ['p99Ms', '  p99, ms', 2],
    ['lostSignals', '  lost', 0],
  ]
  console.log(`${''.padEnd(40)}${found.map(([name]) => name.padStart(12)).join('')}`)
  for (const [key, what, digits] of rows) {
    if (found.every(([, figures]) => figures[key] === undefined)) continue
    console.log(
      `${what.padEnd(40)}${found.map(([, figures]) => (figures[key] ?? NaN).toFixed(digits).padStart(12)).join('')}`,
    )
  }
  console.log(
    `${cpus().length} cores, load ${loadavg()
      .map((load) => load.toFixed(2))
      .join(' ')}`,
  )
}

async function beHostile() {
  const plan = {
    inputs: Number(options.inputs),
    perSecond: 5_000,
    sockets: 50,
    pages: 20,
    rounds: Number(options.rounds),
  }
  const found = await hostile(plan)
  console.log(options.json ? JSON.stringify(found) : tableOfAttack(found))
}

/** @param {number} forMs */
async function soakAll(forMs) {
  const plan = { sessions, forMs, comingPerSecond: Number(options.coming), printEveryMs: 10_000 }
  for (const name of names) {
    console.log(`${name}: ${sessions} sessions, ${plan.comingPerSecond} leave and come a second`)
    const { before, full, after, came } = await soak(name, plan, (line) => {
      const { rssBytes, heapBytes } = line.sample
      console.log(
        `  ${line.seconds.toFixed(0).padStart(5)} s ${String(line.came).padStart(7)} came  ` +
          `resident ${megabytes(rssBytes)}, with garbage in use ${megabytes(heapBytes)}`,
      )
    })
    console.log(
      `  in use without garbage: ${megabytes(before.heapBytes)} with nobody, ${megabytes(full.heapBytes)} with all, ` +
        `${megabytes(after.heapBytes)} with nobody again after ${came} came`,
    )
  }
}

/** @param {number} bytes */
function megabytes(bytes) {
  return `${(bytes / 2 ** 20).toFixed(1)} MB`
}

/** @param {string} text such as 90s, 10m or 2h */
function millisecondsOf(text) {
  const [, count = '', unit = ''] = /^(\d+)([smh])$/.exec(text) ?? []
  return Number(count) * (MS_BY_UNIT.get(unit) ?? Number.NaN)
}

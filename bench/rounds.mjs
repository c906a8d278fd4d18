import { chromium } from 'playwright'

import { Crowd, PagePool } from './crowd.mjs'
import { PageProfiler } from './page-profile.mjs'
import { startServer } from './servers/start-server.mjs'

/** @import { Browser } from 'playwright' */
/** @import { ContenderEntry } from './contenders.mjs' */
/** @import { RunningServer, ServerName } from './servers/start-server.mjs' */
/** @import { Site } from './site.mjs' */
/** @import { Sample, Workload } from './workloads/workload.mjs' */

/** The longest of them take a third of this on two slow cores; what takes longer has lost something. */
const PATIENCE_MS = 30_000
/** In the short mode, where it is ten times what any of them takes. */
const QUICK_PATIENCE_MS = 10_000

/**
 * @typedef {object} Plan
 * @property {readonly (readonly Workload[])[]} blocks
 * @property {readonly ContenderEntry[]} contenders
 * @property {number} rounds those that count; a warm-up round comes before
 * @property {boolean} isQuick
 * @property {string} executablePath
 * @property {string} [profile] a folder for what the first two pages are busy with in one more round, which does not count
 */

/** What came out, by workload and contender: one sample for each round. @typedef {Map<string, Map<string, Sample[]>>} Samples */
/** @typedef {{ letter: string, contender: string, why: string }} Failure */

/**
 * Every workload with every library, the libraries taking turns in each round, so that what the machine does meanwhile
 * hits all of them.
 *
 * @param {Plan} plan
 * @param {Site} site
 */
export async function runRounds(plan, site) {
  const { blocks, contenders, rounds, executablePath } = plan
  const newBrowser = () => launch(executablePath)
  const browser = await newBrowser()
  /** @type {Map<ServerName, RunningServer>} */
  const servers = new Map()
  /** @type {Samples} */
  const samples = new Map()
  /** @type {Failure[]} */
  const failures = []
  /** How long the workloads of each block have taken, by their letters. @type {Map<string, number>} */
  const secondsOf = new Map()
  try {
    for (const { server } of contenders) {
      if (!servers.has(server)) servers.set(server, await startServer(server))
    }
    const pool = new PagePool(browser)
    for (let round = 0; round <= rounds; round++) {
      for (const block of blocks) {
        // The first of a round finds the machine in another state than the others: not always the same one.
        const order = contenders.map((_, i) => contenders[(i + round) % contenders.length])
        const startedAt = performance.now()
        for (const contender of order) if (contender) await runBlock(block, contender, round, pool)
        const name = block.map(({ letter }) => letter).join('')
        secondsOf.set(name, (secondsOf.get(name) ?? 0) + (performance.now() - startedAt) / 1_000)
      }
      console.error(round === 0 ? 'warmed up' : `round ${round} of ${rounds}`)
    }
    const spent = [...secondsOf].map(([letters, seconds]) => `${letters} ${seconds.toFixed(0)}`)
    console.error(`seconds spent on ${spent.join(', ')}`)
    if (plan.profile !== undefined) {
      pool.profiler = new PageProfiler(plan.profile)
      for (const contender of contenders) {
        for (const workload of blocks.flat()) await runBlock([workload], contender, 0, pool)
      }
    }
    return { samples, failures, browserVersion: browser.version() }
  } finally {
    await browser.close()
    await Promise.all([...servers.values()].map((server) => server.stop()))
  }

  /**
   * @param {readonly Workload[]} block
   * @param {ContenderEntry} contender
   * @param {number} round 0 for the one that does not count
   * @param {PagePool} pool
   */
  async function runBlock(block, contender, round, pool) {
    const server = servers.get(contender.server)
    if (!server) throw new Error(`${contender.name} has no server`)
    const crowd = new Crowd(pool, site, contender, server.url)
    for (const workload of block) {
      if (!isPartOf(workload, round)) continue
      if (plan.isQuick && contender.isSameBehind && !workload.isOfFiles) continue
      const turn = {
        contender,
        server,
        crowd,
        pageUrl: site.url(contender),
        newBrowser,
        isQuick: plan.isQuick,
      }
      // A library that loses a connection now and then still has its place in the table; that it did is told.
      const isForgiven = contender.role === 'peer' && !plan.isQuick
      for (let attempt = isForgiven ? 1 : 0; attempt >= 0; attempt--) {
        try {
          const sample = await inTime(
            workload.measure(turn),
            workload.patienceMs ?? (plan.isQuick ? QUICK_PATIENCE_MS : PATIENCE_MS),
          )
          await pool.profiler?.take(`${workload.letter}-${contender.name}`)
          await crowd.check()
          if (sample && round > 0) keep(workload.letter, contender.name, sample)
          break
        } catch (error) {
          const [why = ''] = (error instanceof Error ? error.message : String(error)).split('\n')
          console.error(`${workload.letter} with ${contender.name}: ${why}`)
          failures.push({ letter: workload.letter, contender: contender.name, why })
          await crowd.close().catch(() => undefined)
        }
      }
    }
    await crowd.close()
  }

  /**
   * @param {Workload} workload
   * @param {number} round
   */
  function isPartOf({ isOnce = false, quickRounds = rounds }, round) {
    if (isOnce) return round === 1
    if (plan.isQuick && quickRounds < rounds) return round >= 1 && round <= quickRounds
    return true
  }

  /**
   * @param {string} letter
   * @param {string} name
   * @param {Sample} sample
   */
  function keep(letter, name, sample) {
    const byName = samples.get(letter) ?? new Map(/** @type {[string, Sample[]][]} */ ([]))
    samples.set(letter, byName)
    byName.set(name, [...(byName.get(name) ?? []), sample])
  }
}

/** @param {string} executablePath @returns {Promise<Browser>} */
function launch(executablePath) {
  return chromium.launch({
    executablePath,
    args: [
      // Chromium's sandbox does not work for root; for everybody else it stays.
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      '--disable-gpu',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
}

/**
 * @template Value
 * @param {Promise<Value>} work
 * @param {number} patienceMs
 * @returns {Promise<Value>}
 */
async function inTime(work, patienceMs) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer
  const timeout = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`nothing came of it in ${patienceMs / 1_000} s`)), patienceMs)
  })
  try {
    return await Promise.race([work, /** @type {Promise<never>} */ (timeout)])
  } finally {
    clearTimeout(timer)
  }
}

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { sum } from './statistics.mjs'

/** @import { CDPSession, Page } from 'playwright' */
/** @import { Profiler } from 'node:inspector' */

const SAMPLING_US = 100
const PROFILED_COUNT = 2
/** Of what a page was busy with. */
const LISTED_COUNT = 12

/**
 * What the main threads of the first two pages do from when they are loaded: written to
 * `<folder>/<name>-<page>.cpuprofile`, which Chromium's developer tools open, and printed in short.
 */
export class PageProfiler {
  /** Those that run, by the page's number. @type {Map<number, CDPSession>} */
  #sessions = new Map()

  /** @param {string} folder */
  constructor(folder) {
    this.folder = folder
    mkdirSync(folder, { recursive: true })
  }

  /**
   * A navigation ended what had begun before.
   *
   * @param {number} index
   * @param {Page} page
   */
  async loaded(index, page) {
    if (index < PROFILED_COUNT) this.#sessions.set(index, await startProfiler(page))
  }

  /** @param {string} name */
  async take(name) {
    for (const [index, session] of this.#sessions) {
      const { profile } = /** @type {{ profile: Profiler.Profile }} */ (await session.send('Profiler.stop'))
      await session.detach()
      writeFileSync(join(this.folder, `${name}-p${index}.cpuprofile`), JSON.stringify(profile))
      console.log(`${name}, p${index}: ${inShort(profile)}`)
    }
    this.#sessions.clear()
  }
}

/** @param {Page} page @returns {Promise<CDPSession>} */
async function startProfiler(page) {
  const session = await page.context().newCDPSession(page)
  await session.send('Profiler.enable')
  await session.send('Profiler.setSamplingInterval', { interval: SAMPLING_US })
  await session.send('Profiler.start')
  return session
}

/**
 * Milliseconds of what the browser does by its own names, and of what scripts do by their files, as the names in these
 * are one letter long.
 *
 * @param {Profiler.Profile} profile
 */
function inShort({ nodes, samples = [], timeDeltas = [] }) {
  const frameById = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]))
  /** @type {Map<string, number>} */
  const times = new Map()
  samples.forEach((id, index) => {
    const { functionName = '', url = '' } = frameById.get(id) ?? {}
    const what = url === '' ? functionName : (url.split('/').at(-1) ?? url)
    times.set(what, (times.get(what) ?? 0) + (timeDeltas[index] ?? 0) / 1_000)
  })
  const longest = [...times].sort(([, a], [, b]) => b - a).slice(0, LISTED_COUNT)
  const parts = longest.map(([what, ms]) => `${what || '(no name)'} ${ms.toFixed(1)}`)
  return `${sum([...times.values()]).toFixed(0)} ms: ${parts.join(', ')}`
}

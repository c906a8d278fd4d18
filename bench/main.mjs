import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { cpus, loadavg, release, totalmem, type } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'

import { ensureDependencies, ensureNode, giveUp, project } from '../scripts/tools.mjs'
import { ensureFreshBuild } from './fresh-build.mjs'

/** @import { ContenderEntry } from './contenders.mjs' */

// npm run bench: the same work for a raw data channel, this library and others, in one run; sets itself up on a fresh
// clone, too. See README.md here.

ensureNode()
ensureDependencies()
ensureFreshBuild()

const { values: options } = parseArgs({
  options: {
    /** A minute: fewer rounds, messages and workloads. */
    quick: { type: 'boolean', default: false },
    /** Letters of workloads, such as `a,c`. Then, as with `contenders`, no results are written. */
    only: { type: 'string' },
    contenders: { type: 'string' },
    rounds: { type: 'string' },
    /** A folder for profiles of the first two pages. */
    profile: { type: 'string' },
  },
})

// Only now, because what they import may have been installed by this very run.
const { NO_BROWSER, provideBrowser } = await import('../scripts/find-browser.mjs')
const { contenders: allContenders } = await import('./contenders.mjs')
const { openSite } = await import('./site.mjs')
const { runRounds } = await import('./rounds.mjs')
const { asMarkdown, makeReport } = await import('./report.mjs')
const { blocks: allBlocks } = await import('./workloads/all.mjs')

const executablePath = provideBrowser() ?? giveUp(NO_BROWSER)

const isQuick = options.quick
const letters = options.only?.split(',')
const wanted = options.contenders?.split(',')
const contenders = allContenders.filter(({ name }) => wanted?.includes(name) ?? true)
const blocks = allBlocks.map((block) =>
  block.filter(({ letter, isFullOnly }) => letters?.includes(letter) ?? !(isQuick && isFullOnly)),
)
const rounds = Number(options.rounds ?? (isQuick ? 2 : 7))
if (contenders.length === 0 || blocks.flat().length === 0 || !(rounds >= 1)) {
  giveUp(`Nothing to do. Contenders are ${allContenders.map(({ name }) => name).join(', ')}.`)
}

const startedAt = Date.now()
const loadBefore = loadavg()[0] ?? 0
const site = await openSite(contenders)
const { samples, failures, browserVersion } = await runRounds(
  {
    blocks,
    contenders,
    rounds,
    isQuick,
    executablePath,
    ...(options.profile !== undefined && { profile: options.profile }),
  },
  site,
)
await site.close()

const report = makeReport(blocks.flat(), contenders, samples, {
  mode: isQuick ? 'quick' : 'full',
  machine: {
    processor: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    'memory GB': Math.round(totalmem() / 2 ** 30),
    system: `${type()} ${release()}`,
    'load before': Number(loadBefore.toFixed(2)),
    seconds: Math.round((Date.now() - startedAt) / 1_000),
    date: new Date().toISOString(),
  },
  versions: {
    ...Object.fromEntries(
      contenders.flatMap(({ packages }) => packages).map((name) => [name, versionOf(name)]),
    ),
    chromium: browserVersion,
    node: process.versions.node,
  },
  rounds,
  failures,
})
const names = contenders.map(({ name }) => name)
const table = asMarkdown(report, names)
console.log(table)
if (!letters && !wanted) {
  const results = join(import.meta.dirname, 'results')
  mkdirSync(results, { recursive: true })
  writeFileSync(join(results, 'latest.json'), `${JSON.stringify(report, null, 2)}\n`)
  writeFileSync(join(results, 'latest.md'), table)
}

const isFatal = (/** @type {ContenderEntry | undefined} */ contender) => contender?.role !== 'peer'
const fatal = failures.filter((failure) => isFatal(contenders.find(({ name }) => name === failure.contender)))
for (const { letter, contender, why } of fatal) console.error(`✗ ${letter} with ${contender}: ${why}`)
process.exitCode = fatal.length > 0 ? 1 : 0

/** @param {string} name */
function versionOf(name) {
  const folder = name === 'rtm-mesh' ? project : join(project, 'node_modules', name)
  const { version } = /** @type {{ version: string }} */ (
    JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  )
  return version
}

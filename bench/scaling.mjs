import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'

import { ensureDependencies, ensureNode } from '../scripts/tools.mjs'
import { COUNTED_SIZES, countsTable, modelTable } from './scaling/tables.mjs'

/** @import { Counts, Overfull } from './scaling/counts.ts' */

// node bench/scaling.mjs [--sizes 2,3,5,10,20,30,50,100,200] [--overfull 204]: what a channel costs its members, counted with real
// engines on links in memory, and by a model from there; as the Markdown of docs/SCALING.md.

ensureNode()
ensureDependencies()

const { values } = parseArgs({
  options: {
    sizes: { type: 'string', default: COUNTED_SIZES.join() },
    // Above the 201 members of which each may be linked to each: how often links are tried.
    overfull: { type: 'string' },
  },
})

const folder = mkdtempSync(join(tmpdir(), 'rtm-mesh-scaling-'))
try {
  const { bundleForNode } = await import('../scripts/bundle-for-node.mjs')
  await bundleForNode('bench/scaling/command.ts', folder, 'scaling.mjs')
  if (values.overfull === undefined) {
    const counts = /** @type {Counts[]} */ (run({ SIZES: `[${values.sizes}]` }))
    const [first] = counts
    if (first) console.log(`${countsTable(counts)}\n\n${modelTable(first)}`)
  } else {
    const [counted] = /** @type {Overfull[]} */ (run({ SIZES: '[]', OVERFULL: `[${values.overfull}]` }))
    if (counted)
      console.log(
        `${counted.members} members: ${counted.mostLinks} links at most, ${counted.linkAttempts} attempts a second`,
      )
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}

/**
 * In a process of its own, as what Yjs listens for there is not to stay. Each line that it prints is one result.
 *
 * @param {Record<string, string>} env
 * @returns {unknown[]}
 */
function run(env) {
  const { status, stdout } = spawnSync(process.execPath, [join(folder, 'scaling.mjs')], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error('Counting failed')
  return stdout
    .trim()
    .split('\n')
    .map((text) => /** @type {unknown} */ (JSON.parse(text)))
}

import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'

import { ensureDependencies, ensureNode } from './tools.mjs'

// npm run fuzz -- [--seeds 200] [--from 1] [--ops 2000] [--tail 60]: the simulation of the whole engine
// (test/simulation/), each seed twice. A seed that fails is made smaller, and shown with the end of its trace.

ensureNode()
ensureDependencies()

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '200' },
    from: { type: 'string', default: '1' },
    ops: { type: 'string', default: '2000' },
    tail: { type: 'string', default: '60' },
  },
})
const [seeds, from, ops, tail] = [values.seeds, values.from, values.ops, values.tail].map(Number)

/** One for each core of a small machine. */
const PROCESSES = 2

const folder = mkdtempSync(join(tmpdir(), 'rtm-mesh-fuzz-'))
const { bundleForNode } = await import('./bundle-for-node.mjs')
await bundleForNode('test/simulation/command.ts', folder, 'fuzz.mjs')

let passed = 0
let failed = 0
await Promise.all(Array.from({ length: PROCESSES }, (_, i) => run(i)))
rmSync(folder, { recursive: true, force: true })
console.log(`${passed} passed, ${failed} failed`)
process.exitCode = failed > 0 ? 1 : 0

/** Every other seed. @param {number} index */
function run(index) {
  const first = (from ?? 1) + index
  const options = { from: first, to: (from ?? 1) + (seeds ?? 0), every: PROCESSES, ops, tail }
  const child = spawn(process.execPath, ['--enable-source-maps', join(folder, 'fuzz.mjs')], {
    env: { ...process.env, FUZZ: JSON.stringify(options) },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (line.startsWith('passed ')) passed += 1
    if (line.startsWith('failed ')) failed += 1
    console.log(line)
  })
  /** @type {Promise<void>} */
  const ended = new Promise((resolve) => {
    child.on('close', (code) => {
      // A process that ends early has told of its last seed nothing.
      if (code !== 0) failed += 1
      resolve()
    })
  })
  return ended
}

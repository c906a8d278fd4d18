import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { build } from 'vite'

import { gaps } from '../test/conformance/table.mjs'
import { isCompiledEarly } from './compile-hint.mjs'
import { readSurface } from './conformance.mjs'
import { writeDeclarations } from './declarations.mjs'
import { browserEntries, commands, nodeEntries } from './entries.mjs'
import { enumValues } from './enum-values.mjs'
import { buildForScriptTag } from './global-build.mjs'
import { writeLicences } from './licences.mjs'
import { shortPrivateNames } from './private-names.mjs'
import { smaller } from './smaller.mjs'
import { overBudget, printScriptSizes, printSizes } from './sizes.mjs'

/** @import { Rolldown } from 'vite' */

// Writes dist/: the files that a page loads, by import or by a script tag, those that Node runs, a declaration file for
// each entry, and the licences of what is inside. Ends with the sizes, and with exit code 1 if one is over its budget
// or a method, event or constant of the API page has no test.

const project = join(import.meta.dirname, '..')
const dist = join(project, 'dist')

rmSync(dist, { recursive: true, force: true })
mkdirSync(dist)

const plugins = [enumValues(), shortPrivateNames(project), smaller(isCompiledEarly)]
const browser = await chunksOf('browser')
const node = await chunksOf('node')
refuseImports('browser', browser, () => false)
const { dependencies } = readManifest()
refuseImports('node', node, (name) => name in dependencies || name.startsWith('node:'))
for (const name of Object.keys(commands)) chmodSync(join(dist, `${name}.js`), 0o755)
refuseLateImports(browser)
const script = await buildForScriptTag(project, plugins)
for (const { fileName, code, map } of script) {
  writeFileSync(join(dist, fileName), `${code}//# sourceMappingURL=${fileName}.map\n`)
  writeFileSync(join(dist, `${fileName}.map`), JSON.stringify(map))
}
writeLicences(
  [...browser, ...node, ...script.flatMap(({ chunks }) => chunks)],
  join(dist, 'THIRD-PARTY-LICENCES.txt'),
)
writeDeclarations(project, { ...browserEntries, ...nodeEntries }, dist)

const isPackage = (/** @type {string} */ name) => /^[@a-z]/i.test(name)
const ownCode = await chunksOf('browser', { write: false, rolldownOptions: { external: isPackage } })
const ownScript = await buildForScriptTag(project, plugins, isPackage)
if (overBudget([...printSizes(browser, ownCode), ...printScriptSizes(script, ownScript)]))
  process.exitCode = 1

// What nothing proves is not shipped as if it were there. That the tests have passed is npm test's to check.
for (const gap of gaps(readSurface())) {
  console.error(gap)
  process.exitCode = 1
}

/**
 * @param {'browser' | 'node'} mode
 * @param {import('vite').BuildOptions} [options]
 * @returns {Promise<Rolldown.OutputChunk[]>}
 */
async function chunksOf(mode, options = {}) {
  const built = await build({
    root: project,
    mode,
    logLevel: 'warn',
    plugins: mode === 'browser' ? plugins : [],
    build: options,
  })
  const outputs = [built].flat().flatMap((result) => ('output' in result ? result.output : []))
  return outputs.filter((file) => file.type === 'chunk')
}

/** @returns {{ dependencies: Record<string, string> }} */
function readManifest() {
  return /** @type {{ dependencies: Record<string, string> }} */ (
    JSON.parse(readFileSync(join(project, 'package.json'), 'utf8'))
  )
}

/**
 * A file that is loaded on demand imports nothing that is not loaded before: if it does not come, it can be asked for
 * again, but what it imports could not (src/base/lazy-file.ts).
 *
 * @param {Rolldown.OutputChunk[]} chunks
 */
function refuseLateImports(chunks) {
  const early = new Set(chunks.filter((chunk) => chunk.isEntry).map((chunk) => chunk.fileName))
  // A set grows while it is walked.
  for (const fileName of early) {
    for (const name of chunks.find((chunk) => chunk.fileName === fileName)?.imports ?? []) early.add(name)
  }
  for (const { fileName, imports } of chunks) {
    const late = imports.filter((name) => !early.has(name))
    if (late.length > 0)
      throw new Error(`dist/${fileName} imports ${late.join(', ')}, which may not have come.`)
  }
}

/**
 * What a file in dist/ imports is in dist/ too, or was promised to be there.
 *
 * @param {string} where
 * @param {Rolldown.OutputChunk[]} chunks
 * @param {(name: string) => boolean} isPromised
 */
function refuseImports(where, chunks, isPromised) {
  const files = new Set(chunks.map((chunk) => chunk.fileName))
  for (const { fileName, imports, dynamicImports } of chunks) {
    const strangers = [...imports, ...dynamicImports].filter((name) => !files.has(name) && !isPromised(name))
    if (strangers.length > 0) throw new Error(`${where}: dist/${fileName} imports ${strangers.join(', ')}.`)
  }
}

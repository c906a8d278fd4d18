import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { ensureDependencies, ensureNode, giveUp, npm, npmCommand, project } from './tools.mjs'

/** @typedef {{ size: number, unpackedSize: number, files: { path: string, size: number }[] }} Packed */
/** @typedef {{ name: string, version: string }} Manifest */

// npm run release: everything but the publishing itself, and that too with --publish (npm run release -- --publish).
// What is published is what is committed on main, has a version with a section in CHANGELOG.md, and has passed.

const wanted = process.argv.slice(2)
const strange = wanted.filter((argument) => argument !== '--publish')
if (strange.length > 0) giveUp(`${strange.join(' ')} is not known here; --publish is.`)

ensureNode()
const { name, version } = readManifest('package.json')
const problems = [...branchProblems(), ...versionProblems()]
if (problems.length > 0) giveUp(`No release of ${name} ${version}:\n- ${problems.join('\n- ')}`)

ensureDependencies()
if (npm(['test', '--silent']) !== 0) giveUp('No release: see above which tests have failed.')
// What the tests have built is what is packed.
const packing = run(...npmCommandWith('pack', '--dry-run', '--json', '--ignore-scripts'))
const [packed] = /** @type {Packed[]} */ (JSON.parse(packing))
if (!packed) giveUp('No release: npm pack has packed nothing.')
console.log(
  `\n${name} ${version}: ${packed.files.length} files, ${inKb(packed.size)} packed, ${inKb(packed.unpackedSize)} unpacked`,
)
for (const { path, size } of packed.files) console.log(`  ${inKb(size).padStart(10)}  ${path}`)
if (statusOfFiles() !== '') giveUp('No release: building has changed files that are committed (git status).')

if (!wanted.includes('--publish')) {
  console.log('\nNothing was published: npm run release -- --publish does that.')
} else if (npm(['publish']) !== 0) {
  giveUp('It was not published: see above. Provenance needs a build service that npm knows (publishConfig).')
}

/** What is not committed on main is not released. */
function branchProblems() {
  const branch = run('git', ['rev-parse', '--abbrev-ref', 'HEAD']).trim()
  return [
    ...(branch === 'main' ? [] : [`the branch is ${branch}, not main`]),
    ...(statusOfFiles() === '' ? [] : ['there are changes that are not committed (git status)']),
  ]
}

/** A version is released once, and says what is new in it. */
function versionProblems() {
  const [, latest] = /^## (\S+)/m.exec(readFileSync(join(project, 'CHANGELOG.md'), 'utf8')) ?? []
  const { version: lock } = readManifest('package-lock.json')
  const isTagged = run('git', ['tag', '--list', `v${version}`]).trim() !== ''
  return [
    ...(latest === version ? [] : [`the first section of CHANGELOG.md is ${latest}, not ${version}`]),
    ...(lock === version ? [] : [`package-lock.json says ${lock}`]),
    ...(isTagged ? [`the tag v${version} is there already`] : []),
  ]
}

function statusOfFiles() {
  return run('git', ['status', '--porcelain']).trim()
}

/** @param {string} file @returns {Manifest} */
function readManifest(file) {
  return /** @type {Manifest} */ (JSON.parse(readFileSync(join(project, file), 'utf8')))
}

/** @param {string[]} args @returns {[file: string, args: string[]]} */
function npmCommandWith(...args) {
  const [file, first] = npmCommand()
  return [file, [...first, ...args]]
}

/** What it prints. @param {string} file @param {string[]} args */
function run(file, args) {
  return execFileSync(file, args, { cwd: project, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] })
}

/** @param {number} bytes */
function inKb(bytes) {
  return `${(bytes / 1024).toFixed(1)} KB`
}

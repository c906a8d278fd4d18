import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { scriptTagLine } from './script-tag-line.mjs'
import { ensureDependencies, ensureNode, giveUp, npm, npmCommand, project } from './tools.mjs'

/** @typedef {{ size: number, unpackedSize: number, files: { path: string, size: number }[] }} Packed */
/** @typedef {{ name: string, version: string }} Manifest */

// npm run release -- --publish: what is committed on main, is not behind origin, has a version with a section in
// CHANGELOG.md, and has passed, gets a tag, is published and pushed. Without --publish, or with --dry-run, the same is
// done but for the last two, which npm and git only try.

const wanted = process.argv.slice(2)
const strange = wanted.filter((argument) => argument !== '--publish' && argument !== '--dry-run')
if (strange.length > 0) giveUp(`${strange.join(' ')} is not known here; --publish and --dry-run are.`)
if (wanted.length > 1) giveUp('Either --publish or --dry-run.')
const isDry = !wanted.includes('--publish')

ensureNode()
const { name, version } = readManifest('package.json')
const tag = `v${version}`
// First, as it brings the tags of others.
const problems = [...originProblems(), ...branchProblems(), ...versionProblems()]
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
const oneFile = readFileSync(join(project, 'dist/agora-rtm.full.js'))
console.log(`\nFor pages:\n${scriptTagLine({ name, version }, oneFile)}`)
if (statusOfFiles() !== '') giveUp('No release: building has changed files that are committed (git status).')

const trial = isDry ? ['--dry-run'] : []
if (!isDone('git', ['tag', '--annotate', '--message', `${name} ${version}`, tag]))
  giveUp(`No release: git has made no tag ${tag}.`)
// Without scripts: what was tested is published, not what would be built once more.
const isPublished = npm(['publish', '--ignore-scripts', ...provenance(), ...trial]) === 0
const isPushed = isPublished && isDone('git', ['push', '--atomic', ...trial, 'origin', 'main', tag])
if (isDry || !isPublished) run('git', ['tag', '--delete', tag])
if (!isPublished) giveUp('It was not published: see above.')
if (!isPushed)
  giveUp(
    isDry
      ? 'It could not be pushed: see above.'
      : `${version} is published, but not pushed: git push --atomic origin main ${tag}`,
  )
console.log(
  isDry
    ? '\nNothing was published or pushed: npm run release -- --publish does that.'
    : `\n${name} ${version} is published, and pushed as ${tag}.`,
)

/**
 * A build service that npm knows vouches for where the package comes from. It needs the repository in package.json; from a
 * desk nobody can vouch.
 */
function provenance() {
  const { ACTIONS_ID_TOKEN_REQUEST_URL, SIGSTORE_ID_TOKEN } = process.env
  return (ACTIONS_ID_TOKEN_REQUEST_URL ?? SIGSTORE_ID_TOKEN) ? ['--provenance'] : []
}

/** What others have pushed belongs into the release, or is looked at first. */
function originProblems() {
  if (!isDone('git', ['fetch', '--quiet', '--tags', 'origin', 'main'])) {
    return ['origin cannot be asked what its main is']
  }
  const missing = Number(run('git', ['rev-list', '--count', 'HEAD..FETCH_HEAD']))
  return missing > 0 ? ['origin has commits that are not here (git pull)'] : []
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
  const isTagged = run('git', ['tag', '--list', tag]).trim() !== ''
  return [
    ...(latest === version ? [] : [`the first section of CHANGELOG.md is ${latest}, not ${version}`]),
    ...(lock === version ? [] : [`package-lock.json says ${lock}`]),
    ...(isTagged ? [`the tag ${tag} is there already`] : []),
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

/** Whether it succeeds; it says itself why not. @param {string} file @param {string[]} args */
function isDone(file, args) {
  return spawnSync(file, args, { cwd: project, stdio: 'inherit' }).status === 0
}

/** @param {number} bytes */
function inKb(bytes) {
  return `${(bytes / 1024).toFixed(1)} KB`
}

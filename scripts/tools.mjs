import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

// Runs before anything is installed, and on a Node that may be too old: only what Node has had for long, here and
// in the files that npm start and npm test begin with.

export const project = fileURLToPath(new URL('..', import.meta.url))

const OLDEST_NODE = [20, 19]

/** Ends the process with one sentence. @param {string} sentence @returns {never} */
export function giveUp(sentence) {
  console.error(sentence)
  process.exit(1)
}

export function ensureNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  const [oldestMajor = 0, oldestMinor = 0] = OLDEST_NODE
  if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)) return
  giveUp(`rtm-mesh needs Node ${OLDEST_NODE.join('.')} or newer, and this is Node ${process.versions.node}.`)
}

/** Installs the dependencies unless exactly those of package-lock.json are there. */
export function ensureDependencies() {
  if (areInstalled()) return
  console.log('Installing the dependencies (npm ci) …')
  // Dev dependencies also where NODE_ENV says production.
  if (npm(['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel', 'warn']) !== 0) {
    giveUp('The dependencies could not be installed: see above what npm ci says.')
  }
}

/** @param {string[]} args @returns the exit code */
export function npm(args) {
  const [file, first] = npmCommand()
  return spawnSync(file, [...first, ...args], { cwd: project, stdio: 'inherit' }).status ?? 1
}

/**
 * How npm is started: by its own file with Node, which works on Windows too, where `npm` is a script for a shell. npm
 * says where that file is when it started us; it lies beside Node otherwise.
 *
 * @returns {[file: string, firstArguments: string[]]}
 */
export function npmCommand() {
  const besideNode = join(dirname(process.execPath), 'node_modules/npm/bin/npm-cli.js')
  const { npm_execpath: npmFile = besideNode } = process.env
  return npmFile.endsWith('npm-cli.js') && existsSync(npmFile) ? [process.execPath, [npmFile]] : ['npm', []]
}

/** Says that dist/ is of this run's making. */
export const BUILT_VARIABLE = 'RTM_MESH_BUILT'

/** For tests of dist/ that are run by themselves: npm test has built by then. */
export function ensureBuilt() {
  if (process.env[BUILT_VARIABLE]) return
  if (npm(['run', 'build', '--silent']) !== 0) throw new Error('The package could not be built.')
  process.env[BUILT_VARIABLE] = 'yes'
}

/**
 * Runs the command line of an installed package.
 *
 * @param {string} name of the package
 * @param {string[]} args
 * @param {{ command?: string, env?: Record<string, string>, timeoutMs?: number }} [options]
 * @returns the exit code; 1 if a signal or the timeout ended it
 */
export function runTool(name, args, { command = name, env = {}, timeoutMs } = {}) {
  const folder = join(project, 'node_modules', name)
  const { bin } = readJson(join(folder, 'package.json'))
  const file = join(folder, typeof bin === 'string' ? bin : (bin?.[command] ?? ''))
  const run = spawnSync(process.execPath, [file, ...args], {
    cwd: project,
    stdio: 'inherit',
    env: { ...process.env, ...env },
    ...(timeoutMs !== undefined && { timeout: timeoutMs }),
  })
  if (run.error) console.error(`${name}: ${run.error.message}`)
  return run.status ?? 1
}

/**
 * Compares what npm wrote down about node_modules with package-lock.json. Dates would not do: a checkout gives
 * files new ones.
 */
function areInstalled() {
  const installed = join(project, 'node_modules/.package-lock.json')
  if (!existsSync(installed)) return false
  const { packages: present = {} } = readJson(installed)
  const { packages: wanted = {} } = readJson(join(project, 'package-lock.json'))
  return Object.entries(wanted).every(([folder, { version, optional, peer }]) => {
    if (folder === '') return true
    const found = present[folder]
    // Other platforms' binaries are in the lock file and nowhere else.
    return found ? found.version === version : (optional ?? peer ?? false)
  })
}

/** @typedef {{ version?: string, optional?: boolean, peer?: boolean }} LockedPackage */
/**
 * @param {string} file
 * @returns {{ bin?: string | Record<string, string>, packages?: Record<string, LockedPackage> }}
 */
function readJson(file) {
  return /** @type {ReturnType<typeof readJson>} */ (JSON.parse(readFileSync(file, 'utf8')))
}

import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

// Runs before anything is installed: only what comes with Node may be imported here.

export const project = join(import.meta.dirname, '..')

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
  if (npm(['ci', '--no-audit', '--no-fund', '--loglevel', 'warn']) !== 0) {
    giveUp('The dependencies could not be installed: see above what npm ci says.')
  }
}

/** @param {string[]} args @returns the exit code */
export function npm(args) {
  // Windows starts npm through a shell only; npm's own file, known when npm started us, does without.
  const { npm_execpath: npmFile } = process.env
  const command = npmFile?.endsWith('.js') ? [process.execPath, npmFile] : ['npm']
  const [file = '', ...first] = command
  const options = { cwd: project, shell: file === 'npm' && process.platform === 'win32' }
  return spawnSync(file, [...first, ...args], { ...options, stdio: 'inherit' }).status ?? 1
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

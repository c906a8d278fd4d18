import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** A browser with all that it needs is 100 MB; without a network, or while another holds the lock, apt-get may wait for ever. */
const APT_TIMEOUT_MS = 300_000

/** Where programs of these names would lie on this machine's search path. @param {string[]} names */
export function onPath(names) {
  return (process.env['PATH'] ?? '')
    .split(delimiter)
    .flatMap((folder) => names.map((name) => join(folder, name)))
}

/** Whether this file is a program and not, say, a placeholder that tells how to install one. @param {string} file */
export function runs(file) {
  if (!existsSync(file)) return false
  // On Windows --version opens a window; there are no placeholders there.
  if (process.platform === 'win32') return true
  return spawnSync(file, ['--version'], { stdio: 'ignore', timeout: 30_000 }).status === 0
}

/**
 * The program file that the environment names, if it names one.
 *
 * @param {string} variable
 * @returns {string | undefined}
 */
export function namedBy(variable) {
  const named = process.env[variable]
  if (named && !runs(named)) throw new Error(`${variable} names ${named}, which does not run.`)
  return named || undefined
}

/**
 * Installs a package of Debian and its kin, where that can be done without asking anybody.
 *
 * @param {string} name of the package
 * @returns {boolean} whether it is there now
 */
export function installWithApt(name) {
  if (process.platform !== 'linux' || !isThere('apt-get')) return false
  const isRoot = process.getuid?.() === 0
  if (!isRoot && !isThere('sudo')) return false
  console.log(`Installing it (apt-get install ${name}) …`)
  const apt = (/** @type {string[]} */ ...args) => {
    // -n: better no browser than a question that nobody sees.
    const [file, first] = isRoot ? ['apt-get', []] : ['sudo', ['-n', 'apt-get']]
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
    const options = /** @type {const} */ ({ stdio: 'inherit', env, timeout: APT_TIMEOUT_MS })
    return spawnSync(file, [...first, ...args], options).status === 0
  }
  return apt('update') && apt('install', '-y', name)
}

/** @param {string} command */
function isThere(command) {
  return spawnSync(command, ['--version'], { stdio: 'ignore' }).status === 0
}

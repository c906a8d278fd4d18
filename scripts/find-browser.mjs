import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

import { chromium } from 'playwright'

import { runTool } from './tools.mjs'

/** Names a browser to use; nothing else is looked for then. */
export const BROWSER_VARIABLE = 'RTM_MESH_CHROMIUM'

const NAMES_ON_PATH = [
  'chromium',
  'chromium-browser',
  'google-chrome',
  'google-chrome-stable',
  'chrome',
  'microsoft-edge',
]

const {
  LOCALAPPDATA = '',
  PROGRAMFILES = '',
  'PROGRAMFILES(X86)': PROGRAMFILES_X86 = '',
  HOME = '',
} = process.env

const USUAL_PLACES = {
  darwin: ['', HOME].flatMap((home) => [
    `${home}/Applications/Google Chrome.app/Contents/MacOS/Google Chrome`,
    `${home}/Applications/Chromium.app/Contents/MacOS/Chromium`,
    `${home}/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge`,
  ]),
  win32: [PROGRAMFILES, PROGRAMFILES_X86, LOCALAPPDATA].flatMap((folder) => [
    join(folder, 'Google/Chrome/Application/chrome.exe'),
    join(folder, 'Chromium/Application/chrome.exe'),
    join(folder, 'Microsoft/Edge/Application/msedge.exe'),
  ]),
  linux: ['/opt/google/chrome/chrome', '/usr/lib/chromium/chromium', '/snap/bin/chromium'],
}

/**
 * The program file of a Chromium or Chrome that is on this machine and runs. The environment's wins, then what is
 * installed, then what Playwright downloaded earlier.
 *
 * @returns {string | undefined}
 */
export function findBrowser() {
  const named = process.env[BROWSER_VARIABLE]
  if (named) {
    if (!runs(named)) throw new Error(`${BROWSER_VARIABLE} names ${named}, which does not run.`)
    return named
  }
  const onPath = (process.env['PATH'] ?? '')
    .split(delimiter)
    .flatMap((folder) => NAMES_ON_PATH.map((name) => join(folder, name)))
  const usual = USUAL_PLACES[/** @type {keyof typeof USUAL_PLACES} */ (process.platform)] ?? []
  return [...onPath, ...usual, chromium.executablePath()].find(runs)
}

/** Finds a browser or installs one. @returns {string | undefined} undefined if there is no way */
export function provideBrowser() {
  return findBrowser() ?? (downloadWithPlaywright() ? findBrowser() : undefined) ?? installWithApt()
}

/** What a person can do where we could do nothing. */
export const NO_BROWSER =
  'The browser tests need Chromium or Chrome: install one, ' +
  `or set ${BROWSER_VARIABLE} to the program file of the one you have, and run npm test again.`

function downloadWithPlaywright() {
  console.log('No Chromium or Chrome found: downloading one (playwright install chromium) …')
  return runTool('playwright', ['install', 'chromium'], { timeoutMs: 180_000 }) === 0
}

function installWithApt() {
  if (process.platform !== 'linux' || !isThere('apt-get')) return undefined
  const isRoot = process.getuid?.() === 0
  if (!isRoot && !isThere('sudo')) return undefined
  console.log('No download either: installing one (apt-get install chromium) …')
  const apt = (/** @type {string[]} */ ...args) => {
    // -n: better no browser than a question that nobody sees.
    const [file, first] = isRoot ? ['apt-get', []] : ['sudo', ['-n', 'apt-get']]
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
    return spawnSync(file, [...first, ...args], { stdio: 'inherit', env }).status === 0
  }
  return apt('update') && apt('install', '-y', 'chromium') ? findBrowser() : undefined
}

/** @param {string} command */
function isThere(command) {
  return spawnSync(command, ['--version'], { stdio: 'ignore' }).status === 0
}

/** Whether this file is a browser and not, say, a placeholder that tells how to install one. @param {string} file */
function runs(file) {
  if (!existsSync(file)) return false
  // On Windows --version opens a window; there are no placeholders there.
  if (process.platform === 'win32') return true
  return spawnSync(file, ['--version'], { stdio: 'ignore', timeout: 30_000 }).status === 0
}

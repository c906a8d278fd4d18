import { join } from 'node:path'

import { chromium } from 'playwright'

import { installWithApt, namedBy, onPath, runs } from './programs.mjs'
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
  const usual = USUAL_PLACES[/** @type {keyof typeof USUAL_PLACES} */ (process.platform)] ?? []
  return (
    namedBy(BROWSER_VARIABLE) ?? [...onPath(NAMES_ON_PATH), ...usual, chromium.executablePath()].find(runs)
  )
}

/** Finds a browser or installs one. @returns {string | undefined} undefined if there is no way */
export function provideBrowser() {
  const found = findBrowser() ?? (downloadWithPlaywright() ? findBrowser() : undefined)
  if (found) return found
  console.log('No download either.')
  return installWithApt('chromium') ? findBrowser() : undefined
}

/** What a person can do where we could do nothing. */
export const NO_BROWSER =
  'The browser tests need Chromium or Chrome: install one, ' +
  `or set ${BROWSER_VARIABLE} to the program file of the one you have, and run npm test again.`

function downloadWithPlaywright() {
  console.log('No Chromium or Chrome found: downloading one (playwright install chromium) …')
  return runTool('playwright', ['install', 'chromium'], { timeoutMs: 180_000 }) === 0
}

import { join } from 'node:path'

import { installWithApt, namedBy, onPath, runs } from './programs.mjs'

/** Names a Firefox to use; nothing else is looked for then. */
export const FIREFOX_VARIABLE = 'RTM_MESH_FIREFOX'

// The one with long support first: its version is the oldest that people have.
const NAMES_ON_PATH = ['firefox-esr', 'firefox']

const { HOME = '', PROGRAMFILES = '', 'PROGRAMFILES(X86)': PROGRAMFILES_X86 = '' } = process.env

const USUAL_PLACES = {
  darwin: ['', HOME].map((home) => `${home}/Applications/Firefox.app/Contents/MacOS/firefox`),
  win32: [PROGRAMFILES, PROGRAMFILES_X86].map((folder) => join(folder, 'Mozilla Firefox/firefox.exe')),
}

/**
 * The program file of a Firefox that is on this machine and runs, as its makers built it. Playwright has one of its
 * own, which is another browser than people's.
 *
 * @returns {string | undefined}
 */
export function findFirefox() {
  const usual = USUAL_PLACES[/** @type {keyof typeof USUAL_PLACES} */ (process.platform)] ?? []
  return namedBy(FIREFOX_VARIABLE) ?? [...onPath(NAMES_ON_PATH), ...usual].find(runs)
}

/** Finds a Firefox or installs one. @returns {string | undefined} undefined if there is no way */
export function provideFirefox() {
  const found = findFirefox()
  if (found) return found
  console.log('No Firefox found.')
  return installWithApt('firefox-esr') ? findFirefox() : undefined
}

/** Why the tests in Firefox were left out, and what a person can do. */
export const NO_FIREFOX =
  'Left out: the tests in Firefox (test/browser/firefox*.spec.ts), as there is none on this machine. Install Firefox ESR, ' +
  `or set ${FIREFOX_VARIABLE} to the program file of the Firefox you have, to have them run.`

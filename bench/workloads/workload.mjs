/** @import { ContenderEntry } from '../contenders.mjs' */
/** @import { Crowd } from '../crowd.mjs' */
/** @import { RunningServer } from '../servers/start-server.mjs' */
/** @import { Browser } from 'playwright' */

/**
 * What is done once with each library in each round.
 *
 * @typedef {object} Workload
 * @property {string} letter
 * @property {string} title
 * @property {string} unit of `value`
 * @property {'less' | 'more'} better
 * @property {Readonly<Record<string, string>>} [further] what the other figures are, in the order of the table
 * @property {boolean} [isOnce] it is measured in one round only, as nothing in it depends on luck or it takes too long
 * @property {number} [quickRounds] rounds of the short mode that it is part of, where these are not all; no warm-up then
 * @property {boolean} [isOfFiles] nothing is run for it
 * @property {boolean} [isFullOnly] it is left out of the short mode
 * @property {number} [patienceMs] what it may take, where that is more than others do
 * @property {(turn: Turn) => Promise<Sample | undefined>} measure nothing where the library does not have it
 */

/**
 * @typedef {object} Turn
 * @property {ContenderEntry} contender
 * @property {RunningServer} server
 * @property {Crowd} crowd
 * @property {string} pageUrl of this library's page
 * @property {() => Promise<Browser>} newBrowser one with nothing in it; it is closed by who asks for it
 * @property {boolean} isQuick
 */

/** The figure that is compared, and others by name. @typedef {{ value: number } & Record<string, number>} Sample */

/** What each message of most workloads has, head included. */
export const SMALL_BYTES = 100

/**
 * The two pages of a pair.
 *
 * @template Page
 * @param {readonly Page[]} pages
 * @returns {[Page, Page]}
 */
export function pairOf(pages) {
  const [first, second] = pages
  if (!first || !second) throw new Error('There are no two pages')
  return [first, second]
}

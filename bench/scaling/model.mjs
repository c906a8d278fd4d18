/** @import { Counts } from './counts.ts' */

// From counts to what they cost beyond what was counted. Each number is counted, measured, or computed, and says so.

/** Links that a channel keeps open for a member (src/rtm/held-links.ts). */
export const HELD_LINKS = 24
/** Links of a page (src/mesh/link-places.ts). */
export const MAX_LINKS = 200

/** A packet's heads, computed: IPv4 20, UDP 8, DTLS 1.2 with AES-GCM 37, SCTP 12 and its DATA or SACK chunk 16. */
const HEAD_BYTES = 93
/** Of a page with 50 links in Chromium, measured by (i) of the benchmark. */
const LINK_MB = 0.27
/** Three signals a pair, measured by (e) of the benchmark, where all come at once. */
const SIGNALS_PER_PAIR = 3

export const RATES = [1, 10, 50]

/**
 * @typedef {object} Cost
 * @property {number} members
 * @property {number} heldLinks of all, while nobody writes
 * @property {number} links of somebody who writes
 * @property {number} memoryMb of a page with these, beside the page itself
 * @property {number} [signals] until everybody is linked to everybody; undefined where that cannot be
 * @property {number[]} packets a second that one publisher sends, at each of the rates
 * @property {number[]} uploadKbit a second of it, heads included
 */

/**
 * What so many members cost, by laws that the counts follow.
 *
 * @param {number} members
 * @param {Pick<Counts, 'message'>} counted
 * @returns {Cost}
 */
export function costOf(members, counted) {
  const others = members - 1
  const links = Math.min(others, MAX_LINKS)
  const bytes = counted.message.bytes / counted.message.packets + HEAD_BYTES
  return {
    members,
    heldLinks: heldLinksOf(members),
    ...(others <= MAX_LINKS && { signals: SIGNALS_PER_PAIR * pairsOf(members) }),
    links,
    memoryMb: links * LINK_MB,
    packets: RATES.map((rate) => rate * others),
    uploadKbit: RATES.map((rate) => (rate * others * bytes * 8) / 1_000),
  }
}

/** All pairs of the first 25; each further member is linked to 24 of those who are there. @param {number} members */
export function heldLinksOf(members) {
  const early = Math.min(members, HELD_LINKS + 1)
  return pairsOf(early) + (members - early) * HELD_LINKS
}

/** @param {number} members */
function pairsOf(members) {
  return (members * (members - 1)) / 2
}

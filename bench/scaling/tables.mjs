import { costOf, RATES } from './model.mjs'

/** @import { Counts } from './counts.ts' */

/** The sizes that are counted, and those that the model is asked for. */
export const COUNTED_SIZES = [2, 3, 5, 10, 20, 30, 50, 100, 200]
const MODELLED_SIZES = [10, 25, 30, 50, 100, 200, 300]

const headings = [
  'members',
  'links of a member',
  'of all',
  'one more joins: told of it, new links',
  'idle: beats/s of all',
  'second channel: new links, beats/s of all',
  'a message: packets, bytes of its publisher',
  'acknowledgements',
  'links opened for it',
  'an attribute: document messages, other packets',
]

/** @param {readonly Counts[]} all */
export function countsTable(all) {
  return table(headings, all.map(countsRow))
}

/**
 * One line of the table, as it stands in docs/SCALING.md. It is the same each time: bytes of documents are not in it, as
 * Yjs numbers its replicas at random, and greater numbers are longer.
 *
 * @param {Counts} counts
 * @returns {string[]}
 */
export function countsRow(counts) {
  const { members, links, linksOfAll, join, idle, second, message, write } = counts
  const [fewest, most] = links
  return [
    shown(members),
    fewest === most ? shown(most) : `${shown(fewest)} to ${shown(most)}`,
    shown(linksOfAll),
    `${shown(join.joined)}, ${shown(join.newLinks)}`,
    shown(idle.beats),
    `${shown(second.newLinks)}, ${shown(second.idle.beats)}`,
    `${shown(message.packets)}, ${shown(message.bytes)}`,
    shown(message.acknowledgements),
    shown(message.newLinks),
    write ? `${shown(write.documentMessages)}, ${shown(write.packets)}` : '–',
  ]
}

/** @param {Counts} counted what the model takes a message's size from */
export function modelTable(counted) {
  const heads = [
    'members',
    'links of all, idle',
    'of a page that writes',
    'MB for these',
    'signals until all are linked',
  ]
  const rates = RATES.map((rate) => `${rate}/s: packets/s, Mbit/s`)
  const rows = MODELLED_SIZES.map((members) => {
    const { heldLinks, links, memoryMb, signals, packets, uploadKbit } = costOf(members, counted)
    const uploads = RATES.map((_, i) => `${shown(packets[i])}, ${((uploadKbit[i] ?? 0) / 1_000).toFixed(2)}`)
    return [members, heldLinks, links, Math.round(memoryMb), signals].map(shown).concat(uploads)
  })
  return table([...heads, ...rates], rows)
}

/** @param {readonly string[]} cells */
export function line(cells) {
  return `| ${cells.join(' | ')} |`
}

/** @param {readonly string[]} heads @param {readonly (readonly string[])[]} rows */
function table(heads, rows) {
  return [line(heads), line(heads.map(() => '---:')), ...rows.map(line)].join('\n')
}

/** @param {number | undefined} number */
function shown(number) {
  return number === undefined ? '–' : number.toLocaleString('en-US', { maximumFractionDigits: 1 })
}

import { median } from './statistics.mjs'

/** @import { ContenderEntry } from './contenders.mjs' */
/** @import { Failure } from './rounds.mjs' */
/** @import { Sample, Workload } from './workloads/workload.mjs' */

/**
 * One library in one workload: medians over all rounds. `spread` is the difference of the greatest and the least value;
 * ratios are of medians. Further figures stand beside these under their own names, as medians.
 *
 * @typedef {{ median: number, spread: number, toRaw?: number, toBestPeer?: number } & Record<string, number>} Cell
 */
/**
 * @typedef {object} Report
 * @property {string} mode
 * @property {Record<string, string | number>} machine
 * @property {Record<string, string>} versions
 * @property {number} rounds
 * @property {readonly Failure[]} failures what went wrong, and was tried once more where it was another library's
 * @property {Record<string, Record<string, Cell>>} workloads by letter, then by library
 * @property {Record<string, { title: string, unit: string, better: 'less' | 'more', further: Readonly<Record<string, string>> }>} about by letter
 */

/**
 * @param {readonly Workload[]} workloads
 * @param {readonly Pick<ContenderEntry, 'name' | 'role'>[]} contenders
 * @param {ReadonlyMap<string, ReadonlyMap<string, readonly Sample[]>>} samples by letter, then by library
 * @param {Pick<Report, 'mode' | 'machine' | 'versions' | 'rounds' | 'failures'>} circumstances
 * @returns {Report}
 */
export function makeReport(workloads, contenders, samples, circumstances) {
  const measured = workloads.filter(({ letter }) => samples.has(letter))
  return {
    ...circumstances,
    workloads: Object.fromEntries(
      measured.map(({ letter, better }) => [
        letter,
        rowOf(samples.get(letter) ?? new Map(), contenders, better),
      ]),
    ),
    about: Object.fromEntries(
      measured.map(({ letter, title, unit, better, further = {} }) => [
        letter,
        { title, unit, better, further },
      ]),
    ),
  }
}

/**
 * @param {ReadonlyMap<string, readonly Sample[]>} samples
 * @param {readonly Pick<ContenderEntry, 'name' | 'role'>[]} contenders
 * @param {'less' | 'more'} better
 */
function rowOf(samples, contenders, better) {
  /** @type {Record<string, Cell>} */
  const row = {}
  for (const { name } of contenders) {
    const cell = cellOf(samples.get(name) ?? [])
    if (cell) row[name] = cell
  }
  const valuesOf = (/** @type {ContenderEntry['role']} */ role) =>
    contenders.flatMap((contender) => (contender.role === role ? (row[contender.name]?.median ?? []) : []))
  const [raw] = valuesOf('limit')
  const peers = valuesOf('peer')
  const best = better === 'less' ? Math.min(...peers) : Math.max(...peers)
  for (const cell of Object.values(row)) {
    if (raw !== undefined) cell['toRaw'] = rounded(cell.median / raw)
    if (peers.length > 0) cell['toBestPeer'] = rounded(cell.median / best)
  }
  return row
}

/** @param {readonly Sample[]} samples @returns {Cell | undefined} */
function cellOf(samples) {
  const values = samples.map(({ value }) => value)
  const [first] = samples
  if (!first) return undefined
  const further = Object.keys(first).filter((name) => name !== 'value')
  return {
    median: rounded(median(values)),
    spread: rounded(Math.max(...values) - Math.min(...values)),
    ...Object.fromEntries(
      further.map((name) => [name, rounded(median(samples.flatMap((sample) => sample[name] ?? [])))]),
    ),
  }
}

/** Four digits say more than is measured. @param {number} value */
function rounded(value) {
  return Number(value.toPrecision(4))
}

/**
 * The report as Markdown: a line for each figure, a column for each library. A cell is the median, the spread, and in
 * brackets the ratios to raw and to the best peer.
 *
 * @param {Report} report
 * @param {readonly string[]} names of the libraries, in order
 */
export function asMarkdown({ mode, machine, versions, rounds, failures, workloads, about }, names) {
  const lines = [
    `| | ${names.join(' | ')} |`,
    `| --- |${names.map(() => ' ---: |').join('')}`,
    ...Object.entries(workloads).flatMap(([letter, row]) => {
      const { title, unit, further } = about[letter] ?? { title: '', unit: '', further: {} }
      return [
        `| **${letter}** ${title}, ${unit} | ${names.map((name) => mainCell(row[name])).join(' | ')} |`,
        ...Object.entries(further).map(
          ([key, what]) =>
            `| ${letter}: ${what} | ${names.map((name) => text(row[name]?.[key])).join(' | ')} |`,
        ),
      ]
    }),
  ]
  const facts = [...Object.entries(machine), ...Object.entries(versions)].map(([what, is]) => `${what} ${is}`)
  lines.push(
    '',
    ...failures.map(({ letter, contender, why }) => `Failed: ${letter} with ${contender}: ${why}`),
  )
  return `${lines.join('\n')}\n${mode}, ${rounds} rounds; ${facts.join('; ')}\n`
}

/** @param {Cell | undefined} cell */
function mainCell(cell) {
  if (!cell) return ''
  const ratios = [cell['toRaw'], cell['toBestPeer']].map((ratio) => (ratio === undefined ? '–' : text(ratio)))
  return `${text(cell.median)} ± ${text(cell.spread)} (${ratios.join(', ')})`
}

/** Three digits are more than is certain. @param {number | undefined} value */
function text(value) {
  if (value === undefined) return ''
  return value >= 1_000 ? String(Math.round(value)) : String(Number(value.toPrecision(3)))
}

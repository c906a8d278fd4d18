import { readFileSync } from 'node:fs'
import { join, relative } from 'node:path'

import { gaps, rows } from '../test/conformance/table.mjs'
import { readReport } from './test-reports.mjs'
import { project } from './tools.mjs'

/** @import { Row, Surface } from '../test/conformance/table.mjs' */
/** @import { Count } from './test-reports.mjs' */

/** What became of each test, by file in test/ and title: `file › describe › test`. @typedef {Map<string, string>} Outcomes */

/** @typedef {{ name: string, assertionResults: { ancestorTitles: string[], title: string, status: string }[] }} VitestFile */
/** @typedef {{ title: string, tests: { status: string, expectedStatus: string }[] }} PlaywrightSpec */
/** @typedef {{ file: string, title: string, specs?: PlaywrightSpec[], suites?: PlaywrightSuite[] }} PlaywrightSuite */

/** @returns {Surface} */
export function readSurface() {
  return /** @type {Surface} */ (
    JSON.parse(readFileSync(join(project, 'test/kit/fixtures/surface.json'), 'utf8'))
  )
}

/**
 * Whether every method, event and constant of the API page has a test, and all of its tests have passed in this run.
 *
 * @param {string} vitestFile @param {string} playwrightFile the runners' reports
 * @returns {Count}
 */
export function checkConformance(vitestFile, playwrightFile) {
  const vitest = /** @type {{ testResults: VitestFile[] } | undefined} */ (readReport(vitestFile))
  const playwright = /** @type {{ suites: PlaywrightSuite[] } | undefined} */ (readReport(playwrightFile))
  const outcomes = new Map([
    ...vitestOutcomes(vitest?.testResults ?? []),
    ...playwrightOutcomes(playwright?.suites ?? []),
  ])
  const table = rows()
  const problems = [...gaps(readSurface(), table), ...unproved(table, outcomes)]
  for (const problem of problems) console.error(problem)
  if (problems.length > 0) return { passed: 0, failed: 1, skipped: 0 }
  const count = (/** @type {Row['kind']} */ kind) => table.filter((row) => row.kind === kind).length
  const neverGiven = table.filter(({ never }) => never !== undefined).length
  console.log(
    `conformance: ${count('method')} methods, ${count('event')} events, ${count('constant')} constants, each with a test that passed in a browser (but for ${neverGiven} constants that are never given)`,
  )
  return { passed: 1, failed: 0, skipped: 0 }
}

/** What is named as a proof and did not pass. @param {readonly Row[]} table @param {Outcomes} outcomes */
export function unproved(table, outcomes) {
  return table.flatMap(({ kind, name, tests }) =>
    tests
      .filter((test) => outcomes.get(test) !== 'passed')
      .map((test) => `${kind} ${name}: “${test}” ${outcomes.get(test) ?? 'was not run'}`),
  )
}

/** @param {readonly VitestFile[]} files @param {string} [root] @returns {Outcomes} */
export function vitestOutcomes(files, root = project) {
  const all = files.flatMap(({ name, assertionResults }) =>
    assertionResults.map(({ ancestorTitles, title, status }) => ({
      test: titled(relative(join(root, 'test'), name), [...ancestorTitles, title]),
      outcome: status,
    })),
  )
  return together(all)
}

/** @param {readonly PlaywrightSuite[]} files @returns {Outcomes} */
export function playwrightOutcomes(files) {
  const all = files.flatMap((file) =>
    specsOf(file, []).map(({ path, spec }) => ({
      test: titled(`browser/${file.file}`, [...path, spec.title]),
      outcome: outcomeOf(spec),
    })),
  )
  return together(all)
}

/** One that is expected to fail, and does, is as expected and proves nothing. @param {PlaywrightSpec} spec */
function outcomeOf({ tests }) {
  const other = tests.find(
    ({ status, expectedStatus }) => status !== 'expected' || expectedStatus !== 'passed',
  )
  if (!other) return tests.length > 0 ? 'passed' : 'skipped'
  return other.status === 'expected' ? `was expected to be ${other.expectedStatus}` : other.status
}

/** @param {PlaywrightSuite} suite @param {readonly string[]} path @returns {{ path: readonly string[], spec: PlaywrightSpec }[]} */
function specsOf({ specs = [], suites = [] }, path) {
  return [
    ...specs.map((spec) => ({ path, spec })),
    ...suites.flatMap((inner) => specsOf(inner, [...path, inner.title])),
  ]
}

/** Tests of one title are one test: it has passed if all of them have. @param {{ test: string, outcome: string }[]} all @returns {Outcomes} */
function together(all) {
  /** @type {Outcomes} */
  const outcomes = new Map()
  for (const { test, outcome } of all) {
    const earlier = outcomes.get(test)
    outcomes.set(test, earlier === undefined || earlier === 'passed' ? outcome : earlier)
  }
  return outcomes
}

/** @param {string} file @param {readonly string[]} titles */
function titled(file, titles) {
  return [file.replaceAll('\\', '/'), ...titles].join(' › ')
}

import { existsSync, readFileSync } from 'node:fs'

/** @typedef {{ passed: number, failed: number, skipped: number }} Count */

/**
 * @typedef {object} VitestReport
 * @property {number} numPassedTests
 * @property {number} numFailedTests
 * @property {number} numPendingTests
 * @property {number} numTodoTests
 * @property {{ status: string, assertionResults: unknown[] }[]} testResults one for each file
 */

/** @typedef {{ stats: { expected: number, unexpected: number, flaky: number, skipped: number }, errors: unknown[] }} PlaywrightReport */

/**
 * @param {string} file @param {number} exitCode the runner's
 * @returns {Count}
 */
export function readVitestReport(file, exitCode) {
  const report = /** @type {VitestReport | undefined} */ (readReport(file))
  if (!report) return withRunner('vitest', undefined, exitCode)
  // A file that could not be loaded has failed without a test that could.
  const unloaded = report.testResults.filter(
    (each) => each.status === 'failed' && each.assertionResults.length === 0,
  )
  const count = {
    passed: report.numPassedTests,
    failed: report.numFailedTests + unloaded.length,
    skipped: report.numPendingTests + report.numTodoTests,
  }
  return withRunner('vitest', count, exitCode)
}

/**
 * @param {string} file @param {number} exitCode the runner's
 * @returns {Count}
 */
export function readPlaywrightReport(file, exitCode) {
  const report = /** @type {PlaywrightReport | undefined} */ (readReport(file))
  if (!report) return withRunner('playwright', undefined, exitCode)
  const { expected, unexpected, flaky, skipped } = report.stats
  const count = { passed: expected, failed: unexpected + flaky + report.errors.length, skipped }
  return withRunner('playwright', count, exitCode)
}

/**
 * What the runner itself has to say: one that crashed, wrote nothing, or found no test has failed, whatever it counted.
 *
 * @param {string} runner @param {Count | undefined} count @param {number} exitCode
 * @returns {Count}
 */
function withRunner(runner, count, exitCode) {
  const { passed, failed, skipped } = count ?? { passed: 0, failed: 0, skipped: 0 }
  const trouble = !count
    ? 'wrote no report'
    : passed + failed === 0
      ? 'ran no test'
      : exitCode !== 0 && failed === 0
        ? `ended with exit code ${exitCode} although no test failed`
        : undefined
  if (!trouble) return { passed, failed, skipped }
  console.error(`${runner} ${trouble}: counted as a failure.`)
  return { passed, failed: failed + 1, skipped }
}

/** What a runner wrote; undefined if it is not there or not whole. @param {string} file @returns {unknown} */
export function readReport(file) {
  if (!existsSync(file)) return undefined
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    console.error(`${file} is not a whole report: ${String(error)}`)
    return undefined
  }
}

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { checkConformance } from './conformance.mjs'
import { readPlaywrightReport, readVitestReport } from './test-reports.mjs'
import { BUILT_VARIABLE, ensureDependencies, ensureNode, npm, runTool } from './tools.mjs'

/** @import { Count } from './test-reports.mjs' */

// npm test: everything there is to check, in one go and on a fresh clone. A step that fails does not stop the
// others, so that one run tells everything. The last line is the sum.

ensureNode()
ensureDependencies()

/** Five minutes on two busy cores, and some for the simulation. What takes longer than this hangs. */
const VITEST_TIMEOUT_MS = 15 * 60_000
/** A little more than Playwright gives itself (playwright.config.ts), so that it can still say what was left. */
const PLAYWRIGHT_TIMEOUT_MS = 45 * 60_000

const reports = mkdtempSync(join(tmpdir(), 'rtm-mesh-test-'))
const vitestReport = join(reports, 'vitest.json')
const playwrightReport = join(reports, 'playwright.json')

/** @type {[name: string, run: () => Count | Promise<Count>][]} */
const steps = [
  ['format', () => check(runTool('prettier', ['--check', '.']))],
  ['lint', () => check(runTool('oxlint', []))],
  ['types', checkTypes],
  ['documentation', () => check(npm(['run', 'docs', '--silent', '--', '--check']))],
  ['tests in Node', runVitest],
  ['build and its sizes', () => check(npm(['run', 'build', '--silent']))],
  ['tests in a browser', runPlaywright],
  ['conformance with the API page', () => checkConformance(vitestReport, playwrightReport)],
]

/** What this machine could not try, and why. @type {string[]} */
const leftOut = []

/** @type {(Count & { name: string })[]} */
const results = []
for (const [name, run] of steps) {
  console.log(`\n── ${name}`)
  results.push({ name, ...(await countOf(run)) })
}
rmSync(reports, { recursive: true, force: true })

console.log('')
for (const { name, passed, failed, skipped } of results) {
  const details = `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`
  console.log(`${failed > 0 ? '✗' : '✓'} ${name}: ${details}`)
}
for (const sentence of leftOut) console.log(`– ${sentence}`)
const passed = results.reduce((sum, result) => sum + result.passed, 0)
const failed = results.reduce((sum, result) => sum + result.failed, 0)
console.log(`${passed} passed, ${failed} failed`)
process.exitCode = failed > 0 ? 1 : 0

async function checkTypes() {
  const compiled = runTool('typescript', [], { command: 'tsc' })
  // Only now, because the compiler may have been installed by this very run.
  const { reportTypes } = await import('./official-types.mjs')
  return check(Math.max(compiled, reportTypes()))
}

async function runVitest() {
  // Before the tests, which would install it several times at once.
  const { provideRedis } = await import('./find-redis.mjs')
  provideRedis()
  const args = ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${vitestReport}`]
  return readVitestReport(vitestReport, runTool('vitest', args, { timeoutMs: VITEST_TIMEOUT_MS }))
}

async function runPlaywright() {
  // Only now, because Playwright may have been installed by this very run.
  const { BROWSER_VARIABLE, NO_BROWSER, provideBrowser } = await import('./find-browser.mjs')
  const { FIREFOX_VARIABLE, NO_FIREFOX, provideFirefox } = await import('./find-firefox.mjs')
  const browser = provideBrowser()
  if (!browser) {
    console.error(NO_BROWSER)
    return check(1)
  }
  const firefox = provideFirefox()
  if (!firefox) leftOut.push(NO_FIREFOX)
  const env = {
    ...(firefox && { [FIREFOX_VARIABLE]: firefox }),
    [BUILT_VARIABLE]: 'yes',
    [BROWSER_VARIABLE]: browser,
    PLAYWRIGHT_JSON_OUTPUT_FILE: playwrightReport,
  }
  const options = { env, timeoutMs: PLAYWRIGHT_TIMEOUT_MS }
  return readPlaywrightReport(
    playwrightReport,
    runTool('playwright', ['test', '--reporter=list,json'], options),
  )
}

/** A step that could not even run has failed; the others are still worth running. @param {() => Count | Promise<Count>} run */
async function countOf(run) {
  try {
    return await run()
  } catch (error) {
    console.error(error instanceof Error ? error.message : error)
    return check(1)
  }
}

/** A step that passes or fails as a whole. @param {number} exitCode @returns {Count} */
function check(exitCode) {
  return exitCode === 0 ? { passed: 1, failed: 0, skipped: 0 } : { passed: 0, failed: 1, skipped: 0 }
}

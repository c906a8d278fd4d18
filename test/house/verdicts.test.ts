import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'

import { overBudget } from '../../scripts/sizes.mjs'
import { readPlaywrightReport, readVitestReport } from '../../scripts/test-reports.mjs'

// What decides whether npm test passes: none of it may take silence for success.

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'verdicts-'))
  vi.spyOn(console, 'error').mockReturnValue()
})
afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
  vi.restoreAllMocks()
})

const file = (content: unknown): string => {
  const name = join(folder, 'report.json')
  writeFileSync(name, typeof content === 'string' ? content : JSON.stringify(content))
  return name
}
const vitest = { numPassedTests: 5, numFailedTests: 0, numPendingTests: 1, numTodoTests: 0, testResults: [] }
const stats = { expected: 5, unexpected: 0, flaky: 0, skipped: 0 }

test('what passed, failed and was skipped is counted', () => {
  expect(readVitestReport(file(vitest), 0)).toEqual({ passed: 5, failed: 0, skipped: 1 })
  const playwright = { stats: { ...stats, unexpected: 2, flaky: 1, skipped: 3 }, errors: [] }
  expect(readPlaywrightReport(file(playwright), 1)).toEqual({ passed: 5, failed: 3, skipped: 3 })
})

test('a test file that could not be loaded is a failure', () => {
  const testResults = [{ status: 'failed', assertionResults: [] }]
  expect(readVitestReport(file({ ...vitest, testResults }), 1).failed).toBe(1)
  expect(readPlaywrightReport(file({ stats, errors: [{ message: 'no' }] }), 1).failed).toBe(1)
})

test('a runner that wrote no report, or half of one, is a failure', () => {
  for (const read of [readVitestReport, readPlaywrightReport]) {
    expect(read(join(folder, 'nowhere.json'), 0)).toEqual({ passed: 0, failed: 1, skipped: 0 })
    expect(read(file('{"stats":{"exp'), 0)).toEqual({ passed: 0, failed: 1, skipped: 0 })
  }
})

test('a runner that ran no test is a failure', () => {
  expect(readVitestReport(file({ ...vitest, numPassedTests: 0 }), 0).failed).toBe(1)
  expect(readPlaywrightReport(file({ stats: { ...stats, expected: 0 }, errors: [] }), 0).failed).toBe(1)
})

test('a runner that ended badly is a failure, though every test passed', () => {
  expect(readVitestReport(file(vitest), 1).failed).toBe(1)
  expect(readPlaywrightReport(file({ stats, errors: [] }), 1).failed).toBe(1)
})

test('a size passes below its budget and not at it', () => {
  expect(overBudget([{ what: 'kit', bytes: 999, budgetBytes: 1000 }])).toBe(false)
  expect(overBudget([{ what: 'kit', bytes: 1000, budgetBytes: 1000 }])).toBe(true)
})

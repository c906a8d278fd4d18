import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '..')
const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'))

const filesWith = (pattern: RegExp): string[] =>
  files.filter((name) => pattern.test(readFileSync(join(root, name), 'utf8'))).sort()

test('real time passes in one file of the tests, where a page waits for itself, and where an attacker keeps to its rate', () => {
  expect(filesWith(/waitForTimeout\(|resolve\) => setTimeout\(|import \{ setTimeout/)).toEqual([
    'browser/liveness.spec.ts',
    'signaling/attacker.ts',
    'support/real-time.ts',
  ])
})

test('a test is left out only where the machine has no TURN server or no networks of its own, and then says so', () => {
  const left = filesWith(/\.(skip|skipIf|runIf|todo|fixme|fails)\(/)
  expect(left).toEqual(['browser/packet-loss.spec.ts', 'browser/tabs.spec.ts', 'browser/turn.spec.ts'])
  for (const name of left) expect(readFileSync(join(root, name), 'utf8')).toContain('console.log(`Not run: ')
})

test('no test is tried twice', () => {
  const settings = ['playwright.config.ts', 'vite.config.ts', 'package.json']
  const texts = [
    ...settings.map((name) => readFileSync(join(root, '..', name), 'utf8')),
    ...files
      .filter((name) => name !== 'house/waits.test.ts')
      .map((name) => readFileSync(join(root, name), 'utf8')),
  ]
  for (const text of texts)
    expect(text).not.toMatch(/\bretry:|--retries|retries: [1-9]|configure\(\{ retries/)
})

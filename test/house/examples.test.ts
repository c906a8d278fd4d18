import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

import { describe, expect, test } from 'vitest'

/** What may be read in a few minutes. */
const MAX_LINES = 150

const folder = join(import.meta.dirname, '../../examples')
const examples = readdirSync(folder, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name)

/** Pages and programs; the style sheet is one for all. */
function filesOf(example: string): string[] {
  const names = readdirSync(join(folder, example), { recursive: true, encoding: 'utf8' })
  return names.filter((name) => /\.(html|[cm]?[jt]sx?)$/.test(name)).sort()
}

describe('Each example', () => {
  test('has a page and a program', () => {
    expect(examples.sort()).toEqual(['kit', 'react', 'script-tag'])
    for (const example of examples) expect(filesOf(example).length).toBeGreaterThanOrEqual(2)
  })

  test.each(examples)('has fewer than 150 lines in all of its files together: %s', (example) => {
    const counts = filesOf(example).map((name) => {
      const lines = readFileSync(join(folder, example, name), 'utf8')
        .trimEnd()
        .split('\n').length
      return [name, lines] as const
    })
    const total = counts.reduce((sum, [, lines]) => sum + lines, 0)
    expect(total, counts.map(([name, lines]) => `${name}: ${lines}`).join(', ')).toBeLessThan(MAX_LINES)
  })
})

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'

import { rows } from '../conformance/table.mjs'

// A constant is given by its name: what the library does not name it does not give.

const folder = join(import.meta.dirname, '../../src/kit')
const source = readdirSync(folder)
  .map((file) => readFileSync(join(folder, file), 'utf8'))
  .join('\n')

/** As `Enum.Name`, or taken out of it: `{ Name } = Enum`. */
function named(constant: string): boolean {
  const [owner = '', name = ''] = constant.split('.')
  return new RegExp(String.raw`\b${owner}\.${name}\b|\{[^}]*\b${name}\b[^}]*\} = ${owner}\b`).test(source)
}

describe('A constant that is never given', () => {
  const never = rows().filter((row) => row.never !== undefined)

  test.each(never.map(({ name }) => name))('is named nowhere in the library: %s', (name) => {
    expect(named(name)).toBe(false)
  })

  test('comes by no other way: its enum has no second name, is not looked up by a number, nor put on one', () => {
    const names = [...new Set(never.map(({ name }) => name.split('.')[0] ?? ''))]
    for (const name of names) {
      const codes = source.matchAll(
        new RegExp(String.raw`(\bas (?:\w+ )*${name}\b|\b${name}\[|(?<!\} )= ${name}\b(?!\.))`, 'g'),
      )
      expect([...codes].map(([found]) => found)).toEqual([])
    }
  })

  test('is told from one that is given', () => {
    expect(named('AgoraRtmLoginErrorCode.AlreadyLogin')).toBe(true)
    expect(named('AgoraRtmLogFilter.Off')).toBe(true)
    expect(never.length).toBeGreaterThan(0)
  })
})

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'

import { rows } from '../conformance/table.mjs'

// A constant is given by its name: what the library does not name it does not give.

const folder = join(import.meta.dirname, '../../src/kit')
const source = readdirSync(folder)
  .map((file) => readFileSync(join(folder, file), 'utf8'))
  .join('\n')

const named = (constant: string): boolean =>
  new RegExp(String.raw`\b${constant.replace('.', String.raw`\.`)}\b`).test(source)

describe('A constant that is never given', () => {
  const never = rows().filter((row) => row.never !== undefined)

  test.each(never.map(({ name }) => name))('is named nowhere in the library: %s', (name) => {
    expect(named(name)).toBe(false)
  })

  test('is told from one that is given', () => {
    expect(named('AgoraRtmLoginErrorCode.AlreadyLogin')).toBe(true)
    expect(never.length).toBeGreaterThan(0)
  })
})

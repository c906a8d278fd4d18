import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { describe, expect, test } from 'vitest'

import { enumValues } from '../../scripts/enum-values.mjs'
import * as errorCodes from '../../src/web/error-codes.ts'

const project = join(import.meta.dirname, '../..')

/** What the build makes of a file. */
function built(path: string): string {
  const file = join(project, path)
  const { transform } = enumValues()
  if (typeof transform !== 'function') throw new Error('The plugin transforms nothing')
  const made: unknown = Reflect.apply(transform, undefined, [readFileSync(file, 'utf8'), file])
  if (typeof made === 'object' && made !== null && 'code' in made) return String(made.code)
  throw new Error(`Nothing was made of ${path}`)
}

describe('The enums of a face, as they are built', () => {
  test('are in its tables by their values', () => {
    const tables = built('src/web/codes.ts')
    expect(tables).toContain("'token-expired': 6,")
    expect(tables).not.toMatch(/: \w+\.[A-Z_]+,/)
    expect(built('src/web/states.ts')).toContain("connected: 'CONNECTED',")
  })

  test('are the same objects: names by numbers, too', async () => {
    const text = built('src/web/error-codes.ts').replaceAll(/\/\*[\s\S]*?\*\//g, '')
    const made: unknown = await import(`data:text/javascript,${encodeURIComponent(text)}`)
    expect({ ...(made as object) }).toEqual({ ...errorCodes })
  })

  test('leave a file without any as it is', () => {
    expect(() => built('src/web/emitter.ts')).toThrow('Nothing was made')
  })
})

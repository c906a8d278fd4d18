import { describe, expect, test } from 'vitest'

import * as kit from '../../src/index.ts'
import surface from './fixtures/surface.json' with { type: 'json' }

type Numbers = Readonly<Record<string, number>>

/** What newer versions of the API have and its page does not. */
const BEYOND_THE_PAGE: Readonly<Record<string, Numbers>> = {
  AgoraRtmConnectionChangeReason: { TokenExpired: 9 },
}

const exported: Readonly<Record<string, unknown>> = kit

const enums = Object.entries(surface.enums as Record<string, Record<string, { value: number }>>)
const constants = enums.flatMap(([owner, members]) =>
  Object.entries(members).map(([name, { value }]) => [owner, name, value] as const),
)

function methodOf(owner: string, name: string): unknown {
  const type = exported[owner]
  if (typeof type !== 'function') return undefined
  const [, staticName] = /^static (.*)$/.exec(name) ?? []
  const holder: unknown = staticName === undefined ? type.prototype : type
  return Reflect.get(holder as object, staticName ?? name)
}

/** Without the names by numbers that TypeScript puts beside them. */
function numbersOf(name: string): Numbers {
  const all = Object.entries(exported[name] as Record<string, unknown>)
  return Object.fromEntries(all.filter((entry): entry is [string, number] => typeof entry[1] === 'number'))
}

describe('The surface of the API page', () => {
  test('has 42 methods, 19 events, and 163 constants in 24 enums', () => {
    expect([surface.methods.length, surface.events.length, enums.length, constants.length]).toEqual([
      42, 19, 24, 163,
    ])
  })

  test.each(constants)('%s.%s is %i', (owner, name, value) => {
    expect(numbersOf(owner)[name]).toBe(value)
  })

  test.each(enums)('%s has the names of the page, and no others', (owner, members) => {
    const strangers = Object.entries(numbersOf(owner)).filter(([name]) => !(name in members))
    const known = Object.entries(BEYOND_THE_PAGE[owner] ?? {})
    expect(known).toEqual(expect.arrayContaining(strangers))
  })

  test.each(surface.methods.map(({ owner, name }) => [owner, name] as const))(
    '%s.%s exists',
    (owner, name) => {
      expect(methodOf(owner, name)).toBeTypeOf('function')
    },
  )
})

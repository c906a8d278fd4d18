import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { goesOn, type Held } from '../../src/documents/generation.ts'

function held(id: string, createdAt: number, isLive: boolean, parent = ''): Held {
  return { generation: { id, createdAt, parent }, isLive }
}

describe('When two generations meet, the one that goes on', () => {
  test('is the successor of the other', () => {
    expect(goesOn(held('b', 2, false, 'a'), held('a', 1, true))).toBe(true)
  })

  test('is the one that several have', () => {
    expect(goesOn(held('a', 1, true), held('b', 2, false))).toBe(true)
    expect(goesOn(held('a', 1, false), held('b', 2, true))).toBe(false)
  })

  test('is, of two that are alive, the later', () => {
    expect(goesOn(held('b', 2, true), held('a', 1, true))).toBe(true)
  })

  test('is, of two that nobody else has, the older', () => {
    expect(goesOn(held('a', 1, false), held('b', 2, false))).toBe(true)
  })

  test('is decided by the ids where they began at once', () => {
    expect(goesOn(held('b', 1, true), held('a', 1, true))).toBe(true)
    expect(goesOn(held('a', 1, false), held('b', 1, false))).toBe(true)
  })
})

describe('Whatever two holders say of their generations', () => {
  const id = fc.constantFrom('a', 'b', 'c')
  const anyHeld = fc
    .tuple(id, fc.nat(3), fc.boolean(), fc.constantFrom('', 'a', 'b', 'c'))
    .map((parts) => held(...parts))

  test('exactly one goes on, also if each claims to be the successor of the other', () => {
    fc.assert(
      fc.property(anyHeld, anyHeld, (a, b) => {
        fc.pre(a.generation.id !== b.generation.id)
        expect(goesOn(a, b)).toBe(!goesOn(b, a))
      }),
      { numRuns: 2_000 },
    )
  })

  test('of those that are alive, no three go round in a circle', () => {
    const alive = anyHeld.map((one) => ({ ...one, isLive: true }))
    fc.assert(
      fc.property(alive, alive, alive, (a, b, c) => {
        fc.pre(new Set([a, b, c].map(({ generation }) => generation.id)).size === 3)
        expect(goesOn(a, b) && goesOn(b, c) && goesOn(c, a)).toBe(false)
      }),
      { numRuns: 5_000 },
    )
  })
})

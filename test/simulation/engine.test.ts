import { describe, expect, test } from 'vitest'

import { simulate } from './simulate.ts'

process.setMaxListeners(0)

const SEEDS = Array.from({ length: 20 }, (_, i) => i + 1)

describe('Whatever users do and whatever happens to their links, servers, pages and disks', () => {
  test.each(SEEDS)('no promise is broken, and it happens again in the same way (seed %i)', async (seed) => {
    const first = await simulate({ seed, steps: 2_000 })
    expect(first.failure, first.tail(40).join('\n')).toBeUndefined()
    const second = await simulate({ seed, steps: 2_000 })
    expect(second.hash).toBe(first.hash)
  })
})

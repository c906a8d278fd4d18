import { describe, expect, test } from 'vitest'

import { simulate } from './simulate.ts'

/** Two runs take four seconds of one core; where many share it, much longer. What takes two minutes hangs. */
const TIMEOUT_MS = 120_000

/** These seeds, each twice. Several files have some each, so that they run side by side. */
export function checkSeeds(from: number, to: number): void {
  process.setMaxListeners(0)
  const seeds = Array.from({ length: to - from + 1 }, (_, i) => from + i)
  describe('Whatever users do and whatever happens to their links, servers, pages and disks', () => {
    test.each(seeds)(
      'no promise is broken, and it happens again in the same way (seed %i)',
      async (seed) => {
        const first = await simulate({ seed, steps: 2_000 })
        expect(first.failure, first.tail(40).join('\n')).toBeUndefined()
        const second = await simulate({ seed, steps: 2_000 })
        expect(second.hash).toBe(first.hash)
      },
      TIMEOUT_MS,
    )
  })
}

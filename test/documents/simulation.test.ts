import { describe, expect, test } from 'vitest'

import { isLater, simulate } from './simulation.ts'

const seeds = (count: number): number[] => Array.from({ length: count }, (_, i) => i + 1)

describe('Whatever happens to holders of one document', () => {
  test.each(seeds(5))('they show the same when it is quiet again (seed %i)', async (seed) => {
    const { shown, log } = await simulate({ seed, steps: 120, hasReloads: true })
    for (const attributes of shown) expect(attributes).toEqual(shown[0])
    expect(shown[0]).toBeDefined()
    expect(log.filter((line) => line.includes('not listened to'))).toEqual([])
  })

  test.each(seeds(5))('nothing that was seen is lost, as long as no page is (seed %i)', async (seed) => {
    const { shown, latestSeen, log } = await simulate({ seed, steps: 120, hasReloads: false })
    for (const attributes of shown) expect(attributes).toEqual(shown[0])
    const shownByKey = new Map(shown[0]?.map((attribute) => [attribute.key, attribute]))
    for (const [key, seen] of latestSeen) {
      const last = shownByKey.get(key)
      expect([key, last && !isLater(seen, last)]).toEqual([key, true])
    }
    expect(log.filter((line) => line.includes('not listened to'))).toEqual([])
  })

  test('it happens again in the same way for the same seed', async () => {
    const run = () => simulate({ seed: 5, steps: 40, hasReloads: true })
    expect((await run()).trace).toBe((await run()).trace)
  })
})

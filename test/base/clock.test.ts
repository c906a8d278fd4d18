import { afterEach, describe, expect, test, vi } from 'vitest'

import { every, SystemClock, systemClock } from '../../src/base/clock.ts'
import { ManualClock } from '../support/manual-clock.ts'

describe('Something that happens every so often', () => {
  test('happens at each period until it is cancelled, twice if you like', () => {
    const clock = new ManualClock()
    const times: number[] = []
    const start = clock.now()
    const cancel = every(clock, 100, () => times.push(clock.now() - start))
    clock.advance(99)
    expect(times).toEqual([])
    clock.advance(251)
    expect(times).toEqual([100, 200, 300])
    cancel()
    cancel()
    clock.advance(1_000)
    expect(times).toHaveLength(3)
    expect(clock.pending).toBe(0)
  })

  test('may cancel itself', () => {
    const clock = new ManualClock()
    let count = 0
    const cancel = every(clock, 10, () => {
      count += 1
      if (count === 3) cancel()
    })
    clock.advance(1_000)
    expect([count, clock.pending]).toEqual([3, 0])
  })

  test('goes on after one of its calls threw', () => {
    const clock = new ManualClock()
    let count = 0
    const cancel = every(clock, 10, () => {
      count += 1
      throw new Error('mine')
    })
    expect(() => clock.advance(10)).toThrow('mine')
    expect(() => clock.advance(10)).toThrow('mine')
    expect(count).toBe(2)
    cancel()
    expect(clock.pending).toBe(0)
  })

  test('happens once after a sleep, not once for each period that was slept through', () => {
    const clock = new ManualClock()
    let count = 0
    const cancel = every(clock, 100, () => (count += 1))
    clock.sleep(1_000_000)
    clock.advance(0)
    expect(count).toBe(1)
    cancel()
  })
})

describe('The clock of the system', () => {
  test('calls back later, and not at all when it was cancelled', async () => {
    const called: string[] = []
    const cancel = systemClock.after(0, () => called.push('cancelled'))
    cancel()
    cancel()
    await new Promise<void>((resolve) => systemClock.after(1, resolve))
    expect(called).toEqual([])
    expect(systemClock.now()).toBeGreaterThan(Date.UTC(2024, 0))
  })

  describe('beside a machine whose clocks a test moves', () => {
    afterEach(() => void vi.restoreAllMocks())

    function machine() {
      const start = Date.UTC(2025, 0, 1)
      const time = { steady: 0, wall: start }
      vi.spyOn(performance, 'timeOrigin', 'get').mockReturnValue(start)
      vi.spyOn(performance, 'now').mockImplementation(() => time.steady)
      vi.spyOn(Date, 'now').mockImplementation(() => time.wall)
      const clock = new SystemClock()
      return {
        time,
        /** Awake: both clocks go. */
        pass(ms: number): void {
          time.steady += ms
          time.wall += ms
        },
        /** Milliseconds since the page began. */
        age: () => clock.now() - start,
      }
    }

    test('goes forward by what the machine slept through, while the steady clock stood still', () => {
      const { time, pass, age } = machine()
      pass(5_000)
      expect(age()).toBe(5_000)
      time.wall += 8 * 3_600_000
      expect(age()).toBe(8 * 3_600_000 + 5_000)
      pass(1_000)
      expect(age()).toBe(8 * 3_600_000 + 6_000)
      time.wall += 60_000
      expect(age()).toBe(8 * 3_600_000 + 66_000)
    })

    test('does not count twice what the steady clock ticked through', () => {
      const { pass, age } = machine()
      pass(3_600_000)
      expect(age()).toBe(3_600_000)
    })

    test('does not follow small corrections', () => {
      const { time, age } = machine()
      time.wall += 1_000
      expect(age()).toBe(0)
      time.wall += 1
      expect(age()).toBe(1_001)
    })

    test('never goes back, and stays ahead of a clock that was set forward and back again', () => {
      const { time, pass, age } = machine()
      time.wall -= 3_600_000
      expect(age()).toBe(0)
      time.wall += 2 * 3_600_000
      expect(age()).toBe(3_600_000)
      time.wall -= 3_600_000
      expect(age()).toBe(3_600_000)
      pass(10)
      expect(age()).toBe(3_600_010)
    })
  })
})

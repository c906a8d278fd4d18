import { describe, expect, test } from 'vitest'

import type { SessionId } from '../../src/base/ids.ts'
import { ConnectionBudget } from '../../src/mesh/connection-budget.ts'
import { ManualClock } from '../support/manual-clock.ts'

const session = (name: string): SessionId => name as SessionId
const STRANGER = false
const WANTED = true

function setup() {
  const clock = new ManualClock()
  const page = { connections: 0 }
  const budget = new ConnectionBudget(clock, () => page.connections)
  return {
    clock,
    page,
    /** How many of so many requests may cost something. */
    granted(name: string, isWanted: boolean, times = 1): number {
      return Array.from({ length: times }, () => budget.spend(session(name), isWanted)).filter(Boolean).length
    },
    /** A hundred strangers and more, ten requests each. */
    crowd(): number {
      const names = Array.from({ length: 120 }, (_, i) => `stranger-${i}`)
      return names.reduce((sum, name) => sum + this.granted(name, STRANGER, 10), 0)
    },
  }
}

describe('Others make a page spend', () => {
  test.each([STRANGER, WANTED])('ten connections each in ten seconds (wanted: %s)', (isWanted) => {
    const { clock, granted } = setup()
    expect(granted('mallory', isWanted, 30)).toBe(10)
    clock.advance(9_999)
    expect(granted('mallory', isWanted)).toBe(0)
    clock.advance(1)
    expect(granted('mallory', isWanted, 30)).toBe(10)
  })

  test('a hundred together in ten seconds, however many they are', () => {
    const world = setup()
    expect(world.crowd()).toBe(100)
    world.clock.advance(10_000)
    expect(world.crowd()).toBe(100)
  })

  test('and have the peers that the page wants to be linked to lose nothing by it', () => {
    const world = setup()
    world.crowd()
    expect(world.granted('bob', WANTED, 3)).toBe(3)
    expect(world.granted('carol', WANTED, 3)).toBe(3)
  })

  test('and lose nothing by those peers', () => {
    const world = setup()
    for (let i = 0; i < 100; i++) world.granted(`member-${i}`, WANTED, 2)
    expect(world.crowd()).toBe(100)
  })

  test('never its last 200 connections, which are for the peers that it wants to be linked to', () => {
    const world = setup()
    world.page.connections = 300
    expect(world.granted('mallory', STRANGER)).toBe(0)
    expect(world.granted('bob', WANTED)).toBe(1)
    world.page.connections = 299
    expect(world.granted('mallory', STRANGER)).toBe(1)
  })

  test('as much as before after the clock was set back', () => {
    const world = setup()
    world.crowd()
    world.clock.sleep(-3_600_000)
    expect(world.granted('carol', STRANGER)).toBe(1)
  })
})

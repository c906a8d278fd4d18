import { describe, expect, onTestFinished, test } from 'vitest'

import { LateRelays } from '../../src/mesh/late-relays.ts'
import type { RelayedLinker } from '../../src/mesh/linkers.ts'
import type { RelayLinkerEvents } from '../../src/mesh/relay-pair.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { pass } from '../support/pass-time.ts'
import { peerOf } from './setup.ts'

const [bob, carol] = [peerOf('bob'), peerOf('carol')]
const message = new Uint8Array([1])

function setup() {
  const clock = new ManualClock()
  const news: string[] = []
  const note =
    (what: string) =>
    (...about: unknown[]): void =>
      void news.push(
        [what, ...about.map((one) => (one === bob ? 'bob' : one === carol ? 'carol' : ''))].join(' ').trim(),
      )
  const loads: ((relays: RelayedLinker | undefined) => void)[] = []
  const events = { failed: note('failed') } as unknown as RelayLinkerEvents
  const late = new LateRelays(clock, () => new Promise((resolve) => loads.push(resolve)), events)
  const relays: RelayedLinker = {
    open: note('open'),
    relayed: note('relayed'),
    nearer: note('nearer'),
    farther: note('farther'),
    abandon: note('abandon'),
    abandonAll: note('abandon all'),
    close: note('close'),
  }
  onTestFinished(() => {
    late.close()
    expect(clock.pending).toBe(0)
  })
  return {
    late,
    loads,
    relays,
    news: () => news.splice(0),
    pass: (ms: number) => pass(clock, ms),
    /** Every request for it is answered. */
    async loaded(file: RelayedLinker | undefined) {
      for (const answer of loads.splice(0)) answer(file)
      await pass(clock, 0)
    },
  }
}

describe('The file by which users reach each other through others', () => {
  test('is loaded once, when it is needed first, and gets what has come meanwhile', async () => {
    const { late, loads, relays, news, loaded } = setup()
    expect(loads).toHaveLength(0)
    late.nearer(carol)
    late.relayed(carol, message)
    late.open(bob)
    expect(loads).toHaveLength(1)
    await loaded(relays)
    expect(news()).toEqual(['relayed carol', 'open bob'])
    late.open(carol)
    expect(news()).toEqual(['open carol'])
    expect(loads).toHaveLength(0)
  })

  test('leaves nobody waiting who is looked for when it does not come', async () => {
    const { late, relays, news, loaded } = setup()
    late.open(bob)
    await loaded(undefined)
    expect(news()).toEqual(['failed bob'])
    late.open(bob)
    await loaded(relays)
    expect(news()).toEqual(['open bob'])
  })

  test('leaves nobody waiting who is looked for while it hangs, and serves when it comes at last', async () => {
    const { late, relays, news, pass: later, loaded } = setup()
    late.open(bob)
    late.open(carol)
    late.abandon(carol.sessionId)
    await later(7_999)
    expect(news()).toEqual([])
    await later(1)
    expect(news()).toEqual(['failed bob'])
    await loaded(relays)
    expect(news()).toEqual([])
    late.open(bob)
    expect(news()).toEqual(['open bob'])
  })

  test('is not fetched again and again because a peer talks about relaying', async () => {
    const { late, loads, pass: later, loaded } = setup()
    let count = 0
    for (let i = 0; i < 200; i++) {
      late.relayed(carol, message)
      count += loads.length
      await loaded(undefined)
      await later(50)
    }
    expect(count).toBeLessThanOrEqual(3)
  })

  test('is closed when it comes after the end', async () => {
    const { late, relays, news, loaded } = setup()
    late.open(bob)
    late.close()
    await loaded(relays)
    expect(news()).toEqual(['close'])
  })
})

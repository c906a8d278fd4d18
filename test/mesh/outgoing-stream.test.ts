import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { IncomingStream } from '../../src/mesh/incoming-stream.ts'
import { Ledger } from '../../src/mesh/ledger.ts'
import { type Outcome, OutgoingStream, type Owed } from '../../src/mesh/outgoing-stream.ts'
import type { Position } from '../../src/protocol/frames.ts'

/** What can happen between a sender and a receiver whose links come and go. */
const steps = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.constant({ do: 'push' as const }) },
    { weight: 4, arbitrary: fc.constant({ do: 'hand out' as const }) },
    { weight: 4, arbitrary: fc.constant({ do: 'arrive' as const }) },
    { weight: 2, arbitrary: fc.constant({ do: 'acknowledge' as const }) },
    { weight: 1, arbitrary: fc.constant({ do: 'new link' as const }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('withdraw' as const), which: fc.nat(20) }) },
  ),
  { maxLength: 80 },
)

class Pair {
  readonly outgoing = new OutgoingStream(new Ledger())
  readonly incoming = new IncomingStream()
  readonly owed: (Owed & { readonly name: number })[] = []
  readonly outcomes = new Map<number, Outcome>()
  readonly taken: number[] = []
  onTheWay: { at: Position; item: Uint8Array }[] = []

  push(): void {
    const name = this.owed.length
    const settled = (outcome: Outcome): void => {
      if (this.outcomes.has(name)) throw new Error(`${name} was settled twice`)
      this.outcomes.set(name, outcome)
    }
    const owed = { name, bytes: new Uint8Array([name]), settled, since: 0 }
    this.owed.push(owed)
    this.outgoing.push(owed)
  }

  handOut(): void {
    const next = this.outgoing.next()
    if (next) this.onTheWay.push(next)
  }

  arrive(): void {
    const next = this.onTheWay.shift()
    if (next && this.incoming.accept(next.at)) this.taken.push(next.item[0] ?? -1)
  }

  newLink(): void {
    this.onTheWay = []
    this.outgoing.resume(this.incoming.received)
  }

  finish(): void {
    this.newLink()
    for (let i = 0; i < 200; i++) {
      this.handOut()
      this.arrive()
    }
    this.outgoing.acknowledge(this.incoming.received)
  }
}

function play(pair: Pair, step: { do: string; which?: number }): void {
  switch (step.do) {
    case 'push':
      return pair.push()
    case 'hand out':
      return pair.handOut()
    case 'arrive':
      return pair.arrive()
    case 'acknowledge':
      pair.outgoing.acknowledge(pair.incoming.received)
      return
    case 'new link':
      return pair.newLink()
    default: {
      const owed = pair.owed[step.which ?? 0]
      if (owed && !pair.outcomes.has(owed.name)) pair.outgoing.withdraw(owed)
    }
  }
}

describe('An outgoing stream and the incoming one at its other end', () => {
  test('hand over everything that was not withdrawn, once and in order, whatever happens', () => {
    fc.assert(
      fc.property(steps, (plan) => {
        const pair = new Pair()
        for (const step of plan) play(pair, step)
        pair.finish()
        const names = pair.owed.map(({ name }) => name)
        expect(pair.taken).toEqual(names.filter((name) => pair.outcomes.get(name) !== 'withdrawn'))
        expect([...pair.outcomes.keys()].sort((a, b) => a - b)).toEqual(names)
        expect([pair.outgoing.owedCount, pair.outgoing.owedBytes]).toEqual([0, 0])
      }),
      { numRuns: 3_000 },
    )
  })

  test('settle each item once when the stream ends in the middle: nothing withdrawn was ever taken', () => {
    fc.assert(
      fc.property(steps, (plan) => {
        const pair = new Pair()
        for (const step of plan) play(pair, step)
        pair.outgoing.end()
        for (const name of pair.taken) expect(pair.outcomes.get(name)).not.toBe('withdrawn')
        expect(pair.outcomes.size).toBe(pair.owed.length)
        expect(pair.outgoing.owedBytes).toBe(0)
      }),
      { numRuns: 1_000 },
    )
  })

  test('are not confused by any acknowledgement that a hostile peer may make up', () => {
    const position = fc.record({ stream: fc.nat(4), number: fc.nat(30) })
    fc.assert(
      fc.property(fc.nat(10), fc.nat(10), fc.array(position), (handedOut, waiting, lies) => {
        const pair = new Pair()
        for (let i = 0; i < handedOut + waiting; i++) pair.push()
        for (let i = 0; i < handedOut; i++) pair.handOut()
        for (const lie of lies) {
          pair.outgoing.acknowledge(lie)
          pair.outgoing.resume(lie)
        }
        expect(pair.outcomes.size).toBeLessThanOrEqual(handedOut)
        expect(pair.outgoing.owedCount).toBe(handedOut + waiting - pair.outcomes.size)
      }),
    )
  })
})

describe('An outgoing stream', () => {
  test('goes on in a new stream, from its first item, when the other side does not know it any more', () => {
    const pair = new Pair()
    for (let i = 0; i < 3; i++) pair.push()
    pair.handOut()
    pair.arrive()
    pair.outgoing.acknowledge(pair.incoming.received)
    pair.outgoing.resume({ stream: 0, number: 0 })
    expect(pair.outgoing.next()?.at).toEqual({ stream: 2, number: 0 })
    expect(pair.outgoing.next()?.at).toEqual({ stream: 2, number: 1 })
    expect(pair.outgoing.next()).toBeUndefined()
  })
})

describe('An acknowledgement', () => {
  test('of one item more than was handed out settles nothing', () => {
    const pair = new Pair()
    for (let i = 0; i < 3; i++) pair.push()
    pair.handOut()
    pair.handOut()
    pair.outgoing.acknowledge({ stream: 1, number: 3 })
    expect(pair.outcomes.size).toBe(0)
    pair.outgoing.acknowledge({ stream: 1, number: 2 })
    expect([...pair.outcomes]).toEqual([
      [0, 'acknowledged'],
      [1, 'acknowledged'],
    ])
    expect(pair.outgoing.next()?.at).toEqual({ stream: 1, number: 2 })
  })
})

describe('An incoming stream', () => {
  test('takes the next number of its stream, and the first of a later stream, and nothing else', () => {
    const incoming = new IncomingStream()
    const accepted = (
      [
        [1, 1],
        [1, 0],
        [1, 0],
        [1, 1],
        [3, 1],
        [3, 0],
        [1, 2],
        [2, 0],
        [3, 1],
      ] as const
    ).filter(([stream, number]) => incoming.accept({ stream, number }))
    expect(accepted.map(String)).toEqual(['1,0', '1,1', '3,0', '3,1'])
    expect(incoming.received).toEqual({ stream: 3, number: 2 })
  })
})

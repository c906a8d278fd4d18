import { describe, expect, onTestFinished, test } from 'vitest'

import type { Bytes } from '../../src/base/bytes.ts'
import type { SessionId } from '../../src/base/ids.ts'
import { RelayService } from '../../src/mesh/relay-service.ts'
import type { Peer } from '../../src/protocol/peer.ts'
import { decodeRelayMessage, type RelayMessage } from '../../src/protocol/relay-messages.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { peerOf } from './setup.ts'

const [alice, bob, carol] = [peerOf('alice'), peerOf('bob'), peerOf('carol')]
const KB = 1024
const piece = new Uint8Array(16 * KB)

/** A page that is linked to alice, bob and others; links carry what they are given unless they are said to be full. */
function setup(others: readonly Peer[] = []) {
  const clock = new ManualClock()
  const near = new Set([alice, bob, ...others].map(({ sessionId }) => sessionId))
  const waiting = new Map<SessionId, number>()
  const carried: { to: SessionId; message: RelayMessage }[] = []
  const service = new RelayService(clock, {
    near: [],
    carry: (to, bytes: Bytes) => {
      const message = decodeRelayMessage(bytes)
      if (message) carried.push({ to, message })
      return near.has(to)
    },
    bufferedBytes: (by) => (near.has(by) ? (waiting.get(by) ?? 0) : Infinity),
  })
  onTestFinished(() => {
    service.close()
    expect(clock.pending).toBe(0)
  })
  return {
    clock,
    service,
    near,
    waiting,
    /** What was said since the last look. */
    news: () => carried.splice(0),
    pass: (from: Peer, to: Peer, payload: Uint8Array = piece) =>
      service.serve(from, { kind: 'pass', to: to.sessionId, payload }),
    /** How many pieces were passed on of so many. */
    pour(from: Peer, to: Peer, count: number): number {
      for (let i = 0; i < count; i++) this.pass(from, to)
      return carried.splice(0).filter(({ message }) => message.kind === 'passed').length
    },
  }
}

describe('Who passes on', () => {
  test('says whether it is linked to somebody', () => {
    const { service, news } = setup()
    for (const { sessionId } of [bob, carol]) service.serve(alice, { kind: 'ask', session: sessionId })
    expect(news()).toEqual([
      { to: alice.sessionId, message: { kind: 'can', session: bob.sessionId } },
      { to: alice.sessionId, message: { kind: 'refused', session: carol.sessionId, reason: 'not-linked' } },
    ])
  })

  test('passes on as it is, with the sender that its link has proven', () => {
    const { pass, news } = setup()
    const payload = new Uint8Array([1, 2, 3])
    pass(alice, bob, payload)
    expect(news()).toEqual([
      { to: bob.sessionId, message: { kind: 'passed', from: alice.sessionId, payload } },
    ])
  })

  test('passes nothing on to where it is not linked, nor back to the sender', () => {
    const { pass, news } = setup()
    for (const to of [carol, alice]) {
      pass(alice, to)
      const refused = { kind: 'refused', session: to.sessionId, reason: 'not-linked' }
      expect(news()).toEqual([{ to: alice.sessionId, message: refused }])
    }
  })

  test('passes 1 MB on for a pair at once and 1 MB in each second, and says so to who sends more', () => {
    const world = setup()
    expect(world.pour(alice, bob, 64)).toBe(64)
    world.pass(alice, bob)
    const refused = { kind: 'refused', session: bob.sessionId, reason: 'too-much' }
    expect(world.news()).toEqual([{ to: alice.sessionId, message: refused }])
    // The other way is another matter.
    expect(world.pour(bob, alice, 65)).toBe(64)
    world.clock.advance(500)
    expect(world.pour(alice, bob, 64)).toBe(32)
  })

  test('passes 4 MB a second on for one sender, to whomever', () => {
    const receivers = Array.from({ length: 10 }, (_, i) => peerOf(`receiver ${i}`))
    const world = setup(receivers)
    let passedOn = 0
    for (const receiver of receivers) passedOn += world.pour(alice, receiver, 64)
    expect(passedOn).toBe(256)
    // Others have what is theirs.
    expect(world.pour(bob, alice, 64)).toBe(64)
    world.clock.advance(1_000)
    expect(world.pour(alice, bob, 70)).toBe(64)
  })

  test('takes nothing for a link on which 1 MB waits, and keeps nothing itself', () => {
    const { waiting, pass, news } = setup()
    waiting.set(bob.sessionId, 1024 * KB + 1)
    pass(alice, bob)
    expect(news()).toEqual([
      { to: alice.sessionId, message: { kind: 'refused', session: bob.sessionId, reason: 'busy' } },
    ])
    // Who does not read what it is told is told no more.
    waiting.set(alice.sessionId, 1024 * KB + 1)
    pass(alice, bob)
    expect(news()).toEqual([])
  })

  test('serves 256 pairs at once, both ways, and others when those are quiet', () => {
    const crowd = Array.from({ length: 40 }, (_, i) => peerOf(`user ${i}`))
    const world = setup(crowd)
    let served = 0
    for (const from of crowd)
      for (const to of crowd) {
        if (from === to) continue
        world.pass(from, to, new Uint8Array(1))
        served += world.news().filter(({ message }) => message.kind === 'passed').length
      }
    expect(served).toBe(512)
    world.clock.advance(1_000)
    expect(world.pour(alice, bob, 1)).toBe(1)
  })

  test('answers a hundred questions at once and ten a second', () => {
    const { clock, service, news } = setup()
    const ask = (count: number): number => {
      for (let i = 0; i < count; i++) service.serve(alice, { kind: 'ask', session: bob.sessionId })
      return news().length
    }
    expect(ask(1_000)).toBe(100)
    clock.advance(1_000)
    expect(ask(1_000)).toBe(10)
  })
})

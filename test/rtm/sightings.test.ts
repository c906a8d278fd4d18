import { describe, expect, test } from 'vitest'

import type { SessionId, UserId } from '../../src/base/ids.ts'
import type { Peer } from '../../src/protocol/peer.ts'
import { Sightings } from '../../src/rtm/sightings.ts'

const BOB = 'bob' as UserId

function session(number: number): Peer {
  return { userId: BOB, sessionId: `${number}`.padStart(32, '0') as SessionId, loginTime: number }
}

/** Bob, as his links and the rendezvous tell of him. */
function setup() {
  const heard = new Map<SessionId, number>()
  const sightings = new Sightings((sessionId) => heard.get(sessionId))
  return {
    sightings,
    hear: ({ sessionId }: Peer, at: number) => void heard.set(sessionId, at),
    states: (...times: number[]) => times.map((at) => sightings.state(at)),
  }
}

describe('A user', () => {
  test('of whom nothing is known is offline', () => {
    const { states } = setup()
    expect(states(0, 1_000_000)).toEqual(['offline', 'offline'])
  })

  test('who was only named by somebody is not there, and is not remembered', () => {
    const { sightings, states } = setup()
    sightings.see(session(1))
    expect(states(0)).toEqual(['offline'])
    expect(sightings.get(session(1))).toBeUndefined()
  })

  test('is judged by a link alone: 7 s and 31 s, to the millisecond', () => {
    const { sightings, hear, states } = setup()
    hear(session(1), 0)
    sightings.see(session(1))
    expect(states(7_000, 7_001, 31_000, 31_001)).toEqual(['online', 'unreachable', 'unreachable', 'offline'])
  })

  test('is as well as the best of several sessions', () => {
    const { sightings, hear, states } = setup()
    hear(session(1), 0)
    sightings.see(session(1))
    sightings.see(session(2)).vouched()
    expect(states(20_000)).toEqual(['online'])
    sightings.get(session(2))?.unreachable(7_001, 25_000)
    expect(states(25_000)).toEqual(['unreachable'])
    hear(session(1), 26_000)
    expect(states(26_000)).toEqual(['online'])
    sightings.end(session(1), 'goodbye', 27_000)
    expect(states(27_500)).toEqual(['unreachable'])
    sightings.get(session(2))?.lost()
    expect(states(27_500)).toEqual(['offline'])
  })

  test('whom the server vouches for is not over, however quiet it is, until the server says so', () => {
    const { sightings, states } = setup()
    sightings.see(session(1)).vouched()
    sightings.get(session(1))?.unreachable(7_000, 0)
    expect(states(1, 60_000)).toEqual(['unreachable', 'unreachable'])
    sightings.rendezvousLost(60_000)
    expect(states(60_000)).toEqual(['offline'])
  })

  test('is held for a successor a moment after a goodbye, and longer after a replacement', () => {
    const { sightings, states } = setup()
    sightings.see(session(1)).vouched()
    expect(states(0)).toEqual(['online'])
    sightings.end(session(1), 'goodbye', 0)
    expect(states(249, 250)).toEqual(['online', 'offline'])
    sightings.see(session(2)).vouched()
    expect(states(300)).toEqual(['online'])
    sightings.end(session(2), 'replaced', 1_000)
    expect(states(1_999, 2_000)).toEqual(['online', 'offline'])
  })

  test('whose session was over before is not held when it is said again', () => {
    const { sightings, states } = setup()
    sightings.end(session(1), 'replaced', 0)
    expect(states(0)).toEqual(['offline'])
  })

  test('with more sessions than anybody has costs no more than four', () => {
    const { sightings, states } = setup()
    for (let i = 0; i < 1_000; i++) sightings.see(session(i)).vouched()
    const kept = Array.from({ length: 1_000 }, (_, i) => sightings.get(session(i))).filter(Boolean)
    expect(kept).toHaveLength(4)
    expect(states(0)).toEqual(['online'])
  })
})

describe('After a sleep of this page', () => {
  test('who was online has the whole time to be heard', () => {
    const { sightings, hear, states } = setup()
    hear(session(1), 0)
    sightings.see(session(1))
    expect(states(1_000)).toEqual(['online'])
    sightings.excuse(100_000)
    expect(states(107_000, 107_001)).toEqual(['online', 'unreachable'])
    expect(states(131_000, 131_001)).toEqual(['unreachable', 'offline'])
  })

  test('who was unreachable is not taken for somebody who came back, and has the rest of the time', () => {
    const { sightings, hear, states } = setup()
    hear(session(1), 0)
    sightings.see(session(1))
    expect(states(10_000)).toEqual(['unreachable'])
    sightings.excuse(100_000)
    expect(states(100_000, 123_999, 124_000)).toEqual(['unreachable', 'unreachable', 'offline'])
  })

  test('who is quiet at the server and was heard over a link is not taken for silent', () => {
    const { sightings, hear, states } = setup()
    sightings.see(session(1)).vouched()
    sightings.get(session(1))?.unreachable(7_001, 8_000)
    hear(session(1), 9_000)
    expect(states(9_000)).toEqual(['online'])
    sightings.excuse(100_000)
    expect(states(100_000)).toEqual(['online'])
  })
})

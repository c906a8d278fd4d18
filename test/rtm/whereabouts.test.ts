import { expect, test } from 'vitest'

import type { SessionId, UserId } from '../../src/base/ids.ts'
import type { Peer } from '../../src/protocol/peer.ts'
import { Directory } from '../../src/rtm/directory.ts'
import { Whereabouts } from '../../src/rtm/whereabouts.ts'
import { ManualClock } from '../support/manual-clock.ts'

const bob: Peer = { userId: 'bob' as UserId, sessionId: 'b'.repeat(32) as SessionId, loginTime: 1 }
const later: Peer = { ...bob, sessionId: 'c'.repeat(32) as SessionId, loginTime: 2 }

function setup(heardAgoMs: number | undefined, found: readonly Peer[]) {
  const clock = new ManualClock()
  const lastHeard = () => (heardAgoMs === undefined ? undefined : clock.now() - heardAgoMs)
  const find = () => Promise.resolve(found)
  return new Whereabouts({ clock, directory: new Directory(), find, lastHeard })
}

test('a session that a link heard in the last 7 s is not over because the rendezvous does not know it', async () => {
  expect(await setup(7_000, []).successors(bob)).toBeUndefined()
  expect(await setup(7_001, []).successors(bob)).toEqual([])
  expect(await setup(undefined, []).successors(bob)).toEqual([])
})

test('a session whose user has another one is over, heard of late or not', async () => {
  expect(await setup(0, [later]).successors(bob)).toEqual([later])
  expect(await setup(undefined, [bob]).successors(bob)).toBeUndefined()
})

import { describe, expect, test } from 'vitest'

import type { SessionId, UserId } from '../../src/base/ids.ts'
import type { Peer } from '../../src/protocol/peer.ts'
import { Directory, MAX_KNOWN_USERS } from '../../src/rtm/directory.ts'

const BOB = 'bob' as UserId

function session(name: string, loginTime: number): Peer {
  return { userId: BOB, sessionId: name.repeat(32) as SessionId, loginTime }
}

function setup() {
  const sights: [present: Peer, replaced: Peer | undefined][] = []
  const directory = new Directory((present, replaced) => sights.push([present, replaced]))
  return { directory, sights }
}

describe('Of two logins of a user', () => {
  test('the later one counts, in whatever order they are seen', () => {
    const { directory, sights } = setup()
    const [first, second] = [session('f', 1_000), session('a', 2_000)]
    for (const peer of [first, second, first]) directory.see(peer)
    expect(directory.get(BOB)).toEqual(second)
    expect(sights).toEqual([
      [first, undefined],
      [second, first],
      [second, undefined],
    ])
  })

  test('the later one counts when a server has dated the earlier one back', () => {
    const { directory, sights } = setup()
    const [local, accepted, next] = [session('a', 3_000_000), session('a', 1_000), session('b', 2_000)]
    directory.see(local)
    directory.see(accepted)
    // Its link was opened before that.
    directory.hear(local)
    expect(directory.get(BOB)).toEqual(accepted)
    directory.see(next)
    expect(directory.get(BOB)).toEqual(next)
    expect(sights).toEqual([
      [local, undefined],
      [accepted, undefined],
      [accepted, undefined],
      [next, accepted],
    ])
  })
})

test('Who speaks before anybody named it is seen', () => {
  const { directory } = setup()
  const first = session('a', 1_000)
  directory.hear(first)
  expect(directory.get(BOB)).toEqual(first)
})

test('Of more users than a server has those are forgotten who were seen the longest ago', () => {
  const { directory } = setup()
  const user = (i: number): Peer => ({ ...session('a', 1), userId: `user ${i}` as UserId })
  for (let i = 0; i < MAX_KNOWN_USERS; i++) directory.see(user(i))
  directory.see(user(0))
  directory.see(user(MAX_KNOWN_USERS))
  expect(directory.get('user 0' as UserId)).toBeDefined()
  expect(directory.get('user 1' as UserId)).toBeUndefined()
  expect(directory.get(`user ${MAX_KNOWN_USERS}` as UserId)).toBeDefined()
})

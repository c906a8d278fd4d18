import { describe, expect, test } from 'vitest'

import type { SessionId, UserId } from '../../src/base/ids.ts'
import type { Member } from '../../src/protocol/peer.ts'
import { LOBBY, type Page, setup } from './setup.ts'

/** Members of whom nothing but their names is ever seen. */
const crowd = (from: number, to: number): Member[] =>
  Array.from({ length: to - from }, (_, i) => ({
    userId: `user ${from + i}` as UserId,
    sessionId: (0x10000 + from + i).toString(16).padStart(32, 'f') as SessionId,
    loginTime: 1,
    incarnation: 1,
  }))

const join = (page: Page, members: readonly Member[]): void => {
  for (const member of members) page.rendezvous.deliver(({ joined }) => joined(LOBBY, member))
}
const leave = (page: Page, members: readonly Member[]): void => {
  for (const member of members) page.rendezvous.deliver(({ left }) => left(LOBBY, member))
}

async function lobby() {
  const world = setup()
  world.network.refusal = () => 'No path'
  const [alice] = await world.lobby('alice')
  alice.engine.limits.areOn = false
  return { ...world, alice }
}

describe('The count of members', () => {
  test('comes at once, then at most once a second, always the latest', async () => {
    const { alice, pass } = await lobby()
    join(alice, crowd(0, 1))
    await pass(10)
    join(alice, crowd(1, 5))
    await pass(500)
    leave(alice, crowd(0, 1))
    await pass(480)
    const counts = () => alice.news().filter((line) => line.endsWith('members'))
    expect(counts()).toEqual(['lobby: 2 members'])
    await pass(20)
    expect(counts()).toEqual(['lobby: 5 members'])
    await pass(5_000)
    expect(counts()).toEqual([])
  })

  test('is not told when it is the same again', async () => {
    const { alice, pass } = await lobby()
    join(alice, crowd(0, 1))
    await pass(10)
    join(alice, crowd(1, 2))
    leave(alice, crowd(1, 2))
    await pass(5_000)
    expect(alice.news().filter((line) => line.endsWith('members'))).toEqual(['lobby: 2 members'])
  })

  test('comes at most once in 3 s above 512 members', async () => {
    const { alice, pass } = await lobby()
    join(alice, crowd(0, 600))
    await pass(3_100)
    alice.news()
    for (let i = 600; i < 690; i++) {
      join(alice, crowd(i, i + 1))
      await pass(100)
    }
    const counts = alice.news().filter((line) => line.endsWith('members'))
    expect(counts.length).toBeGreaterThanOrEqual(3)
    expect(counts.length).toBeLessThanOrEqual(4)
  })
})

describe('A channel of more than 512 members', () => {
  test('tells no joins and leaves above, and tells them again below', async () => {
    const { alice, pass } = await lobby()
    const events = () => alice.news().filter((line) => / (joined|left)$/.test(line))
    join(alice, crowd(0, 511))
    await pass(10)
    expect(events()).toHaveLength(511)
    join(alice, crowd(511, 512))
    await pass(10)
    expect(events()).toEqual([])
    leave(alice, crowd(511, 512))
    await pass(10)
    expect(events()).toEqual(['lobby: user 511 left'])
    leave(alice, crowd(510, 511))
    await pass(10)
    expect(events()).toEqual(['lobby: user 510 left'])
  })

  test('lists 512 of them: this user, and a choice of others that differs from call to call', async () => {
    const { alice, pass } = await lobby()
    join(alice, crowd(0, 511))
    await pass(10)
    expect(alice.members()).toHaveLength(512)
    join(alice, crowd(511, 1_500))
    await pass(10)
    const lists = Array.from({ length: 20 }, () => {
      const members = alice.members()
      if (typeof members === 'string') throw new Error(members)
      expect(members).toHaveLength(512)
      expect(members[0]).toBe('alice')
      expect(new Set(members).size).toBe(512)
      return members
    })
    expect(new Set(lists.flat()).size).toBe(1_501)
  })

  test('does not hold a link to each of them', async () => {
    const { alice, pass, network } = await lobby()
    const { attemptCount } = network
    join(alice, crowd(0, 1_000))
    await pass(100)
    expect(network.attemptCount - attemptCount).toBeLessThanOrEqual(24)
    const before = network.attemptCount
    alice.leave()
    await pass(0)
    expect(network.attemptCount - before).toBeLessThanOrEqual(24)
  })

  test('keeps as many links as it may when those that it held leave', async () => {
    const { alice, pass } = await lobby()
    join(alice, crowd(0, 100))
    await pass(100)
    leave(alice, crowd(0, 24))
    await pass(100)
    expect(alice.members()).toHaveLength(77)
    const diagnosis = await alice.engine.diagnose()
    const wanted = diagnosis?.peers.filter(({ state }) => !state.startsWith('not linked')) ?? []
    expect(wanted.length).toBeGreaterThanOrEqual(24)
  })
})

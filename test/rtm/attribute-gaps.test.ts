import { describe, expect, test } from 'vitest'

import type { Page } from './page.ts'
import { setup } from './setup.ts'

const TEA = { kind: 'update', attributes: [{ key: 'topic', value: 'tea' }] } as const
const PERMUTATIONS = [
  [0, 1, 2],
  [0, 2, 1],
  [1, 0, 2],
  [1, 2, 0],
  [2, 0, 1],
  [2, 1, 0],
] as const
/** By then the last answer has come to calls that are made at once, if the server lives: they begin 1 ms apart. */
const LAST_MESSAGE_MS = 24
/** Who returns after a loss does so in this distance. */
const RETURNS_MS = 300
/** A machine that has much else to do needs longer than Vitest gives by itself. */
const TEST_MS = 120_000

function write(page: Page, notify = false) {
  const call: { outcome: unknown } = { outcome: 'pending' }
  page.engine.writeChannelAttributes('den', TEA, notify, (outcome) => (call.outcome = outcome))
  return call
}

function read(page: Page) {
  const call: { outcome: unknown } = { outcome: 'pending' }
  page.engine.readChannelAttributes('den', undefined, (outcome) => {
    if (typeof outcome === 'string') call.outcome = outcome
    else call.outcome = outcome.map(({ value, lastUpdateUserId }) => `${value} of ${lastUpdateUserId}`)
  })
  return call
}

/**
 * Alice and Bob join a channel, to which Carol writes without having joined it; they call one after the other, in this
 * order. The server dies after so many milliseconds, a message takes 5, and knows nobody when they return one by one.
 */
async function serverDies(calls: readonly number[], cutMs: number, returns: readonly number[]) {
  const { lobby, network, realm, pass } = setup()
  network.isSignalled = true
  const pages = await lobby('alice', 'bob', 'carol')
  const [alice, bob, carol] = pages
  const answers: { outcome: unknown }[] = []
  const begin = [() => alice.join('den'), () => bob.join('den'), () => write(carol)]
  for (let ms = 0; ms <= Math.max(cutMs, calls.length); ms++) {
    if (ms === cutMs) {
      realm.stop()
      for (const { rendezvous } of pages) rendezvous.isCutOff = true
    }
    const call = begin[calls[ms] ?? -1]?.()
    if (call) answers.push(call)
    await pass(1)
  }
  realm.start()
  for (const who of returns) {
    const page = pages[who]
    if (page) page.rendezvous.isCutOff = false
    await pass(RETURNS_MS)
  }
  await pass(5_000)
  const reads = [read(alice), read(bob)]
  await pass(500)
  const outcomes = [...answers, ...reads].map(({ outcome }) => outcome)
  for (const { engine } of pages) engine.logout(() => undefined)
  await pass(100)
  return outcomes
}

describe('Joins, and a write of somebody who has not joined, during which the server dies', () => {
  // Alice and Bob do the same: that she calls first is enough.
  test.each([[[0, 1, 2]], [[0, 2, 1]], [[2, 0, 1]]])(
    'succeed and count between whichever two messages it dies, whoever is back first (%j)',
    async (calls) => {
      const lost: string[] = []
      for (let cutMs = 0; cutMs <= LAST_MESSAGE_MS; cutMs++) {
        // Every other order for every other millisecond: Carol is first in one of three, either way.
        for (const returns of PERMUTATIONS.filter((_, i) => (i + cutMs) % 2 === 0)) {
          const outcomes = await serverDies(calls, cutMs, returns)
          const isWell = JSON.stringify(outcomes) === '["ok","ok","ok",["tea of carol"],["tea of carol"]]'
          if (!isWell) lost.push(`${cutMs} ms, back ${returns.join()}: ${JSON.stringify(outcomes)}`)
        }
      }
      expect(lost).toEqual([])
    },
    TEST_MS,
  )
})

test('what was written before anybody joined is known also to a member who finds no other way to it than another one', async () => {
  const { loggedIn, network, pass } = setup()
  network.isSignalled = true
  const carol = await loggedIn('carol')
  const call = write(carol)
  await pass(1_000)
  expect(call.outcome).toBe('ok')
  const alice = await loggedIn('alice')
  alice.join('den')
  await pass(1_000)
  const bob = await loggedIn('bob')
  bob.join('den')
  // Alice has never read them herself, and Carol has heard of neither.
  await pass(1_000)
  const first = read(bob)
  await pass(100)
  expect(first.outcome).toEqual(['tea of carol'])
})

test('who reads through a member whose way to what was written is still being made does not read that there is nothing', async () => {
  const { loggedIn, network, pass } = setup()
  network.isSignalled = true
  const carol = await loggedIn('carol')
  const call = write(carol)
  await pass(1_000)
  expect(call.outcome).toBe('ok')
  const [alice, bob] = [await loggedIn('alice'), await loggedIn('bob')]
  // Nobody reaches Carol for a second and a half.
  const rejoin = network.part((a, b) => [a, b].includes(carol.peer.sessionId))
  alice.join('den')
  await pass(100)
  bob.join('den')
  await pass(400)
  const first = read(bob)
  await pass(1_000)
  rejoin()
  await pass(4_000)
  // The link comes with the next attempt.
  expect(first.outcome).toBe('timeout')
  await pass(10_000)
  const second = read(bob)
  await pass(1_000)
  expect(second.outcome).toEqual(['tea of carol'])
})

test('members who turn up while a write waits for somebody who can tell of them have it when it is answered, and were told once', async () => {
  const { lobby, network, realm, pass } = setup()
  network.isSignalled = true
  const [alice, bob, carol] = await lobby('alice', 'bob', 'carol')
  realm.stop()
  await pass(100)
  const call = write(carol, true)
  await pass(100)
  expect(call.outcome).toBe('pending')
  alice.join('den')
  bob.join('den')
  await pass(4_000)
  expect(call.outcome).toBe('ok')
  const told = (page: Page) => page.log.filter((line) => line.startsWith('den: attributes'))
  expect([told(alice), told(bob)]).toEqual([
    ['den: attributes topic=tea of carol'],
    ['den: attributes topic=tea of carol'],
  ])
})

test('who wrote while a member was away, and is back long before it, is found by it although it knows another one', async () => {
  const { lobby, network, realm, pass } = setup()
  network.isSignalled = true
  const pages = await lobby('alice', 'bob', 'carol')
  const [alice, bob, carol] = pages
  const call = write(carol)
  await pass(12)
  expect(call.outcome).toBe('ok')
  realm.stop()
  for (const { rendezvous } of pages) rendezvous.isCutOff = true
  alice.join('den')
  bob.join('den')
  await pass(1_000)
  expect([alice.members('den'), bob.members('den')]).toEqual([
    ['alice', 'bob'],
    ['bob', 'alice'],
  ])
  realm.start()
  carol.rendezvous.isCutOff = false
  await pass(20_000)
  for (const { rendezvous } of [alice, bob]) rendezvous.isCutOff = false
  // As long again, and the time in which they return.
  await pass(22_000)
  const reads = [read(alice), read(bob)]
  await pass(1_000)
  expect(reads.map(({ outcome }) => outcome)).toEqual([['tea of carol'], ['tea of carol']])
})

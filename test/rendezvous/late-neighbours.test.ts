import { expect, onTestFinished, test } from 'vitest'

import type { Bytes } from '../../src/base/bytes.ts'
import type { UserId } from '../../src/base/ids.ts'
import {
  decodeNeighbourMessage,
  encodeNeighbourMessage,
  type NeighbourMessage,
} from '../../src/protocol/neighbour-messages.ts'
import type { Peer } from '../../src/protocol/peer.ts'
import { Neighbours } from '../../src/rendezvous/neighbours.ts'
import { Places } from '../../src/rendezvous/places.ts'
import { APP } from '../support/credentials.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { MemoryIssuer } from '../support/memory-issuer.ts'
import { MemoryRealm } from '../support/memory-realm.ts'
import { MemoryRendezvous } from '../support/memory-rendezvous.ts'
import { noLog } from '../support/no-log.ts'
import { pass } from '../support/pass-time.ts'
import { provableIdentity } from '../support/provable-identity.ts'
import { LOBBY } from './gather.ts'
import { Participant } from './participant.ts'

/** Alice, who is linked to Bob, and whose file for neighbours comes when a test says so. */
async function setup() {
  const clock = new ManualClock()
  const realm = new MemoryRealm(clock)
  const bob: Peer = { userId: 'bob' as UserId, sessionId: provableIdentity(2).sessionId, loginTime: 1 }
  const told: (NeighbourMessage | undefined)[] = []
  const neighbourhood = {
    near: [bob],
    credentialOf: () => undefined,
    tell: (_: unknown, message: Bytes) => told.push(decodeNeighbourMessage(message)) > 0,
    verify: () => Promise.resolve(undefined),
    members: () => [],
    userOf: () => undefined,
  }
  const loads: (() => void)[] = []
  const announcement = { appId: APP, userId: 'alice' as UserId, token: null, ...provableIdentity(1) }
  const alice = new Participant(announcement, (who, events) => {
    const server = (own: typeof events) => new MemoryRendezvous(realm, who, own)
    const make = (own: typeof events) => new Neighbours({ clock, log: noLog, neighbourhood }, own)
    const neighbours = () => new Promise<typeof make>((resolve) => loads.push(() => resolve(make)))
    return new Places(
      { clock, log: noLog, urls: [], token: null, server, tabs: undefined, neighbours },
      events,
    )
  })
  onTestFinished(async () => {
    alice.rendezvous.goodbye()
    await pass(clock, 6_000)
    expect(clock.pending, 'timers that are left').toBe(0)
  })
  await pass(clock, 100)
  return {
    alice,
    bob,
    realm,
    pass: (ms: number) => pass(clock, ms),
    /** What was told to Bob since the last look. */
    told: () => told.splice(0),
    async fileComes() {
      for (const come of loads.splice(0)) come()
      await pass(clock, 0)
    },
  }
}

const who = encodeNeighbourMessage({
  kind: 'ask',
  request: 1,
  userIds: ['alice' as UserId],
  channelIds: [],
})

test('Who was accepted by another server meanwhile is introduced as that one knows it', async () => {
  const { alice, bob, realm, pass, told, fileComes } = await setup()
  realm.stop()
  realm.issuer = new MemoryIssuer('another secret')
  realm.start()
  await pass(2_000)
  await fileComes()
  alice.rendezvous.heard(bob, who)
  const [answer] = told()
  const credential = alice.welcomes.at(-1)?.credential
  expect(alice.welcomes).toHaveLength(2)
  expect(answer).toEqual({ kind: 'answer', request: 1, introductions: [{ credential, channels: [] }] })
})

test('Who was put away meanwhile asks neighbours when it is shown again and the server is gone', async () => {
  const { alice, realm, pass, told, fileComes } = await setup()
  alice.rendezvous.pause()
  await fileComes()
  realm.stop()
  alice.rendezvous.join(LOBBY, 1)
  expect(told()).toEqual([])
  alice.rendezvous.resume()
  await pass(100)
  expect(told()).toEqual([expect.objectContaining({ kind: 'ask', channelIds: [LOBBY] })])
})

test('Who has logged out meanwhile has no neighbours any more', async () => {
  const { alice, bob, told, fileComes } = await setup()
  alice.rendezvous.goodbye()
  await fileComes()
  alice.rendezvous.heard(bob, who)
  expect(told()).toEqual([])
})

import { expect, onTestFinished, test } from 'vitest'

import { portableCrypto } from '../../src/base/crypto-portable.ts'
import type { ChannelId, UserId } from '../../src/base/ids.ts'
import * as documents from '../../src/rtm/documents-file.ts'
import { Trust } from '../../src/mesh/trust.ts'
import { sessionIdFromHash, sessionIdInput } from '../../src/protocol/credential.ts'
import type { Member, Peer } from '../../src/protocol/peer.ts'
import { AttributePlace } from '../../src/rtm/attribute-place.ts'
import { DocumentLoader } from '../../src/rtm/document-loader.ts'
import { MemoryStore } from '../../src/storage/memory-store.ts'
import { APP, createIssuer, fingerprintOf } from '../support/credentials.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { noLog } from '../support/no-log.ts'
import { pass } from '../support/pass-time.ts'
import { setup as together } from './setup.ts'

const TEA = { kind: 'update', attributes: [{ key: 'topic', value: 'tea' }] } as const
const TEA_OF_ALICE = expect.objectContaining({
  key: 'topic',
  value: 'tea',
  lastUpdateUserId: 'alice',
}) as unknown
const bob: Member = {
  userId: 'bob' as UserId,
  sessionId: sessionIdFromHash(new Uint8Array(32).fill(1)),
  loginTime: 1,
  incarnation: 1,
}

/** Alice's attributes of one channel, beside a rendezvous whose answers a test decides, without links. */
async function setup() {
  const clock = new ManualClock()
  const issuer = await createIssuer()
  const signingKey = await portableCrypto.generateSigningKey()
  const agreementKey = await portableCrypto.generateAgreementKey()
  const fingerprint = fingerprintOf('alice')
  const hash = await portableCrypto.sha256(sessionIdInput({ fingerprint, signingKey: signingKey.publicKey }))
  const credential = await issuer.issue('alice', {
    fingerprint,
    signingKey: signingKey.publicKey,
    issuedAt: clock.now(),
    expiresAt: clock.now() + 3_600_000,
  })
  const trust = new Trust(APP, portableCrypto, clock)
  await trust.addServerKeys([issuer.publicKey])
  const said: string[] = []
  const world = {
    clock,
    said,
    /** Who the rendezvous says has the document; undefined: it cannot tell. */
    holders: [] as readonly Peer[] | undefined,
    loads: true,
    pass: (ms: number) => pass(clock, ms),
    async result<T>(call: Promise<T>): Promise<T> {
      // Longer than a place asks for something in vain: two times, as a visitor.
      await pass(clock, 8_000)
      return call
    },
  }
  const place = new AttributePlace(
    {
      appId: APP,
      userId: 'alice' as UserId,
      identity: {
        certificate: {} as RTCCertificate,
        fingerprint,
        sessionId: sessionIdFromHash(hash),
        signingKey,
        agreementKey,
      },
      crypto: portableCrypto,
      trust,
      clock,
      log: noLog,
      mesh: {
        send: ({ userId }) => void said.push(`sent to ${userId}`),
        openChannel: () => undefined,
        isLinked: () => false,
        hold: ({ userId }, isMutual) => {
          said.push(`holds ${userId}${isMutual === false ? ' alone' : ''}`)
          return () => said.push(`released ${userId}`)
        },
      },
      rendezvous: {
        visit: () => {
          said.push('visit')
          return new Promise((resolve) => void clock.after(50, () => resolve(world.holders)))
        },
        endVisit: () => said.push('endVisit'),
      },
      documents: new DocumentLoader({
        log: noLog,
        loadDocuments: () =>
          world.loads ? Promise.resolve(documents) : Promise.reject(new Error('The file is not there')),
      }),
      settings: { channelAttributesTtlMs: 3_600_000 },
      store: Promise.resolve(new MemoryStore()),
      now: () => clock.now(),
      credential: () => credential,
    },
    'lobby' as ChannelId,
  )
  onTestFinished(async () => {
    place.close()
    await pass(clock, 100)
    expect(clock.pending, 'timers that are left').toBe(0)
  })
  return { ...world, world, place }
}

test('calls that come together ask once who has the document, and all wait for the answer', async () => {
  const { world, place, result, said } = await setup()
  world.holders = [bob]
  const reads = [place.read(undefined), place.read(['topic']), place.read(undefined)]
  // Bob is named, and is not heard of.
  expect(await result(Promise.all(reads))).toEqual(['timeout', 'timeout', 'timeout'])
  expect(said.filter((each) => each === 'visit')).toHaveLength(1)
  expect(said.filter((each) => each.startsWith('holds'))).toEqual(['holds bob alone'])
})

test('what is read in vain is answered while its call has time left', async () => {
  const { world, place, pass: wait } = await setup()
  world.holders = [bob]
  const outcomes: unknown[] = []
  void place.read(undefined).then((outcome) => outcomes.push(outcome))
  await wait(3_900)
  expect(outcomes).toEqual([])
  await wait(200)
  expect(outcomes).toEqual(['timeout'])
})

test('who goes on reading asks again now and then', async () => {
  const { place, result, pass: wait, said } = await setup()
  for (let i = 0; i < 8; i++) {
    void place.read(undefined)
    await wait(500)
  }
  expect(await result(place.read(undefined))).toEqual([])
  expect(said.filter((each) => each === 'visit').length).toBeGreaterThanOrEqual(2)
})

test('without anybody who can tell, nothing is known: neither that there are no attributes, nor who has a write', async () => {
  const { world, place, result } = await setup()
  world.holders = undefined
  expect(await result(place.read(undefined))).toBe('timeout')
  expect(await result(place.write(TEA, false))).toBe('timeout')
  // What was written is kept.
  expect(await result(place.read(undefined))).toMatchObject([{ key: 'topic', value: 'tea' }])
  world.holders = []
  expect(await result(place.write(TEA, false))).toBe('ok')
})

test('who leaves goes on having what nobody else has, and asks the rendezvous only once the channel is left', async () => {
  const { place, result, pass: wait, said } = await setup()
  place.joined({ members: () => [], attributesUpdated: () => undefined })
  expect(await result(place.write(TEA, false))).toBe('ok')
  said.length = 0
  place.left()
  said.push('leave')
  await wait(100)
  expect(place.isNeeded).toBe(true)
  expect(said).toEqual(['leave', 'visit'])
})

test('who alone has something goes on looking for others, ever more seldom, and at once after a return', async () => {
  const { clock, place, result, pass: wait, said } = await setup()
  const from = clock.now()
  const looks = () => said.filter((each) => each === 'visit').length
  expect(await result(place.write(TEA, false))).toBe('ok')
  await wait(60_000 - (clock.now() - from))
  // After 0, 2, 6, 14 and 30 s, and as it becomes 60 s.
  expect(looks()).toBe(6)
  await wait(240_000)
  expect(looks()).toBe(14)
  place.lookAround()
  expect(looks()).toBe(15)
  place.lookAround()
  expect(looks()).toBe(16)
  await wait(2_000)
  expect(looks()).toBe(17)
})

test('who has nothing, or is in the channel, does not look for others by itself', async () => {
  const { place, result, pass: wait, said } = await setup()
  expect(await result(place.read(undefined))).toEqual([])
  await wait(120_000)
  expect(said).toEqual(['visit'])
  place.joined({ members: () => [], attributesUpdated: () => undefined })
  expect(await result(place.write(TEA, false))).toBe('ok')
  await wait(120_000)
  expect(said).toEqual(['visit', 'endVisit', 'visit'])
})

test('of all who are named in time, who looks for long holds links to the latest twelve only', async () => {
  const { world, place, result, pass: wait, said } = await setup()
  expect(await result(place.write(TEA, false))).toBe('ok')
  for (let i = 0; i < 40; i++) {
    world.holders = [{ ...bob, sessionId: sessionIdFromHash(new Uint8Array(32).fill(i + 1)) }]
    place.lookAround()
    await wait(100)
  }
  expect(said.filter((each) => each.startsWith('holds'))).toHaveLength(40)
  expect(said.filter((each) => each.startsWith('released'))).toHaveLength(28)
})

test('an empty document is not needed by anybody', async () => {
  const { place, pass: wait } = await setup()
  place.joined({ members: () => [], attributesUpdated: () => undefined })
  await wait(100)
  place.left()
  expect(place.isNeeded).toBe(false)
})

test('who joins ends the visit, and its links', async () => {
  const { world, place, result, said } = await setup()
  world.holders = [bob]
  await result(place.read(undefined))
  place.joined({ members: () => [bob], attributesUpdated: () => undefined })
  expect(said.slice(-2)).toEqual(['endVisit', 'released bob'])
})

test('without the file that keeps attributes every call fails, until it can be loaded', async () => {
  const { world, place, result } = await setup()
  world.loads = false
  expect(await result(place.read(undefined))).toBe('failure')
  expect(await result(place.write(TEA, false))).toBe('failure')
  world.loads = true
  expect(await result(place.write(TEA, false))).toBe('ok')
})

test('several who read for the first time at the same moment all find the one who has something', async () => {
  const { loggedIn, pass: wait } = together()
  const alice = await loggedIn('alice')
  alice.engine.writeChannelAttributes('den', TEA, false, (outcome) => expect(outcome).toBe('ok'))
  await wait(1_000)
  const others = []
  for (const name of ['bob', 'carol', 'dave', 'erin', 'frank']) others.push(await loggedIn(name))
  const outcomes: unknown[] = []
  for (const { engine } of others)
    engine.readChannelAttributes('den', undefined, (outcome) => outcomes.push(outcome))
  await wait(3_000)
  expect(outcomes).toEqual(others.map(() => [TEA_OF_ALICE]))
})

test('who finds only such as have nothing asks further ones', async () => {
  const { loggedIn, pass: wait } = together()
  const alice = await loggedIn('alice')
  alice.engine.writeChannelAttributes('den', TEA, false, (outcome) => expect(outcome).toBe('ok'))
  await wait(1_000)
  alice.rendezvous.isCutOff = true
  alice.rendezvous.lose()
  await wait(40_000)
  const outcomes: unknown[] = []
  const read = async (name: string) => {
    const { engine } = await loggedIn(name)
    engine.readChannelAttributes('den', undefined, (outcome) => outcomes.push(outcome))
    await wait(3_000)
  }
  for (const name of ['bob', 'carol', 'dave', 'erin']) await read(name)
  expect(outcomes.splice(0)).toEqual([[], [], [], []])
  alice.rendezvous.isCutOff = false
  await wait(35_000)
  await read('frank')
  expect(outcomes).toEqual([[TEA_OF_ALICE]])
})

test('who finds nobody among the first, and further ones who have nothing, reads in time that there is nothing', async () => {
  const { loggedIn, pass: wait } = together()
  const outcomes: unknown[] = []
  const read = async (name: string) => {
    const page = await loggedIn(name)
    page.engine.readChannelAttributes('den', undefined, (outcome) => outcomes.push(outcome))
    await wait(3_000)
    return page
  }
  const others = []
  for (const name of ['alice', 'bob', 'carol', 'dave']) others.push(await read(name))
  expect(outcomes.splice(0)).toEqual([[], [], [], []])
  for (const page of others.slice(0, 3)) page.crash()
  await read('erin')
  await wait(2_100)
  expect(outcomes).toEqual([[]])
})

test('who was said to have something, and is found nowhere, is not waited for again and again', async () => {
  const { loggedIn, pass: wait } = together()
  const [alice, bob] = [await loggedIn('alice'), await loggedIn('bob')]
  alice.engine.writeChannelAttributes('den', TEA, false, (outcome) => expect(outcome).toBe('ok'))
  await wait(1_000)
  alice.crash()
  const outcomes: unknown[] = []
  const read = () => bob.engine.readChannelAttributes('den', undefined, (outcome) => outcomes.push(outcome))
  for (const ms of [25_000, 25_000, 200]) {
    read()
    await wait(ms)
  }
  expect(outcomes).toEqual(['timeout', 'timeout', []])
})

test('who was visited and is found nowhere is forgotten also by members', async () => {
  const { loggedIn, realm, pass: wait } = together()
  const [alice, bob] = [await loggedIn('alice'), await loggedIn('bob')]
  alice.engine.writeChannelAttributes('den', TEA, false, (outcome) => expect(outcome).toBe('ok'))
  await wait(1_000)
  bob.join('den')
  await wait(1_000)
  const others = async () => (await bob.session?.diagnose())?.peers.map(({ userId }) => userId)
  expect(await others()).toEqual(['alice'])
  // The server that comes back has not heard of her.
  realm.stop()
  alice.crash()
  await wait(40_000)
  realm.start()
  // A session is remembered for 3 minutes.
  await wait(220_000)
  expect(await others()).toEqual([])
})

test('what was written offline by somebody who had not joined comes to the only member when both are back', async () => {
  const { loggedIn, network, pass: wait } = together()
  network.isSignalled = true
  const [alice, bob] = [await loggedIn('alice'), await loggedIn('bob')]
  const write = (value: string) => {
    const change = { kind: 'update', attributes: [{ key: 'topic', value }] } as const
    alice.engine.writeChannelAttributes('den', change, false, () => undefined)
  }
  write('tea')
  await wait(1_000)
  bob.join('den')
  await wait(1_000)
  const rejoin = network.part(() => true)
  alice.rendezvous.isCutOff = true
  alice.rendezvous.lose()
  await wait(200_000)
  write('milk')
  await wait(10_000)
  rejoin()
  alice.rendezvous.isCutOff = false
  await wait(20_000)
  const outcomes: unknown[] = []
  bob.engine.readChannelAttributes('den', undefined, (outcome) => outcomes.push(outcome))
  await wait(1_000)
  expect(outcomes).toEqual([[expect.objectContaining({ key: 'topic', value: 'milk' })]])
})

test('a call that waits for a slow disk is answered when its user logs out', async () => {
  const { loggedIn, pass: wait } = together()
  const alice = await loggedIn('alice')
  alice.browser.delayMs = () => 2_000
  const outcomes: unknown[] = []
  const den = 'den' as ChannelId
  alice.engine.writeChannelAttributes(den, TEA, false, (outcome) => outcomes.push(outcome))
  alice.engine.readChannelAttributes(den, undefined, (outcome) => outcomes.push(outcome))
  await wait(200)
  expect(outcomes).toEqual([])
  alice.engine.logout(() => undefined)
  expect(outcomes).toEqual(['failure', 'failure'])
  await wait(10_000)
  expect(outcomes).toHaveLength(2)
})

import { describe, expect, test } from 'vitest'

import type { Bytes } from '../../src/base/bytes.ts'
import type { SessionId, UserId } from '../../src/base/ids.ts'
import type { AttributeChange } from '../../src/documents/attribute.ts'
import * as documents from '../../src/rtm/documents-file.ts'
import { decodeItem, type Item } from '../../src/protocol/items.ts'
import type { Peer } from '../../src/protocol/peer.ts'
import { Directory } from '../../src/rtm/directory.ts'
import type { UserReadOutcome } from '../../src/rtm/outcomes.ts'
import {
  UserAttributeExchange,
  type UserAttributeExchangeOptions,
} from '../../src/rtm/user-attribute-exchange.ts'
import { UserAttributes } from '../../src/rtm/user-attributes.ts'
import { Whereabouts } from '../../src/rtm/whereabouts.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { settle } from '../support/pass-time.ts'
import type { Call } from './page.ts'
import { type Page, setup } from './setup.ts'

const KB = 1024

const set = (record: Record<string, string>): AttributeChange => ({
  kind: 'set',
  attributes: Object.entries(record).map(([key, value]) => ({ key, value })),
})

/** What a read answered: a word, or the attributes. */
function outcomeOf({ outcome }: Call<UserReadOutcome>) {
  return typeof outcome === 'string'
    ? outcome
    : Object.fromEntries(outcome.map(({ key, value }) => [key, value]))
}

/** Alice and Bob, logged in, and Bob's mood is good. */
async function world() {
  const all = setup()
  const [alice, bob] = [await all.loggedIn('alice'), await all.loggedIn('bob')]
  expect(bob.writeAttributes(set({ mood: 'good', team: 'red' })).outcome).toBe('ok')
  return {
    ...all,
    alice,
    bob,
    /** What somebody sees of Bob after 100 ms. */
    seen: async (by: Page = alice, keys?: readonly string[]) => {
      const call = by.readAttributes('bob', keys)
      await all.pass(100)
      return outcomeOf(call)
    },
  }
}

describe("A user's attributes", () => {
  test('are read by others, all or some, who share no channel with the user', async () => {
    const { seen, alice } = await world()
    expect(await seen()).toEqual({ mood: 'good', team: 'red' })
    expect(await seen(alice, ['team', 'unknown'])).toEqual({ team: 'red' })
    expect(await seen(alice, ['unknown'])).toEqual({})
  })

  test('are written at once, and read by the user itself at once', async () => {
    const { bob } = await world()
    expect(outcomeOf(bob.readAttributes('bob'))).toEqual({ mood: 'good', team: 'red' })
    const change: AttributeChange = { kind: 'update', attributes: [{ key: 'mood', value: 'bad' }] }
    expect(bob.writeAttributes(change).outcome).toBe('ok')
    expect(outcomeOf(bob.readAttributes('bob', ['mood']))).toEqual({ mood: 'bad' })
    expect(bob.writeAttributes({ kind: 'delete', keys: ['mood', 'unknown'] }).outcome).toBe('ok')
    expect(outcomeOf(bob.readAttributes('bob'))).toEqual({ team: 'red' })
    expect(bob.writeAttributes({ kind: 'clear' }).outcome).toBe('ok')
    expect(outcomeOf(bob.readAttributes('bob'))).toEqual({})
  })

  test('are read as they are at that time, change after change', async () => {
    const { seen, bob } = await world()
    for (const record of [{ mood: 'bad' }, {}, { mood: 'good', hat: 'on' }]) {
      bob.writeAttributes(set(record))
      expect(await seen()).toEqual(record)
    }
  })

  test('are the same for the user and for others also where a value has half a character', async () => {
    const { seen, bob } = await world()
    bob.writeAttributes(set({ mood: 'x\ud800y', hat: '\ufeff🎩' }))
    const written = { mood: 'x\ufffdy', hat: '\ufeff🎩' }
    expect(outcomeOf(bob.readAttributes('bob'))).toEqual(written)
    expect(await seen()).toEqual(written)
  })

  test('travel once: later only changes do', async () => {
    const { seen, bob, network } = await world()
    bob.writeAttributes(set({ large: 'x'.repeat(8 * KB) }))
    const sizes: number[] = []
    network.fault = (_, packet) => {
      sizes.push(packet.byteLength)
      return undefined
    }
    await seen()
    expect(Math.max(...sizes.splice(0))).toBeGreaterThan(8 * KB)
    bob.writeAttributes({ kind: 'update', attributes: [{ key: 'mood', value: 'good' }] })
    expect(await seen()).toEqual({ large: 'x'.repeat(8 * KB), mood: 'good' })
    expect(Math.max(...sizes)).toBeLessThan(200)
  })

  test('are void after a logout, and those of the next login are its own', async () => {
    const { seen, bob, pass } = await world()
    bob.logout()
    await pass(100)
    expect(await seen()).toBe('user-not-found')
    expect(outcomeOf(bob.readAttributes('bob'))).toBe('not-logged-in')
    bob.login()
    await pass(100)
    expect(outcomeOf(bob.readAttributes('bob'))).toEqual({})
    expect(await seen()).toEqual({})
    bob.writeAttributes(set({ mood: 'new' }))
    expect(await seen()).toEqual({ mood: 'new' })
  })

  test('outlive a server that is away for long and forgets everybody', async () => {
    const { seen, alice, bob, realm, pass, loggedIn } = await world()
    expect(await seen()).toEqual({ mood: 'good', team: 'red' })
    realm.stop()
    await pass(40_000)
    expect(bob.writeAttributes({ kind: 'delete', keys: ['team'] }).outcome).toBe('ok')
    expect(await seen()).toEqual({ mood: 'good' })
    realm.start()
    await pass(2_000)
    const carol = await loggedIn('carol')
    expect(await seen(carol)).toEqual({ mood: 'good' })
    expect(await seen(alice)).toEqual({ mood: 'good' })
  })

  test('are those of the session that is logged in now', async () => {
    const { seen, loggedIn } = await world()
    expect(await seen()).toEqual({ mood: 'good', team: 'red' })
    const second = await loggedIn('bob')
    expect(await seen()).toEqual({})
    second.writeAttributes(set({ mood: 'second' }))
    expect(await seen()).toEqual({ mood: 'second' })
  })
})

describe('A read', () => {
  test('of a user who is not online says so', async () => {
    const { alice, pass } = await world()
    const call = alice.readAttributes('carol')
    await pass(50)
    expect(call.outcome).toBe('user-not-found')
  })

  test('times out after 5 s, to the millisecond, when there is no path to the user', async () => {
    const { alice, network, pass } = await world()
    network.refusal = () => 'No path'
    const call = alice.readAttributes('bob')
    await pass(4_999)
    expect(call.outcome).toBe('pending')
    await pass(1)
    expect(call.outcome).toBe('timeout')
  })

  test('that timed out is not asked any more, and no link is opened for it', async () => {
    const { alice, network, pass } = await world()
    network.refusal = () => 'No path'
    const calls = Array.from({ length: 40 }, () => alice.readAttributes('bob'))
    await pass(5_000)
    expect(new Set(calls.map(outcomeOf))).toEqual(new Set(['timeout']))
    const diagnosis = await alice.engine.diagnose()
    expect(diagnosis?.peers.map(({ queuedBytes }) => queuedBytes)).toEqual([0])
    network.refusal = () => undefined
    await pass(60_000)
    expect(network.cables).toHaveLength(0)
  })

  test('asks on while nobody can tell where the user is, and has its answer when somebody can', async () => {
    const { alice, realm, pass } = await world()
    realm.stop()
    const early = alice.readAttributes('bob')
    await pass(2_000)
    expect(early.outcome).toBe('pending')
    await pass(3_000)
    expect(early.outcome).toBe('timeout')
    const late = alice.readAttributes('bob')
    await pass(2_000)
    realm.start()
    await pass(2_500)
    expect(outcomeOf(late)).toEqual({ mood: 'good', team: 'red' })
  })

  test('says that the user is not online when its session ends before it answers', async () => {
    const { alice, bob, seen, network, pass } = await world()
    await seen()
    network.cable(alice.peer, bob.peer).break('silent')
    const call = alice.readAttributes('bob')
    await pass(100)
    expect(call.outcome).toBe('pending')
    bob.logout()
    await pass(50)
    expect(call.outcome).toBe('user-not-found')
  })

  test('asks the next session of a user whose session ends before it answers', async () => {
    const { alice, bob, seen, loggedIn, network, pass } = await world()
    await seen()
    network.cable(alice.peer, bob.peer).break('silent')
    const call = alice.readAttributes('bob')
    await pass(100)
    const second = await loggedIn('bob')
    second.writeAttributes(set({ mood: 'second' }))
    await pass(200)
    expect(outcomeOf(call)).toEqual({ mood: 'second' })
  })

  test('finds the next session of a user whose former one it knows and cannot reach', async () => {
    const { alice, seen, loggedIn, pass } = await world()
    await seen()
    // The link is idle and closed, and Alice is away when Bob moves.
    await pass(70_000)
    alice.rendezvous.lose()
    const second = await loggedIn('bob')
    second.writeAttributes(set({ mood: 'second' }))
    await pass(1_000)
    expect(await seen()).toEqual({ mood: 'second' })
  })

  test('finds that a user is gone whose former session it knows and cannot reach', async () => {
    const { alice, bob, seen, pass } = await world()
    await seen()
    await pass(70_000)
    alice.rendezvous.lose()
    bob.logout()
    await pass(1_000)
    expect(await seen()).toBe('user-not-found')
  })

  test('is a failure when the own session ends before the answer', async () => {
    const { alice, network, pass } = await world()
    network.refusal = () => 'No path'
    const call = alice.readAttributes('bob')
    await pass(1_000)
    alice.logout()
    expect(call.outcome).toBe('failure')
  })

  test('is a failure while documents cannot be loaded; the next one tries again', async () => {
    const { seen, page, pass } = await world()
    const carol = page('carol')
    const environment = Object.assign(carol.environment, {
      loadDocuments: () => Promise.reject<typeof documents>(new TypeError('Failed to fetch')),
    })
    carol.login()
    await pass(100)
    expect(await seen(carol)).toBe('failure')
    environment.loadDocuments = () => Promise.resolve(documents)
    expect(await seen(carol)).toEqual({ mood: 'good', team: 'red' })
  })

  test('times out after 5 s also when documents are still being loaded', async () => {
    const { page, pass } = await world()
    const carol = page('carol')
    Object.assign(carol.environment, { loadDocuments: () => new Promise(() => undefined) })
    carol.login()
    await pass(100)
    const call = carol.readAttributes('bob')
    await pass(4_999)
    expect(call.outcome).toBe('pending')
    await pass(1)
    expect(call.outcome).toBe('timeout')
  })

  test('is answered by a page that could not load documents before', async () => {
    const { alice, page, pass } = await world()
    const carol = page('carol')
    const environment = Object.assign(carol.environment, {
      loadDocuments: () => Promise.reject<typeof documents>(new TypeError('Failed to fetch')),
    })
    carol.login()
    await pass(100)
    expect(carol.writeAttributes(set({ mood: 'good' })).outcome).toBe('ok')
    const early = alice.readAttributes('carol')
    await pass(5_000)
    expect(early.outcome).toBe('timeout')
    environment.loadDocuments = () => Promise.resolve(documents)
    const late = alice.readAttributes('carol')
    await pass(100)
    expect(outcomeOf(late)).toEqual({ mood: 'good' })
  })
})

describe('The attribute calls', () => {
  const channelWrite = (page: Page, channelId: unknown, change: AttributeChange | undefined) => {
    const outcomes: string[] = []
    page.engine.writeChannelAttributes(channelId, change, false, (outcome) => outcomes.push(outcome))
    return outcomes[0]
  }
  const channelRead = (page: Page, channelId: unknown, keys?: readonly string[]) => {
    const outcomes: unknown[] = []
    page.engine.readChannelAttributes(channelId, keys, (outcome) => outcomes.push(outcome))
    return outcomes[0]
  }

  test('need a login, whatever their arguments are', () => {
    const alice = setup().page('alice')
    expect(alice.writeAttributes(undefined).outcome).toBe('not-logged-in')
    expect(alice.readAttributes(7).outcome).toBe('not-logged-in')
    expect(channelWrite(alice, 7, undefined)).toBe('not-logged-in')
    expect(channelRead(alice, 7)).toBe('not-logged-in')
  })

  test('look at their arguments before they count', async () => {
    const { alice } = await world()
    for (let i = 0; i < 50; i++) {
      expect(alice.writeAttributes(undefined).outcome).toBe('invalid-attributes')
      expect(alice.writeAttributes(set({ mood: '' })).outcome).toBe('invalid-attributes')
      expect(alice.writeAttributes({ kind: 'delete', keys: [] }).outcome).toBe('invalid-keys')
      expect(alice.readAttributes('é').outcome).toBe('invalid-user-id')
      expect(alice.readAttributes('bob', []).outcome).toBe('invalid-keys')
      expect(channelWrite(alice, 'é', set({ mood: 'good' }))).toBe('invalid-channel-id')
      expect(channelWrite(alice, 'lobby', set({ '': 'good' }))).toBe('invalid-attributes')
      expect(channelWrite(alice, 'lobby', undefined)).toBe('invalid-attributes')
      expect(channelRead(alice, undefined)).toBe('invalid-channel-id')
      expect(channelRead(alice, 'lobby', ['two words'])).toBe('invalid-keys')
    }
    expect(alice.writeAttributes(set({ mood: 'good' })).outcome).toBe('ok')
  })

  test('have limits: 10 writes and 40 reads in 5 s', async () => {
    const { alice, pass } = await world()
    const change = set({ mood: 'good' })
    const writes = Array.from({ length: 11 }, () => alice.writeAttributes(change).outcome)
    expect(writes).toEqual([...Array.from({ length: 10 }, () => 'ok'), 'too-often'])
    expect(channelWrite(alice, 'lobby', change)).not.toBe('too-often')
    for (let i = 0; i < 40; i++) expect(alice.readAttributes('alice').outcome).not.toBe('too-often')
    expect(alice.readAttributes('bob', ['mood']).outcome).toBe('too-often')
    await pass(5_000)
    expect(alice.writeAttributes(change).outcome).toBe('ok')
    expect(outcomeOf(alice.readAttributes('alice'))).toEqual({ mood: 'good' })
  })

  test('say that too much is too much, and change nothing then', async () => {
    const { alice } = await world()
    const half = 'x'.repeat(8 * KB - 1)
    expect(alice.writeAttributes(set({ a: half, b: half })).outcome).toBe('ok')
    const more: AttributeChange = { kind: 'update', attributes: [{ key: 'c', value: 'x' }] }
    expect(alice.writeAttributes(more).outcome).toBe('size-overflow')
    expect(alice.writeAttributes(set({ a: `${half}xx` })).outcome).toBe('size-overflow')
    expect(outcomeOf(alice.readAttributes('alice'))).toEqual({ a: half, b: half })
  })

  test('answer nothing once another login has taken over', async () => {
    const { alice, loggedIn, pass } = await world()
    await loggedIn('alice')
    await pass(50)
    expect(alice.writeAttributes(set({ mood: 'good' })).outcome).toBe('aborted')
    expect(alice.readAttributes('bob').outcome).toBe('aborted')
    expect(channelWrite(alice, 'lobby', set({ mood: 'good' }))).toBe('aborted')
    expect(channelRead(alice, 'lobby')).toBe('aborted')
  })
})

/** One user's attributes with nothing around them; what they send is written down. */
function alone() {
  const clock = new ManualClock()
  const sent: { readonly to: Peer; readonly item: Item | undefined }[] = []
  const directory = new Directory(() => undefined)
  const find = () => Promise.resolve([])
  const options: Omit<UserAttributeExchangeOptions, 'own'> = {
    clock,
    directory,
    mesh: {
      send: (to, bytes, settled) => {
        sent.push({ to, item: decodeItem(bytes) })
        return { bytes, settled, since: clock.now() }
      },
      withdraw: () => false,
    },
    whereabouts: new Whereabouts({ clock, directory, find, lastHeard: () => undefined }),
    loadDocuments: () => Promise.resolve(documents),
  }
  const attributes = new UserAttributes({
    userId: 'alice' as UserId,
    clock,
    make: (own) => Promise.resolve(new UserAttributeExchange({ ...options, own })),
  })
  const peer = (userId: string): Peer => ({
    userId: userId as UserId,
    sessionId: userId.padEnd(32, '0') as SessionId,
    loginTime: 1,
  })
  return {
    clock,
    attributes,
    /** What was sent since the last look. */
    sent: async () => {
      await settle()
      return sent.splice(0)
    },
    peer,
    /** Asks Bob; how it went, and with which request. */
    read: async () => {
      directory.see(peer('bob'))
      const outcomes: unknown[] = []
      attributes.read('bob' as UserId, undefined, (outcome) => outcomes.push(outcome))
      await settle()
      const item = sent.splice(0)[0]?.item
      if (item?.kind !== 'user-attributes-request') throw new Error('Bob was not asked')
      return { outcomes, request: item.request, stateVector: item.stateVector }
    },
    answer: (from: string, request: number, update: Bytes) =>
      attributes.receive(peer(from), { kind: 'user-attributes', request, update }),
    ask: (from: string, request: number, stateVector: Bytes = new Uint8Array()) =>
      attributes.receive(peer(from), { kind: 'user-attributes-request', request, stateVector }),
  }
}

const bobsUpdate = (record: Record<string, string>): Bytes =>
  new documents.UserDocument(new Map(Object.entries(record))).update(new Uint8Array())

describe('A hostile peer', () => {
  test('cannot answer what it was not asked, nor twice', async () => {
    const { read, answer } = alone()
    const { outcomes, request } = await read()
    answer('mallory', request, bobsUpdate({ mood: 'bad' }))
    answer('bob', request + 1, bobsUpdate({ mood: 'bad' }))
    expect(outcomes).toEqual([])
    answer('bob', request, bobsUpdate({ mood: 'good' }))
    answer('bob', request, bobsUpdate({ mood: 'bad' }))
    expect(outcomes).toEqual([[{ key: 'mood', value: 'good' }]])
    const again = await read()
    answer('bob', again.request, bobsUpdate({ mood: 'good' }))
    expect(again.outcomes).toEqual([[{ key: 'mood', value: 'good' }]])
  })

  test('that answers with anything else has no attributes', async () => {
    const { read, answer } = alone()
    for (const update of [new Uint8Array(), new Uint8Array([1, 2, 3]), new Uint8Array(64 * KB).fill(255)]) {
      const { outcomes, request } = await read()
      answer('bob', request, update)
      expect(outcomes).toEqual([[]])
    }
  })

  test('is answered until it has had its share, and again 5 s later; others are answered all the time', async () => {
    const { attributes, ask, sent, clock } = alone()
    attributes.write(set({ large: 'x'.repeat(8 * KB) }))
    let answered = 0
    for (let i = 0; i < 2_000; i++) {
      ask('mallory', i)
      answered += (await sent()).length
    }
    // 40 reads in 5 s are what the API allows.
    expect(answered).toBeGreaterThanOrEqual(80)
    expect(answered).toBeLessThan(400)
    ask('bob', 1)
    expect(await sent()).toHaveLength(1)
    clock.advance(5_000)
    ask('mallory', 1)
    expect(await sent()).toHaveLength(1)
  })

  test('pays for how long its questions are', async () => {
    const { ask, sent } = alone()
    for (let i = 0; i < 1_000; i++) ask('mallory', i, new Uint8Array(32 * KB))
    expect((await sent()).length).toBeLessThan(100)
  })

  test('is not answered without end while documents are being loaded either', async () => {
    const { ask, sent } = alone()
    for (let i = 0; i < 100_000; i++) ask('mallory', i)
    expect((await sent()).length).toBeLessThan(20_000)
  })

  test('gets no more than its share by asking much at once', async () => {
    const { attributes, ask, sent } = alone()
    attributes.write(set({ large: 'x'.repeat(8 * KB) }))
    for (let i = 0; i < 5_000; i++) ask('mallory', i)
    expect((await sent()).length).toBeLessThan(400)
  })
})

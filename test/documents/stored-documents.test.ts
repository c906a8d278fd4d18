import { describe, expect, test, vi } from 'vitest'

import { utf8 } from '../../src/base/bytes.ts'
import { DocumentStorage } from '../../src/documents/document-storage.ts'
import { AUTHORS, RECORDS } from '../../src/documents/inspection.ts'
import { decodeRecord } from '../../src/protocol/attribute-record.ts'
import { openCredential } from '../../src/protocol/credential.ts'
import { MemoryStore } from '../../src/storage/memory-store.ts'
import * as Y from 'yjs'

import { createIssuer } from '../support/credentials.ts'
import { noLog } from '../support/no-log.ts'
import { seededRandom } from '../support/random.ts'
import { vary } from '../support/vary.ts'
import { type Holder, HOUR_MS, LOBBY } from './holder.ts'
import { createWorld, type World } from './world.ts'

const KEY = `channel/${LOBBY}`

/** The same user in a new page; the former one is gone. */
async function reload({ leave, holder }: World, one: Holder, options: object = {}): Promise<Holder> {
  await leave(one)
  return holder(one.peer.userId, { store: one.parts.store, ...options })
}

/** What is stored, as a document. */
async function storedDocument({ parts }: Holder): Promise<Y.Doc> {
  const stored = await new DocumentStorage(parts.store, LOBBY, noLog).load()
  const doc = new Y.Doc()
  Y.applyUpdate(doc, stored?.update ?? new Uint8Array([0, 0]))
  return doc
}

describe('Attributes on this machine', () => {
  test('are there after a reload, with nobody else, as they were', async () => {
    const world = await createWorld()
    const alice = await world.holder('alice')
    await world.result(alice.set('a', '1'))
    const before = await alice.attributes()
    const again = await reload(world, alice)
    expect(await again.attributes()).toEqual(before)
    const third = await reload(world, again)
    expect(await third.attributes()).toEqual(before)
  })

  test('of others are there too, and stay theirs', async () => {
    const world = await createWorld()
    const [alice, bob] = await world.lobby('alice', 'bob')
    await world.result(bob.set('b', '1'))
    await world.result(alice.set('a', '1'))
    await world.leave(bob)
    const again = await reload(world, alice)
    expect(await again.read()).toBe('a=1 (alice) b=1 (bob)')
  })

  test('that were deleted are not', async () => {
    const world = await createWorld()
    const alice = await world.holder('alice')
    await world.result(alice.set('a', '1'))
    await world.result(alice.delete('a'))
    expect(await (await reload(world, alice)).read()).toBe('')
  })

  test('are those of the last moment, also if the page closes right after a write', async () => {
    const world = await createWorld()
    const [alice] = await world.lobby('alice', 'bob')
    await world.result(alice.set('a', '1'))
    void alice.set('a', '2')
    await world.pass(1)
    await alice.document.close()
    const doc = await storedDocument(alice)
    const bytes = doc.getMap<Uint8Array>(RECORDS).get('a\0alice')
    expect(bytes && decodeRecord('a\0alice', bytes)?.value).toBe('2')
  })

  test('are written by a page that is closed no more', async () => {
    const world = await createWorld()
    const [alice, bob] = await world.lobby('alice', 'bob')
    await world.result(alice.set('a', '1'))
    void alice.set('b', '1')
    const closing = alice.document.close()
    const set = vi.spyOn(alice.parts.store, 'set')
    await closing
    void alice.set('c', '1')
    void bob.set('d', '1')
    await world.pass(60 * 60_000)
    expect(set).not.toHaveBeenCalled()
    expect(await alice.set('e', '1')).toBe('failure')
    expect(alice.lines()).toBe('')
  })

  test('are not written at every change, but soon', async () => {
    const world = await createWorld()
    const [alice, bob] = await world.lobby('alice', 'bob')
    await world.result(alice.set('a', '1'))
    const set = vi.spyOn(bob.parts.store, 'set')
    for (let i = 0; i < 20; i++) void alice.set('a', `${i}`)
    await world.pass(1_000)
    expect(set.mock.calls.length).toBeGreaterThan(0)
    expect(set.mock.calls.length).toBeLessThan(4)
  })
})

describe('Kept so long', () => {
  test('they are gone when nobody was in the channel for that time', async () => {
    const world = await createWorld()
    const alice = await world.holder('alice', { ttlMs: HOUR_MS })
    await world.result(alice.set('a', '1'))
    await world.leave(alice)
    await world.pass(HOUR_MS - 1_000)
    const soon = await world.holder('alice', { store: alice.parts.store, ttlMs: HOUR_MS })
    expect(await soon.read()).toBe('a=1 (alice)')
    await world.leave(soon)
    await world.pass(HOUR_MS + 1_000)
    const late = await world.holder('alice', { store: alice.parts.store, ttlMs: HOUR_MS })
    expect(await late.read()).toBe('')
    expect(await alice.parts.store.get(KEY)).toBeUndefined()
  })

  test('the time begins when the last member has gone, not at the last write', async () => {
    const world = await createWorld()
    const alice = await world.holder('alice', { ttlMs: HOUR_MS })
    await world.result(alice.set('a', '1'))
    await world.pass(5 * HOUR_MS + 5 * 60_000)
    await world.leave(alice)
    await world.pass(HOUR_MS - 60_000)
    const again = await world.holder('alice', { store: alice.parts.store, ttlMs: HOUR_MS })
    expect(await again.read()).toBe('a=1 (alice)')
  })

  test('also for who leaves the channel and keeps the page', async () => {
    const world = await createWorld()
    const alice = await world.holder('alice', { ttlMs: HOUR_MS })
    await world.result(alice.set('a', '1'))
    await world.pass(5 * 60_000)
    alice.document.isMember = false
    await world.pass(HOUR_MS - 60_000)
    expect(alice.document.hasContent).toBe(true)
    expect(await alice.read()).toBe('a=1 (alice)')
    await world.pass(2 * 60_000)
    expect(alice.document.hasContent).toBe(false)
    expect(await alice.read()).toBe('')
    expect(await alice.parts.store.get(KEY)).toBeUndefined()
  })

  test('what is over does not come back with the next write', async () => {
    const world = await createWorld()
    const alice = await world.holder('alice', { ttlMs: HOUR_MS, isMember: false })
    await world.result(alice.set('old', '1'))
    await world.pass(HOUR_MS + 60_000)
    await world.result(alice.set('new', '1'))
    expect(await alice.read()).toBe('new=1 (alice)')
  })

  test('what is over is given to nobody', async () => {
    const world = await createWorld()
    const alice = await world.holder('alice', { ttlMs: HOUR_MS, isMember: false })
    await world.result(alice.set('old', '1'))
    await world.pass(HOUR_MS + 60_000)
    const bob = await world.holder('bob')
    alice.knows(bob)
    await world.pass(3_000)
    expect(await bob.read()).toBe('')
  })

  test('a clock that was a day ahead keeps them no longer', async () => {
    const world = await createWorld()
    const alice = await world.holder('alice', { ttlMs: HOUR_MS, aheadMs: 24 * HOUR_MS })
    await world.result(alice.set('a', '1'))
    await world.leave(alice)
    const again = await world.holder('alice', { store: alice.parts.store, ttlMs: HOUR_MS })
    again.document.isMember = false
    await world.pass(2 * HOUR_MS)
    expect(again.document.hasContent).toBe(false)
  })
})

describe('A record on the disk', () => {
  async function stored(): Promise<{ world: World; alice: Holder; bytes: Uint8Array<ArrayBuffer> }> {
    const world = await createWorld()
    const alice = await world.holder('alice')
    await world.result(alice.set('a', '1'))
    await world.leave(alice)
    return { world, alice, bytes: (await alice.parts.store.get(KEY)) ?? new Uint8Array() }
  }

  test.each([
    ['that is cut off', (bytes: Uint8Array) => bytes.slice(0, -1)],
    ['with something after it', (bytes: Uint8Array) => new Uint8Array([...bytes, 0])],
    ['of another format', (bytes: Uint8Array) => new Uint8Array([2, ...bytes.slice(1)])],
    ['of something else', () => utf8('nonsense')],
    ['of no bytes', () => new Uint8Array()],
  ])('%s is dropped, with one line in the log', async (_, change) => {
    const { world, alice, bytes } = await stored()
    await alice.parts.store.set([KEY, new Uint8Array(change(bytes))])
    const again = await world.holder('alice', { store: alice.parts.store })
    expect(again.log.map(({ sentence }) => sentence)).toEqual(['A stored document was dropped'])
    expect(await again.parts.store.get(KEY)).toBeUndefined()
    expect(await again.read()).toBe('')
    expect(await world.result(again.set('b', '1'))).toBe('ok')
  })

  test('with a document of another shape is dropped', async () => {
    const { world, alice } = await stored()
    const other = new Y.Doc()
    other.getArray(RECORDS).push(['list'])
    const storage = new DocumentStorage(alice.parts.store, LOBBY, noLog)
    const before = await storage.load()
    if (!before) throw new Error('It is there')
    await storage.save({ ...before, update: new Uint8Array(Y.encodeStateAsUpdate(other)) })
    const again = await world.holder('alice', { store: alice.parts.store })
    expect(again.log).toHaveLength(1)
    expect(await again.read()).toBe('')
  })

  test('with records that nobody signed shows none of them', async () => {
    const { world, alice } = await stored()
    const storage = new DocumentStorage(alice.parts.store, LOBBY, noLog)
    const before = await storage.load()
    if (!before) throw new Error('It is there')
    const doc = new Y.Doc()
    Y.applyUpdate(doc, before.update)
    const records = doc.getMap<Uint8Array>(RECORDS)
    records.set('b\0bob', records.get('a\0alice') ?? new Uint8Array())
    await storage.save({ ...before, update: new Uint8Array(Y.encodeStateAsUpdate(doc)) })
    const again = await world.holder('alice', { store: alice.parts.store })
    expect(await again.read()).toBe('a=1 (alice)')
  })

  test('that is anything at all harms nobody', async () => {
    const { alice, bytes } = await stored()
    const random = seededRandom(2026)
    const storage = new DocumentStorage(alice.parts.store, LOBBY, noLog)
    let understood = 0
    for (let i = 0; i < 5_000; i++) {
      await alice.parts.store.set([KEY, vary(bytes, random)])
      if (await storage.load()) understood += 1
    }
    expect(understood).toBeGreaterThan(100)
  })

  test('is read as it was written, with more keys than anybody needs', async () => {
    const store = new MemoryStore()
    const storage = new DocumentStorage(store, LOBBY, noLog)
    const keys = new Map(
      Array.from({ length: 300 }, (_, i) => [i.toString(16).padStart(16, '0'), new Uint8Array(65).fill(i)]),
    )
    const generation = { createdAt: 5, id: '0'.repeat(16), parent: 'f'.repeat(16) }
    const update = new Uint8Array(Y.encodeStateAsUpdate(new Y.Doc()))
    await storage.save({ generation, memberSeenAt: 7, sharedUntil: 3, keys, update })
    const loaded = await storage.load()
    expect(loaded).toMatchObject({ generation, memberSeenAt: 7, sharedUntil: 3, update })
    expect(loaded?.keys.size).toBe(256)
  })
})

describe('A new session of a user', () => {
  test('signs what the former one wrote, and nothing else changes; the former credential is taken out', async () => {
    const world = await createWorld()
    const [alice, bob] = await world.lobby('alice', 'bob')
    await world.result(alice.set('a', '1'))
    await world.result(bob.set('b', '1'))
    const before = await bob.attributes()
    const again = await reload(world, alice)
    again.knows(bob)
    await world.pass(3_000)
    expect(await bob.attributes()).toEqual(before)
    const doc = await storedDocument(bob)
    const bytes = doc.getMap<Uint8Array>(RECORDS).get('a\0alice') ?? new Uint8Array()
    expect(decodeRecord('a\0alice', bytes)?.sessionId).toBe(again.peer.sessionId)
    expect([...doc.getMap(AUTHORS).keys()].sort()).toEqual([again.peer.sessionId, bob.peer.sessionId].sort())
  })

  test('does so also if it kept nothing on its machine and has it from others', async () => {
    const world = await createWorld()
    const [alice, bob] = await world.lobby('alice', 'bob')
    await world.result(alice.set('a', '1'))
    await world.leave(alice)
    const again = await world.holder('alice')
    again.knows(bob)
    await world.pass(3_000)
    const doc = await storedDocument(bob)
    expect([...doc.getMap(AUTHORS).keys()]).toEqual([again.peer.sessionId])
    expect(await bob.read()).toBe('a=1 (alice)')
  })

  test('does not quarrel with a later one of the same user', async () => {
    const world = await createWorld()
    const [alice, bob] = await world.lobby('alice', 'bob')
    await world.result(alice.set('a', '1'))
    const later = await world.holder('alice')
    later.knows(alice, bob)
    await world.pass(3_000)
    const set = vi.spyOn(bob.parts.store, 'set')
    await world.pass(60_000)
    expect(set).not.toHaveBeenCalled()
    expect(await bob.read()).toBe('a=1 (alice)')
  })

  test('makes them valid for who knows only a server that came since', async () => {
    const world = await createWorld()
    const alice = await world.holder('alice')
    await world.result(alice.set('a', '1'))
    const newServer = await createIssuer()
    const again = await reload(world, alice, { issuer: newServer, accepts: [newServer] })
    expect(await again.read()).toBe('a=1 (alice)')
    const carol = await world.holder('carol', { issuer: newServer, accepts: [newServer] })
    again.knows(carol)
    await world.pass(3_000)
    expect(await carol.read()).toBe('a=1 (alice)')
  })
})

describe('A credential', () => {
  test('that is renewed stands beside the records instead of the former one', async () => {
    const world = await createWorld()
    const [alice, bob] = await world.lobby('alice', 'bob')
    await world.result(alice.set('a', '1'))
    await world.pass(6 * HOUR_MS)
    await alice.renewCredential(world.issuer)
    await world.pass(3_000)
    const text = (await storedDocument(bob)).getMap<Uint8Array>(AUTHORS).get(alice.peer.sessionId)
    expect(new TextDecoder().decode(text)).toBe(alice.credential)
    expect(openCredential(alice.credential)?.credential.issuedAt).toBeGreaterThan(alice.peer.loginTime)
    await world.pass(10 * HOUR_MS)
    expect(await world.result(alice.set('a', '2'))).toBe('ok')
    expect(await bob.read()).toBe('a=2 (alice)')
  })

  test('that has expired: what was written before stays, and nothing more can be written', async () => {
    const world = await createWorld()
    const [alice, bob] = await world.lobby('alice', 'bob')
    await world.result(alice.set('a', '1'))
    await world.pass(13 * HOUR_MS)
    expect(await world.result(alice.set('a', '2'))).toBe('failure')
    expect(await alice.read()).toBe('a=1 (alice)')
    const carol = await world.holder('carol')
    carol.knows(alice, bob)
    await world.pass(3_000)
    expect(await carol.read()).toBe('a=1 (alice)')
    await alice.renewCredential(world.issuer)
    expect(await world.result(alice.set('a', '2'))).toBe('ok')
    expect(await carol.read()).toBe('a=2 (alice)')
  })

  test('by a server that a reader does not know: shown when it does', async () => {
    const world = await createWorld()
    const other = await createIssuer()
    const alice = await world.holder('alice', { issuer: other, accepts: [other, world.issuer] })
    const bob = await world.holder('bob')
    alice.knows(bob)
    await world.result(bob.set('b', '1'))
    await world.result(alice.set('a', '1'))
    expect(await alice.read()).toBe('a=1 (alice) b=1 (bob)')
    expect(await bob.read()).toBe('b=1 (bob)')
    await bob.parts.trust.addServerKeys([other.publicKey])
    await bob.document.renew()
    expect(await bob.read()).toBe('a=1 (alice) b=1 (bob)')
    expect(bob.log).toEqual([])
  })

  test('that is renewed by another server contradicts nobody: who had it before and who comes later agree', async () => {
    const world = await createWorld()
    const other = await createIssuer()
    const accepts = [world.issuer, other]
    const alice = await world.holder('alice', { issuer: world.issuer, accepts })
    const bob = await world.holder('bob', { issuer: world.issuer, accepts })
    alice.knows(bob)
    await world.result(alice.set('a', '1'))
    expect(await bob.read()).toBe('a=1 (alice)')
    await alice.renewCredential(other)
    await world.pass(3_000)
    const carol = await world.holder('carol', { issuer: world.issuer, accepts })
    carol.knows(alice, bob)
    await world.pass(60_000)
    for (const one of [alice, bob, carol]) {
      expect(await one.read()).toBe('a=1 (alice)')
      expect(one.lines()).not.toContain('begins anew')
    }
  })

  test('that somebody took out just as its session was writing is put in again', async () => {
    const world = await createWorld()
    const [alice, bob] = await world.lobby('alice', 'bob')
    await world.result(alice.set('a', '1'))
    const erin = await world.holder('erin', { isMember: false })
    erin.document.addHolder(alice.peer)
    await world.result(erin.set('e', '1'), 3_000)
    // Bob does not know of Erin: with her record her credential goes.
    const written = [bob.set('e', '2'), erin.set('x', '1')]
    await world.pass(3_000)
    expect(await Promise.all(written)).toEqual(['ok', 'ok'])
    for (const one of [alice, bob, erin]) expect(await one.read()).toBe('a=1 (alice) e=2 (bob) x=1 (erin)')
  })
})

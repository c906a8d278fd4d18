import { describe, expect, test } from 'vitest'
import * as Y from 'yjs'

import { utf8 } from '../../src/base/bytes.ts'
import { AUTHORS, RECORDS } from '../../src/documents/inspection.ts'
import { type Holder, HOUR_MS } from './holder.ts'
import { createWorld, type World } from './world.ts'

/** How often somebody began a document anew. */
const successions = (...holders: Holder[]): number =>
  holders.flatMap(({ log }) => log).filter(({ sentence }) => sentence.includes('begins anew')).length

const muted = (...holders: Holder[]): unknown[] =>
  holders.flatMap(({ log }) => log).filter(({ sentence }) => sentence.includes('not listened to'))

/** All show the same, which is this. */
async function expectAll(expected: string, ...holders: Holder[]): Promise<void> {
  for (const holder of holders)
    expect([holder.peer.userId, await holder.read()]).toEqual([holder.peer.userId, expected])
}

/** The same user in a new page, with what the former one had kept; nobody knows of it yet. */
async function reload({ leave, holder }: World, one: Holder): Promise<Holder> {
  await leave(one)
  return holder(one.peer.userId, { store: one.parts.store })
}

describe('Two who began apart', () => {
  test.each([1, 2, 3, 4])('have what both wrote (%i)', async (seed) => {
    const { holder, result, pass } = await createWorld({ seed })
    const [alice, bob] = [await holder('alice'), await holder('bob')]
    await result(alice.set('a', '1'))
    await result(alice.set('both', 'hers'))
    await result(bob.set('b', '2'))
    await result(bob.set('both', 'his'))
    alice.knows(bob)
    await pass(3_000)
    await expectAll('a=1 (alice) b=2 (bob) both=his (bob)', alice, bob)
    expect(await result(alice.set('both', 'hers'))).toBe('ok')
    await expectAll('a=1 (alice) b=2 (bob) both=hers (alice)', alice, bob)
    expect(successions(alice, bob)).toBe(0)
    expect(muted(alice, bob)).toEqual([])
  })

  test('at once, by their first writes', async () => {
    const { lobby, pass, result } = await createWorld()
    const [alice, bob, carol] = await lobby('alice', 'bob', 'carol')
    const written = [alice.set('a', '1'), bob.set('b', '2'), carol.set('c', '3')]
    await pass(5_000)
    expect(await Promise.all(written)).toEqual(['ok', 'ok', 'ok'])
    await expectAll('a=1 (alice) b=2 (bob) c=3 (carol)', alice, bob, carol)
    await result(bob.delete('a', 'b'))
    await expectAll('c=3 (carol)', alice, bob, carol)
  })

  test('are in step then, all of them: a write takes no longer than its way', async () => {
    const { lobby, pass } = await createWorld()
    const all = await lobby('alice', 'bob', 'carol', 'dave', 'erin', 'frank')
    for (const [i, one] of all.entries()) void one.set(`k${i}`, 'first')
    await pass(5_000)
    const written = all.map((one, i) => one.set(`k${i}`, 'second'))
    let count = 0
    for (const write of written) void write.then(() => count++)
    await pass(100)
    expect(count).toBe(6)
  })

  test('and were each joined by another have what all wrote, whoever has left meanwhile', async () => {
    const { holder, result, pass, leave } = await createWorld()
    const [alice, bob] = [await holder('alice'), await holder('bob')]
    const [anna, bert] = [await holder('anna'), await holder('bert')]
    alice.knows(anna)
    bob.knows(bert)
    await result(alice.set('a', '1'))
    await result(anna.set('a2', '1'))
    await result(bob.set('b', '2'))
    await result(bert.set('b2', '2'))
    await leave(alice)
    await leave(bob)
    anna.knows(bert)
    await pass(5_000)
    await expectAll('a=1 (alice) a2=1 (anna) b=2 (bob) b2=2 (bert)', anna, bert)
  })
})

describe('Who was away and comes back', () => {
  test('has what was written meanwhile, and nothing of what was deleted', async () => {
    const world = await createWorld()
    const [alice, bob, carol] = await world.lobby('alice', 'bob', 'carol')
    await world.result(alice.set('a', '1'))
    await world.result(bob.set('b', '1'))
    const away = await reload(world, carol)
    await world.result(bob.delete('b'))
    await world.result(alice.set('a', '2'))
    expect(await away.read()).toBe('a=1 (alice) b=1 (bob)')
    away.knows(alice, bob)
    await world.pass(3_000)
    await expectAll('a=2 (alice)', alice, bob, away)
  })

  test('to others who have begun anew puts back what only it has, and not what was deleted', async () => {
    const world = await createWorld()
    const [alice, bob] = await world.lobby('alice', 'bob')
    await world.result(alice.set('kept', '1'))
    await world.result(alice.set('gone', '1'))
    await world.result(bob.set('his', '1'))
    const away = await reload(world, alice)
    await world.result(away.set('new', '1'))
    await world.result(bob.delete('gone', 'his'))
    await (await world.mallory()).inflate(bob)
    expect(successions(bob)).toBe(1)
    expect(await away.read()).toBe('gone=1 (alice) his=1 (bob) kept=1 (alice) new=1 (alice)')
    away.knows(bob)
    await world.pass(5_000)
    await expectAll('kept=1 (alice) new=1 (alice)', away, bob)
  })

  test('to others who have forgotten what was deleted does not bring it back', async () => {
    const world = await createWorld()
    const [alice, bob] = await world.lobby('alice', 'bob')
    alice.ttlMs = bob.ttlMs = 100 * HOUR_MS
    await world.result(alice.set('kept', '1'))
    await world.result(alice.set('gone', '1'))
    const away = await reload(world, alice)
    await world.result(bob.delete('gone'))
    bob.ttlMs = HOUR_MS
    // A day later nobody knows any more that it was there.
    world.clock.sleep(25 * HOUR_MS)
    await world.pass(1_000)
    await (await world.mallory()).inflate(bob)
    away.ttlMs = 100 * HOUR_MS
    await away.renewCredential(world.issuer)
    expect(await world.result(away.set('new', '1'))).toBe('ok')
    away.knows(bob)
    await world.pass(5_000)
    await expectAll('kept=1 (alice) new=1 (alice)', away, bob)
  })

  test('with the document that its user had alone, to others who began later: theirs goes on, its own is put back', async () => {
    const world = await createWorld()
    const alice = await world.holder('alice')
    await world.result(alice.set('a', '1'))
    const away = await reload(world, alice)
    const [bob, carol] = await world.lobby('bob', 'carol')
    await world.result(bob.set('b', '1'))
    away.knows(bob, carol)
    await world.pass(5_000)
    await expectAll('a=1 (alice) b=1 (bob)', away, bob, carol)
  })

  test('from two machines on which it was alone: both are kept', async () => {
    const world = await createWorld()
    const [first, second] = [await world.holder('alice'), await world.holder('bob')]
    await world.result(first.set('a', '1'))
    await world.result(second.set('b', '1'))
    const [alice, bob] = [await reload(world, first), await reload(world, second)]
    alice.knows(bob)
    await world.pass(5_000)
    await expectAll('a=1 (alice) b=1 (bob)', alice, bob)
  })

  test('together with others from one document, each with what it wrote alone', async () => {
    const world = await createWorld()
    const [alice, bob] = await world.lobby('alice', 'bob')
    await world.result(alice.set('a', '1'))
    await world.result(bob.set('b', '1'))
    const storeOfBob = bob.parts.store
    await world.leave(alice)
    await world.result(bob.set('b', '2'))
    await world.leave(bob)
    const again = await world.holder('alice', { store: alice.parts.store })
    await world.result(again.set('a', '2'))
    const bobAgain = await world.holder('bob', { store: storeOfBob })
    again.knows(bobAgain)
    await world.pass(5_000)
    await expectAll('a=2 (alice) b=2 (bob)', again, bobAgain)
  })

  test('with a former value is no match for a later one', async () => {
    const world = await createWorld()
    const [alice, bob] = await world.lobby('alice', 'bob')
    await world.result(alice.set('a', 'first'))
    const away = await reload(world, alice)
    await world.result(away.set('a', 'hers, alone'))
    await world.result(bob.set('a', 'his, later'))
    await (await world.mallory()).inflate(bob)
    away.knows(bob)
    await world.pass(5_000)
    await expectAll('a=his, later (bob)', away, bob)
  })
})

describe('Links that were cut', () => {
  test('into two parts, each of which begins anew: together again they have what all wrote', async () => {
    const world = await createWorld()
    const [alice, anna, bob, bert] = await world.lobby('alice', 'anna', 'bob', 'bert')
    await world.result(alice.set('all', '1'))
    await world.result(bert.set('gone', '1'))
    for (const one of [alice, anna]) for (const other of [bob, bert]) world.cut(one, other)
    await world.pass(1_000)
    const written = [alice.set('a', '1'), bob.set('b', '1'), anna.delete('gone')]
    await (await world.mallory('mallory')).inflate(alice, anna)
    await (await world.mallory('mordred')).inflate(bob, bert)
    await Promise.all(written)
    expect(successions(alice, anna)).toBe(1)
    expect(successions(bob, bert)).toBe(1)
    for (const one of [alice, anna]) for (const other of [bob, bert]) world.join(one, other)
    await world.pass(8_000)
    await expectAll('a=1 (alice) all=1 (alice) b=1 (bob)', alice, anna, bob, bert)
  })

  test('and a third part, that was cut off before: all three have what all wrote', async () => {
    const world = await createWorld()
    const [alice, bob, carol] = await world.lobby('alice', 'bob', 'carol')
    await world.result(alice.set('all', '1'))
    world.cut(alice, carol)
    world.cut(bob, carol)
    const written = carol.set('c', '1')
    await world.pass(3_000)
    await (await world.mallory('mallory')).inflate(alice)
    world.cut(alice, bob)
    await (await world.mallory('mordred')).inflate(bob)
    const also = [alice.set('a', '1'), bob.set('b', '1')]
    await world.pass(3_000)
    world.join(bob, carol)
    await world.pass(3_000)
    world.join(alice, bob)
    world.join(alice, carol)
    await world.pass(8_000)
    expect(await Promise.all([written, ...also])).toEqual(['ok', 'ok', 'ok'])
    await expectAll('a=1 (alice) all=1 (alice) b=1 (bob) c=1 (carol)', alice, bob, carol)
  })

  test('in a row: what passes through one neighbour reaches the end', async () => {
    const world = await createWorld()
    const [alice, bob, carol, dave] = await world.lobby('alice', 'bob', 'carol', 'dave')
    for (const [one, other] of [
      [alice, carol],
      [alice, dave],
      [bob, dave],
    ] as const)
      world.cut(one, other)
    await world.result(alice.set('a', '1'), 5_000)
    await world.result(dave.set('d', '1'), 5_000)
    await world.pass(5_000)
    await expectAll('a=1 (alice) d=1 (dave)', alice, bob, carol, dave)
  })
})

describe('A document begins anew', () => {
  test('when many overwrites have made it large: everybody goes over and goes on', async () => {
    const { lobby, result, pass, clock } = await createWorld()
    const [alice, bob] = await lobby('alice', 'bob')
    await result(alice.set('x', 'stays'))
    await pass(1_000)
    const keys = Array.from({ length: 31 }, (_, i) => `k${i}`)
    let count = 0
    while (successions(alice, bob) === 0 && count < 400 * keys.length) {
      const attributes = keys.map((key) => ({ key, value: `${++count}` }))
      expect(await result(alice.write({ kind: 'update', attributes }), 100)).toBe('ok')
    }
    expect(count).toBeGreaterThan(100 * keys.length)
    await pass(3_000)
    expect(successions(alice, bob)).toBe(1)
    expect(muted(alice, bob)).toEqual([])
    expect(await bob.read()).toBe(await alice.read())
    expect(await bob.read()).toContain('x=stays (alice)')
    expect(await result(bob.set('x', 'goes on'))).toBe('ok')
    expect(await alice.read()).toContain('x=goes on (bob)')
    expect(clock.pending).toBeLessThan(20)
  })

  test('for all that came to it from more users than it can show, not again and again', async () => {
    const { lobby, pass } = await createWorld()
    const names = ['alice', 'bob', 'carol'] as const
    const all = await lobby(...names)
    const keys = Array.from({ length: 60 }, (_, i) => i)
    for (const [i, one] of all.entries()) {
      for (const key of keys) void one.set(`${names[i]}${key}`, 'x'.repeat(900))
    }
    await pass(20_000)
    const shown = await all[0].attributes()
    expect(shown).toHaveLength(32)
    for (const one of all) expect(await one.attributes()).toEqual(shown)
    expect(successions(...all)).toBeLessThan(4)
  })

  test('when nothing in it counts: that there are no attributes is read at once, by all and after reloads', async () => {
    const world = await createWorld()
    const [alice, bob] = await world.lobby('alice', 'bob')
    expect(await world.result(alice.write({ kind: 'clear' }))).toBe('ok')
    await (await world.mallory()).inflate(alice, bob)
    expect(successions(alice, bob)).toBe(1)
    expect(await world.result(alice.document.read(), 100)).toEqual([])
    expect(await world.result(bob.document.read(), 100)).toEqual([])
    const carol = await world.holder('carol')
    carol.knows(alice, bob)
    expect(await world.result(carol.document.read(), 100)).toEqual([])
    await world.leave(carol)
    await world.leave(bob)
    const again = await reload(world, alice)
    // A member that says nothing, as its link is still being made.
    const dave = await world.holder('dave')
    world.cut(again, dave)
    again.knows(dave)
    expect(await world.result(again.document.read(), 2_100)).toEqual([])
    world.join(again, dave)
    expect(await world.result(dave.document.read(), 1_000)).toEqual([])
    expect(await world.result(dave.set('d', '1'))).toBe('ok')
    await expectAll('d=1 (dave)', again, dave)
  })

  test('with deletions by more sessions than a document has room for, and remembers the latest', async () => {
    const world = await createWorld()
    const [alice, bob] = await world.lobby('alice', 'bob')
    await world.result(alice.set('a', '1'))
    const { doc, channel } = await (await world.mallory()).join(alice)
    const before = Y.encodeStateVector(doc)
    for (let i = 0; i < 200; i++) {
      const one = await world.mallory(`user${i}`)
      const { place, bytes } = await one.record({
        key: `k${i}`,
        value: undefined,
        clock: world.clock.now() + i,
      })
      doc.getMap(RECORDS).set(place, bytes)
      doc.getMap(AUTHORS).set(one.peer.sessionId, utf8(one.credential))
    }
    const parts = Y.encodeStateAsUpdate(doc, before)
    expect(parts.byteLength).toBeGreaterThan(96 * 1024)
    channel.sendUpdate(parts)
    await world.pass(10_000)
    expect(successions(alice, bob)).toBe(1)
    expect(await world.result(bob.set('b', '1'))).toBe('ok')
    await expectAll('a=1 (alice) b=1 (bob)', alice, bob)
    const { doc: after } = await (await world.mallory('eve')).join(bob)
    const records = after.getMap(RECORDS)
    expect(records.has('k199\0user199')).toBe(true)
    expect(records.has('k0\0user0')).toBe(false)
    expect(muted(alice, bob)).toEqual([])
  })
})

describe('Clocks that are wrong', () => {
  test('a generation that was begun under one that is a day ahead is taken by others', async () => {
    const world = await createWorld()
    const alice = await world.holder('alice', { aheadMs: 24 * HOUR_MS })
    await world.result(alice.set('a', '1'))
    await world.leave(alice)
    // The server has told the time since.
    const again = await world.holder('alice', { store: alice.parts.store, ttlMs: 100 * HOUR_MS })
    await world.result(again.set('b', '1'))
    const bob = await world.holder('bob')
    bob.knows(again)
    await world.pass(3_000)
    expect(muted(again, bob)).toEqual([])
    expect(await bob.read()).toBe('b=1 (alice)')
  })

  test('what was written 6 minutes ahead is shown when the time has come', async () => {
    const world = await createWorld()
    const alice = await world.holder('alice', { aheadMs: 6 * 60_000 })
    const bob = await world.holder('bob')
    alice.knows(bob)
    await world.result(bob.set('a', 'his'))
    await world.result(alice.set('a', 'hers'))
    expect(await world.result(bob.set('b', 'other'))).toBe('ok')
    expect(await bob.read()).toBe('a=his (bob) b=other (bob)')
    await world.pass(61_000)
    expect(await bob.read()).toBe('a=hers (alice) b=other (bob)')
  })
})

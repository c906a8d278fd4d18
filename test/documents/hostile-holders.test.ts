import { describe, expect, test } from 'vitest'
import * as Y from 'yjs'

import { AUTHORS, RECORDS } from '../../src/documents/inspection.ts'
import { encodeHolding, NOT_YET } from '../../src/protocol/document-messages.ts'
import type { Holder } from './holder.ts'
import { type Digest, type Mallory, newGeneration, NO_DOCUMENT, syncMessage } from './mallory.ts'
import { createWorld, type World } from './world.ts'

const mutes = (holder: Holder, name = 'mallory'): number =>
  holder.log.filter(({ details }) => details?.['from'] === name).length

const successions = (...holders: Holder[]): number =>
  holders.flatMap(({ log }) => log).filter(({ sentence }) => sentence.includes('begins anew')).length

/** Alice and Bob have attributes, and take Mallory for a member like themselves. */
async function setup(options: Parameters<typeof createWorld>[0] = {}) {
  const world = await createWorld(options)
  const [alice, bob] = await world.lobby('alice', 'bob')
  await world.result(alice.set('a', '1'))
  await world.result(bob.set('b', '1'))
  const mallory = await world.mallory()
  mallory.isMemberFor(alice, bob)
  return { world, alice, bob, mallory }
}

/** Honest ones can write, and see the same; Mallory's records aside. */
async function expectSound({ result }: World, alice: Holder, bob: Holder): Promise<void> {
  expect(await result(alice.set('a', 'still'), 5_000)).toBe('ok')
  expect(await result(bob.set('b', 'sound'), 5_000)).toBe('ok')
  const [ofAlice, ofBob] = [await alice.read(), await bob.read()]
  expect(ofAlice).toBe(ofBob)
  expect(ofAlice).toContain('a=still (alice)')
  expect(ofAlice).toContain('b=sound (bob)')
  expect(mutes(alice, 'bob') + mutes(bob, 'alice')).toBe(0)
}

describe('A member who sends what is not of this protocol', () => {
  test.each([
    ['more than 128 KB', syncMessage(2, new Uint8Array(300 * 1024))],
    ['who looks at it', new Uint8Array([1, 3, 1, 2, 3])],
    ['no update', syncMessage(2, new Uint8Array([1, 2, 3, 4]))],
    [
      'another root',
      syncMessage(
        2,
        updateOf((doc) => doc.getMap('other').set('a', 1)),
      ),
    ],
    ['nothing', new Uint8Array()],
  ])('is not listened to for a while: %s', async (_, bytes) => {
    const { world, alice, bob, mallory } = await setup()
    const { channel } = await mallory.join(alice)
    channel.send(bytes)
    await world.pass(100)
    expect(channel.isClosed).toBe(true)
    expect(mutes(alice)).toBe(1)
    const again = mallory.open(alice, (await mallory.ask(bob)).holding)
    await world.pass(100)
    expect(again.refusal).toHaveLength(0)
    await expectSound(world, alice, bob)
  })

  test('is listened to again afterwards, and for longer and longer not', async () => {
    const { world, alice, bob, mallory } = await setup()
    const { holding } = await mallory.ask(bob)
    const deafFor: number[] = []
    for (let i = 0; i < 4; i++) {
      const channel = mallory.open(alice, holding)
      await world.pass(50)
      channel.send(new Uint8Array())
      let seconds = 0
      for (let isDeaf = true; isDeaf; seconds++) {
        await world.pass(1_000)
        const next = mallory.open(alice, holding)
        await world.pass(50)
        isDeaf = next.refusal !== undefined
      }
      deafFor.push(seconds)
    }
    expect(deafFor.map((seconds) => Math.round(seconds / 15))).toEqual([1, 2, 4, 8])
    await expectSound(world, alice, bob)
  })

  test('is not listened to either if it leaves and comes back', async () => {
    const { world, alice, bob, mallory } = await setup()
    const { channel } = await mallory.join(alice)
    const { holding } = await mallory.ask(bob)
    channel.send(new Uint8Array())
    await world.pass(100)
    alice.document.remove(mallory.peer.sessionId)
    mallory.isMemberFor(alice)
    const again = mallory.open(alice, holding)
    await world.pass(100)
    expect(again.refusal).toHaveLength(0)
    await expectSound(world, alice, bob)
  })

  test('in digests, labels and messages costs nothing but a log line', async () => {
    const { world, alice, bob, mallory } = await setup()
    const { holding } = await mallory.ask(alice)
    mallory.say(alice, { ...NO_DOCUMENT, holding, stateVector: new Uint8Array([9, 9]) })
    mallory.sayBytes(bob, new Uint8Array([3, 255, 255]))
    await world.pass(100)
    expect(mutes(alice)).toBe(1)
    expect(bob.log.at(-1)?.sentence).toContain('ignored')
    await expectSound(world, alice, bob)
  })
})

describe('What a member may not do in the name of others', () => {
  test('is shown nowhere: a record that she did not sign, or of another channel, or under another session', async () => {
    const { world, alice, bob, mallory } = await setup()
    const { doc, channel } = await mallory.join(alice)
    const before = Y.encodeStateVector(doc)
    const now = world.clock.now()
    const hers = await mallory.record({ key: 'x', clock: now })
    const records = doc.getMap<Uint8Array>(RECORDS)
    const ofAlice = [...records.entries()].find(([place]) => place.endsWith('alice'))?.[1] ?? new Uint8Array()
    doc.transact(() => {
      records.set('x\0alice', hers.bytes)
      records.set('y\0alice', ofAlice)
      records.set('a\0mallory', ofAlice)
      records.set('y\0mallory', hers.bytes)
    })
    channel.sendUpdate(Y.encodeStateAsUpdate(doc, before))
    await world.pass(3_000)
    expect(await alice.read()).toBe('a=1 (alice) b=1 (bob)')
    await expectSound(world, alice, bob)
  })

  test('she may overwrite and delete, as the API lets her, in her own name', async () => {
    const { world, alice, bob, mallory } = await setup()
    const { channel } = await mallory.join(alice)
    const now = world.clock.now()
    const doc = await mallory.document(
      17,
      await mallory.record({ key: 'a', value: 'hers', clock: now }),
      await mallory.record({ key: 'b', value: undefined, clock: now }),
    )
    channel.sendUpdate(Y.encodeStateAsUpdate(doc))
    await world.pass(3_000)
    expect(await alice.read()).toBe('a=hers (mallory)')
    expect(await bob.read()).toBe('a=hers (mallory)')
    await expectSound(world, alice, bob)
  })

  test('what she takes out of the document its author puts in again', async () => {
    const { world, alice, bob, mallory } = await setup()
    const { doc, channel } = await mallory.join(alice)
    const before = Y.encodeStateVector(doc)
    doc.transact(() => {
      for (const name of [RECORDS, AUTHORS]) {
        const map = doc.getMap(name)
        for (const key of [...map.keys()]) map.delete(key)
      }
    })
    channel.sendUpdate(Y.encodeStateAsUpdate(doc, before))
    await world.pass(3_000)
    expect(await alice.read()).toBe('a=1 (alice) b=1 (bob)')
    expect(await bob.read()).toBe('a=1 (alice) b=1 (bob)')
    await expectSound(world, alice, bob)
  })

  test('a credential that she takes out, and does so again and again, is put in again so often and not for ever', async () => {
    const { world, alice, bob, mallory } = await setup()
    const { doc, channel } = await mallory.join(alice)
    for (let i = 0; i < 100; i++) {
      const before = Y.encodeStateVector(doc)
      const authors = doc.getMap(AUTHORS)
      for (const key of [...authors.keys()]) authors.delete(key)
      channel.sendUpdate(Y.encodeStateAsUpdate(doc, before))
      await world.pass(500)
    }
    const sent = channel.messages.length
    // Twenty times by each of the two, and some digests. Without a bound: once by each for every time, and more.
    expect(sent).toBeLessThan(90)
    await world.pass(70_000)
    const carol = await world.holder('carol')
    carol.knows(alice, bob)
    await world.pass(1_000)
    expect(await carol.read()).toBe('a=1 (alice) b=1 (bob)')
    await expectSound(world, alice, bob)
  })

  test('a former record of an author in place of a later one is put right', async () => {
    const { world, alice, bob, mallory } = await setup()
    const { doc, channel } = await mallory.join(alice)
    const records = doc.getMap<Uint8Array>(RECORDS)
    const former = records.get('a\0alice') ?? new Uint8Array()
    await world.result(alice.set('a', '2'))
    const before = Y.encodeStateVector(doc)
    records.set('a\0alice', former)
    channel.sendUpdate(Y.encodeStateAsUpdate(doc, before))
    await world.pass(3_000)
    expect(await bob.read()).toBe('a=2 (alice) b=1 (bob)')
    expect(await alice.read()).toBe('a=2 (alice) b=1 (bob)')
  })
})

describe('One who tells each something else under one number', () => {
  /** Her own record, but of another value for each of the two; both are validly signed. */
  async function plant(
    { clock, pass }: World,
    mallory: Mallory,
    alice: Holder,
    bob: Holder,
    clientID: number,
  ) {
    const { channel: toAlice } = await mallory.join(alice)
    const { channel: toBob } = await mallory.join(bob)
    const one = await mallory.record({ key: 'x', value: 'for alice', clock: clock.now() })
    const other = await mallory.record({ key: 'x', value: 'for bob', clock: clock.now() })
    toAlice.sendUpdate(Y.encodeStateAsUpdate(await mallory.document(clientID, one)))
    toBob.sendUpdate(Y.encodeStateAsUpdate(await mallory.document(clientID, other)))
    await pass(20)
  }

  test('is found out: both show the same within 5 seconds, and go on', async () => {
    const { world, alice, bob, mallory } = await setup()
    await plant(world, mallory, alice, bob, 17)
    const [first, second] = [await alice.document.read(), await bob.document.read()]
    expect(first).not.toEqual(second)
    await world.pass(5_000)
    expect(await alice.document.read()).toEqual(await bob.document.read())
    expect(successions(alice, bob)).toBe(1)
    await expectSound(world, alice, bob)
  })

  test('also under the number of somebody else', async () => {
    const { world, alice, bob, mallory } = await setup()
    const { doc } = await mallory.join(alice)
    const numbers = [...Y.decodeStateVector(Y.encodeStateVector(doc)).keys()]
    for (const number of numbers) {
      const { channel: toAlice } = await mallory.join(alice)
      const { channel: toBob } = await mallory.join(bob)
      const at = Y.getState(doc.store, number)
      const entry = async (value: string): Promise<Uint8Array> => {
        const fake = new Y.Doc()
        Y.applyUpdate(fake, Y.encodeStateAsUpdate(doc))
        fake.clientID = number
        const before = Y.encodeStateVector(fake)
        const { place, bytes } = await mallory.record({ key: 'x', value, clock: world.clock.now() })
        fake.getMap(RECORDS).set(place, bytes)
        fake.getMap(AUTHORS).set(mallory.peer.sessionId, new TextEncoder().encode(mallory.credential))
        return Y.encodeStateAsUpdate(fake, before)
      }
      expect(at).toBeGreaterThan(0)
      toAlice.sendUpdate(await entry('for alice'))
      toBob.sendUpdate(await entry('for bob'))
    }
    await world.pass(20)
    // Both write before they can know.
    void alice.set('a', '2')
    void bob.set('b', '2')
    await world.pass(8_000)
    expect(await alice.document.read()).toEqual(await bob.document.read())
    await expectSound(world, alice, bob)
  })

  test('also while others write all the time', async () => {
    const { world, alice, bob, mallory } = await setup()
    await plant(world, mallory, alice, bob, 17)
    for (let i = 0; i < 80; i++) {
      void (i % 2 ? alice : bob).set(i % 2 ? 'a' : 'b', `${i}`)
      await world.pass(100)
    }
    await world.pass(2_000)
    expect(successions(alice, bob)).toBeGreaterThan(0)
    expect(await alice.document.read()).toEqual(await bob.document.read())
    await expectSound(world, alice, bob)
  })

  test('does so again and again: they begin anew so often and not for ever, and agree when she stops', async () => {
    const { world, alice, bob, mallory } = await setup()
    for (let i = 0; i < 40; i++) {
      await plant(world, mallory, alice, bob, 20 + i)
      await world.pass(1_500)
    }
    expect(successions(alice, bob)).toBeLessThan(12)
    await world.pass(70_000)
    expect(await alice.document.read()).toEqual(await bob.document.read())
    await expectSound(world, alice, bob)
  })
})

describe('One who lies about what she has', () => {
  test('other records in the same state: they begin anew so often and then do not listen to her', async () => {
    const { world, alice, bob, mallory } = await setup()
    const lie = await setupLiar(world, mallory, alice, bob, (digest) => ({
      ...digest,
      hashByKeyId: new Map([...digest.hashByKeyId.keys()].map((keyId) => [keyId, 'ab'.repeat(32)])),
    }))
    for (let i = 0; i < 600; i++) {
      await lie()
      await world.pass(950)
    }
    expect(mutes(alice)).toBeGreaterThan(0)
    // Three a minute at first, less and less then.
    expect(successions(alice)).toBeLessThan(25)
    await expectSound(world, alice, bob)
  })

  test('other records, and soon after the same: that is no reason to begin anew', async () => {
    const { world, alice, bob, mallory } = await setup()
    let isLie = true
    const lie = await setupLiar(world, mallory, alice, bob, (digest) => ({
      ...digest,
      hashByKeyId: isLie
        ? new Map([...digest.hashByKeyId.keys()].map((keyId) => [keyId, 'ab'.repeat(32)]))
        : digest.hashByKeyId,
    }))
    for (let i = 0; i < 20; i++) {
      isLie = i % 2 === 0
      await lie()
      await world.pass(400)
    }
    expect(successions(alice, bob)).toBe(0)
    await expectSound(world, alice, bob)
  })

  test('more than there is: it is waited for, asked for, and then not believed', async () => {
    const { world, alice, bob, mallory } = await setup()
    const absurd = new Uint8Array(Y.encodeStateVector(new Map([[4711, 1_000_000]])))
    const lie = await setupLiar(world, mallory, alice, bob, (digest) => ({
      ...digest,
      stateVector: absurd,
    }))
    for (let i = 0; i < 60; i++) {
      await lie()
      await world.pass(950)
    }
    expect(mutes(alice)).toBeGreaterThan(0)
    expect(successions(alice, bob)).toBe(0)
    await expectSound(world, alice, bob)
  })

  test('nothing at all, in answer to everything: nobody waits for her twice', async () => {
    const { world, alice, bob, mallory } = await setup()
    mallory.onOffer = (offer) => offer.refuse(NOT_YET)
    await world.pass(60_000)
    expect(mallory.offers.length).toBeLessThan(20)
    await expectSound(world, alice, bob)
  })

  /** A digest to each of them, as if she had what they have, but for the change. */
  async function setupLiar(
    world: World,
    mallory: Mallory,
    alice: Holder,
    bob: Holder,
    change: (digest: Digest) => Digest,
  ): Promise<() => Promise<void>> {
    mallory.onOffer = (offer) => void mallory.accept(offer)
    const spy = await world.mallory('spy')
    world.cut(mallory, alice)
    world.join(mallory, alice)
    return async () => {
      for (const holder of [alice, bob])
        mallory.say(holder, { ...change(await spy.ask(holder)), wantsAnswer: false })
    }
  }
})

describe('One who offers generations', () => {
  test('of the far future is not listened to', async () => {
    const { world, alice, bob, mallory } = await setup()
    const generation = newGeneration(world.clock.now() + 6 * 60_000)
    mallory.open(alice, { generation, isLive: true })
    mallory.say(bob, { ...NO_DOCUMENT, holding: { generation: newGeneration(2 ** 50), isLive: true } })
    await world.pass(1_000)
    expect([mutes(alice), mutes(bob)]).toEqual([1, 1])
    await expectSound(world, alice, bob)
  })

  test('that have nothing in them takes nothing from what others have', async () => {
    const { world, alice, bob, mallory } = await setup()
    const carol = await world.holder('carol')
    carol.knows(alice, bob)
    await world.result(carol.set('c', '1'))
    await world.leave(carol)
    const generation = newGeneration(world.clock.now())
    const raw = mallory.open(alice, { generation, isLive: true })
    await world.pass(50)
    raw.follow(new Y.Doc())
    mallory.say(alice, { ...NO_DOCUMENT, holding: { generation, isLive: true } })
    await world.pass(5_000)
    expect((await mallory.ask(alice)).holding.generation.id).toBe(generation.id)
    expect(await alice.read()).toBe('a=1 (alice) b=1 (bob) c=1 (carol)')
    expect(await bob.read()).toBe('a=1 (alice) b=1 (bob) c=1 (carol)')
    await expectSound(world, alice, bob)
  })

  test('one after the other is followed so often and then not listened to', async () => {
    const { world, alice, bob, mallory } = await setup()
    for (let i = 0; i < 60; i++) {
      const generation = newGeneration(world.clock.now() + i)
      const raw = mallory.open(alice, { generation, isLive: true })
      await world.pass(50)
      if (raw.isOpen) raw.follow(new Y.Doc())
      mallory.say(alice, { ...NO_DOCUMENT, holding: { generation, isLive: true } })
      await world.pass(950)
    }
    expect(mutes(alice)).toBeGreaterThan(0)
    await world.pass(5_000)
    await expectSound(world, alice, bob)
  })

  test('and never has what is in them: what there was goes on', async () => {
    const { world, alice, bob, mallory } = await setup()
    const absurd = new Uint8Array(Y.encodeStateVector(new Map([[4711, 5]])))
    for (let i = 0; i < 5; i++) {
      const generation = newGeneration(world.clock.now() + i)
      mallory.open(alice, { generation, isLive: true })
      mallory.say(alice, { ...NO_DOCUMENT, holding: { generation, isLive: true }, stateVector: absurd })
      await world.pass(3_000)
    }
    expect(await alice.read()).toBe('a=1 (alice) b=1 (bob)')
    await world.pass(20_000)
    expect(mutes(alice)).toBeGreaterThan(0)
    await expectSound(world, alice, bob)
  })

  test('that each claim to be the successor of the other drive nobody round in a circle', async () => {
    const { world, alice, bob, mallory } = await setup()
    const now = world.clock.now()
    const x = newGeneration(now)
    const y = { ...newGeneration(now), parent: x.id }
    const holdings = [{ ...x, parent: y.id }, y].map((generation) => ({ generation, isLive: true }))
    for (const [i, holder] of [alice, bob].entries()) {
      const holding = holdings[i] ?? { generation: x, isLive: true }
      const raw = mallory.open(holder, holding)
      await world.pass(50)
      raw.follow(new Y.Doc())
      mallory.say(holder, { ...NO_DOCUMENT, holding })
    }
    await world.pass(10_000)
    const ids = [await mallory.ask(alice), await mallory.ask(bob)].map(({ holding }) => holding.generation.id)
    expect(ids[0]).toBe(ids[1])
    await expectSound(world, alice, bob)
  })

  test('to who has nothing yet is taken, and shown is only what is signed', async () => {
    const world = await createWorld()
    const alice = await world.holder('alice')
    const mallory = await world.mallory()
    mallory.isMemberFor(alice)
    const generation = newGeneration(world.clock.now())
    const raw = mallory.open(alice, { generation, isLive: true })
    await world.pass(50)
    const hers = await mallory.record({ clock: world.clock.now() })
    raw.follow(await mallory.document(17, hers, { ...hers, place: 'mallory\0alice' }))
    await world.pass(1_000)
    expect(await alice.read()).toBe('mallory=hers (mallory)')
  })
})

describe('One who wears others out', () => {
  test('by saying for ever that it waits for somebody has its word taken after ten seconds', async () => {
    const world = await createWorld()
    const alice = await world.holder('alice')
    const mallory = await world.mallory()
    mallory.onMessage = () => mallory.say(alice, { ...NO_DOCUMENT, isFetching: true })
    mallory.isMemberFor(alice)
    expect(await world.result(alice.document.read(), 4_100)).toBeUndefined()
    await world.pass(7_000)
    expect(await world.result(alice.document.read(), 100)).toEqual([])
    // Who has come back does not begin anew.
    world.cut(alice, mallory)
    world.join(alice, mallory)
    expect(await world.result(alice.document.read(), 100)).toEqual([])
    expect(await world.result(alice.set('a', '1'), 6_000)).toBe('no answer')
    expect(await alice.read()).toBe('a=1 (alice)')
    const asked = mallory.heard.filter(({ message }) => message.type === 'digest').length
    expect(asked).toBeLessThan(30)
  })

  test('by refusing every channel is asked ever more seldom', async () => {
    const { world, alice, bob, mallory } = await setup()
    const { holding } = await mallory.ask(alice)
    mallory.offers.length = 0
    mallory.onOffer = (offer) => offer.refuse(encodeHolding(holding))
    world.cut(alice, mallory)
    world.join(alice, mallory)
    await world.pass(120_000)
    expect(mallory.offers.length).toBeLessThan(20)
    await expectSound(world, alice, bob)
  })

  test('by closing every channel at once is asked ever more seldom', async () => {
    const { world, alice, bob, mallory } = await setup()
    mallory.offers.length = 0
    mallory.onOffer = (offer) => mallory.accept(offer).channel?.close()
    world.cut(alice, mallory)
    world.join(alice, mallory)
    await world.pass(120_000)
    expect(mallory.offers.length).toBeLessThan(25)
    await expectSound(world, alice, bob)
  })

  test('by never answering holds up nobody but herself', async () => {
    const { world, alice, bob, mallory } = await setup()
    mallory.onOffer = (offer) => void mallory.accept(offer)
    world.cut(alice, mallory)
    world.join(alice, mallory)
    await world.pass(1_000)
    const reading = alice.document.read()
    await world.pass(0)
    expect(await reading).toHaveLength(2)
    await expectSound(world, alice, bob)
  })

  test('by opening channels without end is not listened to', async () => {
    const { world, alice, bob, mallory } = await setup()
    const { holding } = await mallory.ask(alice)
    const channels = Array.from({ length: 500 }, () => mallory.open(alice, holding))
    await world.pass(1_000)
    expect(channels.filter(({ refusal }) => !refusal).length).toBeLessThan(100)
    expect(mutes(alice)).toBe(1)
    await expectSound(world, alice, bob)
  })

  test('by asking for everything again and again is not listened to', async () => {
    const { world, alice, bob, mallory } = await setup()
    const { channel } = await mallory.join(alice)
    channel.messages.length = 0
    for (let i = 0; i < 1_000; i++) channel.send(syncMessage(0, new Uint8Array([0])))
    await world.pass(1_000)
    expect(channel.messages.length).toBeLessThan(10)
    expect(mutes(alice)).toBe(1)
    await expectSound(world, alice, bob)
  })

  test('by asking what others have, thousands of times, is answered some of them', async () => {
    const { world, alice, bob, mallory } = await setup()
    mallory.heard.length = 0
    for (let i = 0; i < 5_000; i++) mallory.say(alice, { ...NO_DOCUMENT, wantsAnswer: true })
    await world.pass(1_000)
    expect(mallory.heard.length).toBeLessThan(1_000)
    await expectSound(world, alice, bob)
  })

  test('with records that nobody signed: the document begins anew without them, and she is not listened to', async () => {
    const { world, alice, bob, mallory } = await setup()
    const channels = [(await mallory.join(alice)).channel, (await mallory.join(bob)).channel]
    const junk = new Y.Doc()
    for (let i = 0; i < 60; i++) {
      const before = Y.encodeStateVector(junk)
      junk.transact(() => {
        for (let n = 0; n < 10; n++) junk.getMap(RECORDS).set(`k${i}-${n}\0alice`, new Uint8Array(8 * 1024))
      })
      const update = Y.encodeStateAsUpdate(junk, before)
      for (const channel of channels) channel.sendUpdate(update)
      await world.pass(20)
    }
    await world.pass(5_000)
    expect(mutes(alice) + mutes(bob)).toBeGreaterThan(0)
    const { doc } = await (await world.mallory('eve')).join(alice)
    expect(Y.encodeStateAsUpdate(doc).byteLength).toBeLessThan(10 * 1024)
    expect(await alice.read()).toBe('a=1 (alice) b=1 (bob)')
    await expectSound(world, alice, bob)
  })

  test('with a flood that no document can need: it is cut off', async () => {
    const { world, alice, bob, mallory } = await setup()
    const { channel } = await mallory.join(alice)
    const junk = new Y.Doc()
    junk.getMap(RECORDS).set('k\0alice', new Uint8Array(8 * 1024))
    const update = Y.encodeStateAsUpdate(junk)
    for (let i = 0; i < 3_000; i++) channel.sendUpdate(update)
    await world.pass(1_000)
    expect(channel.isClosed).toBe(true)
    expect(mutes(alice)).toBe(1)
    await expectSound(world, alice, bob)
  })

  test('with as many sessions as she likes: those who visit are so many, and members are none of them', async () => {
    const { world, alice, bob } = await setup()
    const { holding } = await (await world.mallory('first')).ask(alice)
    for (let i = 0; i < 100; i++) (await world.mallory(`m${i}`)).open(alice, holding)
    await world.pass(1_000)
    const late = (await world.mallory('late')).open(alice, holding)
    await world.pass(1_000)
    expect(late.refusal).toBeDefined()
    const carol = await world.holder('carol')
    carol.knows(alice, bob)
    await world.pass(1_000)
    expect(await carol.read()).toBe('a=1 (alice) b=1 (bob)')
    await expectSound(world, alice, bob)
  })

  test('and visitors who have gone leave their places to others', async () => {
    const { world, alice, bob } = await setup()
    for (let i = 0; i < 100; i++) {
      const visitor = await world.holder(`v${i}`, { isMember: false })
      visitor.document.addHolder(alice.peer)
      expect(await world.result(visitor.document.read(), 200)).toHaveLength(2)
      await visitor.document.close()
    }
    await expectSound(world, alice, bob)
  })
})

function updateOf(write: (doc: Y.Doc) => void): Uint8Array {
  const doc = new Y.Doc()
  write(doc)
  return Y.encodeStateAsUpdate(doc)
}

import { describe, expect, test } from 'vitest'
import * as Y from 'yjs'

import type { Held } from '../../src/documents/generation.ts'
import type { DocumentMessage } from '../../src/protocol/document-messages.ts'
import type { Holder } from './holder.ts'
import { createWorld } from './world.ts'

/** What each of them was told, and how often. */
const updatesOf = (...holders: Holder[]): string[][] => holders.map(({ updates }) => updates)

describe('Members are told that attributes changed', () => {
  test('once each, the author too, if the write says so', async () => {
    const { lobby, result, pass } = await createWorld()
    const [alice, bob, carol] = await lobby('alice', 'bob', 'carol')
    expect(await result(alice.set('a', '1', true))).toBe('ok')
    await pass(5_000)
    expect(updatesOf(alice, bob, carol)).toEqual([['a=1 (alice)'], ['a=1 (alice)'], ['a=1 (alice)']])
  })

  test('not, if it does not', async () => {
    const { lobby, result, pass } = await createWorld()
    const [alice, bob] = await lobby('alice', 'bob')
    await result(alice.set('a', '1'))
    await pass(5_000)
    expect(updatesOf(alice, bob)).toEqual([[], []])
  })

  test('once for each of many writes, in the end of all that there is', async () => {
    const { lobby, pass } = await createWorld()
    const [alice, bob] = await lobby('alice', 'bob')
    const written = Array.from({ length: 30 }, (_, i) => (i % 2 ? alice : bob).set(`k${i % 7}`, `${i}`, true))
    await pass(5_000)
    await Promise.all(written)
    expect(alice.updates).toHaveLength(30)
    expect(bob.updates).toHaveLength(30)
    expect(alice.updates.at(-1)).toBe(await bob.read())
    expect(bob.updates.at(-1)).toBe(await alice.read())
  })

  test('of a deletion, also of what was not there', async () => {
    const { lobby, result } = await createWorld()
    const [alice, bob] = await lobby('alice', 'bob')
    await result(alice.set('a', '1'))
    await result(alice.write({ kind: 'delete', keys: ['a'] }, true))
    await result(alice.write({ kind: 'delete', keys: ['a'] }, true))
    expect(updatesOf(alice, bob)).toEqual([
      ['', ''],
      ['', ''],
    ])
  })

  test('when it is here, not when they hear of it', async () => {
    let isSlow = false
    const { lobby, pass } = await createWorld({
      delayMs: (what) => (isSlow && what === 'channel' ? 1_000 : 5),
    })
    const [alice, bob] = await lobby('alice', 'bob')
    void alice.set('a', '1')
    await pass(1_000)
    isSlow = true
    let result: string | undefined
    void alice.set('a', '2', true).then((is) => (result = is))
    await pass(900)
    expect([result, ...bob.updates]).toEqual([undefined])
    await pass(200)
    expect([result, ...bob.updates]).toEqual(['ok', 'a=2 (alice)'])
    isSlow = false
    await pass(2_000)
  })

  test('with a link cut, when it stands again: once', async () => {
    const { lobby, result, cut, join, pass } = await createWorld()
    const [alice, bob, carol] = await lobby('alice', 'bob', 'carol')
    await result(alice.set('a', '1'))
    cut(alice, bob)
    const written = alice.set('a', '2', true)
    await pass(3_000)
    expect(await written).toBe('ok')
    expect(updatesOf(bob, carol)).toEqual([[], ['a=2 (alice)']])
    join(alice, bob)
    await pass(3_000)
    cut(alice, bob)
    await pass(3_000)
    join(alice, bob)
    await pass(3_000)
    expect(updatesOf(alice, bob, carol)).toEqual([['a=2 (alice)'], ['a=2 (alice)'], ['a=2 (alice)']])
  })

  test('by who has come after the write, not', async () => {
    const { lobby, holder, result, pass } = await createWorld()
    const [alice, bob] = await lobby('alice', 'bob')
    await result(alice.set('a', '1', true))
    const carol = await holder('carol')
    carol.knows(alice, bob)
    await pass(5_000)
    expect(carol.updates).toEqual([])
    expect(await carol.read()).toBe('a=1 (alice)')
  })

  test('of a write that was made while all went over to another generation: once each', async () => {
    const { holder, pass, result } = await createWorld()
    const [alice, bob] = [await holder('alice'), await holder('bob')]
    await result(alice.set('a', '1'))
    await result(bob.set('b', '2'))
    alice.knows(bob)
    // Both have begun by themselves: one of them goes over to the other's.
    await pass(3)
    const written = [alice.set('c', '3', true), bob.set('d', '4', true)]
    await pass(6_000)
    expect(await Promise.all(written)).toEqual(['ok', 'ok'])
    expect(alice.updates).toHaveLength(2)
    expect(bob.updates).toHaveLength(2)
    expect(bob.updates.at(-1)).toBe('a=1 (alice) b=2 (bob) c=3 (alice) d=4 (bob)')
  })

  test('also if another has acknowledged it in the generation before', async () => {
    const { holder, lobby, pass, result, cut, join } = await createWorld()
    const [alice, bob] = await lobby('alice', 'bob')
    await result(alice.set('a', '1'))
    const carol = await holder('carol')
    await result(carol.set('c', '1'))
    carol.knows(alice, bob)
    cut(alice, carol)
    cut(bob, carol)
    // Carol has a generation of her own, and has not heard of theirs.
    const written = alice.set('a', '2', true)
    await pass(3_000)
    expect(await written).toBe('ok')
    join(alice, carol)
    await pass(10_000)
    expect(carol.updates).toEqual(['a=2 (alice) c=1 (carol)'])
    expect(bob.updates).toHaveLength(1)
    join(bob, carol)
    await pass(3_000)
    expect(carol.updates).toHaveLength(1)
  })
})

describe('A visitor', () => {
  test('is not told, and has its writes told to members: once, whoever passes them on', async () => {
    const { lobby, holder, result, pass } = await createWorld()
    const [alice, bob, carol, dave] = await lobby('alice', 'bob', 'carol', 'dave')
    await result(alice.set('a', '1'))
    const erin = await holder('erin', { isMember: false })
    for (const member of [alice, bob, carol]) erin.document.addHolder(member.peer)
    await pass(1_000)
    expect(await result(erin.set('a', '2', true))).toBe('ok')
    await pass(3_000)
    expect(updatesOf(alice, bob, carol, dave)).toEqual(Array.from({ length: 4 }, () => ['a=2 (erin)']))
    expect(erin.updates).toEqual([])
    expect(await result(alice.set('a', '3', true))).toBe('ok')
    expect(erin.updates).toEqual([])
    expect(await erin.read()).toBe('a=3 (alice)')
  })

  test('who is cut off from all but one reaches all members through that one', async () => {
    const { lobby, holder, result, pass } = await createWorld()
    const [alice, bob, carol] = await lobby('alice', 'bob', 'carol')
    const erin = await holder('erin', { isMember: false })
    erin.document.addHolder(alice.peer)
    expect(await result(erin.set('a', '1', true), 3_000)).toBe('ok')
    await pass(3_000)
    expect(updatesOf(alice, bob, carol)).toEqual([['a=1 (erin)'], ['a=1 (erin)'], ['a=1 (erin)']])
  })

  test('leaves a write with members who go over to another generation at that moment: they are told once', async () => {
    const { lobby, holder, result, pass } = await createWorld()
    const [alice, bob] = await lobby('alice', 'bob')
    await result(alice.set('a', '1'))
    const carol = await holder('carol')
    await result(carol.set('c', '1'))
    const erin = await holder('erin', { isMember: false })
    erin.document.addHolder(alice.peer)
    await pass(1_000)
    const written = erin.set('e', '1', true)
    carol.knows(alice, bob)
    await pass(10_000)
    expect(await written).toBe('ok')
    expect([alice.updates.length, bob.updates.length]).toEqual([1, 1])
    expect(await carol.read()).toBe('a=1 (alice) c=1 (carol) e=1 (erin)')
  })

  test('has its write told to members of another generation, to which the one who passes it on goes over', async () => {
    const { holder, result, pass, cut, join } = await createWorld()
    const alice = await holder('alice')
    await result(alice.set('a', '1'))
    const erin = await holder('erin', { isMember: false })
    erin.document.addHolder(alice.peer)
    await pass(1_000)
    const [bob, carol] = [await holder('bob'), await holder('carol')]
    bob.knows(carol)
    await result(bob.set('b', '1'))
    for (const one of [bob, carol]) {
      cut(alice, one)
      alice.knows(one)
    }
    expect(await result(erin.set('e', '1', true), 3_000)).toBe('ok')
    for (const one of [bob, carol]) join(alice, one)
    await pass(10_000)
    expect(updatesOf(bob, carol)).toEqual([
      ['a=1 (alice) b=1 (bob) e=1 (erin)'],
      ['a=1 (alice) b=1 (bob) e=1 (erin)'],
    ])
    expect(alice.updates).toHaveLength(1)
  })

  test('is passed on so often as the API allows writes, not more', async () => {
    const { lobby, mallory, pass, result } = await createWorld()
    const [alice, bob] = await lobby('alice', 'bob')
    await result(alice.set('a', '1'))
    const mal = await mallory()
    const { holding } = await mal.ask(alice)
    for (let i = 0; i < 200; i++) mal.say(alice, operation(holding, i, { notify: true, forward: true }))
    await pass(1_000)
    expect(bob.updates.length).toBeLessThanOrEqual(20)
    expect(await result(bob.set('a', '2', true))).toBe('ok')
    expect(alice.updates.at(-1)).toBe('a=2 (bob)')
  })
})

describe('A write is ok', () => {
  test('when somebody has it, whoever else is silent', async () => {
    const { lobby, result, cut } = await createWorld()
    const [alice, bob] = await lobby('alice', 'bob', 'carol')
    await result(alice.set('a', '1'))
    cut(alice, bob)
    expect(await result(alice.set('a', '2'))).toBe('ok')
  })

  test('not before somebody has it', async () => {
    const { lobby, result, cut, join, pass } = await createWorld()
    const [alice, bob] = await lobby('alice', 'bob')
    await result(alice.set('a', '1'))
    cut(alice, bob)
    const written = alice.set('a', '2')
    expect(await result(written, 20_000)).toBe('no answer')
    join(alice, bob)
    await pass(1_000)
    expect(await result(written)).toBe('ok')
    expect(await bob.read()).toBe('a=2 (alice)')
  })

  test('when this machine has it, where nobody else does', async () => {
    const { holder, result } = await createWorld()
    const alice = await holder('alice')
    const { store } = alice.parts
    const set = store.set.bind(store)
    let isStored = false
    store.set = async (...entries) => {
      await set(...entries)
      isStored = true
    }
    expect(await result(alice.set('a', '1'), 0)).toBe('ok')
    expect(isStored).toBe(true)
  })

  test('when all others have gone', async () => {
    const { lobby, result, cut, leave } = await createWorld()
    const [alice, bob, carol] = await lobby('alice', 'bob', 'carol')
    await result(alice.set('a', '1'))
    cut(alice, bob)
    cut(alice, carol)
    const written = alice.set('a', '2')
    await leave(bob)
    expect(await result(written, 5_000)).toBe('no answer')
    await leave(carol)
    expect(await result(written)).toBe('ok')
  })

  test('when the page closes its document, which keeps it', async () => {
    const { holder, lobby, result, cut, leave } = await createWorld()
    const [alice, bob] = await lobby('alice', 'bob')
    await result(alice.set('a', '1'))
    cut(alice, bob)
    const written = alice.set('a', '2')
    await result(written, 3_000)
    await leave(alice)
    expect(await result(written)).toBe('ok')
    const again = await holder('alice', { store: alice.parts.store })
    expect(await again.read()).toBe('a=2 (alice)')
  })

  test('never by the word of somebody who was not told of it', async () => {
    const { lobby, mallory, result, cut } = await createWorld()
    const [alice, bob] = await lobby('alice', 'bob')
    await result(alice.set('a', '1'))
    cut(alice, bob)
    const written = alice.set('a', '2')
    await result(written, 3_000)
    const mal = await mallory()
    for (let i = 0; i < 100; i++) {
      mal.say(alice, { type: 'acknowledgement', id: i.toString(16).padStart(16, '0') })
    }
    expect(await result(written, 3_000)).toBe('no answer')
  })
})

describe('Operations that are none', () => {
  test('wait for what never comes, as many as memory allows, and honest ones go on', async () => {
    const { lobby, mallory, pass, result } = await createWorld()
    const [alice, bob] = await lobby('alice', 'bob')
    await result(alice.set('a', '1'))
    const mal = await mallory()
    const { holding } = await mal.ask(alice)
    const absurd = new Uint8Array(
      Y.encodeStateVector(new Map(Array.from({ length: 4_000 }, (_, i) => [i, 9]))),
    )
    for (let i = 0; i < 300; i++) {
      mal.say(alice, operation(holding, i, { notify: true, forward: true, stateVector: absurd }))
      mal.say(bob, operation(holding, i, { notify: true, forward: true, stateVector: absurd }))
    }
    await pass(1_000)
    expect(updatesOf(alice, bob)).toEqual([[], []])
    expect(mal.heard.filter(({ message }) => message.type === 'acknowledgement')).toEqual([])
    expect(await result(bob.set('a', '2', true))).toBe('ok')
    expect(updatesOf(alice, bob)).toEqual([['a=2 (bob)'], ['a=2 (bob)']])
  })

  test('that told of generations which never came do not keep later ones from being heard', async () => {
    const { lobby, mallory, pass, result } = await createWorld()
    const [alice] = await lobby('alice', 'bob')
    await result(alice.set('a', '1'))
    const mal = await mallory()
    const { holding } = await mal.ask(alice)
    const gone = { ...holding, generation: { ...holding.generation, id: 'f'.repeat(16) } }
    for (let i = 0; i < 600; i++) mal.say(alice, operation(gone, i, {}))
    mal.heard.length = 0
    mal.say(alice, operation(holding, 1_000, { notify: true }))
    await pass(1_000)
    expect(mal.heard.map(({ message }) => message.type)).toEqual(['acknowledgement'])
    expect(alice.updates).toHaveLength(1)
  })

  test('with a state vector that is none are ignored', async () => {
    const { lobby, mallory, pass, result } = await createWorld()
    const [alice] = await lobby('alice', 'bob')
    await result(alice.set('a', '1'))
    const mal = await mallory()
    const { holding } = await mal.ask(alice)
    mal.heard.length = 0
    mal.say(alice, operation(holding, 1, { notify: true, stateVector: new Uint8Array([5, 1]) }))
    mal.sayBytes(alice, new Uint8Array([1, 2, 3]))
    mal.sayBytes(alice, new Uint8Array([99]))
    await pass(1_000)
    expect(mal.heard).toEqual([])
    expect(alice.updates).toEqual([])
  })
})

type Operation = Extract<DocumentMessage, { type: 'operation' }>

/** About nothing, unless it says otherwise. */
function operation({ generation }: Held, id: number, change: Partial<Operation>): DocumentMessage {
  return {
    type: 'operation',
    id: id.toString(16).padStart(16, '0'),
    notify: false,
    forward: false,
    generation: generation.id,
    stateVector: new Uint8Array([0]),
    ...change,
  }
}

import { createEncoder, toUint8Array, writeVarString, writeVarUint, writeVarUint8Array } from 'lib0/encoding'
import { describe, expect, test } from 'vitest'
import * as Y from 'yjs'

import { AUTHORS, decodeState, inspect, inspectUpdate, RECORDS } from '../../src/documents/inspection.ts'
import { seededRandom } from '../support/random.ts'
import { vary } from '../support/vary.ts'

const faultOf = (message: Uint8Array): string | undefined => inspect(message).fault
const isStateVector = (bytes: Uint8Array): boolean => decodeState(bytes) !== undefined

const SYNC_STEP_1 = 0
const SYNC_STEP_2 = 1
const UPDATE = 2

function message(step: number, body: Uint8Array): Uint8Array {
  const encoder = createEncoder()
  writeVarUint(encoder, 0)
  writeVarUint(encoder, step)
  writeVarUint8Array(encoder, body)
  return toUint8Array(encoder)
}

function updateOf(write: (doc: Y.Doc) => void): Uint8Array {
  const doc = new Y.Doc()
  write(doc)
  return Y.encodeStateAsUpdate(doc)
}

const bytes = (length: number): Uint8Array => new Uint8Array(length).fill(7)

/** Two writers, overwritten and deleted entries, in one document. */
function honestDocument(): Y.Doc {
  const doc = new Y.Doc()
  for (const clientID of [17, 40_000_000]) {
    doc.clientID = clientID
    for (let i = 0; i < 20; i++) {
      doc.transact(() => {
        doc.getMap(RECORDS).set(`key${i % 7}\0alice`, bytes(40 + i))
        doc.getMap(AUTHORS).set(`${clientID}`, bytes(500))
        if (i % 5 === 4) doc.getMap(RECORDS).delete(`key${i % 7}\0alice`)
      })
    }
  }
  return doc
}

function honestMessages(): Uint8Array[] {
  const doc = honestDocument()
  const updates: Uint8Array[] = []
  doc.on('update', (update: Uint8Array) => updates.push(update))
  for (let i = 0; i < 5; i++) doc.getMap(RECORDS).set(`key${i}\0bob`, bytes(100))
  doc.getMap(RECORDS).delete('key1\0bob')
  return [
    message(SYNC_STEP_1, Y.encodeStateVector(doc)),
    message(SYNC_STEP_1, Y.encodeStateVector(new Y.Doc())),
    message(SYNC_STEP_2, Y.encodeStateAsUpdate(doc)),
    message(SYNC_STEP_2, Y.encodeStateAsUpdate(new Y.Doc())),
    ...updates.map((update) => message(UPDATE, update)),
  ]
}

/** Structs of one writer, written by hand as Yjs lays them out. */
function structs(
  count: number,
  write: (encoder: ReturnType<typeof createEncoder>) => void,
  { client = 5, clock = 0 } = {},
): Uint8Array {
  const encoder = createEncoder()
  writeVarUint(encoder, 1)
  writeVarUint(encoder, count)
  writeVarUint(encoder, client)
  writeVarUint(encoder, clock)
  write(encoder)
  // Nothing is deleted.
  writeVarUint(encoder, 0)
  return toUint8Array(encoder)
}

const GC = 0
const BINARY_ENTRY = 3 | 32
const DELETED_WITH_ORIGIN = 1 | 128

describe('What honest holders send', () => {
  test.each(honestMessages().map((one) => [one.byteLength, one] as const))('passes: %i bytes', (_, one) => {
    expect(faultOf(one)).toBeUndefined()
  })

  test('passes with a part that was not there yet', () => {
    const doc = honestDocument()
    const later = new Y.Doc()
    const whole = Y.encodeStateAsUpdate(doc)
    const before = Y.encodeStateVector(doc)
    doc.getMap(RECORDS).set('a\0alice', bytes(10))
    doc.getMap(RECORDS).set('b\0alice', bytes(10))
    Y.applyUpdate(later, Y.encodeStateAsUpdate(doc, before))
    expect(faultOf(message(SYNC_STEP_2, Y.encodeStateAsUpdate(later)))).toBeUndefined()
    Y.applyUpdate(later, whole)
    expect(later.getMap(RECORDS).size).toBe(doc.getMap(RECORDS).size)
  })
})

describe('What is refused', () => {
  const records = (value: unknown) => updateOf((doc) => doc.getMap(RECORDS).set('a\0alice', value))

  test.each([
    ['more than 128 KB', updateOf((doc) => doc.getMap(RECORDS).set('a', bytes(300 * 1024)))],
    ['an entry of more than 9 KB', records(bytes(9 * 1024 + 1))],
    ['another root', updateOf((doc) => doc.getMap('other').set('a', bytes(3)))],
    ['a list', updateOf((doc) => doc.getArray(RECORDS).push([bytes(3)]))],
    ['a text', updateOf((doc) => doc.getText(RECORDS).insert(0, 'hello'))],
    ['an XML element', updateOf((doc) => doc.getXmlFragment(RECORDS).push([new Y.XmlElement('p')]))],
    ['a text as a value', records('text')],
    ['a number as a value', records(1)],
    ['an object as a value', records({ a: 1 })],
    ['a map in the map', records(new Y.Map([['a', bytes(3)]]))],
    ['a list in the map', records(Y.Array.from([bytes(3)]))],
    ['a document in the map', records(new Y.Doc())],
    ['a key that no record has', updateOf((doc) => doc.getMap(RECORDS).set('x'.repeat(129), bytes(3)))],
  ])('%s', (_, update) => {
    expect(faultOf(message(UPDATE, update))).toBeTypeOf('string')
    expect(faultOf(message(SYNC_STEP_2, update))).toBeTypeOf('string')
  })

  test.each([
    ['who looks at the document', Uint8Array.from([1, 3, 1, 2, 3])],
    ['the question who does', Uint8Array.from([3])],
    ['the name of a tab', Uint8Array.from([4, 1, 1, 97])],
    ['an unknown step', message(3, bytes(3))],
    ['nothing', new Uint8Array()],
    ['a length beyond the end', Uint8Array.from([0, 2, 200, 1, 0])],
    [
      'something after the end',
      Uint8Array.from([
        ...message(
          UPDATE,
          updateOf(() => undefined),
        ),
        0,
      ]),
    ],
    ['a state vector that is none', message(SYNC_STEP_1, Uint8Array.from([2, 1]))],
    ['a state vector with something after it', message(SYNC_STEP_1, Uint8Array.from([0, 0]))],
    ['an update that is none', message(UPDATE, bytes(50))],
  ])('%s', (_, one) => {
    expect(faultOf(one)).toBeTypeOf('string')
  })

  const manyParts = updateOf((doc) => {
    for (let i = 0; i < 5_000; i++) doc.getMap(RECORDS).set(`k${i % 2}`, bytes(1))
    for (let i = 0; i < 5_000; i++) doc.getMap(AUTHORS).set(`k${i % 2}`, bytes(1))
  })

  test.each([
    ['too many parts', manyParts],
    ['too many deletions', deletions(10_000)],
    ['a length of nothing', structs(1, (encoder) => writeVarUint(writeInfo(encoder, GC), 0))],
    ['a length beyond all writes', structs(1, (encoder) => writeVarUint(writeInfo(encoder, GC), 2 ** 52))],
    [
      'a place beyond all writes',
      structs(1, (encoder) => writeVarUint(writeInfo(encoder, GC), 1), { clock: 2 ** 52 }),
    ],
    [
      'an entry after one that its writer has not made yet',
      structs(1, (encoder) => {
        writeInfo(encoder, DELETED_WITH_ORIGIN)
        writeVarUint(encoder, 5)
        writeVarUint(encoder, 7)
        writeVarUint(encoder, 1)
      }),
    ],
    [
      'an entry in another entry',
      structs(1, (encoder) => {
        writeInfo(encoder, BINARY_ENTRY)
        writeVarUint(encoder, 0)
        writeVarUint(encoder, 9)
        writeVarUint(encoder, 0)
        writeVarString(encoder, 'a\0alice')
        writeVarUint8Array(encoder, bytes(3))
      }),
    ],
  ])('%s', (_, update) => {
    expect(inspectUpdate(update).fault).toBeTypeOf('string')
  })

  function writeInfo(encoder: ReturnType<typeof createEncoder>, info: number) {
    writeVarUint(encoder, info)
    return encoder
  }

  function deletions(count: number): Uint8Array {
    const encoder = createEncoder()
    writeVarUint(encoder, 0)
    writeVarUint(encoder, 1)
    writeVarUint(encoder, 5)
    writeVarUint(encoder, count)
    for (let i = 0; i < count; i++) {
      writeVarUint(encoder, 2 * i)
      writeVarUint(encoder, 1)
    }
    return toUint8Array(encoder)
  }
})

describe('What passes', () => {
  test('says how far its writers have come', () => {
    const doc = new Y.Doc()
    doc.clientID = 17
    doc.getMap(RECORDS).set('a', bytes(3))
    doc.getMap(RECORDS).set('b', bytes(3))
    expect(inspect(message(UPDATE, Y.encodeStateAsUpdate(doc))).leadsTo).toEqual(new Map([[17, 2]]))
    const state = Y.encodeStateVector(doc)
    doc.getMap(AUTHORS).set('c', bytes(3))
    doc.getMap(RECORDS).delete('a')
    expect(inspectUpdate(Y.encodeStateAsUpdate(doc, state)).leadsTo).toEqual(new Map([[17, 3]]))
  })

  test('is told from a question', () => {
    expect(honestMessages().map((one) => inspect(one).isQuestion)).toEqual([
      true,
      true,
      ...Array.from({ length: 8 }, () => false),
    ])
  })
})

describe('A state vector', () => {
  test('is read to its end', () => {
    expect(isStateVector(Y.encodeStateVector(honestDocument()))).toBe(true)
    expect(isStateVector(Uint8Array.from([1, 5]))).toBe(false)
    expect(isStateVector(Uint8Array.from([1, 5, 3, 0]))).toBe(false)
    expect(isStateVector(new Uint8Array())).toBe(false)
  })

  test('that claims to be longer than it is costs nothing', () => {
    expect(isStateVector(Uint8Array.from([255, 255, 255, 255, 255, 255, 15, 1, 1]))).toBe(false)
  })
})

describe('20,000 hostile messages', () => {
  const good = honestMessages()

  /** One or more bits of an honest message are other ones; or it is varied in coarser ways. */
  function hostile(i: number, random: () => number): Uint8Array {
    const one = good[i % good.length] ?? new Uint8Array()
    if (random() < 0.5) return vary(one, random)
    const copy = one.slice()
    for (let flips = Math.floor(random() * 3); flips >= 0; flips--) {
      const at = Math.floor(random() * copy.byteLength)
      copy[at] = (copy[at] ?? 0) ^ (1 << Math.floor(random() * 8))
    }
    return copy
  }

  test('are judged without a throw, and what passes does no harm to a document', () => {
    const random = seededRandom(2026)
    let passed = 0
    let doc = honestDocument()
    for (let i = 0; i < 20_000; i++) {
      const one = hostile(i, random)
      if (faultOf(one) !== undefined || one[1] === SYNC_STEP_1) continue
      passed += 1
      if (passed % 500 === 0) doc = honestDocument()
      Y.applyUpdate(doc, bodyOf(one))
      if (!isStateVector(Y.encodeStateVector(doc))) throw new Error('Its state cannot be told any more')
    }
    expect(passed).toBeGreaterThan(1_000)
    doc.getMap(RECORDS).set('still\0alice', bytes(3))
    const other = new Y.Doc()
    Y.applyUpdate(other, Y.encodeStateAsUpdate(doc))
    expect(other.getMap(RECORDS).get('still\0alice')).toEqual(bytes(3))
  })

  /** Without kind, step and length. */
  function bodyOf(one: Uint8Array): Uint8Array {
    let at = 2
    while ((one[at] ?? 0) > 127) at += 1
    return one.subarray(at + 1)
  }
})

import { describe, expect, test } from 'vitest'
import * as Y from 'yjs'

import { MAX_TRACES, UserDocument } from '../../src/documents/user-document.ts'
import { UserReplica } from '../../src/documents/user-replica.ts'
import { MAX_USER_ATTRIBUTES_BYTES } from '../../src/protocol/items.ts'
import { seededRandom } from '../support/random.ts'
import { vary } from '../support/vary.ts'

const KB = 1024
const FUZZED_UPDATES = 20_000

const attributes = (record: Record<string, string>): ReadonlyMap<string, string> =>
  new Map(Object.entries(record))

/** A document, and somebody who reads it. */
function setup(first: Record<string, string> = {}) {
  const document = new UserDocument(attributes(first))
  const replica = new UserReplica()
  return {
    document,
    replica,
    /** How many bytes an answer had, and whether it was taken. */
    read: (by = replica) => {
      const update = document.update(by.stateVector)
      return { bytes: update.byteLength, taken: by.apply(update) }
    },
  }
}

function shown(replica: UserReplica): Record<string, string> {
  return Object.fromEntries(replica.attributes.map(({ key, value }) => [key, value]))
}

/** What a hostile session might send in place of a user's document. */
function update(write: (doc: Y.Doc) => void): Uint8Array {
  const doc = new Y.Doc()
  write(doc)
  return Y.encodeStateAsUpdate(doc)
}

describe("A user's document", () => {
  test('is read as it was written, again and again', () => {
    const { document, replica, read } = setup({ mood: 'good', team: 'red' })
    read()
    expect(shown(replica)).toEqual({ mood: 'good', team: 'red' })
    document.write(attributes({ mood: 'bad', hat: 'on' }))
    read()
    expect(shown(replica)).toEqual({ mood: 'bad', hat: 'on' })
    document.write(attributes({}))
    read()
    expect(shown(replica)).toEqual({})
    document.write(attributes({ mood: 'good' }))
    read()
    expect(shown(replica)).toEqual({ mood: 'good' })
  })

  test('sends a reader what has changed since the last read', () => {
    const large = 'x'.repeat(8 * KB)
    const { document, read } = setup({ large, mood: 'good' })
    expect(read().bytes).toBeGreaterThan(8 * KB)
    document.write(attributes({ large, mood: 'bad' }))
    expect(read().bytes).toBeLessThan(100)
    expect(read().bytes).toBeLessThan(20)
  })

  test('does not grow with what was in it', () => {
    const { document, replica, read } = setup()
    let largest = 0
    for (let i = 0; i < 5_000; i++) {
      const keys = Array.from({ length: 8 }, (_, j) => `${'k'.repeat(24)}-${(7 * i + j) % 9_999}`)
      document.write(new Map(keys.map((key) => [key, 'x'.repeat(2 * KB - 32)])))
      largest = Math.max(largest, document.update(new Uint8Array()).byteLength)
      if (i % 50 === 0) {
        expect(read().taken).toBe(true)
        expect(new Set(Object.keys(shown(replica)))).toEqual(new Set(keys))
      }
    }
    expect(largest).toBeLessThan(32 * KB)
    expect(largest).toBeLessThan(MAX_USER_ATTRIBUTES_BYTES)
  })

  test('begins anew without its readers noticing, from whatever they had read', () => {
    const { document, read } = setup({ first: '0' })
    const readers = Array.from({ length: 4 }, () => new UserReplica())
    for (let i = 0; i < 5 * MAX_TRACES; i++) {
      document.write(attributes({ [`key-${i % 3}`]: `${i}` }))
      const [reader] = readers.splice(i % readers.length, 1)
      if (!reader) throw new Error('no reader')
      readers.push(reader)
      expect(read(reader).taken).toBe(true)
      expect(shown(reader)).toEqual({ [`key-${i % 3}`]: `${i}` })
    }
  })

  test('that was emptied after many changes is read as empty', () => {
    const { document, replica, read } = setup()
    for (let i = 0; i <= MAX_TRACES; i++) document.write(attributes({ key: `${i}` }))
    read()
    document.write(attributes({}))
    read()
    expect(shown(replica)).toEqual({})
    document.write(attributes({ key: 'again' }))
    read()
    expect(shown(replica)).toEqual({ key: 'again' })
  })

  test('takes two answers to reads that were on their way together', () => {
    const { document, replica } = setup({ mood: 'good' })
    const [one, two] = [replica.stateVector, replica.stateVector]
    const first = document.update(one)
    document.write(attributes({ mood: 'bad' }))
    const second = document.update(two)
    replica.apply(first)
    expect(shown(replica)).toEqual({ mood: 'good' })
    replica.apply(second)
    expect(shown(replica)).toEqual({ mood: 'bad' })
  })

  test('answers whatever is sent in place of a state vector, with at most all of it', () => {
    const { document, replica, read } = setup({ mood: 'good' })
    read()
    const all = document.update(new Uint8Array()).byteLength
    const random = seededRandom(7)
    for (let i = 0; i < 10_000; i++)
      expect(document.update(vary(replica.stateVector, random)).byteLength).toBeLessThanOrEqual(all)
    expect(document.update(new Uint8Array(64 * KB).fill(255)).byteLength).toBeLessThanOrEqual(all)
  })
})

describe('A reader', () => {
  test.each<[what: string, write: (doc: Y.Doc) => void]>([
    ['another map', (doc) => doc.getMap('others').set('mood', 'good')],
    ['a list', (doc) => doc.getArray('attributes').push(['good'])],
    ['a text', (doc) => doc.getText('attributes').insert(0, 'good')],
    ['a map in the map', (doc) => doc.getMap('attributes').set('mood', new Y.Map([['a', 'b']]))],
    ['a number', (doc) => doc.getMap('attributes').set('mood', 7)],
    ['bytes', (doc) => doc.getMap('attributes').set('mood', new Uint8Array(3))],
    ['an object', (doc) => doc.getMap('attributes').set('mood', { toString: 'good' })],
    ['a document', (doc) => doc.getMap('attributes').set('mood', new Y.Doc())],
  ])('is not shown %s', (_, write) => {
    const replica = new UserReplica()
    expect(replica.apply(update(write))).toBe(false)
    expect(shown(replica)).toEqual({})
  })

  test.each<[what: string, record: Record<string, string>]>([
    ['an empty value', { mood: '' }],
    ['a key of 33 bytes', { ['k'.repeat(33)]: 'x' }],
    ['a key with a space', { 'a b': 'x' }],
    ['a value above 8 KB', { mood: 'x'.repeat(8 * KB + 1) }],
  ])('is not shown %s, and is shown the rest', (_, record) => {
    const { replica, read } = setup({ ...record, good: 'yes' })
    expect(read().taken).toBe(true)
    expect(shown(replica)).toEqual({ good: 'yes' })
  })

  test('is shown 32 attributes and 16 KB at most', () => {
    const many = setup(Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`key-${i}`, 'x'])))
    many.read()
    expect(many.replica.attributes).toHaveLength(32)
    const value = 'x'.repeat(5 * KB)
    const much = setup({ a: value, b: value, c: value, d: value, e: 'small' })
    much.read()
    expect(Object.keys(shown(much.replica)).sort()).toEqual(['a', 'b', 'c', 'e'])
  })

  test('has nothing left of a session that sent something else, and reads on when it does not any more', () => {
    const { document, replica, read } = setup({ mood: 'good' })
    read()
    expect(replica.apply(new Uint8Array([1, 2, 3]))).toBe(false)
    expect(shown(replica)).toEqual({})
    document.write(attributes({ mood: 'bad' }))
    expect(read().taken).toBe(true)
    expect(shown(replica)).toEqual({ mood: 'bad' })
  })

  test('makes no room for what an update only announces', () => {
    // One writer with 32 million structs, of which there is none.
    expect(new UserReplica().apply(new Uint8Array([1, 255, 255, 255, 15, 1, 0]))).toBe(false)
  })

  test('takes no changes to what it was never sent, by more than one writer, or in thousands of parts', () => {
    const doc = new Y.Doc()
    const map = doc.getMap('attributes')
    map.set('mood', 'good')
    const before = Y.encodeStateVector(doc)
    map.set('mood', 'bad')
    expect(new UserReplica().apply(Y.encodeStateAsUpdate(doc, before))).toBe(false)

    const other = new Y.Doc()
    other.getMap('attributes').set('hat', 'on')
    Y.applyUpdate(doc, Y.encodeStateAsUpdate(other))
    expect(new UserReplica().apply(Y.encodeStateAsUpdate(doc))).toBe(false)

    const long = update((one) => {
      for (let i = 0; i < 3_000; i++) one.getMap('attributes').set(`${i}`, 'x')
    })
    expect(new UserReplica().apply(long)).toBe(false)
  })

  test('is worn out by a session that sends more and more', () => {
    const { document, replica, read } = setup()
    let reads = 0
    for (; !replica.isWornOut && reads < 1_000; reads++) {
      document.write(attributes({ mood: `${reads}`.padEnd(8 * KB, 'x') }))
      read()
    }
    expect(reads).toBeLessThan(40)
  })

  test(`takes ${FUZZED_UPDATES.toLocaleString('en')} hostile updates without a throw, and shows nothing that could not be set`, () => {
    const random = seededRandom(2026)
    const { document, replica, read } = setup({ mood: 'good', team: 'red', empty: '' })
    const whole = document.update(new Uint8Array())
    read()
    const known = replica.stateVector
    document.write(attributes({ mood: 'bad', hat: 'on' }))
    const change = document.update(known)
    const odd = update((doc) => {
      doc.getArray('attributes').push([1, { a: [null] }])
      doc.getText('t').insert(0, 'text', { bold: true })
    })
    let taken = 0
    for (let i = 0; i < FUZZED_UPDATES; i++) {
      const hostile = vary([whole, change, odd][i % 3] ?? whole, random)
      if (i % 3 === 1) replica.apply(whole)
      if (replica.apply(hostile)) taken += 1
      for (const { key, value } of replica.attributes) {
        if (!/^[^\p{C}\p{Z}]{1,32}$/u.test(key) || value === '') throw new Error(`shown: ${key}=${value}`)
      }
    }
    expect(taken).toBeGreaterThan(1_000)
    replica.apply(new Uint8Array())
    read()
    expect(shown(replica)).toEqual({ mood: 'bad', hat: 'on' })
  })
})

import { describe, expect, test } from 'vitest'

import { type Bytes, utf8 } from '../../src/base/bytes.ts'
import type { SessionId, UserId } from '../../src/base/ids.ts'
import { RecordBook, type ValidRecord } from '../../src/documents/record-book.ts'
import type { Author } from '../../src/mesh/trust.ts'
import { encodeRecord, recordPlace, type SignedRecord } from '../../src/protocol/attribute-record.ts'
import { settle } from '../support/pass-time.ts'

const AUTHOR = { keyId: 'k' } as unknown as Author
const ALICE = '0'.repeat(32) as SessionId
const PLACE = 'topic\0alice'

function record(value: string): SignedRecord {
  const userId = 'alice' as UserId
  return { key: 'topic', value, userId, sessionId: ALICE, clock: 1, signature: new Uint8Array(64) }
}

function setup() {
  const records = new Map<string, Bytes>()
  const credentials = new Map<SessionId, string>([[ALICE, 'good']])
  const checks: { value: string | undefined; credential: string; answer: (isHers: boolean) => void }[] = []
  const book = new RecordBook({
    record: (place) => records.get(place),
    credential: (sessionId) => credentials.get(sessionId),
    check: ({ value }, credential) =>
      new Promise((resolve) => {
        checks.push({ value, credential, answer: (isHers) => resolve(isHers ? AUTHOR : undefined) })
      }),
  })
  return {
    book,
    records,
    credentials,
    checks,
    put(value: string): void {
      records.set(PLACE, encodeRecord(record(value)))
      book.changed([PLACE])
    },
    valid: () => book.valid.map(({ value }) => value),
    /** Answers the check at this place in the order they were asked for. */
    async answer(index: number, isHers: boolean): Promise<void> {
      checks[index]?.answer(isHers)
      await settle()
    },
  }
}

describe('A record counts', () => {
  test('when its author has been found', async () => {
    const { put, valid, answer } = setup()
    put('tea')
    expect(valid()).toEqual([])
    await answer(0, true)
    expect(valid()).toEqual(['tea'])
  })

  test('never, if it has none', async () => {
    const { put, valid, answer } = setup()
    put('tea')
    await answer(0, false)
    expect(valid()).toEqual([])
  })

  test('at once, if it was made here', () => {
    const { book, records, valid, checks } = setup()
    const mine = record('tea')
    const bytes = encodeRecord(mine)
    book.expect({ ...mine, place: recordPlace(mine), bytes, author: AUTHOR, credential: 'good' })
    records.set(PLACE, bytes)
    book.changed([PLACE])
    expect(valid()).toEqual(['tea'])
    expect(checks).toEqual([])
  })

  test('no longer, when it is gone', async () => {
    const { book, records, put, valid, answer } = setup()
    put('tea')
    await answer(0, true)
    records.delete(PLACE)
    book.changed([PLACE])
    expect(valid()).toEqual([])
  })

  test('not, if it is nothing that can be read', () => {
    const { book, records, valid, checks } = setup()
    records.set(PLACE, utf8('nonsense'))
    book.changed([PLACE])
    expect(valid()).toEqual([])
    expect(checks).toEqual([])
  })
})

describe('While a record is being checked', () => {
  test('another may take its place: the answer is for nobody', async () => {
    const { put, valid, answer } = setup()
    put('tea')
    put('coffee')
    await answer(0, true)
    expect(valid()).toEqual([])
    await answer(1, false)
    expect(valid()).toEqual([])
  })

  test('it may be taken out', async () => {
    const { book, records, put, valid, answer } = setup()
    put('tea')
    records.delete(PLACE)
    book.changed([PLACE])
    await answer(0, true)
    expect(valid()).toEqual([])
  })

  test('it may be put in again: one answer is enough', async () => {
    const { put, valid, answer, checks } = setup()
    put('tea')
    put('tea')
    expect(checks).toHaveLength(1)
    await answer(0, true)
    expect(valid()).toEqual(['tea'])
  })

  test('whoever waits goes on when it is done', async () => {
    const { book, put, answer } = setup()
    put('tea')
    let isSettled = false
    void book.settled().then(() => (isSettled = true))
    await settle()
    expect(isSettled).toBe(false)
    await answer(0, true)
    expect(isSettled).toBe(true)
  })

  test('whoever waits does not wait for what came later', async () => {
    const { book, put, answer } = setup()
    put('tea')
    let isSettled = false
    void book.settled().then(() => (isSettled = true))
    put('coffee')
    await answer(0, true)
    expect(isSettled).toBe(true)
  })

  test('nobody waits for a check that failed with an error', async () => {
    const records = new Map<string, Bytes>([[PLACE, encodeRecord(record('tea'))]])
    const book = new RecordBook({
      record: (place) => records.get(place),
      credential: () => 'good',
      check: () => Promise.reject(new Error('The machine has no more keys')),
    })
    book.changed([PLACE])
    await book.settled()
    expect(book.valid).toEqual([])
  })
})

describe('A credential', () => {
  test('may come after the record', async () => {
    const { book, credentials, put, valid, answer } = setup()
    credentials.delete(ALICE)
    put('tea')
    await book.settled()
    expect(valid()).toEqual([])
    credentials.set(ALICE, 'late')
    book.reconsider()
    await answer(0, true)
    expect(valid()).toEqual(['tea'])
  })

  test('may come while the record is being checked with a former one', async () => {
    const { book, credentials, checks, put, valid, answer } = setup()
    put('tea')
    credentials.set(ALICE, 'renewed')
    book.reconsider(new Set([ALICE]))
    await answer(0, false)
    await answer(1, true)
    expect(checks.map(({ credential }) => credential)).toEqual(['good', 'renewed'])
    expect(valid()).toEqual(['tea'])
  })

  test('of somebody else is no reason to look again', async () => {
    const { book, checks, put, answer } = setup()
    put('tea')
    await answer(0, false)
    book.reconsider(new Set(['1'.repeat(32)]))
    expect(checks).toHaveLength(1)
  })

  test('that is renewed is what a record was checked by from then on', async () => {
    const { book, credentials, checks, put, valid, answer } = setup()
    put('tea')
    await answer(0, true)
    credentials.set(ALICE, 'renewed')
    book.reconsider(new Set([ALICE]))
    expect(checks.map(({ credential }) => credential)).toEqual(['good', 'renewed'])
    expect(valid()).toEqual(['tea'])
    expect(book.isSettled).toBe(false)
    await answer(1, true)
    expect(book.valid.map(({ credential }) => credential)).toEqual(['renewed'])
    book.reconsider()
    expect(checks).toHaveLength(2)
  })

  test('that is renewed and cannot be verified takes nothing from a record that was checked', async () => {
    const { book, credentials, put, answer } = setup()
    put('tea')
    await answer(0, true)
    credentials.set(ALICE, 'by a server that is not known')
    book.reconsider()
    await answer(1, false)
    expect(book.valid.map(({ value, credential }) => ({ value, credential }))).toEqual([
      { value: 'tea', credential: 'good' },
    ])
  })

  test('that is renewed twice: the answer for the former one is for nobody', async () => {
    const { book, credentials, put, answer } = setup()
    put('tea')
    await answer(0, true)
    for (const renewed of ['second', 'third']) {
      credentials.set(ALICE, renewed)
      book.reconsider()
    }
    await answer(1, true)
    expect(book.valid.map(({ credential }) => credential)).toEqual(['good'])
    await answer(2, true)
    expect(book.valid.map(({ credential }) => credential)).toEqual(['third'])
  })

  test('that is gone takes nothing from a record that was checked', async () => {
    const { book, credentials, put, valid, answer } = setup()
    put('tea')
    await answer(0, true)
    credentials.delete(ALICE)
    book.reconsider()
    expect(valid()).toEqual(['tea'])
    expect((book.valid[0] as ValidRecord).credential).toBe('good')
  })
})

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { fromHex, toHex } from '../../src/base/bytes.ts'
import type { AppId, ChannelId, SessionId, UserId } from '../../src/base/ids.ts'
import {
  type AttributeRecord,
  decodeRecord,
  encodeRecord,
  recordPlace,
  recordSigningInput,
  type SignedRecord,
} from '../../src/protocol/attribute-record.ts'
import {
  decodeDocumentLabel,
  decodeDocumentMessage,
  decodeHolding,
  type DocumentLabel,
  type DocumentMessage,
  encodeDocumentLabel,
  encodeDocumentMessage,
  encodeHolding,
  NOT_HERE,
  NOT_YET,
} from '../../src/protocol/document-messages.ts'
import { seededRandom } from '../support/random.ts'
import { vary, varyText } from '../support/vary.ts'
import { attributeRecords, documentLabels, documentMessages, plain } from './samples.ts'

const APP = 'a'.repeat(32) as AppId
const LOBBY = 'lobby' as ChannelId

describe('What version 1 said of documents is read and written as it was recorded', () => {
  test.each(documentLabels)('label: $what', ({ bytes, hex, says }) => {
    const label = decodeDocumentLabel(bytes)
    expect(plain(label)).toEqual(says)
    expect(label && toHex(encodeDocumentLabel(label))).toBe(hex)
  })

  test.each(documentMessages)('message: $what', ({ bytes, hex, says }) => {
    const message = decodeDocumentMessage(bytes)
    expect(plain(message)).toEqual(says)
    expect(message && toHex(encodeDocumentMessage(message))).toBe(hex)
  })

  test.each(attributeRecords)('record: $what', ({ place, bytes, hex, signs, says }) => {
    const record = decodeRecord(place, bytes)
    expect(plain(record)).toEqual(says)
    if (!record) return
    expect(toHex(encodeRecord(record))).toBe(hex)
    expect(recordPlace(record)).toBe(place)
    expect(toHex(recordSigningInput(APP, LOBBY, record))).toBe(signs)
  })
})

const hex = (byteCount: number) =>
  fc.uint8Array({ minLength: byteCount, maxLength: byteCount }).map((bytes) => toHex(bytes))
const generation = fc.record({
  createdAt: fc.maxSafeNat(),
  id: hex(8),
  parent: fc.oneof(fc.constant(''), hex(8)),
})
const holding = fc.record({ generation: fc.option(generation, { nil: undefined }), isLive: fc.boolean() })
const stateVector = fc.uint8Array({ maxLength: 50 }).map((bytes) => new Uint8Array(bytes))
const message: fc.Arbitrary<DocumentMessage> = fc.oneof(
  fc.record({ type: fc.constant('acknowledgement' as const), id: hex(8) }),
  fc.record({
    type: fc.constant('operation' as const),
    id: hex(8),
    notify: fc.boolean(),
    forward: fc.boolean(),
    generation: hex(8),
    stateVector,
  }),
  fc.record({
    type: fc.constant('digest' as const),
    holding,
    stateVector,
    hashByKeyId: fc.array(fc.tuple(hex(8), hex(32)), { maxLength: 64 }).map((pairs) => new Map(pairs)),
    wantsAnswer: fc.boolean(),
    isFetching: fc.boolean(),
  }),
)
const key = fc.string({ unit: fc.constantFrom('a', 'Z', '0', '-', 'ä', '☕'), minLength: 1, maxLength: 10 })
const record: fc.Arbitrary<SignedRecord> = fc.record({
  key,
  value: fc.option(fc.string({ unit: 'binary', minLength: 1, maxLength: 100 }), { nil: undefined }),
  userId: fc.constantFrom('alice', 'bob the 2nd', '~').map((text) => text as UserId),
  sessionId: hex(16).map((text) => text as SessionId),
  clock: fc.maxSafeNat(),
  signature: fc.uint8Array({ minLength: 64, maxLength: 64 }).map((bytes) => new Uint8Array(bytes)),
})

describe('What is said of documents is understood as it was meant', () => {
  test('labels and holdings', () => {
    const label: fc.Arbitrary<DocumentLabel> = holding.map((one) => ({ channelId: LOBBY, ...one }))
    fc.assert(
      fc.property(label, (one) => {
        expect(decodeDocumentLabel(encodeDocumentLabel(one))).toEqual(one)
        expect(decodeHolding(encodeHolding(one))).toEqual({
          generation: one.generation,
          isLive: one.isLive,
        })
      }),
    )
  })

  test('messages', () => {
    fc.assert(
      fc.property(message, (one) => {
        expect(decodeDocumentMessage(encodeDocumentMessage(one))).toEqual(one)
      }),
      { numRuns: 1_000 },
    )
  })

  test('records', () => {
    fc.assert(
      fc.property(record, (one) => {
        expect(decodeRecord(recordPlace(one), encodeRecord(one))).toEqual(one)
      }),
      { numRuns: 1_000 },
    )
  })

  test('whoever changes anything of a record, its place, app or channel changes what was signed', () => {
    const signed = (app: AppId, channel: ChannelId, one: AttributeRecord): string =>
      toHex(recordSigningInput(app, channel, one))
    fc.assert(
      fc.property(record, record, (a, b) => {
        const isSame =
          a.key === b.key &&
          a.value === b.value &&
          a.userId === b.userId &&
          a.sessionId === b.sessionId &&
          a.clock === b.clock
        expect(signed(APP, LOBBY, a) === signed(APP, LOBBY, b)).toBe(isSame)
        expect(signed('b'.repeat(32) as AppId, LOBBY, a)).not.toBe(signed(APP, LOBBY, a))
        expect(signed(APP, 'lobby2' as ChannelId, a)).not.toBe(signed(APP, LOBBY, a))
      }),
    )
  })

  test('a refusal without a holding is told from one that has one', () => {
    expect(decodeHolding(NOT_HERE)).toBeUndefined()
    expect(decodeHolding(NOT_YET)).toBeUndefined()
  })
})

describe('A record is refused', () => {
  const good = attributeRecords.find(({ what }) => what === 'a value')
  const bytes = good?.bytes ?? new Uint8Array()

  test.each([
    ['under a key that the API does not allow', 'two words\0alice'],
    ['under a key with a control character', 'a\u0007\0alice'],
    ['under an empty key', '\0alice'],
    ['under a key of more than 32 bytes', `${'x'.repeat(33)}\0alice`],
    ['without a user', 'topic'],
    ['with a user id that the API does not allow', 'topic\0al/ice'],
    ['with a third part', 'topic\0alice\0bob'],
  ])('%s', (_, place) => {
    expect(decodeRecord('topic\0alice', bytes)).toBeDefined()
    expect(decodeRecord(place, bytes)).toBeUndefined()
  })

  test.each([
    ['of another format', (hexadecimal: string) => `02${hexadecimal.slice(2)}`],
    ['with something after it', (hexadecimal: string) => `${hexadecimal}00`],
    ['that is cut off', (hexadecimal: string) => hexadecimal.slice(0, -2)],
    ['of no bytes', () => ''],
  ])('%s', (_, change) => {
    expect(decodeRecord('topic\0alice', fromHex(change(toHex(bytes))) ?? bytes)).toBeUndefined()
  })

  test('with an empty value, or one of more than 8 KB', () => {
    const record = decodeRecord('topic\0alice', bytes)
    if (!record) throw new Error('It is a good one')
    const again = (value: string): unknown => decodeRecord('topic\0alice', encodeRecord({ ...record, value }))
    expect(again('x'.repeat(8 * 1024))).toBeDefined()
    expect(again('x'.repeat(8 * 1024 + 1))).toBeUndefined()
    expect(again('')).toBeUndefined()
  })
})

describe('100,000 hostile inputs are taken without a throw, and nothing larger is made of them', () => {
  const INPUTS = 100_000

  function feed<Sample>(samples: readonly Sample[], take: (sample: Sample, random: () => number) => boolean) {
    const random = seededRandom(2026)
    let understood = 0
    for (let i = 0; i < INPUTS; i++) {
      const sample = samples[i % samples.length]
      if (sample !== undefined && take(sample, random)) understood += 1
    }
    return understood
  }

  function checkSize(value: unknown, input: Uint8Array): boolean {
    const size = JSON.stringify(plain(value) ?? null).length
    if (size > 6 * input.byteLength + 400) throw new Error(`${size} of ${input.byteLength}`)
    return value !== undefined
  }

  test('labels', () => {
    const understood = feed(documentLabels, ({ bytes }, random) => {
      const input = vary(bytes, random)
      return checkSize(decodeDocumentLabel(input), input)
    })
    expect(understood).toBeGreaterThan(1_000)
  })

  test('holdings', () => {
    const understood = feed(documentLabels, ({ bytes }, random) => {
      const input = vary(bytes.subarray(7), random)
      return checkSize(decodeHolding(input), input)
    })
    expect(understood).toBeGreaterThan(1_000)
  })

  test('messages', () => {
    const understood = feed(documentMessages, ({ bytes }, random) => {
      const input = vary(bytes, random)
      return checkSize(decodeDocumentMessage(input), input)
    })
    expect(understood).toBeGreaterThan(1_000)
  })

  test('records', () => {
    const understood = feed(attributeRecords, ({ place, bytes }, random) => {
      const input = vary(bytes, random)
      const where = random() < 0.2 ? varyText(place, random) : place
      return checkSize(decodeRecord(where, input), input)
    })
    expect(understood).toBeGreaterThan(1_000)
  })
})

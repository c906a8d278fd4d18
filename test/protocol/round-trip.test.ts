import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import type { AppId, ChannelId, UserId } from '../../src/base/ids.ts'
import { encodeBytes } from '../../src/protocol/codec.ts'
import {
  encodeCredential,
  MAX_CREDENTIAL_TEXT,
  openCredential,
  sealCredential,
} from '../../src/protocol/credential.ts'
import {
  decodePacket,
  writeAck,
  writeChannel,
  writeChannelAnswer,
  writeHello,
  writeItem,
} from '../../src/protocol/frames.ts'
import { type Content, decodeItem, encodeItem, type Item } from '../../src/protocol/items.ts'
import { decodeLinkSignal, encodeLinkSignal, linkGreeting } from '../../src/protocol/link-signals.ts'

const count = fc.maxSafeNat()
const channelNumber = fc.integer({ min: 10, max: 1_023 })
const position = fc.record({ stream: count, number: count })
const bytes = (length: number) =>
  fc.uint8Array({ minLength: length, maxLength: length }).map((value) => new Uint8Array(value))
const idCharacters = Array.from(
  'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 !#$%&()+-:;<=.>?@[]^_{}|~,',
)
const id = fc
  .string({ unit: fc.constantFrom(...idCharacters), minLength: 1, maxLength: 64 })
  .filter((text) => text !== 'null')
const wellFormedText = fc.string({ unit: 'binary', maxLength: 300 })
const content: fc.Arbitrary<Content> = fc.oneof(
  wellFormedText.map((text): Content => ({ type: 'text', text })),
  fc
    .tuple(fc.uint8Array({ maxLength: 300 }), wellFormedText)
    .map(([raw, description]): Content => ({ type: 'raw', raw: new Uint8Array(raw), description })),
)
const item: fc.Arbitrary<Item> = fc.oneof(
  fc.record({ kind: fc.constant('peer-message' as const), sentAt: count, content }),
  fc.record({
    kind: fc.constant('channel-message' as const),
    channelId: id.map((text) => text as ChannelId),
    incarnation: count,
    sentAt: count,
    content,
  }),
  fc.record({
    kind: fc.constant('left' as const),
    channelId: id.map((text) => text as ChannelId),
    incarnation: count,
  }),
)

describe('What is encoded is decoded as it was', () => {
  test('items', () => {
    fc.assert(
      fc.property(item, (value) => {
        expect(decodeItem(encodeItem(value))).toEqual(value)
      }),
      {
        numRuns: 2_000,
      },
    )
  })

  test('packets of any frames', () => {
    const frame = fc.oneof(
      position.map((received) => ({ type: 'ack' as const, received })),
      position.map((received) => ({ ...linkGreeting, type: 'hello' as const, received })),
      fc.record({
        type: fc.constant('item' as const),
        at: position,
        item: fc.uint8Array({ maxLength: 300 }),
      }),
      fc.record({
        type: fc.constant('channel' as const),
        number: channelNumber,
        label: fc.uint8Array({ maxLength: 1_024 }),
      }),
      fc.record({
        type: fc.constant('channel-answer' as const),
        number: channelNumber,
        isAccepted: fc.boolean(),
        answer: fc.uint8Array({ maxLength: 1_024 }),
      }),
    )
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 20 }), (frames) => {
        const packet = encodeBytes((encoder) => {
          for (const one of frames) {
            if (one.type === 'ack') writeAck(encoder, one.received)
            else if (one.type === 'hello') writeHello(encoder, one.received)
            else if (one.type === 'channel') writeChannel(encoder, one.number, one.label)
            else if (one.type === 'channel-answer')
              writeChannelAnswer(encoder, one.number, one.isAccepted, one.answer)
            else writeItem(encoder, one.at, one.item)
          }
        })
        expect(decodePacket(packet)).toEqual(frames)
      }),
      { numRuns: 1_000 },
    )
  })

  test('items in a row, of which each begins as much like the one before as it may', () => {
    const alike = fc.tuple(fc.nat(120), fc.uint8Array({ maxLength: 40 }))
    fc.assert(
      fc.property(position, fc.array(alike, { maxLength: 20 }), (first, tails) => {
        fc.pre(first.number + tails.length <= Number.MAX_SAFE_INTEGER)
        const frames = tails.map(([zeros, tail], index) => ({
          type: 'item',
          at: { stream: first.stream, number: first.number + index },
          item: new Uint8Array([...new Uint8Array(zeros), ...tail]),
        }))
        const packet = encodeBytes((encoder) =>
          frames.forEach(({ at, item }, index) => writeItem(encoder, at, item, frames[index - 1]?.item)),
        )
        expect(decodePacket(packet)).toEqual(frames)
      }),
      { numRuns: 500 },
    )
  })

  test('credentials, none of them longer than the limit for their text', () => {
    const credential = fc.record({
      appId: fc
        .string({
          unit: fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code)),
          minLength: 32,
          maxLength: 32,
        })
        .map((text) => text as AppId),
      userId: id.map((text) => text as UserId),
      fingerprint: bytes(32),
      signingKey: bytes(65),
      agreementKey: bytes(65),
      loginTime: count,
      issuedAt: count,
      expiresAt: count,
      keyId: bytes(8),
    })
    fc.assert(
      fc.property(credential, bytes(64), (value, signature) => {
        const text = sealCredential(encodeCredential(value), signature)
        expect(text.length).toBeLessThanOrEqual(MAX_CREDENTIAL_TEXT)
        expect(openCredential(text)).toMatchObject({ credential: value, signature })
      }),
    )
  })

  test('link signals', () => {
    const candidate = fc.record({
      candidate: fc.string({ maxLength: 100 }),
      sdpMid: fc.option(fc.string({ maxLength: 10 })),
      sdpMLineIndex: fc.option(fc.nat(64)),
    })
    const signal = fc.record({
      type: fc.constantFrom('offer' as const, 'answer' as const),
      version: fc.constant(1 as const),
      features: count,
      epoch: fc.nat(2 ** 31 - 1),
      sdp: fc.string({ maxLength: 1_000 }),
      credential: fc.string({ maxLength: 800 }),
      candidates: fc.array(candidate, { maxLength: 64 }),
    })
    fc.assert(
      fc.property(signal, (value) => {
        expect(decodeLinkSignal(encodeLinkSignal(value))).toEqual(value)
      }),
    )
  })
})

describe('What cannot be said in UTF-8', () => {
  test('arrives with its lone surrogates replaced, as everywhere on the web', () => {
    const sent: Item = { kind: 'peer-message', sentAt: 1, content: { type: 'text', text: 'a\ud800b' } }
    expect(decodeItem(encodeItem(sent))).toEqual({ ...sent, content: { type: 'text', text: 'a\ufffdb' } })
  })

  test('keeps a byte order mark', () => {
    const sent: Item = { kind: 'peer-message', sentAt: 1, content: { type: 'text', text: '\ufeffbom' } }
    expect(decodeItem(encodeItem(sent))).toEqual(sent)
  })
})

describe('The limits of a link signal', () => {
  const offer = {
    type: 'offer',
    ...linkGreeting,
    epoch: 1,
    sdp: 'v=0',
    credential: 'c',
    candidates: [] as unknown[],
  }
  const candidate = { candidate: 'candidate:1', sdpMid: '0', sdpMLineIndex: 0 }
  test.each([
    ['a description over 20,000 characters', { sdp: 'x'.repeat(20_001) }],
    ['a credential over 800 characters', { credential: 'x'.repeat(801) }],
    ['more than 64 candidates', { candidates: Array.from({ length: 65 }, () => candidate) }],
    ['a candidate over 1,024 characters', { candidates: [{ ...candidate, candidate: 'x'.repeat(1_025) }] }],
    ['an epoch that was not counted', { epoch: 2 ** 31 + 1 }],
    ['a negative epoch', { epoch: -1 }],
    ['half an epoch', { epoch: 0.5 }],
    ['no description', { sdp: undefined }],
    ['an unknown type', { type: 'gift' }],
  ])('%s', (_, change) => {
    expect(decodeLinkSignal(JSON.stringify(offer))).toBeDefined()
    expect(decodeLinkSignal(JSON.stringify({ ...offer, ...change }))).toBeUndefined()
  })

  test('an object with a prototype in it pollutes nothing', () => {
    const text = JSON.stringify(offer).replace('{', '{"__proto__":{"polluted":1},"constructor":{"x":1},')
    expect(decodeLinkSignal(text)).toBeDefined()
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
  })
})

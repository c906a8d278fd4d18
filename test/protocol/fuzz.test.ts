import { describe, expect, test } from 'vitest'

import { fromHex, toBase64Url } from '../../src/base/bytes.ts'
import { openCredential } from '../../src/protocol/credential.ts'
import { decodePacket } from '../../src/protocol/frames.ts'
import { decodeItem, MAX_CONTENT_BYTES } from '../../src/protocol/items.ts'
import { decodeLinkSignal } from '../../src/protocol/link-signals.ts'
import { openNotice } from '../../src/protocol/notice.ts'
import { decodeClientMessage } from '../../src/protocol/client-messages.ts'
import { decodeServerMessage } from '../../src/protocol/server-messages.ts'
import { decodeTabSignal } from '../../src/protocol/tab-signals.ts'
import { seededRandom } from '../support/random.ts'
import { vary, varyText } from '../support/vary.ts'
import { credentials, items, notices, packets, serverMessages, signals, tabSignals } from './samples.ts'

const INPUTS = 100_000

/** Calls the decoder with as many inputs as it takes, each made of one of the samples; how many were understood. */
function feed<T>(samples: readonly T[], decode: (sample: T, random: () => number) => boolean): number {
  const random = seededRandom(2026)
  let understood = 0
  for (let i = 0; i < INPUTS; i++) {
    const sample = samples[i % samples.length]
    if (sample !== undefined && decode(sample, random)) understood += 1
  }
  return understood
}

/** Bytes that a decoded value refers to or holds. */
function sizeOf(value: unknown): number {
  if (value instanceof Uint8Array) return value.byteLength
  if (typeof value === 'string') return value.length
  if (typeof value === 'object' && value !== null) {
    return Object.values(value).reduce((sum: number, part: unknown) => sum + sizeOf(part), 1)
  }
  return 1
}

describe('A decoder takes 100,000 hostile inputs without a throw, and makes nothing larger of them', () => {
  test('packets of frames', () => {
    const understood = feed(packets, ({ bytes }, random) => {
      const input = vary(bytes, random)
      const frames = decodePacket(input)
      // A frame of two bytes becomes an object of a handful of numbers, no more.
      if (frames && sizeOf(frames) > 8 * input.byteLength + 8)
        throw new Error(`${sizeOf(frames)} of ${input.byteLength}`)
      return frames !== undefined
    })
    expect(understood).toBeGreaterThan(1_000)
  })

  test('items', () => {
    const understood = feed(items, ({ bytes }, random) => {
      const input = vary(bytes, random)
      const item = decodeItem(input)
      if (item && sizeOf(item) > input.byteLength + 100)
        throw new Error(`${sizeOf(item)} of ${input.byteLength}`)
      return item !== undefined
    })
    expect(understood).toBeGreaterThan(1_000)
  })

  test('credentials', () => {
    const understood = feed(credentials, ({ text }, random) => {
      const bytes = Uint8Array.from(Buffer.from(text, 'base64url'))
      const input = random() < 0.5 ? varyText(text, random) : toBase64Url(vary(bytes, random))
      const opened = openCredential(input)
      if (opened && sizeOf(opened) > 2 * input.length + 100) throw new Error('it grew')
      return opened !== undefined
    })
    expect(understood).toBeGreaterThan(1_000)
  })

  test('notices', () => {
    const understood = feed(notices, ({ text }, random) => {
      const bytes = Uint8Array.from(Buffer.from(text, 'base64url'))
      const input = random() < 0.5 ? varyText(text, random) : toBase64Url(vary(bytes, random))
      const opened = openNotice(input)
      if (opened && sizeOf(opened) > 2 * input.length + 100) throw new Error('it grew')
      return opened !== undefined
    })
    expect(understood).toBeGreaterThan(1_000)
  })

  test('link signals', () => {
    const understood = feed(signals, ({ text }, random) => {
      const input = varyText(text, random)
      const signal = decodeLinkSignal(input)
      if (signal && sizeOf(signal) > 2 * input.length + 100) throw new Error('it grew')
      return signal !== undefined
    })
    expect(understood).toBeGreaterThan(1_000)
  })

  test('signals of tabs', () => {
    const understood = feed(tabSignals, ({ text }, random) => {
      const input = varyText(text, random)
      const signal = decodeTabSignal(input)
      if (signal && sizeOf(signal) > 2 * input.length + 100) throw new Error('it grew')
      return signal !== undefined
    })
    expect(understood).toBeGreaterThan(1_000)
  })

  test.each([
    ['of a client', decodeClientMessage],
    ['of a server', decodeServerMessage],
  ])('messages %s', (_, decode) => {
    const understood = feed(serverMessages, ({ text }, random) => {
      const input = varyText(text, random)
      const message = decode(input)
      if (message && sizeOf(message) > 2 * input.length + 100) throw new Error('it grew')
      return message !== undefined
    })
    expect(understood).toBeGreaterThan(500)
  })
})

describe('A decoder refuses what claims to be larger than it is', () => {
  test.each([
    ['an item frame of 2^53 bytes', '02ffffffffffffff0f0100'],
    ['a length that never ends', `02${'ff'.repeat(40)}`],
    ['a length beyond 2^53', '02ffffffffffffffffff01'],
    ['a frame that is cut off', '020a0100'],
    ['a type without a length', '02'],
    ['a hello without a position', '01020100'],
    ['a side channel whose label is longer than its frame', '06030a0201'],
    ['a side channel whose label is longer than 1 KB', `0684080a8108${'00'.repeat(1_025)}`],
    ['a side channel below the first', '06020900'],
    ['a side channel beyond the last', '0603800800'],
    ['an answer to a side channel beyond the last', '070480080100'],
  ])('%s', (_, hex) => {
    expect(decodePacket(fromHex(hex) ?? new Uint8Array())).toBeUndefined()
  })

  test('and reads no byte beyond the end of its own view', () => {
    const shared = new Uint8Array([3, 2, 1, 5, 4, 0])
    expect(decodePacket(shared.subarray(0, 3))).toBeUndefined()
    expect(decodePacket(shared.subarray(0, 4))).toHaveLength(1)
  })

  test('also when the message in it is over the limit', () => {
    const item = (size: number): Uint8Array =>
      Uint8Array.from([1, 1, 2, 0, ...Array.from({ length: size }, () => 7)])
    expect(decodeItem(item(MAX_CONTENT_BYTES))).toBeDefined()
    expect(decodeItem(item(MAX_CONTENT_BYTES + 1))).toBeUndefined()
  })
})

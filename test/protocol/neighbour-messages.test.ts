import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { toHex } from '../../src/base/bytes.ts'
import type { ChannelId, SessionId, UserId } from '../../src/base/ids.ts'
import { MAX_FRAME_MESSAGE_BYTES } from '../../src/protocol/frames.ts'
import {
  decodeNeighbourMessage,
  encodeNeighbourMessage,
  MAX_ASKED,
  MAX_INTRODUCTIONS,
  type NeighbourMessage,
} from '../../src/protocol/neighbour-messages.ts'
import { seededRandom } from '../support/random.ts'
import { vary } from '../support/vary.ts'
import { neighbourMessages } from './samples.ts'

const SESSION = '0123456789abcdef0123456789abcdef' as SessionId

describe('Messages between neighbours', () => {
  test.each(neighbourMessages)(
    'are read and written as they were recorded: $what',
    ({ bytes, hex, says }) => {
      const message = decodeNeighbourMessage(bytes)
      expect(message).toEqual(says)
      expect(message && toHex(encodeNeighbourMessage(message))).toBe(hex)
    },
  )

  test('are decoded as they were', () => {
    const id = fc.stringMatching(/^[a-z]{1,64}$/).filter((text) => text !== 'null')
    const count = fc.maxSafeNat()
    const text = fc.string({ unit: 'binary', maxLength: 300 })
    const to = fc.stringMatching(/^[0-9a-f]{32}$/).map((one) => one as SessionId)
    const userId = id.map((one) => one as UserId)
    const channelId = id.map((one) => one as ChannelId)
    const message: fc.Arbitrary<NeighbourMessage> = fc.oneof(
      fc.record({
        kind: fc.constant('ask' as const),
        request: count,
        userIds: fc.array(userId),
        channelIds: fc.array(channelId),
      }),
      fc.record({
        kind: fc.constant('answer' as const),
        request: count,
        introductions: fc.array(
          fc.record({ credential: text, channels: fc.array(fc.tuple(channelId, count)) }),
        ),
      }),
      fc.record({ kind: fc.constant('signal' as const), to, signal: text }),
      fc.record({ kind: fc.constant('passed-on' as const), credential: text, signal: text }),
      fc.record({ kind: fc.constant('undeliverable' as const), to }),
      fc.record({ kind: fc.constant('notice' as const), notice: text }),
    )
    fc.assert(
      fc.property(message, (one) => {
        expect(decodeNeighbourMessage(encodeNeighbourMessage(one))).toEqual(one)
      }),
    )
  })

  test('are taken in 100,000 hostile forms without a throw, and nothing larger is made of them', () => {
    const random = seededRandom(2026)
    let understood = 0
    for (let i = 0; i < 100_000; i++) {
      const input = vary(neighbourMessages[i % neighbourMessages.length]?.bytes ?? new Uint8Array(), random)
      const message = decodeNeighbourMessage(input)
      if (message) understood += 1
      if (JSON.stringify(message ?? '').length > 30 * input.byteLength + 200) throw new Error('it grew')
    }
    expect(understood).toBeGreaterThan(1_000)
  })

  test.each<[string, NeighbourMessage]>([
    [
      'users',
      { kind: 'ask', request: 1, userIds: Array<UserId>(MAX_ASKED + 1).fill('u' as UserId), channelIds: [] },
    ],
    [
      'introductions',
      {
        kind: 'answer',
        request: 1,
        introductions: Array.from({ length: MAX_INTRODUCTIONS + 1 }, () => ({
          credential: '',
          channels: [],
        })),
      },
    ],
    ['of a credential', { kind: 'passed-on', credential: 'x'.repeat(801), signal: '' }],
    ['of a signal', { kind: 'signal', to: SESSION, signal: 'x'.repeat(60_001) }],
    ['of a notice', { kind: 'notice', notice: 'x'.repeat(801) }],
  ])('are none with too much: %s', (_, message) => {
    expect(decodeNeighbourMessage(encodeNeighbourMessage(message))).toBeUndefined()
  })

  test.each<[string, NeighbourMessage]>([
    ['user', { kind: 'ask', request: 1, userIds: ['é' as UserId], channelIds: [] }],
    ['channel', { kind: 'ask', request: 1, userIds: [], channelIds: ['' as ChannelId] }],
    ['session', { kind: 'undeliverable', to: 'nobody' as SessionId }],
  ])('are none about a %s that cannot be', (_, message) => {
    expect(decodeNeighbourMessage(encodeNeighbourMessage(message))).toBeUndefined()
  })

  test('fit into a frame, however long the signal is', () => {
    const signal = '\u{10ffff}'.repeat(30_000)
    const message = encodeNeighbourMessage({ kind: 'passed-on', credential: 'x'.repeat(800), signal })
    expect(message.byteLength).toBeLessThan(MAX_FRAME_MESSAGE_BYTES)
  })
})

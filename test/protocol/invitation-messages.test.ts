import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { toHex } from '../../src/base/bytes.ts'
import {
  decodeInvitationMessage,
  encodeInvitationMessage,
  type InvitationMessage,
} from '../../src/protocol/invitation-messages.ts'
import { MAX_INVITATION_TEXT_BYTES } from '../../src/protocol/invitation-limits.ts'
import { decodeItem, encodeItem, MAX_INVITATION_MESSAGE_BYTES } from '../../src/protocol/items.ts'
import { seededRandom } from '../support/random.ts'
import { vary } from '../support/vary.ts'
import { invitationMessages, plain } from './samples.ts'

const id = fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => new Uint8Array(bytes))
const text = fc.option(fc.string({ unit: 'binary', maxLength: 300 }))
const message: fc.Arbitrary<InvitationMessage> = fc.oneof(
  fc.record({ type: fc.constant('invite' as const), id, channelId: text, content: text }),
  fc.record({ type: fc.constantFrom('accept' as const, 'refuse' as const), id, response: text }),
  fc.record({
    type: fc.constantFrom('received' as const, 'cancel' as const, 'confirmed' as const, 'gave-up' as const),
    id,
  }),
  fc.record({
    type: fc.constant('settled' as const),
    id,
    outcome: fc.constantFrom('accepted', 'refused', 'canceled', 'expired', 'failed', 'unknown'),
  }),
)

describe('What is said of invitations', () => {
  test.each(invitationMessages)(
    'is read and written as it was recorded of version 1: $what',
    ({ bytes, hex, says }) => {
      const read = decodeInvitationMessage(bytes)
      expect(plain(read)).toEqual(says)
      expect(read && toHex(encodeInvitationMessage(read))).toBe(hex)
    },
  )

  test('is read as it was written', () => {
    fc.assert(
      fc.property(message, (value) => {
        const channelId = value.type === 'invite' ? value.channelId : null
        fc.pre(channelId === null || Buffer.byteLength(channelId) <= 64)
        expect(decodeInvitationMessage(encodeInvitationMessage(value))).toEqual(value)
      }),
      { numRuns: 2_000 },
    )
  })

  test('may be of a kind, or of an outcome, that is not known yet: then it is ignored', () => {
    const idBytes = Array.from({ length: 16 }, () => 7)
    expect(decodeInvitationMessage(new Uint8Array([99, ...idBytes]))).toBeUndefined()
    expect(decodeInvitationMessage(new Uint8Array([6, ...idBytes, 99]))).toBeUndefined()
  })

  test('may have more in it than this version knows', () => {
    for (const { bytes, says } of invitationMessages)
      expect(plain(decodeInvitationMessage(new Uint8Array([...bytes, 1, 2, 3])))).toEqual(says)
  })

  test('has its limits: 8 KB of content or response, 64 bytes of channel id, in UTF-8', () => {
    const sent = (channelId: string, content: string) =>
      decodeInvitationMessage(
        encodeInvitationMessage({ type: 'invite', id: new Uint8Array(16), channelId, content }),
      )
    const answered = (response: string) =>
      decodeInvitationMessage(encodeInvitationMessage({ type: 'accept', id: new Uint8Array(16), response }))
    const half = MAX_INVITATION_TEXT_BYTES / 2
    expect(sent('c'.repeat(64), 'é'.repeat(half))).toBeDefined()
    expect(sent('c'.repeat(65), '')).toBeUndefined()
    expect(sent('', `${'é'.repeat(half)}x`)).toBeUndefined()
    expect(answered('é'.repeat(half))).toBeDefined()
    expect(answered(`${'é'.repeat(half)}x`)).toBeUndefined()
  })

  test('fits into an item, which is no larger than it may be', () => {
    const largest = encodeInvitationMessage({
      type: 'invite',
      id: new Uint8Array(16),
      channelId: 'c'.repeat(64),
      content: 'x'.repeat(MAX_INVITATION_TEXT_BYTES),
    })
    const item = { kind: 'invitation', message: largest } as const
    expect(decodeItem(encodeItem(item))).toEqual(item)
    const tooLarge = new Uint8Array(MAX_INVITATION_MESSAGE_BYTES + 1)
    expect(decodeItem(encodeItem({ kind: 'invitation', message: tooLarge }))).toBeUndefined()
  })

  test('is decoded without a throw from 100,000 hostile inputs', () => {
    const random = seededRandom(2026)
    let understood = 0
    for (let i = 0; i < 100_000; i++) {
      const sample = invitationMessages[i % invitationMessages.length]
      const input = vary(sample?.bytes ?? new Uint8Array(), random)
      const read = decodeInvitationMessage(input)
      if (read) understood += 1
    }
    expect(understood).toBeGreaterThan(1_000)
  })
})

import { describe, expect, test } from 'vitest'

import { fromHex, toHex } from '../../src/base/bytes.ts'
import type { SessionId } from '../../src/base/ids.ts'
import { MAX_CREDENTIAL_TEXT } from '../../src/protocol/credential.ts'
import {
  decodeRelayMessage,
  decodeRelayPayload,
  encodeRelayMessage,
  encodeRelayPayload,
  MAX_RELAY_PAYLOAD_BYTES,
} from '../../src/protocol/relay-messages.ts'
import { decodeRelayPacket, encodeRelayPacket } from '../../src/protocol/relay-packets.ts'
import { seededRandom } from '../support/random.ts'
import { vary } from '../support/vary.ts'
import { type BinarySample, plain, relayMessages, relayPackets, relayPayloads } from './samples.ts'

const session = '00112233445566778899aabbccddeeff' as SessionId

/** A sample is read as it was recorded, and written as it was. */
function isAsRecorded<T>(
  { hex, says, bytes }: BinarySample & { bytes: Uint8Array },
  decode: (bytes: Uint8Array) => T | undefined,
  encode: (value: T) => Uint8Array,
): void {
  const value = decode(bytes)
  expect(plain(value)).toEqual(says)
  expect(value && toHex(encode(value))).toBe(hex)
}

describe('What version 1 said about relaying is read and written as it was recorded', () => {
  test.each(relayMessages)('message: $what', (sample) =>
    isAsRecorded(sample, decodeRelayMessage, encodeRelayMessage),
  )
  test.each(relayPayloads)('payload: $what', (sample) =>
    isAsRecorded(sample, decodeRelayPayload, encodeRelayPayload),
  )
  test.each(relayPackets)('packet: $what', (sample) =>
    isAsRecorded(sample, decodeRelayPacket, encodeRelayPacket),
  )
})

describe('What is said about relaying', () => {
  test('may be of a kind, or have a reason, that is not known yet', () => {
    expect(decodeRelayMessage(fromHex(`09${session}`) ?? new Uint8Array())).toBeUndefined()
    const refused = decodeRelayMessage(fromHex(`03${session}63`) ?? new Uint8Array())
    expect(refused).toEqual({ kind: 'refused', session, reason: 'busy' })
    expect(decodeRelayPayload(new Uint8Array([9, 1, 0, 1, 0]))).toBeUndefined()
    expect(decodeRelayPacket(new Uint8Array([9, 1]))).toBeUndefined()
  })

  test('is not understood in another major version, but for what is sealed', () => {
    for (const { what, bytes } of relayPayloads) {
      const later = new Uint8Array(bytes)
      later[1] = 2
      expect(decodeRelayPayload(later) !== undefined).toBe(/^a (packet|goodbye)$/.test(what))
    }
  })

  test('has its limits', () => {
    const payload = (size: number) =>
      decodeRelayMessage(encodeRelayMessage({ kind: 'pass', to: session, payload: new Uint8Array(size) }))
    expect(payload(MAX_RELAY_PAYLOAD_BYTES)).toBeDefined()
    expect(payload(MAX_RELAY_PAYLOAD_BYTES + 1)).toBeUndefined()
    const knock = (length: number) =>
      decodeRelayPayload(encodeRelayPayload({ kind: 'knock', epoch: 1, credential: 'x'.repeat(length) }))
    expect(knock(MAX_CREDENTIAL_TEXT)).toBeDefined()
    expect(knock(MAX_CREDENTIAL_TEXT + 1)).toBeUndefined()
    expect(decodeRelayPacket(encodeRelayPacket({ type: 'end', channel: 1_023 }))).toBeDefined()
    expect(decodeRelayPacket(encodeRelayPacket({ type: 'end', channel: 1_024 }))).toBeUndefined()
  })

  test.each([
    ['messages', relayMessages, decodeRelayMessage],
    ['payloads', relayPayloads, decodeRelayPayload],
    ['packets', relayPackets, decodeRelayPacket],
  ] as const)('is decoded without a throw from 100,000 hostile inputs: %s', (_, samples, decode) => {
    const random = seededRandom(2026)
    let understood = 0
    for (let i = 0; i < 100_000; i++) {
      const input = vary(samples[i % samples.length]?.bytes ?? new Uint8Array(), random)
      if (decode(input)) understood += 1
    }
    expect(understood).toBeGreaterThan(1_000)
  })
})

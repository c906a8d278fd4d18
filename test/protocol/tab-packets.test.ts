import { describe, expect, test } from 'vitest'

import { decodeTabPacket } from '../../src/protocol/tab-packets.ts'

describe('What two linked tabs say to each other', () => {
  test.each([
    { type: 'ready' },
    { type: 'bytes', channel: 0, bytes: new Uint8Array([1, 2, 3]) },
    { type: 'bytes', channel: 1_023, bytes: new Uint8Array() },
    { type: 'credit', channel: 10, byteCount: 16_384 },
    { type: 'beat', isAnswer: true },
    { type: 'end', channel: 0 },
  ])('is understood: $type', (packet) => {
    expect(decodeTabPacket(structuredClone(packet))).toEqual(packet)
    expect(decodeTabPacket({ ...packet, later: 1 })).toEqual(packet)
  })

  test.each([
    ['nothing', undefined],
    ['null', null],
    ['text', '{"type":"ready"}'],
    ['an unknown type', { type: 'hello' }],
    ['a number that is none', { type: 'end', channel: '0' }],
    ['a channel beyond the last', { type: 'end', channel: 1_024 }],
    ['a channel between two', { type: 'end', channel: 0.5 }],
    ['bytes that are a buffer', { type: 'bytes', channel: 0, bytes: new ArrayBuffer(3) }],
    ['bytes that look like some', { type: 'bytes', channel: 0, bytes: { byteLength: 1e9 } }],
    ['a credit without end', { type: 'credit', channel: 0, byteCount: Number.POSITIVE_INFINITY }],
    ['a beat that may be one', { type: 'beat' }],
  ])('is not understood: %s', (_, value) => {
    expect(decodeTabPacket(value)).toBeUndefined()
  })
})

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import {
  concatBytes,
  equalBytes,
  fromBase64Url,
  fromHex,
  toBase64Url,
  toHex,
  utf8,
  utf8ByteLength,
} from '../../src/base/bytes.ts'

const bytes = fc.uint8Array({ maxLength: 300 })

describe('Bytes as text', () => {
  test('come back as they were, in hexadecimal and in base64url', () => {
    fc.assert(
      fc.property(bytes, (value) => {
        expect(fromHex(toHex(value))).toEqual(new Uint8Array(value))
        expect(fromBase64Url(toBase64Url(value))).toEqual(new Uint8Array(value))
        expect(toBase64Url(value)).toBe(Buffer.from(value).toString('base64url'))
      }),
    )
  })

  test.each(['0', 'xy', '0 ', ' 00', '0x00', '０0'])('%j is not hexadecimal', (text) => {
    expect(fromHex(text)).toBeUndefined()
  })

  test.each(['A', 'AAAAA', 'AA==', 'A+B/', 'AA A', 'é'])('%j is not base64url', (text) => {
    expect(fromBase64Url(text)).toBeUndefined()
  })
})

describe('Bytes', () => {
  test('are measured as UTF-8', () => {
    expect([utf8ByteLength(''), utf8ByteLength('a'), utf8ByteLength('é'), utf8ByteLength('👋')]).toEqual([
      0, 1, 2, 4,
    ])
    expect(utf8('é')).toEqual(new Uint8Array([0xc3, 0xa9]))
  })

  test('are joined in order, and equal when every one is', () => {
    fc.assert(
      fc.property(fc.array(bytes, { maxLength: 5 }), (parts) => {
        expect([...concatBytes(...parts)]).toEqual(parts.flatMap((part) => [...part]))
      }),
    )
    expect(equalBytes(new Uint8Array([1, 2]), new Uint8Array([1, 2]))).toBe(true)
    expect(equalBytes(new Uint8Array([1, 2]), new Uint8Array([1, 3]))).toBe(false)
    expect(equalBytes(new Uint8Array([1, 2]), new Uint8Array([1, 2, 0]))).toBe(false)
    expect(equalBytes(new Uint8Array(), new Uint8Array())).toBe(true)
  })
})

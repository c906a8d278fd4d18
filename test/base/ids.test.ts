import { describe, expect, test } from 'vitest'

import { isAppId, isChannelId, isSessionId, isUserId } from '../../src/base/ids.ts'

const PUNCTUATION = '!#$%&()+-:;<=.>?@[]^_{}|~,'
const ALLOWED = `abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 ${PUNCTUATION}`

describe.each([
  ['user', isUserId],
  ['channel', isChannelId],
])('The id of a %s', (_, isId) => {
  test('may have the characters of the API and no other of the first 65,536', () => {
    expect(PUNCTUATION).toHaveLength(26)
    const accepted: string[] = []
    for (let code = 0; code < 0x1_0000; code++) {
      const character = String.fromCharCode(code)
      if (isId(character)) accepted.push(character)
      expect(isId(`a${character}b`)).toBe(ALLOWED.includes(character))
    }
    expect(accepted.sort()).toEqual(Array.from(ALLOWED).sort())
  })

  test('has 1 to 64 bytes', () => {
    expect(isId('')).toBe(false)
    expect(isId('x'.repeat(64))).toBe(true)
    expect(isId('x'.repeat(65))).toBe(false)
  })

  test('is not the text null, but may contain it', () => {
    expect(isId('null')).toBe(false)
    expect(['Null', 'null ', ' null', 'nullnull'].every(isId)).toBe(true)
  })

  test('may be spaces, and begin and end with them', () => {
    expect([' ', '   ', ' alice ', '__proto__', 'constructor'].every(isId)).toBe(true)
  })

  test('has no line end hidden behind it', () => {
    expect(['alice\n', '\nalice', 'alice\r', 'alice\u2028', 'alice\0'].some(isId)).toBe(false)
  })

  test.each([null, undefined, 7, true, {}, ['alice'], Object('alice') as unknown])('is no %j', (value) => {
    expect(isId(value)).toBe(false)
  })
})

describe('An app id', () => {
  test('has 32 visible ASCII characters', () => {
    expect(isAppId('0123456789abcdef0123456789ABCDEF')).toBe(true)
    expect(isAppId('~'.repeat(32))).toBe(true)
    for (const text of ['', 'a'.repeat(31), 'a'.repeat(33), `${'a'.repeat(31)} `, `${'a'.repeat(31)}é`, 7])
      expect(isAppId(text)).toBe(false)
  })
})

describe('A session id', () => {
  test('is 32 lower-case hexadecimal digits', () => {
    expect(isSessionId('0123456789abcdef'.repeat(2))).toBe(true)
    for (const text of ['A'.repeat(32), 'g'.repeat(32), '0'.repeat(31), '0'.repeat(33), undefined])
      expect(isSessionId(text)).toBe(false)
  })
})

import { describe, expect, test } from 'vitest'

import type { Attribute, AttributeChange } from '../../src/documents/attribute.ts'
import { applyChange, problemOfChange, problemOfKeys } from '../../src/rtm/attribute-change.ts'

const KB = 1024
const USER_LIMIT = 16 * KB

const set = (...attributes: Attribute[]): AttributeChange => ({ kind: 'set', attributes })
const update = (...attributes: Attribute[]): AttributeChange => ({ kind: 'update', attributes })
const attribute = (key: string, value = 'x'): Attribute => ({ key, value })
const many = (count: number): Attribute[] => Array.from({ length: count }, (_, i) => attribute(`key-${i}`))

function after(current: Record<string, string>, change: AttributeChange, limit = USER_LIMIT) {
  const next = applyChange(new Map(Object.entries(current)), change, limit)
  return next === 'size-overflow' ? next : Object.fromEntries(next)
}

describe('A change of attributes', () => {
  test('sets, updates, deletes and clears', () => {
    const current = { mood: 'good', team: 'red' }
    expect(after(current, set(attribute('mood', 'bad')))).toEqual({ mood: 'bad' })
    expect(after(current, update(attribute('mood', 'bad'), attribute('hat', 'on')))).toEqual({
      mood: 'bad',
      team: 'red',
      hat: 'on',
    })
    expect(after(current, { kind: 'delete', keys: ['mood', 'unknown'] })).toEqual({ team: 'red' })
    expect(after(current, { kind: 'clear' })).toEqual({})
    expect(after(current, set())).toEqual({})
  })

  test('leaves what there was as it was', () => {
    const current = new Map([['mood', 'good']])
    applyChange(current, update(attribute('mood', 'bad')), USER_LIMIT)
    applyChange(current, update(attribute('mood', 'x'.repeat(8 * KB + 1))), USER_LIMIT)
    expect([...current]).toEqual([['mood', 'good']])
  })

  test('takes the last of several attributes with one key', () => {
    const twice = [attribute('mood', 'x'.repeat(8 * KB + 1)), attribute('mood', 'good')]
    expect(after({}, set(...twice))).toEqual({ mood: 'good' })
    expect(after({}, update(...twice))).toEqual({ mood: 'good' })
  })

  test('holds 32 attributes and no 33rd', () => {
    const full = Object.fromEntries(many(32).map(({ key, value }) => [key, value]))
    expect(after({}, set(...many(32)))).toEqual(full)
    expect(after({}, set(...many(33)))).toBe('size-overflow')
    expect(after(full, update(attribute('one-more')))).toBe('size-overflow')
    expect(after(full, update(attribute('key-0', 'new')))).toEqual({ ...full, 'key-0': 'new' })
  })

  test('holds a value of 8 KB under a key of 32 bytes, and no byte more', () => {
    const key = 'k'.repeat(32)
    expect(after({}, set(attribute(key, 'x'.repeat(8 * KB))))).not.toBe('size-overflow')
    expect(after({}, set(attribute('k', 'x'.repeat(8 * KB + 1))))).toBe('size-overflow')
    expect(after({}, set(attribute('k', 'é'.repeat(4 * KB))))).not.toBe('size-overflow')
    expect(after({}, set(attribute('k', 'é'.repeat(4 * KB) + 'x')))).toBe('size-overflow')
  })

  test.each([16 * KB, 32 * KB])('counts keys and values up to %i bytes in all', (limit) => {
    const parts = limit / (4 * KB)
    const full = Array.from({ length: parts }, (_, i) => attribute(`key${i}`, 'x'.repeat(4 * KB - 4)))
    expect(after({}, set(...full), limit)).not.toBe('size-overflow')
    expect(after({}, set(...full, attribute('y', 'z')), limit)).toBe('size-overflow')
    const withOneMore = full.map(({ key, value }, i) => attribute(key, i === 0 ? `${value}x` : value))
    expect(after({}, set(...withOneMore), limit)).toBe('size-overflow')
  })

  test('may delete whatever there is too much of', () => {
    const tooMuch = Object.fromEntries(many(40).map(({ key, value }) => [key, value]))
    expect(after(tooMuch, { kind: 'delete', keys: ['key-0'] })).not.toBe('size-overflow')
    expect(after(tooMuch, update(attribute('key-0', 'new')))).toBe('size-overflow')
  })
})

describe('What a change may contain', () => {
  test.each(['k', 'k'.repeat(32), 'ключ', '鍵', '🔑', '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~', '__proto__'])(
    'a key of visible characters, such as %j',
    (key) => {
      expect(problemOfChange(set(attribute(key)))).toBeUndefined()
      expect(problemOfChange({ kind: 'delete', keys: [key] })).toBeUndefined()
      expect(problemOfKeys([key])).toBeUndefined()
    },
  )

  test.each([
    '',
    'k'.repeat(33),
    'é'.repeat(17),
    ' ',
    'two words',
    '\u00a0',
    '\u3000',
    'line\n',
    '\0',
    '\u007f',
    '\u200b',
    '\u202e',
    '\ud800',
  ])('no key such as %j', (key) => {
    expect(problemOfChange(set(attribute('good'), attribute(key)))).toBe('invalid-attributes')
    expect(problemOfChange(update(attribute(key)))).toBe('invalid-attributes')
    expect(problemOfChange({ kind: 'delete', keys: ['good', key] })).toBe('invalid-keys')
    expect(problemOfKeys(['good', key])).toBe('invalid-keys')
  })

  test('no empty value', () => {
    expect(problemOfChange(set(attribute('good'), attribute('key', '')))).toBe('invalid-attributes')
    expect(problemOfChange(update(attribute('key', '')))).toBe('invalid-attributes')
    expect(problemOfChange(set(attribute('key', ' ')))).toBeUndefined()
  })

  test('an empty list, if it is to set and not to update, delete or read', () => {
    expect(problemOfChange(set())).toBeUndefined()
    expect(problemOfChange({ kind: 'clear' })).toBeUndefined()
    expect(problemOfChange(update())).toBe('invalid-attributes')
    expect(problemOfChange({ kind: 'delete', keys: [] })).toBe('invalid-keys')
    expect(problemOfKeys([])).toBe('invalid-keys')
  })
})

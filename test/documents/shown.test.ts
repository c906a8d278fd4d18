import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import type { SessionId, UserId } from '../../src/base/ids.ts'
import { isLater, MAX_AHEAD_MS, shown, winners } from '../../src/documents/shown.ts'
import type { AttributeRecord } from '../../src/protocol/attribute-record.ts'

const NOW = 1_000_000_000

function record(key: string, user: string, clock: number, value: string | undefined = 'x'): AttributeRecord {
  return { key, value, userId: user as UserId, sessionId: '0'.repeat(32) as SessionId, clock }
}

function deletion(key: string, user: string, clock: number): AttributeRecord {
  return { ...record(key, user, clock), value: undefined }
}

function inWords(records: readonly AttributeRecord[]): string {
  return shown(records, NOW)
    .map(({ key, value, lastUpdateUserId }) => `${key}=${value} (${lastUpdateUserId})`)
    .join(' ')
}

describe('Shown for a key', () => {
  test('is what was written last, whatever the order it came in', () => {
    const records = [record('a', 'bob', 2, 'new'), record('a', 'alice', 1, 'old')]
    expect(inWords(records)).toBe('a=new (bob)')
    expect(inWords(records.reverse())).toBe('a=new (bob)')
  })

  test('is, of two writes of one moment, that of the higher user id', () => {
    const records = [record('a', 'bob', 5, 'his'), record('a', 'alice', 5, 'hers')]
    expect(inWords(records)).toBe('a=his (bob)')
    expect(inWords(records.reverse())).toBe('a=his (bob)')
  })

  test('is nothing if it was deleted last', () => {
    expect(inWords([record('a', 'alice', 1), deletion('a', 'bob', 2)])).toBe('')
    expect(inWords([record('a', 'alice', 3, 'back'), deletion('a', 'bob', 2)])).toBe('a=back (alice)')
  })

  test('is not what is more than 5 minutes ahead, until the reader has caught up', () => {
    const records = [record('a', 'alice', NOW, 'now'), record('a', 'bob', NOW + MAX_AHEAD_MS + 1, 'then')]
    expect(inWords(records)).toBe('a=now (alice)')
    expect(shown(records, NOW + 1)).toMatchObject([{ value: 'then' }])
    expect(inWords([deletion('a', 'bob', NOW + MAX_AHEAD_MS + 1), record('a', 'alice', 1)])).toBe(
      'a=x (alice)',
    )
  })

  test('comes with its author and the time of its write', () => {
    expect(shown([record('a', 'alice', 17, 'tea')], NOW)).toEqual([
      { key: 'a', value: 'tea', lastUpdateUserId: 'alice', lastUpdateTs: 17 },
    ])
  })
})

describe('What is too much together', () => {
  const many = (count: number): AttributeRecord[] =>
    Array.from({ length: count }, (_, i) => record(`k${String(i).padStart(2, '0')}`, 'alice', i))

  test('is not shown beyond 32 entries: the oldest are left out', () => {
    const keys = shown(many(33), NOW).map(({ key }) => key)
    expect(keys).toHaveLength(32)
    expect(keys).not.toContain('k00')
  })

  test('is shown in the order of its keys', () => {
    const keys = shown(many(33).reverse(), NOW).map(({ key }) => key)
    expect(keys).toEqual([...keys].sort())
  })

  test('is not shown beyond 32 KB of keys and values', () => {
    const large = Array.from({ length: 5 }, (_, i) => record(`k${i}`, 'alice', i, 'x'.repeat(8 * 1024 - 2)))
    expect(shown(large.slice(1), NOW)).toHaveLength(4)
    expect(shown(large, NOW).map(({ key }) => key)).toEqual(['k1', 'k2', 'k3', 'k4'])
    const one = { ...record('k4', 'alice', 4), value: 'x'.repeat(8 * 1024 - 1) }
    expect(shown([...large.slice(1, 4), one], NOW).map(({ key }) => key)).toEqual(['k2', 'k3', 'k4'])
  })

  test('counts bytes, not characters', () => {
    const large = Array.from({ length: 5 }, (_, i) => record(`ä${i}`, 'alice', i, 'ä'.repeat(4 * 1024)))
    expect(shown(large, NOW).map(({ key }) => key)).toEqual(['ä2', 'ä3', 'ä4'])
  })

  test('does not count what was deleted', () => {
    const deletions = Array.from({ length: 40 }, (_, i) => deletion(`d${i}`, 'bob', 100 + i))
    expect(shown([...deletions, ...many(32)], NOW)).toHaveLength(32)
  })

  test('is the same of one write, whose records have one clock', () => {
    const records = Array.from({ length: 40 }, (_, i) => record(`k${i}`, 'alice', 7))
    expect(shown(records, NOW)).toEqual(shown(records.reverse(), NOW))
  })
})

describe('Whatever was written', () => {
  const user = fc.constantFrom('alice', 'bob', 'carol')
  const anyRecord = fc.oneof(
    fc.tuple(fc.constantFrom('a', 'b', 'c'), user, fc.nat(20)).map((parts) => record(...parts)),
    fc.tuple(fc.constantFrom('a', 'b', 'c'), user, fc.nat(20)).map((parts) => deletion(...parts)),
  )

  /** A user has one record for each key. */
  const records = fc.uniqueArray(anyRecord, { selector: ({ key, userId }) => `${key} ${userId}` })

  test('of two records exactly one is the later', () => {
    fc.assert(
      fc.property(anyRecord, anyRecord, (a, b) => {
        fc.pre(a.clock !== b.clock || a.userId !== b.userId)
        expect(isLater(a, b)).toBe(!isLater(b, a))
      }),
    )
  })

  test('the order in which it came makes no difference', () => {
    fc.assert(
      fc.property(records, fc.infiniteStream(fc.nat()), (list, random) => {
        const shuffled = list
          .map((one) => ({ one, at: random.next().value as number }))
          .sort((a, b) => a.at - b.at)
          .map(({ one }) => one)
        expect(shown(shuffled, NOW)).toEqual(shown(list, NOW))
        expect(winners(shuffled, NOW)).toEqual(winners(list, NOW))
      }),
    )
  })
})

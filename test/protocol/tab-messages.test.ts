import { readFileSync } from 'node:fs'

import { describe, expect, test } from 'vitest'

import { decodeTabMessage, type TabMessage } from '../../src/protocol/tab-messages.ts'
import { seededRandom } from '../support/random.ts'
import { varyText } from '../support/vary.ts'

interface Sample {
  readonly what: string
  readonly says: TabMessage
}

// Tabs that were opened before an update of the page speak to those that were opened after it.
const recorded = JSON.parse(
  readFileSync(new URL('fixtures/v1/tab-messages.json', import.meta.url), 'utf8'),
) as Sample[]

describe('What tabs of version 1 say to each other', () => {
  test.each(recorded)('is read as it was recorded: $what', ({ says }) => {
    expect(decodeTabMessage(structuredClone(says))).toEqual(says)
  })

  test('may have more fields than are known', () => {
    for (const { says } of recorded) {
      const later = { ...says, later: 1, from: { ...says.from, later: [2] } }
      expect(decodeTabMessage(later)).toEqual(says)
    }
  })

  test.each([
    ['userId', ['', 'null', 7, undefined, 'x'.repeat(65)]],
    ['sessionId', ['', 'a1', 'A1'.repeat(16), null]],
    ['loginTime', [-1, 0.5, Infinity, NaN, '1', 2 ** 60]],
    ['since', [-1, 0.5, undefined]],
    ['isLocal', [1, 'true', null, undefined]],
    ['channels', [null, {}, [['lobby']], [['lobby', -1]], Array.from({ length: 21 }, (_, i) => [`${i}`, 1])]],
    ['visits', ['lobby', [7], Array.from({ length: 21 }, (_, i) => `${i}`)]],
  ])('is nothing with a wrong %s', (field, values: readonly unknown[]) => {
    for (const { says } of recorded) {
      for (const value of values) {
        expect(decodeTabMessage({ ...says, from: { ...says.from, [field]: value } })).toBeUndefined()
      }
    }
  })

  test('is nothing when lists have no end', () => {
    const here = recorded.find(({ says }) => says.type === 'here')?.says
    if (here?.type !== 'here') throw new Error('no answer is recorded')
    const [other] = here.others
    const [past] = here.past
    const many = <T>(one: T, count: number): T[] => Array.from({ length: count }, () => one)
    expect(decodeTabMessage({ ...here, others: many(other, 1_024) })).toBeDefined()
    expect(decodeTabMessage({ ...here, others: many(other, 1_025) })).toBeUndefined()
    expect(decodeTabMessage({ ...here, past: many(past, 65) })).toBeUndefined()
  })

  test('is decoded without a throw, whatever 20,000 variations of it say', () => {
    const random = seededRandom(7)
    let understood = 0
    for (let i = 0; i < 20_000; i++) {
      const text = varyText(JSON.stringify(recorded[i % recorded.length]?.says), random)
      const value = parsed(text)
      if (decodeTabMessage(value)) understood += 1
    }
    expect(understood).toBeGreaterThan(100)
  })
})

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // What a hostile page says need not be an object.
    return text
  }
}

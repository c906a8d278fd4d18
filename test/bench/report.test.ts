import { describe, expect, test } from 'vitest'

import { asMarkdown, makeReport } from '../../bench/report.mjs'
import { median, quantile } from '../../bench/statistics.mjs'

const contenders = [
  { name: 'raw', role: 'limit' },
  { name: 'rtm-mesh', role: 'ours' },
  { name: 'one', role: 'peer' },
  { name: 'other', role: 'peer' },
] as const

const nothing = () => Promise.resolve(undefined)
const workloads = [
  { letter: 'a', title: 'first message', unit: 'ms', better: 'less', measure: nothing },
  {
    letter: 'c',
    title: 'messages',
    unit: '/s',
    better: 'more',
    further: { kb16: 'of 16 KB, /s' },
    measure: nothing,
  },
] as const

const circumstances = {
  mode: 'full',
  machine: { cores: 2 },
  versions: { 'rtm-mesh': '0.1.0', chromium: '156' },
  rounds: 3,
  failures: [{ letter: 'a', contender: 'other', why: 'p1 has not heard p0' }],
}

const samples = new Map([
  [
    'a',
    new Map([
      ['raw', [{ value: 40 }, { value: 60 }, { value: 50 }]],
      ['rtm-mesh', [{ value: 70 }, { value: 75 }, { value: 100 }]],
      ['one', [{ value: 90 }, { value: 80 }, { value: 85 }]],
      ['other', [{ value: 120 }]],
    ]),
  ],
  [
    'c',
    new Map([
      ['raw', [{ value: 40_000, kb16: 1_000 }]],
      ['rtm-mesh', [{ value: 30_000, kb16: 900 }]],
      ['one', [{ value: 20_000, kb16: 500 }]],
    ]),
  ],
])

const report = makeReport(workloads, contenders, samples, circumstances)

describe('The statistics of the benchmark', () => {
  test('say of what lies in the middle, and of what lies between two values, where it lies', () => {
    expect(median([30, 10, 20])).toBe(20)
    expect(median([1, 2, 3, 10])).toBe(2.5)
    expect(median([7])).toBe(7)
    const hundred = Array.from({ length: 101 }, (_, i) => i)
    expect(quantile(hundred, 0.99)).toBe(99)
    expect(quantile([0, 10], 0.25)).toBe(2.5)
  })

  test('have no median of nothing', () => {
    expect(() => median([])).toThrow('There is no value')
  })
})

describe('The report of the benchmark', () => {
  test('has machine, versions, rounds, and per workload and library the median and the spread', () => {
    expect(report).toMatchObject(circumstances)
    expect(Object.keys(report.workloads)).toEqual(['a', 'c'])
    expect(report.workloads['a']?.['raw']).toMatchObject({ median: 50, spread: 20 })
    expect(report.workloads['a']?.['rtm-mesh']).toMatchObject({ median: 75, spread: 30 })
    expect(report.workloads['c']?.['raw']).toMatchObject({ median: 40_000, spread: 0, kb16: 1_000 })
  })

  test('compares medians with raw and with the best of the others, which is the fastest or the one that does most', () => {
    expect(report.workloads['a']?.['rtm-mesh']).toMatchObject({ toRaw: 1.5, toBestPeer: 0.8824 })
    expect(report.workloads['c']?.['rtm-mesh']).toMatchObject({ toRaw: 0.75, toBestPeer: 1.5 })
  })

  test('leaves out what a library does not have, and what nobody has measured', () => {
    expect(report.workloads['c']).not.toHaveProperty('other')
    const partial = makeReport(workloads, contenders, new Map([...samples].slice(1)), circumstances)
    expect(Object.keys(partial.workloads)).toEqual(['c'])
    const alone = makeReport(workloads, contenders.slice(0, 2), samples, circumstances)
    expect(alone.workloads['a']?.['rtm-mesh']).not.toHaveProperty('toBestPeer')
  })

  test('survives being written as JSON', () => {
    expect(JSON.parse(JSON.stringify(report))).toEqual(report)
  })

  test('is a table with a line for each figure, a column for each library, and empty cells for what is not there', () => {
    const lines = asMarkdown(
      report,
      contenders.map(({ name }) => name),
    ).split('\n')
    expect(lines[0]).toBe('| | raw | rtm-mesh | one | other |')
    expect(lines[2]).toContain('| 50 ± 20 (1, 0.588) | 75 ± 30 (1.5, 0.882) |')
    expect(lines[3]).toContain('| 20000 ± 0 (0.5, 1) |  |')
    expect(lines[4]).toBe('| c: of 16 KB, /s | 1000 | 900 | 500 |  |')
    expect(lines.at(-3)).toBe('Failed: a with other: p1 has not heard p0')
    expect(lines.at(-2)).toContain('full, 3 rounds; cores 2; rtm-mesh 0.1.0; chromium 156')
  })
})

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'

import { playwrightOutcomes, readSurface, unproved, vitestOutcomes } from '../../scripts/conformance.mjs'
import { chapters, gaps, rows } from '../conformance/table.mjs'
import { titlesIn } from './titles.ts'

// That the tests have passed is checked when they have run, at the end of npm test; that they are there is checked here.

const tests = join(import.meta.dirname, '..')
const surface = readSurface()

const titlesByFile = new Map<string, RegExp[]>()
function titlesOf(file: string): RegExp[] {
  const path = join(tests, file)
  const known = titlesByFile.get(file)
  if (known) return known
  const titles = existsSync(path) ? titlesIn(file, readFileSync(path, 'utf8')) : []
  titlesByFile.set(file, titles)
  return titles
}

const isThere = (proof: string): boolean => {
  const [file = '', ...path] = proof.split(' › ')
  return titlesOf(file).some((title) => title.test(path.join(' › ')))
}

describe('The table of what proves the API', () => {
  test.each(chapters.map((chapter) => [chapter.title, chapter] as const))(
    'has a test for each row about %s, and the test is there',
    (_, chapter) => {
      const own = rows([chapter])
      expect(own.filter((row) => row.tests.length === 0).map(({ kind, name }) => `${kind} ${name}`)).toEqual(
        [],
      )
      expect(own.flatMap((row) => row.tests.filter((proof) => !isThere(proof)))).toEqual([])
    },
  )

  test('has every method, event and constant of the API page once, and nothing else', () => {
    expect(gaps(surface).filter((gap) => !gap.endsWith('no test'))).toEqual([])
    const count = (kind: string) => rows().filter((row) => row.kind === kind).length
    expect([count('method'), count('event'), count('constant')]).toEqual([42, 19, 163])
  })

  test('is not whole with a row left out, doubled, made up, without a test or with none in a browser', () => {
    const [first, ...rest] = rows()
    if (!first) throw new Error('no rows')
    const whole = gaps(surface).length
    expect(gaps(surface, rest)).toHaveLength(whole + 1)
    expect(gaps(surface, [first, ...rows()])).toHaveLength(whole + 1)
    expect(gaps(surface, [...rows(), { ...first, name: 'AgoraRtmKit.fly' }])).toHaveLength(whole + 1)
    expect(gaps(surface, [{ ...first, tests: [] }, ...rest])).toHaveLength(whole + 1)
    const inNode = first.tests.filter((proof) => !proof.startsWith('browser/'))
    expect(gaps(surface, [{ ...first, tests: ['kit/a.test.ts › a', ...inNode] }, ...rest])).toContain(
      `${first.kind} ${first.name}: no test in a browser`,
    )
  })

  test('names no test that is not there', () => {
    expect(
      isThere(
        'house/conformance.test.ts › The table of what proves the API › names no test that is not there',
      ),
    ).toBe(true)
    expect(isThere('house/conformance.test.ts › names no test that is not there')).toBe(false)
    expect(isThere('house/nowhere.test.ts › anything')).toBe(false)
  })
})

describe('A test proves a row', () => {
  const row = { kind: 'method' as const, name: 'AgoraRtmKit.login', chapter: '', tests: [] as string[] }

  test('if it passed in this run, and not if it failed, was skipped, or was not run', () => {
    const assertion = (title: string, status: string) => ({ ancestorTitles: ['A kit'], title, status })
    const results = ['passed', 'failed', 'skipped', 'todo'].map((status) => assertion(status, status))
    const outcomes = vitestOutcomes(
      [{ name: '/repo/test/kit/a.test.ts', assertionResults: results }],
      '/repo',
    )
    const proof = (title: string) => `kit/a.test.ts › A kit › ${title}`
    const table = ['passed', 'failed', 'skipped', 'todo', 'absent'].map((title) => ({
      ...row,
      tests: [proof(title)],
    }))
    expect(unproved(table, outcomes)).toEqual([
      `method AgoraRtmKit.login: “${proof('failed')}” failed`,
      `method AgoraRtmKit.login: “${proof('skipped')}” skipped`,
      `method AgoraRtmKit.login: “${proof('todo')}” todo`,
      `method AgoraRtmKit.login: “${proof('absent')}” was not run`,
    ])
  })

  test('in a browser too, where a test that was skipped, flaky or expected to fail is none that passed', () => {
    const spec = (title: string, ...statuses: string[]) => ({
      title,
      tests: statuses.map((status) => ({ status, expectedStatus: 'passed' })),
    })
    const failing = { title: 'failing', tests: [{ status: 'expected', expectedStatus: 'failed' }] }
    const inner = { file: 'a.spec.ts', title: 'in a group', specs: [spec('inner', 'expected')] }
    const specs = [
      spec('good', 'expected'),
      spec('bad', 'unexpected'),
      spec('skipped', 'skipped'),
      spec('flaky', 'flaky'),
      spec('empty'),
      failing,
      spec('twice', 'expected', 'unexpected'),
    ]
    const outcomes = playwrightOutcomes([{ file: 'a.spec.ts', title: 'a.spec.ts', specs, suites: [inner] }])
    const passed = [...outcomes].filter(([, outcome]) => outcome === 'passed').map(([name]) => name)
    expect(passed).toEqual(['browser/a.spec.ts › good', 'browser/a.spec.ts › in a group › inner'])
    expect(outcomes.get('browser/a.spec.ts › failing')).toBe('was expected to be failed')
    expect(outcomes.get('browser/a.spec.ts › twice')).toBe('unexpected')
  })

  test('of several tests with one title all have to pass', () => {
    const of = (status: string) => ({ ancestorTitles: [], title: 'same', status })
    for (const statuses of [
      ['passed', 'failed'],
      ['failed', 'passed'],
    ]) {
      const outcomes = vitestOutcomes([{ name: '/r/test/a.ts', assertionResults: statuses.map(of) }], '/r')
      expect(outcomes.get('a.ts › same')).toBe('failed')
    }
  })
})

import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'

// The linter's own settings are run over a small tree of good and bad files, so that a table which has stopped
// working (a renamed room, a glob that no longer matches) fails here and does not just fall silent.

const project = join(import.meta.dirname, '../..')

/** [file, its source, the rule that must refuse it] */
const refused: [file: string, source: string, rule: string][] = [
  ['src/base/up.ts', `import '../protocol/any.ts'`, 'no-restricted-imports'],
  [
    'src/base/up-by-type.ts',
    `import type { A } from '../mesh/any.ts'\nexport type B = A`,
    'no-restricted-imports',
  ],
  ['src/base/up-by-export.ts', `export { a } from '../rtm/any.ts'`, 'no-restricted-imports'],
  ['src/base/up-later.ts', `export const a = import('../kit/any.ts')`, 'no-restricted-imports'],
  ['src/base/up-in-a-type.ts', `export type B = import('../mesh/any.ts').A`, 'consistent-type-imports'],
  ['src/base/package.ts', `import 'lib0/encoding'`, 'no-restricted-imports'],
  ['src/base/crypto.ts', `import '@noble/curves/nist.js'`, 'no-restricted-imports'],
  ['src/protocol/up.ts', `import '../rendezvous/any.ts'`, 'no-restricted-imports'],
  ['src/protocol/node.ts', `import 'node:fs'`, 'no-restricted-imports'],
  ['src/rendezvous/up.ts', `import '../mesh/any.ts'`, 'no-restricted-imports'],
  ['src/mesh/up.ts', `import '../rtm/any.ts'`, 'no-restricted-imports'],
  ['src/mesh/sibling.ts', `import '../storage/any.ts'`, 'no-restricted-imports'],
  ['src/mesh/second.ts', `import 'simple-peer/simplepeer.min.js'`, 'no-restricted-imports'],
  ['src/mesh/inner/up.ts', `import '../../kit/any.ts'`, 'no-restricted-imports'],
  ['src/documents/value.ts', `import '../mesh/any.ts'`, 'no-restricted-imports'],
  ['src/documents/store.ts', `import '../storage/any.ts'`, 'no-restricted-imports'],
  [
    'src/documents/up.ts',
    `import type { A } from '../rtm/any.ts'\nexport type B = A`,
    'no-restricted-imports',
  ],
  ['src/documents/package.ts', `import 'idb-keyval'`, 'no-restricted-imports'],
  ['src/documents/entry.ts', `import '../index.ts'`, 'no-restricted-imports'],
  ['src/storage/sibling.ts', `import '../documents/any.ts'`, 'no-restricted-imports'],
  ['src/rtm/up.ts', `import '../kit/any.ts'`, 'no-restricted-imports'],
  ['src/rtm/yjs.ts', `import 'yjs'`, 'no-restricted-imports'],
  ['src/rtm/store.ts', `import 'idb-keyval'`, 'no-restricted-imports'],
  ['src/kit/other-face.ts', `import '../web/any.ts'`, 'no-restricted-imports'],
  ['src/kit/entry.ts', `import '../index.ts'`, 'no-restricted-imports'],
  ['src/web/other-face.ts', `import '../kit/any.ts'`, 'no-restricted-imports'],
  ['src/web/server.ts', `import '../../signaling/any.ts'`, 'no-restricted-imports'],
  ['src/web/ws.ts', `import 'ws'`, 'no-restricted-imports'],
  ['src/script-tag/up.ts', `import '../rtm/any.ts'`, 'no-restricted-imports'],
  ['src/script-tag/entry.ts', `import '../global.ts'`, 'no-restricted-imports'],
  ['src/index.ts', `export * from './rtm/any.ts'`, 'no-restricted-imports'],
  ['src/web.ts', `export * from './kit/any.ts'`, 'no-restricted-imports'],
  ['signaling/mesh.ts', `import '../src/mesh/any.ts'`, 'no-restricted-imports'],
  [
    'signaling/vite.ts',
    `import type { Plugin } from 'vite'\nimport 'vite'\nexport type P = Plugin`,
    'no-restricted-imports',
  ],
  ['demo/inside.ts', `import '../src/kit/any.ts'`, 'no-restricted-imports'],
  ['scripts/playwright.ts', `import '@playwright/test'`, 'no-restricted-imports'],

  ['src/kit/circle.ts', `import type { B } from './circle-back.ts'\nexport type A = B | 1`, 'no-cycle'],
  ['src/kit/circle-back.ts', `import type { A } from './circle.ts'\nexport type B = A[]`, 'no-cycle'],
  ['src/rtm/timer.ts', `setTimeout(() => 1, 10)`, 'no-restricted-globals'],
  ['src/rtm/now.ts', `export const a = Date.now()`, 'no-restricted-properties'],
  ['src/rtm/dice.ts', `export const a = Math.random()`, 'no-restricted-properties'],
  ['src/rtm/loose.ts', `export const a: any = 1`, 'no-explicit-any'],
  ['src/rtm/bold.ts', `export const a = (b: string | undefined): string => b!`, 'no-non-null-assertion'],
  ['src/rtm/floating.ts', `Promise.resolve(1)`, 'no-floating-promises'],
  ['src/rtm/silent.ts', `try {\n  JSON.parse('')\n} catch {}`, 'no-empty'],
]

const welcome: [file: string, source: string][] = [
  ['src/base/fine.ts', `import './any.ts'\nexport const a = import('./crypto-portable.ts')`],
  ['src/base/clock.ts', `setTimeout(() => Date.now(), 10)`],
  ['src/base/crypto-portable.ts', `import '@noble/curves/nist.js'\nimport './any.ts'`],
  ['src/protocol/fine.ts', `import '../base/any.ts'\nimport 'lib0/encoding'\nimport 'valibot'`],
  ['src/rendezvous/fine.ts', `import '../protocol/any.ts'\nimport '../base/any.ts'`],
  ['src/mesh/fine.ts', `import '../rendezvous/any.ts'\nimport './any.ts'`],
  ['src/mesh/inner/fine.ts', `import '../any.ts'\nimport '../../base/any.ts'`],
  ['src/mesh/peer-connection.ts', `import 'simple-peer/simplepeer.min.js'`],
  [
    'src/documents/fine.ts',
    `import type { A } from '../mesh/any.ts'\nimport type { C } from '../storage/any.ts'\nimport 'yjs'\nimport 'lib0/encoding'\nexport type B = [A, C]`,
  ],
  ['src/documents/below.ts', `import '../base/any.ts'\nimport '../rendezvous/any.ts'\nimport './any.ts'`],
  ['src/storage/fine.ts', `import 'idb-keyval'\nimport '../base/any.ts'`],
  ['src/rtm/fine.ts', `import '../mesh/any.ts'\nimport '../documents/any.ts'\nimport '../storage/any.ts'`],
  ['src/kit/fine.ts', `import '../rtm/any.ts'\nimport '../base/any.ts'\nexport const a = 1`],
  ['src/web/fine.ts', `import '../rtm/any.ts'`],
  ['src/script-tag/fine.ts', `import './any.ts'`],
  [
    'signaling/fine.ts',
    `import 'ws'\nimport 'node:http'\nimport '../src/protocol/any.ts'\nimport './any.ts'`,
  ],
  ['demo/fine.ts', `import 'rtm-mesh'\nimport './any.ts'`],
]

let tree = ''
let complaints: { file: string; rule: string }[] = []

beforeAll(() => {
  tree = mkdtempSync(join(tmpdir(), 'import-table-'))
  for (const file of ['.oxlintrc.json', 'tsconfig.json']) cpSync(join(project, file), join(tree, file))
  symlinkSync(join(project, 'node_modules'), join(tree, 'node_modules'), 'junction')
  for (const [file, source] of [...refused, ...welcome]) {
    mkdirSync(dirname(join(tree, file)), { recursive: true })
    writeFileSync(join(tree, file), source + '\n')
  }
  complaints = lint(tree)
}, 60_000)

afterAll(() => rmSync(tree, { recursive: true, force: true }))

test.each(refused)('%s is refused', (file, _source, rule) => {
  expect(rulesAgainst(file)).toContain(rule)
})

test.each(welcome)('%s is welcome', (file) => {
  expect(rulesAgainst(file)).toEqual([])
})

function rulesAgainst(file: string): string[] {
  return complaints.filter((complaint) => complaint.file === file).map((complaint) => complaint.rule)
}

function lint(folder: string): { file: string; rule: string }[] {
  const oxlint = join(project, 'node_modules/oxlint/bin/oxlint')
  const run = spawnSync(
    process.execPath,
    [oxlint, '--format', 'json', 'src', 'signaling', 'demo', 'scripts'],
    { cwd: folder, encoding: 'utf8' },
  )
  const report: unknown = JSON.parse(run.stdout)
  if (!isReport(report)) throw new Error(`oxlint gave no report: ${run.stdout} ${run.stderr}`)
  return report.diagnostics.map(({ filename, code }) => ({
    file: relative(folder, join(folder, filename)).replaceAll('\\', '/'),
    rule: /\((.*)\)/.exec(code)?.[1] ?? code,
  }))
}

function isReport(value: unknown): value is { diagnostics: { filename: string; code: string }[] } {
  return (
    typeof value === 'object' && value !== null && 'diagnostics' in value && Array.isArray(value.diagnostics)
  )
}

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

import ts from 'typescript'
import { expect, test } from 'vitest'

// The official package is proprietary: it is there for its declarations, and nothing of ours may run it.

const PACKAGE = 'agora-rtm-sdk'
const project = join(import.meta.dirname, '../..')
const folders = ['src', 'signaling', 'scripts', 'demo', 'examples', 'bench', 'test', 'dist']

/** Where a source asks for the package so that it would be loaded. */
function loads(name: string, text: string): string[] {
  const source = ts.createSourceFile(name, text, ts.ScriptTarget.ES2022, true)
  const found: string[] = []
  const isPackage = (node: ts.Node | undefined): boolean =>
    node !== undefined && ts.isStringLiteralLike(node) && new RegExp(`^${PACKAGE}(/|$)`).test(node.text)
  const walk = (node: ts.Node): void => {
    const isImport =
      ts.isImportDeclaration(node) && node.importClause?.phaseModifier !== ts.SyntaxKind.TypeKeyword
    const isExport = ts.isExportDeclaration(node) && !node.isTypeOnly
    const isCall = ts.isCallExpression(node) && node.arguments.some(isPackage)
    if (((isImport || isExport) && isPackage(node.moduleSpecifier)) || isCall) found.push(node.getText())
    ts.forEachChild(node, walk)
  }
  walk(source)
  return found
}

function sourcesIn(folder: string): string[] {
  const path = join(project, folder)
  if (!existsSync(path)) return []
  return readdirSync(path, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.([cm]?[jt]sx?)$/.test(name) && !name.includes('node_modules'))
    .map((name) => join(folder, name))
}

test.each(folders)('no file in %s loads the official package', (folder) => {
  const guilty = sourcesIn(folder).flatMap((name) => {
    const text = readFileSync(join(project, name), 'utf8')
    if (!text.includes(PACKAGE)) return []
    return loads(name, text).map((where) => `${name}: ${where}`)
  })
  expect(guilty).toEqual([])
})

test('the package is only there for development', () => {
  const text = readFileSync(join(project, 'package.json'), 'utf8')
  const { dependencies, peerDependencies, devDependencies } = JSON.parse(text) as Record<string, object>
  expect([Object.keys(dependencies ?? {}), Object.keys(peerDependencies ?? {})].flat()).not.toContain(PACKAGE)
  expect(devDependencies).toHaveProperty(PACKAGE, '1.5.1')
})

test('an import that would load it is found, one of types is not', () => {
  const quoted = `'${PACKAGE}'`
  const bad = [
    `import AgoraRTM from ${quoted}`,
    `import { type RtmClient } from ${quoted}`,
    `import ${quoted}`,
    `export * from ${quoted}`,
    `void import(${quoted})`,
    `require(${quoted})`,
    `import('${PACKAGE}/index.js')`,
  ]
  const good = [`import type AgoraRTM from ${quoted}`, `export type { RtmClient } from ${quoted}`]
  expect(bad.map((line) => loads('a.ts', line).length)).toEqual(bad.map(() => 1))
  expect(good.flatMap((line) => loads('a.ts', line))).toEqual([])
})

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

import ts from 'typescript'
import { describe, expect, test } from 'vitest'

const project = join(import.meta.dirname, '../..')
/** API.md is made from the sources, and has signatures in place of programs. */
const isWritten = (name: string): boolean => name.endsWith('.md') && name !== 'API.md'
const pages = readdirSync(join(project, 'docs')).filter(isWritten)

/** Where the package's names lead, as for everything in this repository. */
const { config } = ts.readConfigFile(join(project, 'tsconfig.json'), (path) =>
  readFileSync(path, 'utf8'),
) as {
  config: { compilerOptions: { paths: Record<string, string[]> } }
}

const options: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2022,
  lib: ['lib.es2022.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts'],
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  moduleDetection: ts.ModuleDetectionKind.Force,
  types: ['node'],
  allowImportingTsExtensions: true,
  noEmit: true,
  skipLibCheck: true,
  strict: true,
  paths: config.compilerOptions.paths,
}

/** The programs of a page, each under the name of a file beside it that is not there. */
function programsOf(page: string): Map<string, string> {
  const text = readFileSync(join(project, 'docs', page), 'utf8')
  const blocks = [...text.matchAll(/^```(?:js|ts)\n([\s\S]*?)^```/gm)].map(([, code = '']) => code)
  return new Map(blocks.map((code, i) => [join(project, 'docs', `${page}-${i + 1}.ts`), code]))
}

/** What a strict compiler says of these files. */
function complaints(files: ReadonlyMap<string, string>): string[] {
  const host = ts.createCompilerHost(options)
  const { getSourceFile, fileExists, readFile } = host
  host.fileExists = (path) => files.has(path) || fileExists(path)
  host.readFile = (path) => files.get(path) ?? readFile(path)
  host.getSourceFile = (path, version, ...rest) => {
    const code = files.get(path)
    if (code === undefined) return getSourceFile(path, version, ...rest)
    return ts.createSourceFile(path, code, version)
  }
  const program = ts.createProgram([...files.keys()], options, host)
  return [...files.keys()].flatMap((path) => {
    const file = program.getSourceFile(path)
    const found = [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)]
    return found.map(({ messageText, start = 0 }) => {
      const line = (files.get(path) ?? '').slice(0, start).split('\n').length
      const block = path.slice(project.length + 1)
      return `${block}, line ${line}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`
    })
  })
}

describe('The programs in the docs', () => {
  const all = new Map(pages.flatMap((page) => [...programsOf(page)]))

  test('are strict TypeScript against the package as it is', () => {
    expect(all.size).toBeGreaterThan(8)
    expect(complaints(all)).toEqual([])
  })

  test('would be found out if they were not', () => {
    const wrong = `import AgoraRTM from 'rtm-mesh/web'\nAgoraRTM.createInstance('a').logIn({ uid: 'alice' })\n`
    expect(complaints(new Map([[join(project, 'docs/wrong.ts'), wrong]]))).toEqual([
      expect.stringContaining("line 2: Property 'logIn' does not exist"),
    ])
  })

  test('import what they use: each can be pasted as it is', () => {
    for (const [file, code] of all) expect(code, file).toMatch(/^import /m)
  })
})

import { join } from 'node:path'

import ts from 'typescript'
import { beforeAll, describe, expect, test } from 'vitest'

import surface from './fixtures/surface.json' with { type: 'json' }

// The page's signatures are put beside those of the library, one pair in each line of a file that only the compiler
// sees. What it says of a line is about that method or event.

const project = join(import.meta.dirname, '../..')
const checked = join(project, 'test/kit/surface-types.checked.ts')

/** What the page leaves out as it is the same everywhere. */
const PARAMETERS: Readonly<Record<string, string>> = {
  kit: 'rtm.AgoraRtmKit',
  channel: 'rtm.AgoraRtmChannel',
  callKit: 'rtm.AgoraRtmCallKit',
  localInvitation: 'rtm.AgoraRtmLocalInvitation',
  remoteInvitation: 'rtm.AgoraRtmRemoteInvitation',
}

const methods = surface.methods.map((each, i) => ({ ...each, line: lineOfMethod(each, i) }))
const events = surface.events.map((each, i) => ({ ...each, line: lineOfEvent(each, i) }))

function lineOfMethod({ owner, name, signature }: (typeof surface.methods)[number], i: number): string {
  const staticName = /^static (.*)$/.exec(name)?.[1]
  const found = staticName ? `typeof rtm.${owner}['${staticName}']` : `rtm.${owner}['${name}']`
  const [, parameters = '', answer = ''] = /^\((.*)\): (.*)$/.exec(signature) ?? []
  const promised = /^Promise<(.*)>$/.exec(answer)?.[1] ?? ''
  const block = `completion?: ((${blockParameters(promised)}) => void) | null`
  const wanted = `(${parameters.replace('completion?', block)}) => ${answer}`
  return `export const method${i} = (found: ${qualified(found)}): ${qualified(`(${wanted})`)} => found`
}

/** A completion gets what the promise has: the bare code, or the values in their order. */
function blockParameters(promised: string): string {
  const values = /^\{ (.*) \}$/.exec(promised)?.[1]
  return values === undefined ? `errorCode: ${promised}` : values.replaceAll(';', ',')
}

/** Both ways: what the library calls a delegate with, and what a delegate may be made of. */
function lineOfEvent({ delegate, name, signature }: (typeof surface.events)[number], i: number): string {
  const typed = signature.replace(/([(,] ?)(\w+)(?=[,)])/g, (all, before: string, parameter: string) =>
    PARAMETERS[parameter] ? `${before}${parameter}: ${PARAMETERS[parameter]}` : all,
  )
  const wanted = qualified(`(${typed} => void)`)
  const called = `(found: Required<rtm.${delegate}>['${name}']): ${wanted} => found`
  const made = `(wanted: ${wanted}): rtm.${delegate} => ({ ${name}: wanted })`
  return `export const event${i} = [${called}, ${made}, (): rtm.${delegate} => ({})]`
}

function qualified(types: string): string {
  return types.replace(/(?<![.\w])Agora\w+/g, 'rtm.$&')
}

const rows = [
  ...methods.map(({ owner, name, signature, line }) => [`${owner}.${name}${signature}`, line] as const),
  ...events.map(({ delegate, name, signature, line }) => [`${delegate}.${name}${signature}`, line] as const),
]
const complaints = new Map<string, string>()

describe('The signatures of the API page', () => {
  beforeAll(() => {
    const lines = rows.map(([, line]) => line)
    const source = ["import type * as rtm from '../../src/index.ts'", ...lines].join('\n')
    const { config } = ts.readConfigFile(join(project, 'tsconfig.json'), (file) => ts.sys.readFile(file))
    const { options } = ts.parseJsonConfigFileContent({ ...config, include: [], files: [] }, ts.sys, project)
    const host = ts.createCompilerHost(options)
    const { getSourceFile, fileExists } = host
    host.fileExists = (file) => file === checked || fileExists(file)
    host.getSourceFile = (file, ...rest) =>
      file === checked
        ? ts.createSourceFile(file, source, ts.ScriptTarget.ES2022)
        : getSourceFile(file, ...rest)
    const program = ts.createProgram([checked], options, host)
    const file = program.getSourceFile(checked)
    for (const { start = 0, messageText } of [
      ...program.getSyntacticDiagnostics(file),
      ...program.getSemanticDiagnostics(file),
    ]) {
      const line = lines[(file?.getLineAndCharacterOfPosition(start).line ?? 0) - 1]
      complaints.set(line ?? 'the import', ts.flattenDiagnosticMessageText(messageText, '\n'))
    }
    // The compiler takes 3 s, or more than 10 on a busy machine.
  }, 60_000)

  test('can be compared with those of the library', () => {
    expect(complaints.get('the import')).toBeUndefined()
    expect(rows.map(([, line]) => line)).toContain(
      "export const method2 = (found: rtm.AgoraRtmKit['logoutWithCompletion']): ((completion?: ((errorCode: rtm.AgoraRtmLogoutErrorCode) => void) | null) => Promise<rtm.AgoraRtmLogoutErrorCode>) => found",
    )
  })

  test.each(rows)('%s is what it is here too', (_, line) => {
    expect(complaints.get(line)).toBeUndefined()
  })
})

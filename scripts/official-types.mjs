import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

import ts from 'typescript'

import { membersOf } from './official-members.mjs'
import { project } from './tools.mjs'

/** @import { Member } from './official-members.mjs' */

// Puts each member of the declarations of `agora-rtm-sdk` beside the one of `src/web.ts`, one line each, in a file that
// only the compiler sees. What it says of a line is about that member. The official package is only read for it: its
// declarations, never its code.

const PACKAGE = 'agora-rtm-sdk'
const folder = join(project, 'test/web')
const officialFile = join(folder, 'official.d.ts')
const checkedFile = join(folder, 'official-types.checked.ts')

/** What the lines have in common. */
const PREAMBLE = [
  "import type * as official from './official.d.ts'",
  "import type * as ours from '../../src/web.ts'",
  // Of methods, parameters would be compared both ways, so that one that takes less would pass.
  'type Strict<F> = F extends (...args: infer A) => infer R ? (...args: A) => R : never',
].join('; ')

/** The declarations of the official package, as they are installed. @returns {string} */
export function readOfficialDeclarations() {
  return readFileSync(join(project, 'node_modules', PACKAGE, 'index.d.ts'), 'utf8')
}

/**
 * What is compared, and what differs.
 *
 * @param {string} [declarations] those of the official package
 * @returns {{ members: Member[], problems: string[] }}
 */
export function compareTypes(declarations = readOfficialDeclarations()) {
  const { members, withAllNames } = membersOf(declarations)
  const lines = [PREAMBLE, ...members.map(({ line }, i) => `export const member${i} = [${line}]`)]
  const program = programOf({ [officialFile]: withAllNames, [checkedFile]: lines.join('\n') })
  const file = program.getSourceFile(checkedFile)
  const found = [officialFile, checkedFile].flatMap((name) => {
    const source = program.getSourceFile(name)
    return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)]
  })
  const problems = found.map(({ file: source, start = 0, messageText }) => {
    const line = source === file ? (file?.getLineAndCharacterOfPosition(start).line ?? 0) : 0
    const name = line === 0 ? 'the comparison itself' : members[line - 1]?.name
    return `${name}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`
  })
  return { members, problems }
}

/** These files, and what they import, as the compiler sees them. @param {Record<string, string>} files */
function programOf(files) {
  const read = ts.readConfigFile(join(project, 'tsconfig.json'), (file) => ts.sys.readFile(file))
  const own = { .../** @type {object} */ (read.config), include: [], files: [] }
  const { options } = ts.parseJsonConfigFileContent(own, ts.sys, project)
  // Declarations that only we have made up are worth a look.
  const host = ts.createCompilerHost({ ...options, skipLibCheck: false })
  const { getSourceFile, fileExists } = host
  host.fileExists = (file) => file in files || fileExists(file)
  host.getSourceFile = (file, ...rest) => {
    const text = files[file]
    return text === undefined
      ? getSourceFile(file, ...rest)
      : ts.createSourceFile(file, text, ts.ScriptTarget.ES2022)
  }
  return ts.createProgram([checkedFile], options, host)
}

/** Says how many members were compared, and what differs. @returns the exit code */
export function reportTypes() {
  const { members, problems } = compareTypes()
  for (const problem of problems) console.error(problem)
  const compared = members.filter(({ isCounted }) => isCounted).length
  const verdict = problems.length > 0 ? `, and ${problems.length} differences found` : ''
  console.log(`types: ${compared} members of ${PACKAGE} 1.5.1 compared${verdict}`)
  return problems.length > 0 ? 1 : 0
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) process.exitCode = reportTypes()

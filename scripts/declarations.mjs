import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { join, relative } from 'node:path'

import { Extractor, ExtractorConfig, ExtractorLogLevel } from '@microsoft/api-extractor'
import ts from 'typescript'

/** What a declaration file may import: what its reader has, being on Node or a user of Vite. */
const IMPORTABLE = /^(node:|vite$)/

/**
 * Writes one declaration file beside each entry of the package. Each stands alone: what it needs from other
 * files is inside, nothing points at a file or a package that its reader does not have.
 *
 * @param {string} project
 * @param {Record<string, string>} entries name of the declaration file → source of the entry
 * @param {string} outDir
 */
export function writeDeclarations(project, entries, outDir) {
  // Inside the project, so that the packages the sources import are found from there.
  const emitted = mkdtempSync(join(outDir, '.declarations-'))
  try {
    emitDeclarations(project, emitted)
    for (const [name, source] of Object.entries(entries)) {
      const target = join(outDir, `${name}.d.ts`)
      bundle(project, join(emitted, source.replace(/\.ts$/, '.d.ts')), target)
      refuseStrangers(target)
    }
  } finally {
    rmSync(emitted, { recursive: true, force: true })
  }
}

/** @param {string} project @param {string} outDir */
function emitDeclarations(project, outDir) {
  /** @type {ts.Diagnostic[]} */
  const problems = []
  const host = {
    ...ts.sys,
    onUnRecoverableConfigFileDiagnostic: (/** @type {ts.Diagnostic} */ it) => problems.push(it),
  }
  const parsed = ts.getParsedCommandLineOfConfigFile(join(project, 'tsconfig.json'), {}, host)
  if (parsed) {
    const program = ts.createProgram({
      rootNames: parsed.fileNames.filter((file) => /^(src|signaling)[\\/]/.test(relative(project, file))),
      options: {
        ...parsed.options,
        noEmit: false,
        declaration: true,
        emitDeclarationOnly: true,
        // What the API's classes hand to each other is marked so, and would bring half of the engine's types along.
        stripInternal: true,
        outDir,
        rootDir: project,
      },
    })
    problems.push(...ts.getPreEmitDiagnostics(program), ...program.emit().diagnostics)
  }
  if (problems.length > 0) throw new Error(sentences(problems, project))
}

/** @param {ts.Diagnostic[]} problems @param {string} folder */
function sentences(problems, folder) {
  return ts.formatDiagnostics(problems, {
    getCanonicalFileName: (name) => name,
    getCurrentDirectory: () => folder,
    getNewLine: () => '\n',
  })
}

/** @param {string} project @param {string} entry @param {string} target */
function bundle(project, entry, target) {
  const extractorConfig = ExtractorConfig.prepare({
    configObject: {
      projectFolder: project,
      mainEntryPointFilePath: entry,
      compiler: { tsconfigFilePath: join(project, 'tsconfig.json') },
      dtsRollup: { enabled: true, untrimmedFilePath: target },
      apiReport: { enabled: false },
      docModel: { enabled: false },
      tsdocMetadata: { enabled: false },
      newlineKind: 'lf',
    },
    configObjectFullPath: undefined,
    packageJsonFullPath: join(project, 'package.json'),
  })
  const { succeeded } = Extractor.invoke(extractorConfig, {
    localBuild: true,
    messageCallback: (message) => {
      // Its advice on release tags and comment syntax is for another way of working than ours; errors are not.
      if (message.logLevel === ExtractorLogLevel.Error)
        console.error(message.formatMessageWithLocation(project))
      message.handled = true
    },
  })
  if (!succeeded || !existsSync(target)) throw new Error(`No declarations could be bundled from ${entry}.`)
}

/** @param {string} file */
function refuseStrangers(file) {
  const text = readFileSync(file, 'utf8')
  const named = [...text.matchAll(/(?:from|import|import\(|types=)\s*["']([^"']+)["']/g)].map(
    ([, name = '']) => name,
  )
  const strangers = named.filter((name) => !IMPORTABLE.test(name))
  if (strangers.length > 0)
    throw new Error(`${file} refers to ${strangers.join(', ')}, which its reader does not have.`)
}

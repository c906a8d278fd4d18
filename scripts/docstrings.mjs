import { join, relative } from 'node:path'

import ts from 'typescript'

import { project } from './tools.mjs'

/** @typedef {{ text: string, file: string }} Docstring what is written about something, and where */

/** Looks up what is written in the source about a member of the library. */
export class Docstrings {
  /** @private @type {Map<string, ts.Symbol>} */
  exported
  /** @private @type {ts.TypeChecker} */
  checker

  constructor() {
    const entry = join(project, 'src/index.ts')
    const read = ts.readConfigFile(join(project, 'tsconfig.json'), (file) => ts.sys.readFile(file))
    const config = /** @type {object} */ (read.config)
    const { options } = ts.parseJsonConfigFileContent(
      { ...config, files: [entry], include: [] },
      ts.sys,
      project,
    )
    const program = ts.createProgram([entry], options)
    this.checker = program.getTypeChecker()
    const source = program.getSourceFile(entry)
    const module = source && this.checker.getSymbolAtLocation(source)
    const symbols = module ? this.checker.getExportsOfModule(module) : []
    this.exported = new Map(symbols.map((symbol) => [symbol.name, symbol]))
  }

  /** A class, a delegate or an enum. @param {string} owner @returns {Docstring | undefined} */
  of(owner) {
    return this.written(this.symbol(owner))
  }

  /** Inherited ones too; static ones begin with `static `. @param {string} owner @param {string} member @returns {Docstring | undefined} */
  ofMember(owner, member) {
    const symbol = this.symbol(owner)
    if (!symbol) return undefined
    const staticName = /^static (.*)$/.exec(member)?.[1]
    const isEnum = (symbol.flags & ts.SymbolFlags.Enum) !== 0
    const type =
      staticName === undefined
        ? this.checker.getDeclaredTypeOfSymbol(symbol)
        : this.checker.getTypeOfSymbol(symbol)
    const found = isEnum
      ? symbol.exports?.get(ts.escapeLeadingUnderscores(member))
      : type.getProperty(staticName ?? member)
    return this.written(found)
  }

  /** @private @param {string} name */
  symbol(name) {
    const symbol = this.exported.get(name)
    return symbol && (symbol.flags & ts.SymbolFlags.Alias) !== 0
      ? this.checker.getAliasedSymbol(symbol)
      : symbol
  }

  /** @private @param {ts.Symbol | undefined} symbol @returns {Docstring | undefined} */
  written(symbol) {
    const file = symbol?.declarations?.[0]?.getSourceFile().fileName
    if (!symbol || !file) return undefined
    const text = ts.displayPartsToString(symbol.getDocumentationComment(this.checker))
    return { text, file: relative(project, file).replaceAll('\\', '/') }
  }
}

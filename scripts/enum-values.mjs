import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

import MagicString from 'magic-string'
import ts from 'typescript'

/** @import { Plugin } from 'vite' */
/** @typedef {Map<string, Map<string, string>>} Enums the value of each member as it is written in a program */

/** What TypeScript makes of an enum of numbers: names by numbers, too. */
const TWO_WAY =
  'const twoWay = (e) => { for (const [name, value] of Object.entries(e)) e[value] = name; return e };'

/**
 * Writes the value of an enum's member where a face names it, and enums as objects. Bundlers know an enum as an object
 * that anybody may have changed, so each code would be there by its long name twice, and once more in each table: 1 KB
 * gzipped of what a page loads.
 *
 * @returns {Plugin}
 */
export function enumValues() {
  /** @type {Map<string, Enums>} */
  const known = new Map()
  const enumsOf = (/** @type {string} */ file) => {
    const enums = known.get(file) ?? enumsIn(parse(file, readFileSync(file, 'utf8')))
    known.set(file, enums)
    return enums
  }
  return {
    name: 'enum-values',
    enforce: 'pre',
    transform(code, id) {
      if (!/\/src\/(kit|web)\/[^/]+\.ts$/.test(id)) return
      const file = parse(id, code)
      const imported = importedEnums(file, enumsOf)
      const edited = new MagicString(code)
      const visit = (/** @type {ts.Node} */ node) => {
        if (ts.isPropertyAccessExpression(node) && ts.isIdentifier(node.expression)) {
          const value = imported.get(node.expression.text)?.get(node.name.text)
          if (value !== undefined) edited.update(node.getStart(), node.end, value)
        }
        if (ts.isEnumDeclaration(node)) return writeEnum(node, edited)
        // A type of this form is a member, too, and stays one.
        if (!ts.isTypeNode(node)) ts.forEachChild(node, visit)
      }
      visit(file)
      if (edited.toString().includes('twoWay(')) edited.prepend(TWO_WAY)
      if (!edited.hasChanged()) return
      return { code: edited.toString(), map: edited.generateMap({ hires: 'boundary' }) }
    },
  }
}

/**
 * What a file imports by its own name from a file beside it, as far as these are enums.
 *
 * @param {ts.SourceFile} file
 * @param {(file: string) => Enums} enumsOf
 * @returns {Enums}
 */
function importedEnums(file, enumsOf) {
  /** @type {Enums} */
  const imported = new Map()
  for (const statement of file.statements) {
    if (!ts.isImportDeclaration(statement) || !ts.isStringLiteral(statement.moduleSpecifier)) continue
    const { text: from } = statement.moduleSpecifier
    const names = statement.importClause?.namedBindings
    if (!from.startsWith('./') || !names || !ts.isNamedImports(names)) continue
    const enums = enumsOf(join(dirname(file.fileName), from))
    for (const { name, propertyName } of names.elements) {
      const members = propertyName ? undefined : enums.get(name.text)
      if (members) imported.set(name.text, members)
    }
  }
  return imported
}

/** @param {ts.SourceFile} file @returns {Enums} */
function enumsIn(file) {
  const declared = file.statements.filter((statement) => ts.isEnumDeclaration(statement))
  return new Map(declared.map((each) => [each.name.text, valuesOf(each)]))
}

/** @param {ts.EnumDeclaration} declared */
function valuesOf({ members }) {
  return new Map(
    members.map(({ name, initializer }) => {
      const isValue = initializer && (ts.isNumericLiteral(initializer) || ts.isStringLiteral(initializer))
      if (isValue && ts.isIdentifier(name)) return [name.text, initializer.getText()]
      throw new Error(`${name.getText()} of an enum needs a number or a text.`)
    }),
  )
}

/** @param {ts.EnumDeclaration} declared @param {MagicString} edited */
function writeEnum(declared, edited) {
  const members = [...valuesOf(declared)].map(([name, value]) => `${name}: ${value}`)
  const isText = declared.members.every(({ initializer }) => initializer && ts.isStringLiteral(initializer))
  const value = `{ ${members.join(', ')} }`
  const modifiers = declared.modifiers?.map((modifier) => `${modifier.getText()} `).join('') ?? ''
  edited.update(
    declared.getStart(),
    declared.end,
    `${modifiers}const ${declared.name.text} = ${isText ? value : `/* @__PURE__ */ twoWay(${value})`}`,
  )
}

/** @param {string} name @param {string} code */
function parse(name, code) {
  return ts.createSourceFile(name, code, ts.ScriptTarget.ESNext, true)
}

import ts from 'typescript'

const RUNNERS = /^(test|it|describe)(\.(describe|each|only|skip|concurrent))*$/

/**
 * The titles of a test file as its runner would say them, `describe › test`, without running it. What a title gets from a
 * table or a loop matches anything.
 */
export function titlesIn(file: string, source: string): RegExp[] {
  const found: RegExp[] = []
  const walk = (node: ts.Node, path: readonly string[]): void => {
    const title = ts.isCallExpression(node) ? titleOf(node) : undefined
    const here = title === undefined ? path : [...path, title]
    if (title !== undefined) found.push(new RegExp(`^${here.join(' › ')}$`, 's'))
    ts.forEachChild(node, (child) => walk(child, here))
  }
  walk(ts.createSourceFile(file, source, ts.ScriptTarget.ES2022, true), [])
  return found
}

/** `test('…')`, and `test.each(table)('…')` of which the table is what is called first. */
function titleOf({ expression, arguments: [first] }: ts.CallExpression): string | undefined {
  const runner = ts.isCallExpression(expression) ? expression.expression : expression
  if (!first || !RUNNERS.test(runner.getText())) return undefined
  const isTable = ts.isCallExpression(expression)
  if (ts.isStringLiteralLike(first)) return isTable ? holed(first.text) : escape(first.text)
  if (!ts.isTemplateExpression(first)) return undefined
  const parts = [first.head, ...first.templateSpans.map(({ literal }) => literal)]
  return parts.map(({ text }) => (isTable ? holed(text) : escape(text))).join('.*')
}

/** With holes where the table's values stand. */
function holed(title: string): string {
  return title
    .split(/%[sdifjop#$]|\$[\w.]+/)
    .map(escape)
    .join('.*')
}

function escape(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`)
}

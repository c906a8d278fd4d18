/** @typedef {{ start: number, end: number, text: string }} Edit */

const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

/**
 * A text with some edits, none of them longer than a line, and its source map.
 *
 * @param {string} code
 * @param {Edit[]} edits in order
 */
export function editedText(code, edits) {
  let edited = ''
  let copied = 0
  /** @type {string[]} */
  const mappings = []
  /** @type {string[]} */
  let segments = []
  let [sourceLine, sourceColumn, column, lineStart, knownLine, knownColumn] = [0, 0, 0, 0, 0, 0]
  const place = () => {
    const at = edited.length - lineStart
    segments.push(vlq(at - column) + vlq(0) + vlq(sourceLine - knownLine) + vlq(sourceColumn - knownColumn))
    column = at
    knownLine = sourceLine
    knownColumn = sourceColumn
  }
  const copy = (/** @type {number} */ end) => {
    const [first = '', ...lines] = code.slice(copied, end).split('\n')
    place()
    edited += first
    sourceColumn += first.length
    for (const line of lines) {
      mappings.push(segments.join(','))
      segments = []
      edited += '\n'
      lineStart = edited.length
      column = 0
      sourceLine++
      sourceColumn = 0
      place()
      edited += line
      sourceColumn = line.length
    }
    copied = end
  }
  for (const { start, end, text } of edits) {
    copy(start)
    place()
    edited += text
    sourceColumn += end - start
    copied = end
  }
  copy(code.length)
  mappings.push(segments.join(','))
  return { code: edited, map: { version: 3, sources: [''], names: [], mappings: mappings.join(';') } }
}

/** @param {number} number */
function vlq(number) {
  let rest = number < 0 ? (-number << 1) | 1 : number << 1
  let text = ''
  do {
    const digit = rest & 31
    rest >>= 5
    text += BASE64[rest > 0 ? digit | 32 : digit]
  } while (rest > 0)
  return text
}

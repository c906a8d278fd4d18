/** @import { Rolldown } from 'vite' */
/** @typedef {Pick<Rolldown.OutputChunk, 'fileName' | 'imports' | 'dynamicImports'>} Chunk */

/**
 * Which chunks a file of the script tag has: one that is imported dynamically begins a file, and what several files
 * import is in the last one that has always come before them.
 *
 * @template {Chunk} Each
 * @param {Each[]} chunks
 * @param {string} first the chunk that begins the first file
 * @returns {Map<string, Each[]>} by the name of the file, the first one first
 */
export function spreadOverFiles(chunks, first) {
  const names = new Set([first, ...chunks.flatMap((chunk) => chunk.dynamicImports)])
  const before = whatIsBefore(chunks, first)
  const beforeIt = (/** @type {string} */ name) => before.get(name) ?? new Set()
  const fileOf = (/** @type {string} */ name) => {
    const candidates = [...beforeIt(name)].filter((each) => names.has(each))
    return candidates.sort((a, b) => beforeIt(b).size - beforeIt(a).size)[0] ?? first
  }

  /** @type {Map<string, Each[]>} */
  const files = new Map([[first, []]])
  for (const chunk of chunks) {
    const file = fileOf(chunk.fileName)
    files.set(file, [...(files.get(file) ?? []), chunk])
    const late = chunk.imports.filter(
      (name) => before.has(name) && !beforeIt(chunk.fileName).has(fileOf(name)),
    )
    if (late.length > 0) throw new Error(`${file} needs ${late.join(', ')}, which may not have come.`)
  }
  return files
}

/**
 * The chunks that have always been asked for when this one is (in the words of compilers: its dominators), itself
 * included: those that are before whichever of its importers asks.
 *
 * @param {Chunk[]} chunks
 * @param {string} first
 */
function whatIsBefore(chunks, first) {
  const all = chunks.map(({ fileName }) => fileName)
  /** @type {Map<string, Set<string>>} */
  const before = new Map(all.map((name) => [name, new Set(name === first ? [first] : all)]))
  for (let isStable = false; !isStable;) {
    isStable = true
    for (const name of all.filter((each) => each !== first)) {
      const importers = chunks.filter((chunk) => [...chunk.imports, ...chunk.dynamicImports].includes(name))
      const [one, ...others] = importers.map(({ fileName }) => before.get(fileName))
      const common = new Set([...(one ?? [])].filter((each) => others.every((other) => other?.has(each))))
      common.add(name)
      if (common.size !== before.get(name)?.size) isStable = false
      before.set(name, common)
    }
  }
  return before
}

import { gzipSync } from 'node:zlib'

import { FIRST_FILE, LOGIN_FILE, ONE_FILE } from './global-build.mjs'

/** @import { Rolldown } from 'vite' */
/** @import { ScriptFile } from './global-build.mjs' */
/** @typedef {{ what: string, bytes: number, budgetBytes: number }} Size */

/** What a page downloads before its first login can begin, and until it is done (KB of 1,024 bytes). Attributes and relays come later. */
const LOGIN_BUDGET_BYTES = 92 * 1024

/** Our own part of the kit: everything that is not from an npm package. */
const OWN_CODE_BUDGET_BYTES = 26 * 1024
/** The same with what a login loads. What is not needed for a first link is a file of its own, loaded after it. */
const OWN_LOGIN_BUDGET_BYTES = 60 * 1024

/** Our own part of the web face: its enums have each code as a text and a number. What a login loads is the same. */
const OWN_WEB_BUDGET_BYTES = 28 * 1024
/** Our own part of what a script tag loads at once, before it asks for what a login loads. */
const OWN_FIRST_FILE_BUDGET_BYTES = 32 * 1024

const KIT = 'rtm-mesh.js'
const WEB = 'web.js'
/** The chunk that a first login loads; the kit begins to load it when it is made. */
const LOGIN = 'login-file'

/**
 * Prints what the kit weighs: its file and all it imports before it runs, and these together with what a login loads,
 * each file gzipped by itself, as a server sends them. What is loaded later or only by some pages is printed and has no
 * budget. Our own code is measured in a second build, in which all npm packages stay outside; so minified and gzipped
 * it is as it would be alone.
 *
 * @param {Rolldown.OutputChunk[]} chunks
 * @param {Rolldown.OutputChunk[]} ownChunks
 * @returns {Size[]}
 */
export function printSizes(chunks, ownChunks) {
  const sizes = [
    {
      what: 'kit with everything it imports',
      bytes: gzipBytes(loadedBy(chunks, [KIT])),
      budgetBytes: LOGIN_BUDGET_BYTES,
    },
    {
      what: 'our own code in it',
      bytes: gzipBytes(loadedBy(ownChunks, [KIT])),
      budgetBytes: OWN_CODE_BUDGET_BYTES,
    },
    {
      what: 'kit and what a login loads',
      bytes: gzipBytes(loadedBy(chunks, [KIT, LOGIN])),
      budgetBytes: LOGIN_BUDGET_BYTES,
    },
    {
      what: 'our own code in these',
      bytes: gzipBytes(loadedBy(ownChunks, [KIT, LOGIN])),
      budgetBytes: OWN_LOGIN_BUDGET_BYTES,
    },
    {
      what: 'web with everything it imports',
      bytes: gzipBytes(loadedBy(chunks, [WEB])),
      budgetBytes: LOGIN_BUDGET_BYTES,
    },
    {
      what: 'our own code in it',
      bytes: gzipBytes(loadedBy(ownChunks, [WEB])),
      budgetBytes: OWN_WEB_BUDGET_BYTES,
    },
    {
      what: 'web and what a login loads',
      bytes: gzipBytes(loadedBy(chunks, [WEB, LOGIN])),
      budgetBytes: LOGIN_BUDGET_BYTES,
    },
  ]
  console.log('gzip sizes')
  const early = loadedBy(chunks, [KIT, WEB, LOGIN])
  print(
    sizes,
    chunks.filter((each) => !early.includes(each)),
  )
  return sizes
}

/**
 * The same of the files for a script tag.
 *
 * @param {ScriptFile[]} files
 * @param {ScriptFile[]} ownFiles
 * @returns {Size[]}
 */
export function printScriptSizes(files, ownFiles) {
  const isFirst = (/** @type {ScriptFile} */ { fileName }) => fileName === FIRST_FILE
  const isEarly = (/** @type {ScriptFile} */ file) => isFirst(file) || file.fileName === LOGIN_FILE
  const sizes = [
    {
      what: 'our own code in the script tag',
      bytes: gzipBytes(ownFiles.filter(isFirst)),
      budgetBytes: OWN_FIRST_FILE_BUDGET_BYTES,
    },
    {
      what: 'script tag and what a login loads',
      bytes: gzipBytes(files.filter(isEarly)),
      budgetBytes: LOGIN_BUDGET_BYTES,
    },
    {
      what: 'our own code in these',
      bytes: gzipBytes(ownFiles.filter(isEarly)),
      budgetBytes: OWN_LOGIN_BUDGET_BYTES,
    },
  ]
  const isWhole = (/** @type {ScriptFile} */ { fileName }) => fileName === ONE_FILE
  const later = files.filter((file) => !isEarly(file) && !isWhole(file))
  print(
    sizes,
    later.map(({ fileName: name, code }) => ({ name, code })),
  )
  console.log(`  ${`all in one: ${ONE_FILE}`.padEnd(44)} ${inKb(gzipBytes(files.filter(isWhole)))}`)
  return sizes
}

/** @param {Size[]} sizes @param {{ name: string, code: string }[]} onDemand */
function print(sizes, onDemand) {
  for (const { what, bytes, budgetBytes } of sizes) {
    console.log(`  ${what.padEnd(44)} ${inKb(bytes)} of ${inKb(budgetBytes)}`)
  }
  for (const { name, code } of onDemand) {
    console.log(`  ${`on demand: ${name}`.padEnd(44)} ${inKb(gzipBytes([{ code }]))}`)
  }
}

/** @param {Size[]} sizes */
export function overBudget(sizes) {
  const tooLarge = sizes.filter(({ bytes, budgetBytes }) => bytes >= budgetBytes)
  for (const { what, bytes, budgetBytes } of tooLarge) {
    console.error(
      `Too large: ${what} has ${bytes} bytes gzipped and must stay below ${budgetBytes} (scripts/sizes.mjs).`,
    )
  }
  return tooLarge.length > 0
}

/**
 * The chunks of these names or files, and those they import statically, directly or not.
 *
 * @param {Rolldown.OutputChunk[]} chunks
 * @param {string[]} names
 */
export function loadedBy(chunks, names) {
  const byFile = new Map(chunks.map((chunk) => [chunk.fileName, chunk]))
  const loaded = new Set()
  const visit = (/** @type {string} */ fileName) => {
    const chunk = byFile.get(fileName)
    // What is not a chunk is a package that was left outside.
    if (!chunk || loaded.has(chunk)) return
    loaded.add(chunk)
    chunk.imports.forEach(visit)
  }
  const roots = chunks.filter(({ fileName, name }) => names.includes(fileName) || names.includes(name))
  if (roots.length < names.length) throw new Error(`The build has not all of ${names.join(', ')}.`)
  for (const { fileName } of roots) visit(fileName)
  return /** @type {Rolldown.OutputChunk[]} */ ([...loaded])
}

/** @param {{ code: string }[]} chunks */
export function gzipBytes(chunks) {
  return chunks.reduce((sum, chunk) => sum + gzipSync(chunk.code, { level: 9 }).length, 0)
}

/** @param {number} bytes */
function inKb(bytes) {
  return `${(bytes / 1024).toFixed(1)} KB`.padStart(9)
}

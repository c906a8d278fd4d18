import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** @import { Rolldown } from 'vite' */
/** @typedef {{ name: string, version: string, license?: string, dependencies?: Record<string, string> }} Manifest */

/** Packages whose published file was bundled by their authors: it has their dependencies inside. */
const BUNDLED_BY_THEIR_AUTHORS = ['simple-peer']

/**
 * What the tool that made simple-peer's file (browserify) has put into it in place of modules of Node. They are no
 * dependencies of it and are not installed here, so which versions they are cannot be read anywhere.
 */
const PUT_IN_BY_BROWSERIFY = [
  { name: 'events', holder: 'Copyright Joyent, Inc. and other Node contributors.' },
  { name: 'process', holder: 'Copyright (c) 2013 Roman Shtylman <shtylman@gmail.com>' },
]

const MIT = `Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated
documentation files (the "Software"), to deal in the Software without restriction, including without limitation the
rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit
persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the
Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE
WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR
COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR
OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.`

/**
 * Writes the licences of all npm packages that have code in the chunks.
 *
 * @param {Rolldown.OutputChunk[]} chunks
 * @param {string} target
 */
export function writeLicences(chunks, target) {
  /** @type {Map<string, Manifest>} */
  const manifestByFolder = new Map()
  const add = (/** @type {string} */ folder, isBundle = false) => {
    if (manifestByFolder.has(folder)) return
    const manifest = readManifest(folder)
    manifestByFolder.set(folder, manifest)
    if (!isBundle && !BUNDLED_BY_THEIR_AUTHORS.includes(manifest.name)) return
    for (const dependency of Object.keys(manifest.dependencies ?? {}))
      add(findPackage(folder, dependency), true)
  }

  for (const chunk of chunks) {
    for (const module of chunk.moduleIds) {
      const [, folder] = /^\0?(.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+)[\\/]/.exec(module) ?? []
      if (folder) add(folder)
    }
  }

  const found = [...manifestByFolder].map(([folder, manifest]) => section(folder, manifest))
  const hasBundle = [...manifestByFolder.values()].some(({ name }) => BUNDLED_BY_THEIR_AUTHORS.includes(name))
  const putIn = PUT_IN_BY_BROWSERIFY.map(
    ({ name, holder }) => `${name} (MIT), inside of simple-peer\n\n${holder}\n\n${MIT}\n`,
  )
  const sections = [...found, ...(hasBundle ? putIn : [])].sort()
  const head = 'The files of this folder contain code of the following packages.\n'
  writeFileSync(target, [head, ...sections].join(`\n${'-'.repeat(80)}\n\n`))
}

/** @param {string} folder @param {Manifest} manifest */
function section(folder, { name, version, license }) {
  const file = readdirSync(folder).find((each) => /^(licen[sc]e|copying)(\.|$)/i.test(each))
  const text = file ? readFileSync(join(folder, file), 'utf8').trim() : 'Its package has no licence file.'
  return `${name} ${version} (${license ?? 'licence not named'})\n\n${text}\n`
}

/** @param {string} folder @returns {Manifest} */
function readManifest(folder) {
  return /** @type {Manifest} */ (JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')))
}

/** Node's own way: the nearest node_modules upwards. @param {string} from @param {string} name @returns {string} */
function findPackage(from, name) {
  for (let folder = from; ; folder = dirname(folder)) {
    const candidate = join(folder, 'node_modules', name)
    if (existsSync(join(candidate, 'package.json'))) return candidate
    if (dirname(folder) === folder) throw new Error(`${name}, a dependency of ${from}, is not installed.`)
  }
}

import { createHash } from 'node:crypto'
import { join } from 'node:path'

import { build } from 'vite'

import { COMPILE_HINT } from './compile-hint.mjs'
import { spreadOverFiles } from './script-files.mjs'
import { TextWithMap } from './text-with-map.mjs'

/** @import { Plugin, Rolldown } from 'vite' */
/** @typedef {{ fileName: string, code: string, map: object, chunks: Rolldown.OutputChunk[] }} ScriptFile */

/** What a page names in its tag. */
export const FIRST_FILE = 'agora-rtm.global.js'
/** What a login loads, as soon as the first file has run. */
export const LOGIN_FILE = 'agora-rtm.login.js'
/** All of them in one, for who would rather copy one file. */
export const ONE_FILE = 'agora-rtm.full.js'

/** The files that are loaded when they are needed: the source that each begins with → its name. */
const LATER_FILES = new Map([
  ['login-file', LOGIN_FILE],
  ['documents-file', 'agora-rtm.documents.js'],
  ['help-file', 'agora-rtm.help.js'],
  ['log-file', 'agora-rtm.log.js'],
  ['invitation-file', 'agora-rtm.invitations.js'],
  ['crypto-portable', 'agora-rtm.crypto.js'],
])

const LOADER = 'rtmMeshLoader'

/**
 * Makes the library for a script tag: classic scripts, which work in pages from `file:` too, where ES modules do not.
 *
 *     agora-rtm.global.js                          agora-rtm.login.js, …
 *       the loader (src/script-tag/begin.ts)         document.currentScript.rtmMeshPart = {
 *       begin({                                        build: …, chunks: {
 *         build: …, chunks: { … }                        'agora-rtm.login.js'(require, exports, module) { … }
 *       }, 'agora-rtm.global.js')                    } }
 *
 * And all of it in agora-rtm.full.js, which is made like the first file.
 *
 * The chunks are what Rolldown makes in the form of CommonJS. There, `import('./x')` is `require('./x')` in a promise,
 * so the loader's `require` answers with a promise for what is not here yet.
 *
 * @param {string} project
 * @param {Plugin[]} plugins
 * @param {(name: string) => boolean} [external] what stays outside, to be measured without
 * @returns {Promise<ScriptFile[]>} the first file first, and the one that has everything last
 */
export async function buildForScriptTag(project, plugins, external = () => false) {
  const bundle = (/** @type {string} */ entry, /** @type {'cjs' | 'iife'} */ format) =>
    bundleEntry(join(project, 'src', entry), format, { root: project, plugins, external })
  const chunks = await bundle('global.ts', 'cjs')
  const [loader] = await bundle('script-tag/begin.ts', 'iife')
  if (!loader) throw new Error('The loader of the script tag was not built.')
  const hash = createHash('sha256')
  for (const { fileName, code } of [loader, ...chunks]) hash.update(`${fileName}\n${code}\n`)
  const buildId = hash.digest('hex').slice(0, 12)
  const files = [...spreadOverFiles(chunks, FIRST_FILE), /** @type {const} */ ([ONE_FILE, chunks])]
  return files.map(([fileName, inFile]) => {
    const text = new TextWithMap()
    if (fileName === FIRST_FILE || fileName === LOGIN_FILE) text.add(`${COMPILE_HINT}\n`)
    text.add('"use strict";')
    if (fileName === FIRST_FILE || fileName === ONE_FILE) {
      text.add('(function(){\n').addMapped(loader.code, loader.map).add(`\n${LOADER}.begin(`)
      addPart(text, buildId, inFile).add(`,"${FIRST_FILE}")})()`)
    } else {
      addPart(text.add('document.currentScript.rtmMeshPart='), buildId, inFile)
    }
    return { fileName, code: text.add(';\n').code, map: text.map, chunks: inFile }
  })
}

/** @param {TextWithMap} text @param {string} buildId @param {Rolldown.OutputChunk[]} chunks */
function addPart(text, buildId, chunks) {
  text.add(`{build:"${buildId}",chunks:{`)
  for (const { fileName, code, map } of chunks) {
    text.add(`\n"${fileName}"(require,exports,module){\n`).addMapped(code, map).add('\n},')
  }
  return text.add('}}')
}

/**
 * @param {string} entry
 * @param {'cjs' | 'iife'} format
 * @param {{ root: string, plugins: Plugin[], external: (name: string) => boolean }} options
 */
async function bundleEntry(entry, format, { root, plugins, external }) {
  const built = await build({
    root,
    configFile: false,
    publicDir: false,
    logLevel: 'warn',
    plugins,
    define: { 'process.env.NODE_ENV': '"production"' },
    build: {
      target: 'es2022',
      outDir: 'dist',
      write: false,
      sourcemap: 'hidden',
      lib: { entry, formats: [format], name: LOADER },
      rolldownOptions: {
        external,
        checks: { bundlerTimings: false },
        output: {
          minify: true,
          entryFileNames: FIRST_FILE,
          // What several files need is in one that is loaded before them, and no file of its own.
          chunkFileNames: ({ name, isDynamicEntry }) =>
            (isDynamicEntry && LATER_FILES.get(name)) || 'common-[name].js',
        },
      },
    },
  })
  const outputs = [built].flat().flatMap((result) => ('output' in result ? result.output : []))
  return outputs.filter((file) => file.type === 'chunk')
}

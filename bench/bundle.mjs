import { join } from 'node:path'

import { build } from 'vite'

import { gzipBytes, loadedBy } from '../scripts/sizes.mjs'

/** @import { Rolldown } from 'vite' */
/** @typedef {{ early: number, ever: number }} BundleSize bytes: until users can be reached, and of all files for any purpose */

const project = join(import.meta.dirname, '..')
const PAGE = 'virtual:page'

/** What a page imports, no more. Where it is this library, as the package has it. */
const pages = {
  'rtm-mesh': `export * from ${JSON.stringify(join(project, 'dist/rtm-mesh.js'))}`,
  'rtm-mesh-web': `export * from ${JSON.stringify(join(project, 'dist/web.js'))}`,
  trystero: "export { createTopicStrategy } from '@trystero-p2p/core'",
  peerjs: "export { Peer } from 'peerjs'",
  'y-webrtc': "export { WebrtcProvider } from 'y-webrtc'\nexport { Doc } from 'yjs'",
  'simple-peer': "export { default } from 'simple-peer/simplepeer.min.js'",
}

/** @typedef {keyof typeof pages} Bundled */

/** @param {string} name @returns {name is Bundled} */
export function isBundled(name) {
  return Object.hasOwn(pages, name)
}

/** Files that come by themselves and without which nobody is logged in. */
const EARLY = 'login-file'
/** Only pages from plain http load it. */
const RARE = 'crypto-portable'

/**
 * A page that has nothing but this library, bundled and minified as every other, each file gzipped by itself.
 *
 * @param {Bundled} name
 * @returns {Promise<BundleSize>}
 */
export async function bundleSize(name) {
  const chunks = await bundle(pages[name])
  const named = (/** @type {string} */ part) => chunks.filter((chunk) => chunk.name.startsWith(part))
  const entries = chunks.filter(({ isEntry }) => isEntry)
  const early = [...entries, ...named(EARLY)].map(({ fileName }) => fileName)
  const rare = named(RARE)
  return {
    early: gzipBytes(loadedBy(chunks, early)),
    ever: gzipBytes(chunks.filter((chunk) => !rare.includes(chunk))),
  }
}

/** @param {string} source @returns {Promise<Rolldown.OutputChunk[]>} */
async function bundle(source) {
  const built = await build({
    configFile: false,
    root: project,
    logLevel: 'error',
    publicDir: false,
    define: { 'process.env.NODE_ENV': '"production"' },
    build: {
      write: false,
      minify: true,
      target: 'es2022',
      modulePreload: false,
      rolldownOptions: { input: PAGE, preserveEntrySignatures: 'strict' },
    },
    plugins: [
      {
        name: 'page',
        resolveId: (id) => (id === PAGE ? join(project, 'bench/page.js') : undefined),
        load: (id) => (id === join(project, 'bench/page.js') ? source : undefined),
      },
    ],
  })
  const outputs = [built].flat().flatMap((result) => ('output' in result ? result.output : []))
  return outputs.filter((file) => file.type === 'chunk')
}

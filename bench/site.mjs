import { createServer } from 'node:http'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { extname, join } from 'node:path'

import { build } from 'vite'

import { project } from '../scripts/tools.mjs'

/** @import { AddressInfo } from 'node:net' */
/** @import { ContenderEntry } from './contenders.mjs' */

/**
 * The pages of all libraries, built and minified as their users would, and served by a plain server; this library's own
 * files as they are in the package.
 *
 * @typedef {object} Site
 * @property {(contender: ContenderEntry) => string} url
 * @property {() => Promise<void>} close
 */

const types = /** @type {Record<string, string>} */ ({ '.js': 'text/javascript', '.html': 'text/html' })

/** This package's own files, which are minified already and are what a page has that bundles nothing. */
const asShipped = { 'rtm-mesh': '/dist/rtm-mesh.js', 'rtm-mesh/web': '/dist/web.js' }

/** With these a page has a clock of 5 µs instead of 100. */
const isolation = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
}

/**
 * @param {readonly ContenderEntry[]} contenders
 * @returns {Promise<Site>}
 */
export async function openSite(contenders) {
  const folder = await mkdtemp(join(tmpdir(), 'rtm-mesh-bench-'))
  const pages = Object.fromEntries(contenders.map(({ name, page }) => [name, pageFile(page)]))
  await build({
    root: project,
    configFile: false,
    publicDir: false,
    logLevel: 'warn',
    build: {
      outDir: folder,
      emptyOutDir: true,
      target: 'es2022',
      modulePreload: false,
      reportCompressedSize: false,
      rolldownOptions: {
        input: { ...pages, outgoing: pageFile('outgoing.ts'), measures: pageFile('measures.ts') },
        external: Object.keys(asShipped),
        output: {
          entryFileNames: '[name].js',
          chunkFileNames: 'chunks/[name]-[hash].js',
          paths: asShipped,
        },
        preserveEntrySignatures: 'strict',
      },
    },
  })
  const template = await readFile(pageFile('template.html'), 'utf8')
  /** @type {Map<string, Buffer>} */
  const files = new Map(
    contenders.map(({ name }) => [`/${name}.html`, Buffer.from(template.replaceAll('%contender%', name))]),
  )

  files.set('/frames.html', await readFile(pageFile('frames.html')))

  const server = createServer((request, response) => {
    void (async () => {
      const path = new URL(request.url ?? '/', 'http://site').pathname
      const file = join(path.startsWith('/dist/') ? project : folder, path)
      const body = files.get(path) ?? (await readFile(file).catch(() => undefined))
      if (!body) return void response.writeHead(404).end()
      files.set(path, body)
      const type = types[extname(path)] ?? 'application/octet-stream'
      response
        .writeHead(200, { 'Content-Type': type, 'Cache-Control': 'max-age=3600', ...isolation })
        .end(body)
    })()
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)))
  const { port } = /** @type {AddressInfo} */ (server.address())
  return {
    url: ({ name }) => `http://127.0.0.1:${port}/${name}.html`,
    async close() {
      server.closeAllConnections()
      server.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** @param {string} file */
function pageFile(file) {
  return join(import.meta.dirname, 'pages', file)
}

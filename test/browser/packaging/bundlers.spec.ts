import { execFileSync, spawnSync } from 'node:child_process'
import { join } from 'node:path'

import { build as buildByEsbuild } from 'esbuild'
import { expect, test } from 'playwright/test'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import webpack from 'webpack'

import { project } from '../../../scripts/tools.mjs'
import { createSignalingServer, type SignalingServer } from '../../../signaling/index.ts'
import { BareApp } from './bare-app.ts'
import { expectConversation } from './conversation.ts'
import { html, importKit, importWeb, kitProgram, moduleTag, webProgram } from './programs.ts'
import { serveFolder } from './static-server.ts'

// The package as it is packed and installed, in the hands of each bundler, without any settings for it; a warning
// counts as a failure. Alice's page has the names of the kit, bob's those of agora-rtm-sdk.

let app: BareApp
let signaling: SignalingServer

test.beforeAll(async () => {
  test.setTimeout(240_000)
  app = new BareApp()
  app.write('kit.js', kitProgram(importKit('rtm-mesh')))
  app.write('web.js', webProgram(importWeb('rtm-mesh/web')))
  // As by a program in CommonJS, which is not a module and has a name that says so.
  app.write('required.cjs', webProgram(`const { default: AgoraRTM } = require('rtm-mesh/web')`))
  signaling = await createSignalingServer({ port: 0 })
})

test.afterAll(async () => {
  await signaling.close()
  app.remove()
})

test('webpack packs both faces, imported or required, without a word, and their users talk', async ({
  browser,
}) => {
  const entry = { kit: './kit.js', web: './web.js', required: './required.cjs' }
  const compiler = webpack({
    mode: 'production',
    context: app.folder,
    entry,
    output: { path: join(app.folder, 'by-webpack') },
    // Advice on what is large is not about what is wrong; and the package is minified already.
    performance: false,
    optimization: { minimize: false },
  })
  const complaints = await new Promise<unknown>((resolve, reject) =>
    compiler?.run((error, stats) => {
      const { errors, warnings } = stats?.toJson({ all: false, errors: true, warnings: true }) ?? {}
      compiler.close((closing) => (error || closing ? reject(error ?? closing) : resolve([errors, warnings])))
    }),
  )
  expect(complaints).toEqual([[], []])
  await expectBothToTalk(browser, 'by-webpack')
})

test('esbuild packs both faces, imported or required, without a word, and their users talk', async ({
  browser,
}) => {
  const { errors, warnings } = await buildByEsbuild({
    absWorkingDir: app.folder,
    entryPoints: ['kit.js', 'web.js', 'required.cjs'],
    outdir: 'by-esbuild',
    bundle: true,
    splitting: true,
    format: 'esm',
    minify: true,
    logLevel: 'silent',
  })
  expect([errors, warnings]).toEqual([[], []])
  await expectBothToTalk(browser, 'by-esbuild')
})

test('Vite packs both faces, and users of both talk', async ({ browser }) => {
  for (const face of ['kit', 'web']) app.write(`${face}.html`, html(moduleTag(`/${face}.js`)))
  app.write(
    'vite.config.js',
    `export default { build: { outDir: 'by-vite', rolldownOptions: { input: ['kit.html', 'web.html'] } } }`,
  )
  const vite = join(project, 'node_modules/vite/bin/vite.js')
  execFileSync(process.execPath, [vite, 'build', '--logLevel', 'warn'], { cwd: app.folder, stdio: 'inherit' })
  await talk(browser, 'by-vite')
})

test('what is packed has all that it promises, and nothing that its users do not need', async () => {
  const { messages, pkg } = await publint({ pkgDir: join(app.folder, 'node_modules/rtm-mesh'), strict: true })
  expect(messages.map((message) => formatMessage(message, pkg, { color: false }))).toEqual([])
  expect(
    app.packedFiles().filter((file) => !/^(dist\/|package\.json$|README|LICENSE|CHANGELOG)/.test(file)),
  ).toEqual([])
})

test('the types of every entry are found by every way to look for them', () => {
  const attw = join(project, 'node_modules/@arethetypeswrong/cli/dist/index.js')
  // It is a package of ES modules, which `require` loads: docs/ARCHITECTURE.md, "The package".
  const run = [attw, app.tarball, '--ignore-rules', 'cjs-resolves-to-esm', '--no-emoji', '--no-color']
  const { status, stdout } = spawnSync(process.execPath, run, { encoding: 'utf8' })
  expect(status, stdout).toBe(0)
})

/** Bundles that a page loads as they are. */
async function expectBothToTalk(
  browser: Parameters<typeof expectConversation>[0],
  folder: string,
): Promise<void> {
  for (const name of ['kit', 'web', 'required'])
    app.write(`${folder}/${name}.html`, html(moduleTag(`/${name}.js`)))
  await talk(browser, folder)
  await talk(browser, folder, 'required')
}

/** Bob's page is of this name. */
async function talk(
  browser: Parameters<typeof expectConversation>[0],
  folder: string,
  bob = 'web',
): Promise<void> {
  const server = await serveFolder(join(app.folder, folder))
  const pageOf = (name: string): string => `${server.url}${name}.html?server=${signaling.url}`
  await expectConversation(browser, pageOf('kit'), pageOf(bob))
  await server.close()
}

import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { expect, test } from 'playwright/test'

import { scriptTagLine } from '../../../scripts/script-tag-line.mjs'
import { createSignalingServer, type SignalingServer } from '../../../signaling/index.ts'
import { BareApp } from './bare-app.ts'
import { codeOf, expectConversation, expectEverything, openPage } from './conversation.ts'
import { html, webProgram } from './programs.ts'
import { serveFolder, type StaticServer } from './static-server.ts'

// The package as it is packed, on a server of another origin than the page's, as CDNs for packages are. The page has a
// policy that allows nothing else.

interface Manifest {
  readonly name: string
  readonly version: string
  readonly unpkg: string
  readonly jsdelivr: string
}

let app: BareApp
let manifest: Manifest
let cdnFolder: string
let cdn: StaticServer
let pages: string
let signaling: SignalingServer
/** All that this spec has begun, in order. */
const servers: StaticServer[] = []

test.beforeAll(async () => {
  test.setTimeout(240_000)
  app = new BareApp()
  const packed = join(app.folder, 'node_modules/rtm-mesh')
  manifest = JSON.parse(readFileSync(join(packed, 'package.json'), 'utf8')) as Manifest
  cdnFolder = mkdtempSync(join(tmpdir(), 'rtm-mesh-cdn-'))
  symlinkSync(packed, join(cdnFolder, `rtm-mesh@${manifest.version}`))
  cdn = await serve(cdnFolder, {
    'access-control-allow-origin': '*',
    'cross-origin-resource-policy': 'cross-origin',
    'cache-control': 'public, max-age=31536000, immutable',
    'x-content-type-options': 'nosniff',
  })
  pages = mkdtempSync(join(tmpdir(), 'rtm-mesh-cdn-pages-'))
  writeFileSync(join(pages, 'main.js'), webProgram(''))
  signaling = await createSignalingServer({ port: 0 })
})

test.afterAll(async () => {
  await signaling.close()
  for (const server of servers) await server.close()
  for (const folder of [pages, cdnFolder]) rmSync(folder, { recursive: true, force: true })
  app.remove()
})

async function serve(folder: string, headers: Record<string, string>): Promise<StaticServer> {
  const server = await serveFolder(folder, headers)
  servers.push(server)
  return server
}

/** Where the packed file of this name is, at the CDN. */
const fileUrl = (name: string): string => `${cdn.url}rtm-mesh@${manifest.version}/dist/${name}`

const TRUSTED_TYPES = "; require-trusted-types-for 'script'; trusted-types 'none'"

/** The address of a page with this tag and a program of its own, which may load scripts from `scripts` besides. */
async function page(tag: string, scripts: string, moreOfPolicy = ''): Promise<string> {
  const folder = mkdtempSync(join(pages, 'page-'))
  symlinkSync(join(pages, 'main.js'), join(folder, 'main.js'))
  writeFileSync(join(folder, 'index.html'), html(tag, '<script src="main.js"></script>'))
  const policy = [
    "default-src 'none'; base-uri 'none'; form-action 'none'; img-src data:",
    `script-src 'self' ${scripts}`,
    `connect-src ${new URL(signaling.url).origin.replace('http', 'ws')}`,
  ].join('; ')
  const server = await serve(folder, { 'content-security-policy': policy + moreOfPolicy })
  return `${server.url}?`
}

const wholeLine = (): string =>
  scriptTagLine(manifest, readFileSync(join(cdnFolder, `rtm-mesh@${manifest.version}`, manifest.unpkg)), {
    cdn: cdn.url,
    signaling: signaling.url,
  })

test('the package names for CDNs the file that needs no other', () => {
  expect([manifest.unpkg, manifest.jsdelivr]).toEqual(['dist/agora-rtm.full.js', 'dist/agora-rtm.full.js'])
  expect(app.packedFiles()).toContain(manifest.unpkg)
})

test('the line that a release prints works on a page whose policy names that one file, with Trusted Types', async ({
  browser,
}) => {
  const url = await page(wholeLine(), fileUrl('agora-rtm.full.js'), TRUSTED_TYPES)
  await expectConversation(browser, url)
  await expectEverything(browser, url)
  const { page: alice } = await openPage(browser, `${url}me=alice`)
  expect(await codeOf(alice)).toBe(0)
  const loaded = await alice.evaluate(() => performance.getEntriesByType('resource').map(({ name }) => name))
  const scripts = loaded.map((name) => name.split('/').at(-1)).filter((name) => name?.endsWith('.js'))
  expect(new Set(scripts)).toEqual(new Set(['agora-rtm.full.js', 'main.js']))
  await alice.context().close()
})

test('a file that is not the very one is not run', async ({ browser }) => {
  const url = await page(wholeLine(), fileUrl('agora-rtm.full.js'))
  const context = await browser.newContext()
  const alice = await context.newPage()
  await alice.route('**/agora-rtm.full.js', async (route) => {
    const response = await route.fetch()
    await route.fulfill({ response, body: `${await response.text()}\n// and more` })
  })
  await alice.goto(`${url}me=alice`)
  expect(await alice.evaluate(() => 'AgoraRTM' in window)).toBe(false)
  await context.close()
})

test('the several files come from there as well, where the policy names their folder', async ({
  browser,
}) => {
  const tag = `<script src="${fileUrl('agora-rtm.global.js')}" crossorigin data-signaling="${signaling.url}"></script>`
  await expectConversation(browser, await page(tag, fileUrl('')))
})

test('the several files are not for Trusted Types, and the log says what these ask for', async ({
  browser,
}) => {
  const tag = `<script src="${fileUrl('agora-rtm.global.js')}" crossorigin data-signaling="${signaling.url}"></script>`
  const { page: alice, complaints } = await openPage(
    browser,
    `${await page(tag, fileUrl(''), TRUSTED_TYPES)}me=alice`,
  )
  expect(await codeOf(alice)).not.toBe(0)
  expect(complaints.join('\n')).toContain('TrustedScriptURL')
  await alice.context().close()
})

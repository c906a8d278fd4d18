import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

import { expect, type Page, test } from 'playwright/test'

import { ensureBuilt, project } from '../../scripts/tools.mjs'
import { createSignalingServer, type SignalingServer } from '../../signaling/index.ts'
import { codeOf, expectConversation, expectEverything, openPage } from './packaging/conversation.ts'
import { html, webProgram } from './packaging/programs.ts'
import { serveFolder, type StaticServer } from './packaging/static-server.ts'

let folder: string
let server: StaticServer
let signaling: SignalingServer

const FIRST = 'lib/agora-rtm.global.js'

test.beforeAll(async () => {
  test.setTimeout(120_000)
  ensureBuilt()
  folder = mkdtempSync(join(tmpdir(), 'rtm-mesh-script-tag-'))
  cpSync(join(project, 'dist'), join(folder, 'lib'), { recursive: true })
  writeFileSync(join(folder, 'main.js'), webProgram(''))
  server = await serveFolder(folder)
  signaling = await createSignalingServer({ port: 0, origins: ['null', new URL(server.url).origin] })
})

test.afterAll(async () => {
  await signaling.close()
  await server.close()
  rmSync(folder, { recursive: true, force: true })
})

/** Writes a page, and says where it is on the web server; the query may be gone on with. */
function writePage(name: string, ...tags: string[]): string {
  writeFileSync(join(folder, name), html(...tags, '<script src="main.js"></script>'))
  return `${server.url}${name}?`
}

const fileUrl = (name: string): string => `${pathToFileURL(join(folder, name)).href}?`
const tag = (attributes = ''): string => `<script src="${FIRST}" ${attributes}></script>`
const named = (): string => `data-signaling="${signaling.url}"`

test('two pages from files talk, whose tag says where the server is', async ({ browser }) => {
  writePage('file.html', tag(named()))
  await expectConversation(browser, fileUrl('file.html'))
})

test('a page whose tag says nothing takes the server that the page names', async ({ browser }) => {
  const url = writePage('meta.html', `<meta name="rtm-signaling" content="${signaling.url}">`, tag())
  await expectConversation(browser, url)
})

test('the tag comes before what the page names', async ({ browser }) => {
  const url = writePage(
    'both.html',
    '<meta name="rtm-signaling" content="ws://127.0.0.1:9/rtm">',
    tag(named()),
  )
  await expectConversation(browser, url)
})

test('a page from a file that names no server is told what to write where', async ({ browser }) => {
  writePage('nowhere.html', tag())
  const { page, complaints } = await openPage(browser, `${fileUrl('nowhere.html')}me=alice`)
  // By the error, or by the console where the words come later.
  const why = await page.evaluate(async () => (await window.app)?.why)
  await expect
    .poll(() => [why, ...complaints].join('\n'))
    .toContain('write data-signaling="wss://example.org/rtm" on the script tag')
  await page.context().close()
})

test('a page whose policy allows scripts of its origin only loads all files, and says nothing of eval', async ({
  browser,
}) => {
  const policy = (sources: string): string =>
    `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src ${sources}; connect-src ws:; img-src data:">`
  await expectConversation(browser, writePage('csp.html', policy("'self'"), tag(named())))
  const withNonce = html(
    policy("'nonce-abc'"),
    tag(`${named()} nonce="abc"`),
    '<script src="main.js" nonce="abc"></script>',
  )
  writeFileSync(join(folder, 'nonce.html'), withNonce)
  await expectConversation(browser, `${server.url}nonce.html?`)
})

test('the tag may be deferred, asynchronous, a module, or made by another script', async ({ browser }) => {
  const addMain = `document.head.append(Object.assign(document.createElement('script'), { src: 'main.js' }))`
  const ways = {
    defer: [tag(`${named()} defer`), '<script src="main.js" defer></script>'],
    async: [tag(`${named()} async onload="${addMain}"`)],
    module: [tag(`${named()} type="module"`), '<script src="main.js" type="module"></script>'],
    made: [
      `<script>
        const made = document.createElement('script')
        Object.assign(made, { src: '${FIRST}', onload: () => ${addMain} })
        made.dataset.signaling = '${signaling.url}'
        document.head.append(made)
      </script>`,
    ],
  }
  for (const [way, tags] of Object.entries(ways)) {
    writeFileSync(join(folder, `${way}.html`), html(...tags))
    await test.step(way, () => expectConversation(browser, `${server.url}${way}.html?`))
  }
})

test('two tags of the library in one page do not fight: the first one stays', async ({ browser }) => {
  const note = '<script>window.first = AgoraRTM</script>'
  const url = writePage('two.html', tag(named()), note, tag('data-signaling="ws://127.0.0.1:9/rtm"'))
  await expectConversation(browser, url)
  const { page } = await openPage(browser, `${url}me=carol`)
  expect(await codeOf(page)).toBe(0)
  expect(
    await page.evaluate(() => 'first' in window && 'AgoraRTM' in window && window.first === window.AgoraRTM),
  ).toBe(true)
  expect(await requestsFor(page, 'agora-rtm.login.js')).toBe(1)
  await page.context().close()
})

test('a file that did not come at first is asked for again, and the login succeeds', async ({ browser }) => {
  const url = writePage('late.html', tag(named()))
  const context = await browser.newContext()
  const page = await context.newPage()
  let refused = 0
  await page.route('**/agora-rtm.login.js*', async (route) => {
    if (refused++ === 0) await route.abort()
    else await route.continue()
  })
  await page.goto(`${url}me=alice`)
  expect(await codeOf(page)).toBe(0)
  expect(refused).toBe(2)
  await context.close()
})

test('a file of another release is refused in words that say what to do', async ({ browser }) => {
  const url = writePage('skew.html', tag(named()))
  const context = await browser.newContext()
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('console', (message) => complaints.push(message.text()))
  await page.route('**/agora-rtm.login.js*', async (route) => {
    const body = await (await route.fetch()).text()
    await route.fulfill({
      contentType: 'text/javascript',
      body: body.replace(/build:"\w+"/, 'build:"older"'),
    })
  })
  await page.goto(`${url}me=alice`)
  expect(await codeOf(page)).not.toBe(0)
  await expect.poll(() => complaints.join('\n')).toContain('agora-rtm.login.js is of another release')
  await context.close()
})

test('attributes and invitations come by the files for them, also without WebCrypto', async ({ browser }) => {
  const url = writePage('all.html', '<script>delete Crypto.prototype.subtle</script>', tag(named()))
  await expectEverything(browser, url, async (alice) => {
    for (const file of ['login', 'documents', 'help', 'log', 'invitations', 'crypto'])
      await expect.poll(() => requestsFor(alice, `agora-rtm.${file}.js`), file).toBe(1)
  })
})

test('one file alone has everything, also for a page from a file', async ({ browser }) => {
  const alone = mkdtempSync(join(tmpdir(), 'rtm-mesh-one-file-'))
  cpSync(join(project, 'dist/agora-rtm.full.js'), join(alone, 'agora-rtm.full.js'))
  const tags = [`<script src="agora-rtm.full.js" ${named()}></script>`, `<script>${webProgram('')}</script>`]
  writeFileSync(join(alone, 'page.html'), html(...tags))
  const url = `${pathToFileURL(join(alone, 'page.html')).href}?`
  await expectEverything(browser, url)
  rmSync(alone, { recursive: true, force: true })
})

async function requestsFor(page: Page, file: string): Promise<number> {
  return page.evaluate(
    (file) => performance.getEntriesByType('resource').filter(({ name }) => name.includes(file)).length,
    file,
  )
}

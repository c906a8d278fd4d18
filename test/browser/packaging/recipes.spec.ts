import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { build } from 'esbuild'
import { type Browser, expect, type Page, test } from 'playwright/test'

import { ensureBuilt, project } from '../../../scripts/tools.mjs'
import { createSignalingServer, type SignalingServer } from '../../../signaling/index.ts'
import type { RtmClient } from '../../../src/web.ts'
import { type OpenPage, openPage } from './conversation.ts'
import { html, moduleTag } from './programs.ts'
import { serveFolder, type StaticServer } from './static-server.ts'

declare global {
  interface Window {
    recipeClient?: RtmClient
    /** Of what a recipe got from camera and microphone. */
    ownTracks: MediaStreamTrack[]
  }
}

let folder: string
let server: StaticServer
let signaling: SignalingServer

test.beforeAll(async () => {
  test.setTimeout(120_000)
  ensureBuilt()
  folder = mkdtempSync(join(tmpdir(), 'rtm-mesh-recipes-'))
  server = await serveFolder(folder)
  signaling = await createSignalingServer({ port: 0 })
})

test.afterAll(async () => {
  await signaling.close()
  await server.close()
  rmSync(folder, { recursive: true, force: true })
})

/** The program under this heading, as it is written there. */
function recipe(heading: string): string {
  const text = readFileSync(join(project, 'docs/RECIPES.md'), 'utf8')
  const [, section = ''] = text.split(`\n## ${heading}\n`)
  const [, program] = /^```ts\n([\s\S]*?)^```/m.exec(section) ?? []
  if (program === undefined) throw new Error(`There is no recipe "${heading}"`)
  return program
}

/** A page of a recipe as pasted, but for who the user is and what it does at its end. */
async function recipePage(browser: Browser, name: string, program: string): Promise<OpenPage> {
  await build({
    stdin: { contents: program, loader: 'ts', resolveDir: project },
    alias: { 'rtm-mesh/web': join(project, 'dist/web.js') },
    bundle: true,
    splitting: true,
    format: 'esm',
    target: 'es2022',
    outdir: join(folder, name),
    logLevel: 'silent',
  })
  const tags = [`<meta name="rtm-signaling" content="${signaling.url}">`, moduleTag('stdin.js')]
  writeFileSync(join(folder, name, 'index.html'), html(...tags))
  const context = await browser.newContext()
  await context.addInitScript(pretendCamera)
  const opened = await openPage(browser, `${server.url}${name}/index.html`, context)
  await opened.page.waitForFunction(() => window.recipeClient !== undefined)
  return opened
}

/** A picture that changes, and a tone, as this machine need have neither camera nor microphone. */
function pretendCamera(): void {
  window.ownTracks = []
  navigator.mediaDevices.getUserMedia = () => {
    const canvas = document.createElement('canvas')
    const drawing = canvas.getContext('2d')
    const draw = (time: number): void => {
      drawing?.fillRect(0, 0, time % canvas.width, canvas.height)
      requestAnimationFrame(draw)
    }
    requestAnimationFrame(draw)
    const sound = new AudioContext().createMediaStreamDestination()
    const tracks = [...canvas.captureStream().getTracks(), ...sound.stream.getTracks()]
    window.ownTracks.push(...tracks)
    return Promise.resolve(new MediaStream(tracks))
  }
}

const isPlaying = (page: Page): Promise<boolean> =>
  page.evaluate(() => (document.querySelector('video')?.currentTime ?? 0) > 0)

const leftOver = (page: Page) =>
  page.evaluate(() => ({
    listeners: window.recipeClient?.listenerCount('MessageFromPeer'),
    tracks: window.ownTracks.filter(({ readyState }) => readyState === 'live').length,
    places: document.querySelectorAll('figure').length,
  }))

test('the recipe for a call plays what the other sends, and a call that is over leaves nothing behind for the next', async ({
  browser,
}) => {
  const program = recipe('A call with your own media')
  const asPasted = (name: string): string => {
    const changed = program
      .replace(`await client.login({ uid: 'alice' })`, `await client.login({ uid: '${name}' })`)
      .replace(`\ncall('bob')`, `\nObject.assign(window, { recipeClient: client, call })`)
    expect(changed).toContain('recipeClient')
    return changed
  }
  const opened = [
    await recipePage(browser, 'alice', asPasted('alice')),
    await recipePage(browser, 'bob', asPasted('bob')),
  ] as const
  const [alice, bob] = [opened[0].page, opened[1].page]
  for (const page of [alice, bob]) page.on('dialog', (dialog) => void dialog.accept())
  for (const [caller, callee, other] of [
    [alice, 'bob', bob],
    [bob, 'alice', alice],
  ] as const) {
    await caller.evaluate(
      (peerId) => (Reflect.get(window, 'call') as (peerId: string) => void)(peerId),
      callee,
    )
    for (const page of [caller, other]) await expect.poll(() => isPlaying(page)).toBe(true)
    expect(await leftOver(other)).toEqual({ listeners: 1, tracks: 2, places: 1 })
    await other.getByRole('button', { name: 'Hang up' }).click()
    for (const page of [caller, other])
      await expect.poll(() => leftOver(page)).toEqual({ listeners: 0, tracks: 0, places: 0 })
  }
  for (const { page, complaints } of opened) {
    expect(complaints).toEqual([])
    await page.context().close()
  }
})

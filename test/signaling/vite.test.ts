import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { createLogger, createServer, type InlineConfig, preview } from 'vite'
import { WebSocket } from 'ws'

import { noLog } from '../support/no-log.ts'
import rtmMesh from '../../signaling/vite.ts'
import { createIdentity, TestPage } from './client.ts'

let root: string

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'rtm-mesh-vite-'))
  await writeFile(join(root, 'index.html'), '<p>hello</p>')
  await mkdir(join(root, 'dist'))
})

afterAll(() => rm(root, { recursive: true }))

function config(more: InlineConfig = {}): InlineConfig {
  return {
    root,
    configFile: false,
    logLevel: 'silent',
    plugins: [rtmMesh({ log: noLog })],
    server: { port: 0, host: '127.0.0.1' },
    preview: { port: 0, host: '127.0.0.1' },
    ...more,
  }
}

function urlOf({ resolvedUrls }: { resolvedUrls: { local: string[] } | null }): string {
  return resolvedUrls?.local[0] ?? ''
}

async function logIn(pageUrl: string): Promise<TestPage> {
  const page = new TestPage(`${pageUrl.replace('http', 'ws')}rtm`, await createIdentity('alice'))
  await page.logIn()
  return page
}

describe('the Vite plugin', () => {
  it('serves signaling beside the pages and the hot updates of a dev server, and ends with it', async () => {
    const vite = await (await createServer(config())).listen()
    onTestFinished(() => vite.close())
    const url = urlOf(vite)
    const alice = await logIn(url)
    expect(await (await fetch(url)).text()).toContain('hello')

    const token = vite.config.webSocketToken
    const updates = new WebSocket(`${url.replace('http', 'ws')}?token=${token}`, 'vite-hmr')
    const [greeting] = (await once(updates, 'message')) as [Buffer]
    expect(JSON.parse(greeting.toString())).toEqual({ type: 'connected' })
    await vite.close()
    await alice.closed
  })

  it('goes on after a restart of the dev server', async () => {
    const vite = await (await createServer(config())).listen()
    onTestFinished(() => vite.close())
    const alice = await logIn(urlOf(vite))
    await vite.restart()
    await alice.closed
    await logIn(urlOf(vite))
  })

  it('serves signaling in a preview server too', async () => {
    const vite = await preview(config())
    onTestFinished(() => vite.close())
    const alice = await logIn(urlOf(vite))
    await vite.close()
    await alice.closed
  })

  it('says in middleware mode what to do instead, and lets Vite go on', async () => {
    const warnings: string[] = []
    const customLogger = { ...createLogger('silent'), warn: (text: string) => void warnings.push(text) }
    const vite = await createServer(config({ customLogger, server: { middlewareMode: true, ws: false } }))
    onTestFinished(() => vite.close())
    expect(warnings).toEqual([expect.stringMatching(/createSignalingServer\(\{ server \}\)/)])
  })

  it('has a name', () => {
    expect(rtmMesh().name).toBe('rtm-mesh')
  })
})

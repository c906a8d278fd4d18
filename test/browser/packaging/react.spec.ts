import { join } from 'node:path'

import { build } from 'esbuild'
import { type BrowserContext, expect, type Page, test } from 'playwright/test'

import { project } from '../../../scripts/tools.mjs'
import { createSignalingServer, type SignalingServer } from '../../../signaling/index.ts'
import { BareApp } from './bare-app.ts'
import { html, moduleTag } from './programs.ts'
import { serveFolder, type StaticServer } from './static-server.ts'

// In development React's strict mode makes each component, destroys it and makes it again. What a component began has to
// end with it: nothing of the first one may be left, and nothing at all when the second one is gone.

interface OpenThings {
  timers: number
  sockets: number
  links: number
  broadcasts: number
}

declare global {
  interface Window {
    openThings(): OpenThings
    mount(): void
    unmount(): void
    heard: string[]
  }
}

const NOTHING: OpenThings = { timers: 0, sockets: 0, links: 0, broadcasts: 0 }
/** simple-peer does not cancel its wait for the end of gathering, 5 s; it ends by itself. */
const ENDS_WITHIN_MS = 10_000
/** As long as an offer that nobody needed is kept, and as above. */
const SPARE_ENDS_WITHIN_MS = 16_000

/** What both programs have in common; the effect says `hear` to what it hears and gives back its end. */
const program = (imports: string, effect: string): string => `
import { createElement, StrictMode, useEffect, useState } from 'react'
import { createRoot } from 'react-dom/client'
${imports}

const query = new URLSearchParams(location.search)
const [me, server, appId] = [query.get('me'), query.get('server'), '0123456789abcdef0123456789abcdef']
window.heard = []
const hear = (text) => window.heard.push(text)

function Chat() {
  useEffect(() => {
    ${effect}
  }, [])
  return null
}

let root
window.mount = () => {
  root = createRoot(document.body)
  root.render(createElement(StrictMode, null, createElement(Chat)))
}
window.unmount = () => root.unmount()
`

const programs = {
  web: program(
    `import AgoraRTM from 'rtm-mesh/web'`,
    `const client = AgoraRTM.createInstance(appId, { signaling: [server], iceServers: [] })
    const channel = client.createChannel('lobby')
    channel.on('ChannelMessage', ({ text }, from) => hear(from + ': ' + text))
    const start = async () => {
      await client.login({ uid: me })
      await channel.join()
      hear('joined')
      channel.on('MemberJoined', () => channel.sendMessage({ text: 'welcome' }))
    }
    // Destroyed meanwhile.
    start().catch(() => undefined)
    return () => void client.logout().catch(() => undefined)`,
  ),
  kit: program(
    `import { AgoraRtmKit, AgoraRtmMessage } from 'rtm-mesh'`,
    `AgoraRtmKit.setRtmServiceContext({ signaling: [server], iceServers: [] })
    const kit = AgoraRtmKit.initWithAppId(appId)
    const start = async () => {
      if ((await kit.loginByToken(null, me)) !== 0) return
      const channel = kit.createChannelWithId('lobby', {
        messageReceived: (_, { text }, { userId }) => hear(userId + ': ' + text),
        memberJoined: () => channel.sendMessage(AgoraRtmMessage.initWithText('welcome')),
      })
      if ((await channel.joinWithCompletion()) === 0) hear('joined')
    }
    void start()
    return () => kit.destroy()`,
  ),
}

let app: BareApp
let server: StaticServer
let signaling: SignalingServer

test.beforeAll(async () => {
  test.setTimeout(240_000)
  app = new BareApp()
  signaling = await createSignalingServer({ port: 0 })
  for (const [face, text] of Object.entries(programs)) {
    app.write(`react-${face}.js`, text)
    app.write(`${face}.html`, html(moduleTag(`/by-esbuild/react-${face}.js`)))
  }
  await build({
    absWorkingDir: app.folder,
    entryPoints: Object.keys(programs).map((face) => `react-${face}.js`),
    outdir: 'by-esbuild',
    bundle: true,
    splitting: true,
    format: 'esm',
    // Strict mode does this in development only.
    define: { 'process.env.NODE_ENV': '"development"' },
    nodePaths: [join(project, 'node_modules')],
  })
  server = await serveFolder(app.folder)
})

test.afterAll(async () => {
  await server.close()
  await signaling.close()
  app.remove()
})

for (const face of Object.keys(programs))
  test(`components of React's strict mode leave nothing of ${face} behind, and come back`, async ({
    browser,
  }) => {
    const [aliceBrowser, bobBrowser] = [await browser.newContext(), await browser.newContext()]
    const alice = await openPage(aliceBrowser, `${face}.html?me=alice&server=${signaling.url}`)
    const bob = await openPage(bobBrowser, `${face}.html?me=bob&server=${signaling.url}`)
    for (const _ of ['the first time', 'and again']) {
      await alice.evaluate(() => window.mount())
      await expect.poll(() => heardBy(alice)).toContain('joined')
      await bob.evaluate(() => window.mount())
      await expect.poll(() => heardBy(bob)).toContain('alice: welcome')
      // Of the first component there is nothing left; what is made ahead for a first link is closed in time.
      await expect
        .poll(() => bob.evaluate(() => window.openThings()), { timeout: SPARE_ENDS_WITHIN_MS })
        .toMatchObject({ sockets: 1, links: 1 })
      for (const page of [alice, bob]) {
        await page.evaluate(() => {
          window.unmount()
          window.heard.length = 0
        })
        await expect
          .poll(() => page.evaluate(() => window.openThings()), { timeout: ENDS_WITHIN_MS })
          .toEqual(NOTHING)
      }
    }
    await aliceBrowser.close()
    await bobBrowser.close()
  })

const heardBy = (page: Page): Promise<string[]> => page.evaluate(() => window.heard)

async function openPage(context: BrowserContext, path: string): Promise<Page> {
  const page = await context.newPage()
  page.on('pageerror', (error) => {
    throw error
  })
  await page.addInitScript(countOpenThings)
  await page.goto(`${server.url}${path}`)
  return page
}

/** Runs in the page before everything else: counts what has been begun and not ended. */
function countOpenThings(): void {
  const timers = new Set<number>()
  const set = window.setTimeout.bind(window)
  const clear = window.clearTimeout.bind(window)
  window.setTimeout = ((run: () => void, ms?: number) => {
    const id = set(() => {
      timers.delete(id)
      run()
    }, ms)
    timers.add(id)
    return id
  }) as typeof window.setTimeout
  window.clearTimeout = (id) => {
    timers.delete(Number(id))
    clear(id)
  }
  const [every, endEvery] = [window.setInterval.bind(window), window.clearInterval.bind(window)]
  window.setInterval = ((run: () => void, ms?: number) => {
    const id = every(run, ms)
    timers.add(id)
    return id
  }) as typeof window.setInterval
  window.clearInterval = (id) => {
    timers.delete(Number(id))
    endEvery(id)
  }

  const sockets: WebSocket[] = []
  window.WebSocket = class extends WebSocket {
    constructor(...args: ConstructorParameters<typeof WebSocket>) {
      super(...args)
      sockets.push(this)
    }
  }
  const links: RTCPeerConnection[] = []
  window.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(...args: ConstructorParameters<typeof RTCPeerConnection>) {
      super(...args)
      links.push(this)
    }
  }
  const broadcasts = new Set<BroadcastChannel>()
  window.BroadcastChannel = class extends BroadcastChannel {
    constructor(name: string) {
      super(name)
      broadcasts.add(this)
    }
    override close(): void {
      broadcasts.delete(this)
      super.close()
    }
  }
  window.openThings = () => ({
    timers: timers.size,
    sockets: sockets.filter(({ readyState }) => readyState !== WebSocket.CLOSED).length,
    links: links.filter(({ connectionState }) => connectionState !== 'closed').length,
    broadcasts: broadcasts.size,
  })
}

import { readFileSync } from 'node:fs'
import { join as pathTo } from 'node:path'

import { type BrowserContext, type Browser, type Page, test as base } from 'playwright/test'
import { createServer, type Plugin, type ViteDevServer } from 'vite'

import { ensureBuilt, project } from '../../../scripts/tools.mjs'
import { createSignalingServer, type SignalingServer } from '../../../signaling/index.ts'

export { expect } from 'playwright/test'

/** 32 characters; users of one test meet nobody of another as each test has a signaling server of its own. */
export const APP_ID = '0123456789abcdef0123456789abcdef'

/** A signaling server, and pages with users who know it. */
export class World {
  private readonly contexts: BrowserContext[] = []
  private readonly others: World[] = []
  private readonly waitingForPing = new Map<Page, () => void>()
  /** WebSocket messages between pages and server, but for its pings. */
  readonly serverMessages: { type: string; from: 'client' | 'server'; to?: string }[] = []

  constructor(
    private readonly browser: Browser,
    private readonly pageUrl: string,
    readonly signaling: SignalingServer,
  ) {}

  /** Another server, with other pages, for what takes long and can happen at the same time. */
  async another(): Promise<World> {
    const signaling = await createSignalingServer({ port: 0, secret: 'the secret of the tests' })
    const other = new World(this.browser, this.pageUrl, signaling)
    this.others.push(other)
    return other
  }

  /** Users who are in #room and linked to each other, without rate limits, each on a page of its own. */
  async inRoom<const Names extends readonly string[]>(
    ...names: Names
  ): Promise<{ [Index in keyof Names]: Page }> {
    const pages: Page[] = []
    for (const name of names) {
      const page = await this.login(name)
      await join(page)
      pages.push(page)
    }
    await linked(names, pages)
    return pages as { [Index in keyof Names]: Page }
  }

  /** A page with the kit loaded, in a browser context of its own. */
  async page(url = this.pageUrl): Promise<Page> {
    const context = await this.browser.newContext()
    this.contexts.push(context)
    return this.pageIn(context, url)
  }

  async pageIn(context: BrowserContext, url = this.pageUrl): Promise<Page> {
    const page = await context.newPage()
    await page.addInitScript(countConnections)
    page.on('websocket', (socket) => {
      socket.on('framesent', ({ payload }) => this.note(page, 'client', payload))
      socket.on('framereceived', ({ payload }) => this.note(page, 'server', payload))
    })
    page.on('pageerror', (error) => {
      throw error
    })
    await page.goto(url)
    await this.loaded(page)
    return page
  }

  /** A browser context in which tabs are opened by hand, and the address of the page with the kit. */
  async browserOfOneUser(): Promise<{ context: BrowserContext; url: string }> {
    const context = await this.browser.newContext()
    this.contexts.push(context)
    await context.addInitScript(countConnections)
    return { context, url: this.pageUrl }
  }

  /** The same browser as before, and nothing left of the page but what it keeps there. */
  async reload(page: Page): Promise<void> {
    await page.reload()
    await this.loaded(page)
  }

  /** A page whose `user` is logged in under this name, without rate limits unless they are asked for. */
  async login(name: string, options: { rateLimits?: boolean } = { rateLimits: false }): Promise<Page> {
    const page = await this.page()
    await logIn(page, name, options)
    return page
  }

  /** As the server counts them; every one that a page sends must reach somebody. */
  get relayedSignals(): number {
    const { relayedSignals, undeliverableSignals } = this.signaling.stats()
    if (undeliverableSignals > 0) throw new Error(`${undeliverableSignals} signals were undeliverable`)
    return relayedSignals
  }

  async close(): Promise<void> {
    for (const other of this.others) await other.close()
    for (const context of this.contexts) await context.close()
    await this.signaling.close()
  }

  /** The server's next question whether this page is there: one every 5 s, all that is said when nothing changes. */
  nextPing(page: Page): Promise<void> {
    return new Promise((resolve) => this.waitingForPing.set(page, resolve))
  }

  /** The page that is being loaded has the kit, and knows the server. */
  async loaded(page: Page): Promise<void> {
    await page.waitForFunction(() => 'rtm' in window)
    await page.evaluate((signalingUrl) => {
      window.rtm.AgoraRtmKit.setRtmServiceContext({ signaling: [signalingUrl], iceServers: [] })
    }, this.signaling.url)
  }

  private note(page: Page, from: 'client' | 'server', payload: string | Buffer): void {
    const message: { type: string } = JSON.parse(payload.toString())
    if (message.type === 'ping') this.waitingForPing.get(page)?.()
    if (message.type !== 'ping' && message.type !== 'pong') this.serverMessages.push({ ...message, from })
  }
}

/** A page of whichever browser: tests run code in it. */
export type Tab = Pick<Page, 'evaluate'>

/** Makes `page.user` and logs it in. */
export async function logIn(page: Tab, name: string, options: { rateLimits?: boolean } = {}): Promise<void> {
  const code = await page.evaluate(
    ([appId, userId, userOptions]) => {
      window.user = new window.TestUser(appId, userOptions)
      return window.user.login(userId)
    },
    [APP_ID, name, options] as const,
  )
  if (code !== 0) throw new Error(`${name} could not log in: ${code}`)
}

export async function join(page: Tab): Promise<void> {
  const code = await page.evaluate(() => window.user.join('room'))
  if (code !== 0) throw new Error(`A page could not join: ${code}`)
}

/** Until each of these users, who are on these pages, is linked to all the others. */
export async function linked(names: readonly string[], pages: readonly Tab[]): Promise<void> {
  for (const [i, page] of pages.entries()) {
    const others = names.filter((_, j) => j !== i)
    await page.evaluate((userIds) => window.user.untilLinked(userIds), others)
  }
}

/** The page's process dies; nothing runs in it any more, no `pagehide` either. */
export async function crash(page: Page): Promise<void> {
  const crashed = page.waitForEvent('crash')
  const cdp = await page.context().newCDPSession(page)
  // A dead page does not answer that it died.
  void cdp.send('Page.crash').catch(() => undefined)
  await crashed
}

/** Those that are made ahead, and that nobody has answered yet, are left out. */
export function countConnections(): void {
  const connections: RTCPeerConnection[] = []
  window.connectionCount = 0
  window.openConnections = () => connections.filter(({ connectionState }) => connectionState !== 'closed')
  window.RTCPeerConnection = class extends RTCPeerConnection {
    override setRemoteDescription(description: RTCSessionDescriptionInit): Promise<void> {
      if (!connections.includes(this)) {
        connections.push(this)
        window.connectionCount += 1
      }
      return super.setRemoteDescription(description)
    }
  }
}

/** What pages use: the sources, or what the build makes of them, with its own files and short names. */
export type Library = 'src' | 'dist'

export const test = base.extend<{ world: World }, { library: Library; testPages: ViteDevServer }>({
  library: ['src', { option: true, scope: 'worker' }],

  testPages: [
    async ({ library }, use) => {
      if (library === 'dist') ensureBuilt()
      const server = await createServer({
        configFile: false,
        root: new URL('../page/', import.meta.url).pathname,
        plugins: [scriptTagFiles, ...(library === 'dist' ? [builtLibrary] : [])],
        // Without Vite's own WebSocket, which a frozen page loses: its client then reloads the page.
        server: { host: '127.0.0.1', port: 0, hmr: false, ws: false, fs: { strict: false } },
        cacheDir: new URL(`../../../node_modules/.vite-test-pages-${library}`, import.meta.url).pathname,
        logLevel: 'warn',
      })
      await server.listen()
      await use(server)
      await server.close()
    },
    { scope: 'worker' },
  ],

  world: async ({ browser, testPages }, use) => {
    const signaling = await createSignalingServer({ port: 0, secret: 'the secret of the tests' })
    const world = new World(browser, testPages.resolvedUrls?.local[0] ?? '', signaling)
    await use(world)
    await world.close()
  },
})

/** Where pages get the files of the script tag. */
export const SCRIPT_TAG_PATH = '/script-tag/'

/** As a web server has them, for tests that have built them: Vite would take them for sources. */
const scriptTagFiles: Plugin = {
  name: 'script-tag-files',
  configureServer: ({ middlewares }) => {
    middlewares.use(SCRIPT_TAG_PATH, (request, response) => {
      const { pathname } = new URL(request.url ?? '/', 'http://localhost')
      response.setHeader('Content-Type', 'text/javascript')
      response.end(readFileSync(pathTo(project, 'dist', pathname.split('/').at(-1) ?? '')))
    })
  },
}

/** Gives pages that import an entry of the library's source the file that packages have. */
const builtLibrary: Plugin = {
  name: 'built-library',
  enforce: 'pre',
  resolveId(source) {
    const [, name] = /\/src\/(index|web)\.ts$/.exec(source) ?? []
    if (name === undefined) return undefined
    const file = name === 'index' ? 'rtm-mesh.js' : 'web.js'
    return new URL(`../../../dist/${file}`, import.meta.url).pathname
  },
}

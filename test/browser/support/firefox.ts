import { once } from 'node:events'

import type { Page as ChromiumPage } from 'playwright/test'
import puppeteer, { type Browser, type BrowserContext, type Page } from 'puppeteer-core'

import { FIREFOX_VARIABLE } from '../../../scripts/find-firefox.mjs'
import { test as withServer } from './mortal-server.ts'
import { countConnections, logIn, type Tab } from './world.ts'

const UNCAUGHT = 'uncaught in a test page: '

/** A page in Firefox. */
export class FirefoxTab implements Tab {
  readonly evaluate: ChromiumPage['evaluate']

  constructor(
    private readonly page: Page,
    private readonly signalingUrl: string,
  ) {
    const evaluate = (code: (argument?: unknown) => unknown, argument?: unknown): Promise<unknown> =>
      page.evaluate(code, argument)
    this.evaluate = evaluate as ChromiumPage['evaluate']
  }

  /** Until the page that is being loaded has the kit, and knows the server. */
  async loaded(): Promise<void> {
    await this.page.waitForFunction(() => 'rtm' in window)
    await this.evaluate((url) => {
      window.rtm.AgoraRtmKit.setRtmServiceContext({ signaling: [url], iceServers: [] })
    }, this.signalingUrl)
  }

  async goto(url: string): Promise<void> {
    await this.page.goto(url)
  }

  async back(): Promise<void> {
    await this.page.goBack()
  }

  async reload(): Promise<void> {
    await this.page.reload()
    await this.loaded()
  }

  async close(): Promise<void> {
    await this.page.close()
  }
}

/** Firefox, with pages whose kit knows the test's server. */
export class Firefox {
  private readonly contexts: BrowserContext[] = []
  /** What pages did not catch. */
  private readonly errors: string[] = []

  constructor(
    private readonly browser: Browser,
    readonly pageUrl: string,
    private readonly signalingUrl: string,
  ) {}

  /** As if it belonged to another person: a context of its own has a storage and channels of its own. */
  async context(): Promise<BrowserContext> {
    const context = await this.browser.createBrowserContext()
    this.contexts.push(context)
    return context
  }

  async page(context?: BrowserContext): Promise<FirefoxTab> {
    const page = await (context ?? (await this.context())).newPage()
    // Not `pageerror`: Firefox reports there, too, that a server is not to be reached.
    page.on('console', (line) => void (line.text().startsWith(UNCAUGHT) && this.errors.push(line.text())))
    await page.evaluateOnNewDocument(tellUncaught, UNCAUGHT)
    await page.evaluateOnNewDocument(countConnections)
    await page.goto(this.pageUrl)
    const tab = new FirefoxTab(page, this.signalingUrl)
    await tab.loaded()
    return tab
  }

  /** A page whose `user` is logged in under this name, without rate limits. */
  async login(name: string, context?: BrowserContext): Promise<FirefoxTab> {
    const tab = await this.page(context)
    await logIn(tab, name, { rateLimits: false })
    return tab
  }

  /** Fails if a page did not catch something. */
  async close(): Promise<void> {
    for (const context of this.contexts) await context.close()
    if (this.errors.length > 0) throw new Error(`Pages in Firefox have thrown: ${this.errors.join()}`)
  }
}

function tellUncaught(prefix: string): void {
  addEventListener('error', ({ message }) => console.error(prefix + message))
  addEventListener('unhandledrejection', ({ reason }) => console.error(prefix + String(reason)))
}

/** A Firefox as its makers built it, with a profile of its own. */
export function startFirefox(): Promise<Browser> {
  const executablePath = process.env[FIREFOX_VARIABLE]
  if (executablePath === undefined) throw new Error(`${FIREFOX_VARIABLE} names no Firefox`)
  return puppeteer.launch({ browser: 'firefox', executablePath, headless: true })
}

/** All its processes end at once; nothing runs in its pages any more, no `pagehide` either. */
export async function kill(browser: Browser): Promise<void> {
  const firefox = browser.process()
  if (firefox?.pid === undefined) throw new Error('This Firefox is not ours to kill')
  const ended = once(firefox, 'exit')
  // It leads a group of its own, in which are the processes of its pages.
  process.kill(-firefox.pid, 'SIGKILL')
  await ended
}

/** A world whose server can be killed, with a Firefox beside Chromium. */
export const test = withServer.extend<{ firefox: Firefox }, { firefoxBrowser: Browser }>({
  firefoxBrowser: [
    async ({}, use) => {
      const browser = await startFirefox()
      await use(browser)
      await browser.close()
    },
    { scope: 'worker' },
  ],

  firefox: async ({ firefoxBrowser, testPages, world }, use) => {
    const firefox = new Firefox(firefoxBrowser, testPages.resolvedUrls?.local[0] ?? '', world.signaling.url)
    await use(firefox)
    await firefox.close()
  },
})

import { once } from 'node:events'
import { createServer } from 'node:net'

import { type BrowserContext, chromium, type LaunchOptions, type Page } from 'playwright/test'

export interface FreezableBrowser {
  readonly context: BrowserContext
  close(): Promise<void>
}

/**
 * A browser of its own whose pages can be frozen. Pages that Playwright has made count as looked at for ever, and a
 * page that is looked at is not frozen; in the context that a browser begins with Playwright can be told not to do so.
 */
export async function freezableBrowser({ args = [], ...options }: LaunchOptions): Promise<FreezableBrowser> {
  const port = await freePort()
  const browser = await chromium.launch({ ...options, args: [...args, `--remote-debugging-port=${port}`] })
  const client = await chromium.connectOverCDP(`http://127.0.0.1:${port}`, { noDefaults: true })
  const [context] = client.contexts()
  if (!context) throw new Error('The browser has no context to begin with')
  return {
    context,
    async close() {
      await client.close()
      await browser.close()
    },
  }
}

/** Nothing runs in a frozen page: no timer, no message, no event. Returns what lets it run again. */
export async function freeze(page: Page): Promise<() => Promise<void>> {
  const devTools = await page.context().newCDPSession(page)
  await devTools.send('Page.setWebLifecycleState', { state: 'frozen' })
  return async () => {
    await devTools.send('Page.setWebLifecycleState', { state: 'active' })
    await devTools.detach()
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (typeof address !== 'object' || address === null) throw new Error('No port is free')
  return address.port
}

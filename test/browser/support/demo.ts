import { type BrowserContext, expect, type Locator, type Page, test as base } from 'playwright/test'
import { createServer, type ViteDevServer } from 'vite'

const demoFolder = new URL('../../../demo/', import.meta.url).pathname

/** The demo as `npm start` serves it, with its signaling server, on a port of its own. */
export function serveDemo(workerIndex: number, port = 0): Promise<ViteDevServer> {
  return createServer({
    root: demoFolder,
    configFile: `${demoFolder}vite.config.ts`,
    // Open pages are watched for a server that comes back; reloading them is not what is tested.
    server: { host: '0.0.0.0', port, strictPort: port !== 0, open: false, hmr: false },
    cacheDir: new URL(`../../../node_modules/.vite-test-demo-${workerIndex}`, import.meta.url).pathname,
    logLevel: 'error',
  }).then((server) => server.listen())
}

export const portOf = (server: ViteDevServer): number => {
  const address = server.httpServer?.address()
  if (typeof address !== 'object' || address === null) throw new Error('The demo is not served on a port')
  return address.port
}

interface Visit {
  /** Through the door into the channel. */
  enter: (name: string, options?: Options) => Promise<Page>
  /** Only as far as the door. */
  arrive: (options?: Options) => Promise<Page>
}
interface Options {
  channel?: string
  host?: string
  width?: number
  height?: number
  colorScheme?: 'light' | 'dark'
  hasTouch?: boolean
}

export const test = base.extend<{ demo: Visit }, { server: { now: ViteDevServer } }>({
  server: [
    async ({ browser }, use, { workerIndex }) => {
      const server = { now: await serveDemo(workerIndex) }
      // Vite finds dependencies at the first visit, and may reload the page for them: let that be over.
      const page = await browser.newPage()
      await page.goto(`http://localhost:${portOf(server.now)}/`)
      await expect(page.getByLabel('Your name')).not.toHaveValue('')
      await page.waitForLoadState('networkidle')
      await page.close()
      await use(server)
      await server.now.close()
    },
    { scope: 'worker' },
  ],

  demo: async ({ browser, server }, use, { testId }) => {
    const contexts: BrowserContext[] = []
    const complaints: string[] = []

    const arrive: Visit['arrive'] = async (options = {}) => {
      const { channel = testId, host = 'localhost', width = 1280, height = 800 } = options
      const context = await browser.newContext({
        viewport: { width, height },
        colorScheme: options.colorScheme ?? 'light',
        hasTouch: options.hasTouch ?? false,
      })
      contexts.push(context)
      const page = await context.newPage()
      const own = new Set(['localhost', host].map((name) => `${name}:${portOf(server.now)}`))
      page.on('request', (request) => {
        const url = new URL(request.url())
        if (url.protocol.startsWith('http') && !own.has(url.host))
          complaints.push(`external request: ${url.href}`)
      })
      page.on('websocket', (socket) => {
        if (!own.has(new URL(socket.url()).host)) complaints.push(`external socket: ${socket.url()}`)
      })
      page.on('pageerror', (error) => complaints.push(`uncaught: ${error.message}`))
      page.on('console', (message) => {
        // While the server is away on purpose: the kit's attempts to come back, and what Vite's own client says.
        const isExpected =
          message.text().includes('ERR_CONNECTION_REFUSED') || message.location().url.includes('/@vite/')
        if (message.type() === 'error' && !isExpected) complaints.push(`console: ${message.text()}`)
      })
      await page.goto(`http://${host}:${portOf(server.now)}/#${channel}`)
      await expect(page.getByLabel('Your name')).not.toHaveValue('')
      return page
    }

    const enter: Visit['enter'] = async (name, options) => {
      const page = await arrive(options)
      await page.getByLabel('Your name').fill(name)
      await page.getByRole('button', { name: 'Join' }).click()
      await expect(page.getByText('Connected', { exact: true })).toBeVisible({ timeout: 15_000 })
      return page
    }

    await use({ arrive, enter })
    for (const context of contexts) await context.close()
    expect(complaints).toEqual([])
  },
})

export const people = (page: Page): Locator => page.getByRole('navigation', { name: 'Conversations' })
export const person = (page: Page, name: string): Locator => people(page).getByRole('button', { name })
export const log = (page: Page): Locator => page.getByRole('log', { name: 'Messages' })
export const topic = (page: Page): Locator => page.getByRole('button', { name: /^Topic, press to change/ })

export async function say(page: Page, text: string): Promise<void> {
  const line = page.getByRole('textbox', { name: /^Message / })
  await line.fill(text)
  await line.press('Enter')
}

export async function attach(page: Page, name: string, mimeType: string, buffer: Buffer): Promise<void> {
  await page.locator('#composer-file').setInputFiles({ name, mimeType, buffer })
}

/** A picture as a browser writes it; with noise it is large. */
export async function drawn(
  page: Page,
  type: 'image/png' | 'image/jpeg',
  width: number,
  height: number,
): Promise<Buffer> {
  const base64 = await page.evaluate(
    ([mimeType, w, h]) => {
      const canvas = document.createElement('canvas')
      canvas.width = w
      canvas.height = h
      const pen = canvas.getContext('2d')
      if (!pen) throw new Error('no canvas')
      for (let y = 0; y < h; y += 4) {
        for (let x = 0; x < w; x += 4) {
          const step = w > 1000 ? ((x * 7919 + y * 104_729) % 97) * 2 : 0
          pen.fillStyle = `rgb(${(x / w) * 200} ${(y / h) * 200} ${step})`
          pen.fillRect(x, y, 4, 4)
        }
      }
      return canvas.toDataURL(mimeType, 0.9).split(',')[1] ?? ''
    },
    [type, width, height] as const,
  )
  return Buffer.from(base64, 'base64')
}

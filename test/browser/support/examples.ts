import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright/test'
import { createServer, type Plugin, type ViteDevServer } from 'vite'

import { project } from '../../../scripts/tools.mjs'
import rtmMesh from '../../../signaling/vite.ts'

/** examples/ on a dev server with a signaling server inside, the package under its own names. */
export async function serveExamples(): Promise<ViteDevServer> {
  const server = await createServer({
    configFile: false,
    root: project,
    plugins: [builtFiles, rtmMesh({ secret: 'the secret of the tests' })],
    resolve: {
      alias: {
        'rtm-mesh/web': join(project, 'src/web.ts'),
        'rtm-mesh': join(project, 'src/index.ts'),
      },
    },
    // Found now and not while a page is there, which would be loaded anew then.
    optimizeDeps: { entries: ['examples/*/index.html', 'examples/*/main.ts*'] },
    server: { host: '127.0.0.1', port: 0, hmr: false },
    cacheDir: join(project, 'node_modules/.vite-examples'),
    logLevel: 'warn',
  })
  await server.listen()
  return server
}

/** The script tag's files as a web server has them: Vite would take them for sources. */
const builtFiles: Plugin = {
  name: 'built-files',
  configureServer: ({ middlewares }) => {
    middlewares.use('/dist', (request, response) => {
      const { pathname } = new URL(request.url ?? '/', 'http://localhost')
      response.setHeader('Content-Type', 'text/javascript')
      response.end(readFileSync(join(project, 'dist', pathname.split('/').at(-1) ?? '')))
    })
  },
}

/** A page with one of the examples, in a browser of its own, whose user has logged in. */
export async function openExample(
  browser: Browser,
  server: ViteDevServer,
  name: string,
  userId: string,
): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } })
  const page = await context.newPage()
  page.on('pageerror', (error) => {
    throw error
  })
  await page.goto(`${server.resolvedUrls?.local[0] ?? ''}examples/${name}/index.html`)
  await page.getByLabel('Your name').fill(userId)
  await page.getByRole('button', { name: 'Log in' }).click()
  await page.getByLabel('Who is here').getByText(userId, { exact: true }).waitFor()
  return page
}

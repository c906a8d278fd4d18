import { execFileSync } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { type Browser, type BrowserContext, chromium } from 'playwright/test'

/** A network namespace of its own, with nothing but loopback in it: for root as it is, for others as root of a user namespace. */
export const NAMESPACE = process.getuid?.() === 0 ? ['-n'] : ['-r', '-n']
/** How `nsenter` gets into one that exists. */
export const ENTERED = process.getuid?.() === 0 ? ['-n'] : ['-U', '-n', '--preserve-credentials']
const ONLY_LOOPBACK = 'ip link set lo up && exec "$0" "$@"'

/** Why this machine cannot have a browser without a network; undefined if it can. */
export function whyNotIsolated(): string | undefined {
  try {
    execFileSync('unshare', [...NAMESPACE, 'sh', '-c', ONLY_LOOPBACK, 'true'], { stdio: 'pipe' })
    return undefined
  } catch (error) {
    return `no network namespace can be made here: ${error instanceof Error ? error.message.trim() : String(error)}`
  }
}

export interface IsolatedBrowser {
  readonly browser: Browser
  close(): Promise<void>
}

interface LaunchOptions {
  readonly executablePath: string
  readonly args: string[]
}

/** A browser that has no network interface but loopback, and nothing on that. */
export function isolatedBrowser(options: LaunchOptions): Promise<IsolatedBrowser> {
  return launchThrough(['unshare', ...NAMESPACE, 'sh', '-c', ONLY_LOOPBACK], options)
}

/** A browser that is started by this command, which gets its program file and arguments as its last ones. */
export async function launchThrough(
  command: readonly string[],
  options: LaunchOptions,
): Promise<IsolatedBrowser> {
  const folder = mkdtempSync(join(tmpdir(), 'rtm-mesh-isolated-'))
  const wrapper = join(folder, 'browser')
  const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`
  const words = [...command, options.executablePath].map(quoted).join(' ')
  writeFileSync(wrapper, `#!/bin/sh\nexec ${words} "$@"\n`)
  chmodSync(wrapper, 0o755)
  const browser = await chromium.launch({ executablePath: wrapper, args: options.args })
  return {
    browser,
    async close() {
      await browser.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** The pages of this site, handed to the browser where it would have asked a server. */
export async function serveFromHere(context: BrowserContext, siteUrl: string): Promise<string> {
  await context.route('**/*', async (route) => {
    const { pathname, search } = new URL(route.request().url())
    const response = await fetch(new URL(pathname + search, siteUrl))
    await route.fulfill({
      status: response.status,
      contentType: response.headers.get('content-type') ?? 'text/plain',
      body: Buffer.from(await response.arrayBuffer()),
    })
  })
  return 'http://localhost/'
}

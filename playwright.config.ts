import { defineConfig } from 'playwright/test'

import { BROWSER_VARIABLE, findBrowser, NO_BROWSER } from './scripts/find-browser.mjs'
import { FIREFOX_VARIABLE, findFirefox, NO_FIREFOX } from './scripts/find-firefox.mjs'
import type { Library } from './test/browser/support/world.ts'

const executablePath = findBrowser()
if (!executablePath) throw new Error(NO_BROWSER)
// The workers read this file again, and need not look again.
process.env[BROWSER_VARIABLE] = executablePath

const firefox = findFirefox()
if (firefox) process.env[FIREFOX_VARIABLE] = firefox
else if (process.env['TEST_WORKER_INDEX'] === undefined) console.log(NO_FIREFOX)
// Not the folder, as a checkout may have any name.
const inFirefox = /\/firefox[^/]*\.spec\.ts$/

// Chromium's sandbox does not work for root; for everybody else it stays.
const forRoot = process.getuid?.() === 0 ? ['--no-sandbox'] : []

export default defineConfig<object, { library: Library }>({
  testDir: 'test/browser',
  outputDir: 'test-results',
  // One after the other: on two cores a second page set would turn the timing of the first into luck.
  workers: 1,
  retries: 0,
  forbidOnly: true,
  timeout: 60_000,
  // The largest part of npm test: 25 minutes where two cores had five times as much to do as they can. Much of it waits
  // for real clocks (pages that crash, sleep or have no server).
  globalTimeout: 44 * 60_000,
  reporter: 'list',
  projects: [
    { name: 'src', testIgnore: inFirefox },
    // What is loaded on demand, and has names of its own there: attributes, relays, neighbours, invitations; and the Web
    // face, which is a file of its own, also with users of the others.
    {
      name: 'dist',
      testMatch:
        /\/(channel-attributes|relay|neighbours|invitations|three-faces|web|web-programs|web-proxies)\.spec\.ts$/,
      use: { library: 'dist' },
    },
    ...(firefox ? [{ name: 'firefox', testMatch: inFirefox, use: { library: 'dist' as const } }] : []),
  ],
  use: {
    browserName: 'chromium',
    headless: true,
    launchOptions: {
      executablePath,
      args: [
        ...forRoot,
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
  },
})

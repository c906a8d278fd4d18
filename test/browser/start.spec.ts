import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { mkdtemp, realpath, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

import { expect, type Page, test } from 'playwright/test'

const project = join(import.meta.dirname, '../..')

/** `npm start` in a fresh clone of what is committed, with an empty npm cache. */
async function startInFreshClone(): Promise<{ url: string; clone: string; stop(): Promise<void> }> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'rtm-mesh-clone-')))
  const clone = join(folder, 'clone')
  await promisify(execFile)('git', ['clone', '--quiet', '--depth=1', `file://${project}`, clone])
  const env = { ...process.env, PORT: String(await freePort()), npm_config_cache: join(folder, 'cache') }
  // A group of its own, so that npm and what it started end together.
  const npm = spawn('npm', ['start'], {
    cwd: clone,
    env,
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const url = await printedUrl(npm)
  return {
    url,
    clone,
    async stop() {
      const ended = new Promise((resolve) => npm.once('close', resolve))
      if (npm.pid !== undefined) process.kill(-npm.pid, 'SIGTERM')
      await ended
      await rm(folder, { recursive: true, force: true })
    },
  }
}

function printedUrl(npm: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let printed = ''
    npm.stdout?.on('data', (chunk: Buffer) => {
      printed += chunk.toString()
      const url = /http:\/\/localhost:\d+\//.exec(printed)?.[0]
      if (url) resolve(url)
    })
    npm.once('close', () => reject(new Error(`npm start ended:\n${printed}`)))
  })
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}

/** Logs in through the kit that the page's own server serves, with nothing configured. */
async function enter(page: Page, url: string, clone: string, name: string): Promise<void> {
  await page.goto(url)
  await page.evaluate(
    async ([kitUrl, userUrl, userId]) => {
      window.rtm = await import(kitUrl)
      const { TestUser } = await import(userUrl)
      window.user = new TestUser('a'.repeat(32), { rateLimits: false })
      const codes = [await window.user.login(userId), await window.user.join('room')]
      if (codes.some((code) => code !== 0)) throw new Error(`${userId} could not enter: ${codes.join()}`)
    },
    [`/@fs${clone}/src/index.ts`, `/@fs${clone}/test/browser/page/test-user.ts`, name] as const,
  )
}

test('on a fresh clone npm start serves a page on which two users exchange 100 channel and 100 peer messages each way', async ({
  browser,
}) => {
  test.setTimeout(180_000)
  const { url, clone, stop } = await startInFreshClone()
  const contexts = [await browser.newContext(), await browser.newContext()]
  try {
    const [alice, bob] = await Promise.all(contexts.map((context) => context.newPage()))
    if (!alice || !bob) throw new Error('no pages')
    await enter(alice, url, clone, 'alice')
    await enter(bob, url, clone, 'bob')
    const others = [
      [alice, 'bob'],
      [bob, 'alice'],
    ] as const

    const codes = await Promise.all(
      others.map(([page, other]) =>
        page.evaluate(async (peerId) => {
          const sent: Promise<number>[] = []
          for (let i = 0; i < 100; i++)
            sent.push(window.user.say('room', `${i}`), window.user.tell(peerId, `${i}`))
          return [...new Set(await Promise.all(sent))]
        }, other),
      ),
    )

    expect(codes).toEqual([[0], [0]])
    for (const [page, other] of others) {
      const heard = await page.evaluate((sender) => window.user.until(`${sender}: `, 200), other)
      const inOrder = Array.from({ length: 100 }, (_, i) => `${i}`)
      expect(heard.filter((event) => !event.startsWith('#'))).toEqual(
        inOrder.map((text) => `${other}: ${text}`),
      )
      expect(heard.filter((event) => event.startsWith('#'))).toEqual(
        inOrder.map((text) => `#room ${other}: ${text}`),
      )
    }
  } finally {
    for (const context of contexts) await context.close()
    await stop()
  }
})

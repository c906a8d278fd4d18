import type { Page } from 'playwright/test'

import { APP_ID, expect, logIn, test } from './support/world.ts'

const CACHED = 4
const noLimits = { rateLimits: false }

/** Sends these one after the other, each to be kept, and returns the distinct answers. */
function keep(page: Page, peerId: string, texts: string[]): Promise<number[]> {
  return page.evaluate(
    async ([to, all]) => [...new Set(await Promise.all(all.map((text) => window.user.keep(to, text))))],
    [peerId, texts] as const,
  )
}

/** What is on the disk of this page's user. */
function onDisk(page: Page, userId: string, prefix: string): Promise<number> {
  return page.evaluate(
    async ([user, begin]) => {
      const { keysByHand } = await window.loadStorage()
      const keys = await keysByHand(user)
      return keys.filter((key) => typeof key === 'string' && key.startsWith(begin)).length
    },
    [userId, prefix] as const,
  )
}

const numbers = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => `${from + i}`)

test('a message to an offline user outlives its sender’s page, and is delivered once, marked, in order', async ({
  world,
}) => {
  const alice = await world.login('alice')
  expect(await keep(alice, 'bob', ['one', 'two'])).toEqual([CACHED])
  await world.reload(alice)
  await logIn(alice, 'alice', noLimits)
  expect(await keep(alice, 'bob', ['three'])).toEqual([CACHED])
  expect(await onDisk(alice, 'alice', 'outbox/')).toBe(3)

  const bob = await world.login('bob')
  const first = await bob.evaluate(() => window.user.until('alice: ', 3))
  expect(first).toEqual(['alice: (offline) one', 'alice: (offline) two', 'alice: (offline) three'])
  await expect.poll(() => onDisk(alice, 'alice', 'outbox/')).toBe(0)

  expect(await keep(alice, 'bob', ['live'])).toEqual([0])
  await world.reload(bob)
  await logIn(bob, 'bob', noLimits)
  expect(await keep(alice, 'bob', ['later'])).toEqual([0])
  expect(await bob.evaluate(() => window.user.until('alice: later'))).toEqual(['alice: later'])
  expect(await bob.evaluate(() => window.user.events.filter((event) => event.includes('offline')))).toEqual(
    [],
  )
})

test('of 201 messages to one offline user the oldest is dropped', async ({ world }) => {
  const alice = await world.login('alice')
  const warnings: string[] = []
  alice.on('console', (line) => void (line.type() === 'warning' && warnings.push(line.text())))
  expect(await keep(alice, 'bob', numbers(0, 200))).toEqual([CACHED])
  const bob = await world.login('bob')
  const heard = await bob.evaluate(() => window.user.until('alice: ', 200))
  expect(heard).toEqual(numbers(1, 200).map((text) => `alice: (offline) ${text}`))
  expect(warnings).toEqual([
    expect.stringContaining('The oldest message to an offline user was dropped: 200 are kept'),
  ])
})

test('a receiver that reloads in the middle, three times, gets everything once and in order', async ({
  world,
}) => {
  const alice = await world.login('alice')
  // Large enough to come in many packets.
  const texts = numbers(0, 199).map((text) => text.padEnd(30_000))
  expect(await keep(alice, 'bob', texts)).toEqual([CACHED])

  const bob = await world.page()
  // What has not come when the page asks for its reload does not come to this page any more. Otherwise it would be the
  // machine's speed that decides whether anything is left for the next one.
  await bob.addInitScript(() => {
    let isReloading = false
    addEventListener('reloading', () => (isReloading = true))
    window.RTCPeerConnection = class extends RTCPeerConnection {
      override createDataChannel(label: string, options?: RTCDataChannelInit): RTCDataChannel {
        const channel = super.createDataChannel(label, options)
        channel.addEventListener('message', (event) => isReloading && event.stopImmediatePropagation())
        return channel
      }
    }
  })
  await world.reload(bob)
  /** Logs in, writes down what it is told where a reload does not reach, and reloads in the middle of it. */
  const listen = () =>
    bob.evaluate((appId) => {
      const reloads = Number(localStorage.getItem('reloads'))
      let isReloading = reloads === 3
      const { kit } = (window.user = new window.TestUser(appId))
      kit.agoraRtmDelegate = {
        messageReceived(_, { text, isOfflineMessage }) {
          const heard: string[] = JSON.parse(localStorage.getItem('heard') ?? '[]')
          heard.push(`${isOfflineMessage ? 'offline' : 'live'} ${text.trim()}`)
          localStorage.setItem('heard', JSON.stringify(heard))
          if (isReloading) return
          isReloading = true
          localStorage.setItem('reloads', String(reloads + 1))
          dispatchEvent(new Event('reloading'))
          location.reload()
        },
      }
      // Alice sees at once that bob is here.
      void window.user.login('bob').then(() => window.user.tell('alice', 'here'))
    }, APP_ID)
  bob.on('load', () => void world.loaded(bob).then(listen))
  await listen()
  await expect.poll(() => onDisk(alice, 'alice', 'outbox/'), { timeout: 40_000 }).toBe(0)

  const [heard, reloads] = await bob.evaluate(() => [
    JSON.parse(localStorage.getItem('heard') ?? '[]'),
    localStorage.getItem('reloads'),
  ])
  expect(reloads).toBe('3')
  expect(heard).toEqual(numbers(0, 199).map((text) => `offline ${text}`))
})

test('where IndexedDB is refused, messages and the log are kept for the life of the page, and both say so once', async ({
  world,
}) => {
  const alice = await world.page()
  const warnings: string[] = []
  alice.on('console', (line) => void (line.type() === 'warning' && warnings.push(line.text())))
  await alice.addInitScript(() => {
    IDBFactory.prototype.open = () => {
      throw new DOMException('Not here', 'SecurityError')
    }
  })
  await world.reload(alice)
  await logIn(alice, 'alice', noLimits)
  expect(await keep(alice, 'bob', ['hello'])).toEqual([CACHED])
  await alice.evaluate(() => {
    window.user.kit.destroy()
  })
  await logIn(alice, 'alice', noLimits)
  const bob = await world.login('bob')
  expect(await bob.evaluate(() => window.user.until('alice: '))).toEqual(['alice: (offline) hello'])
  expect(warnings.sort()).toEqual([
    expect.stringContaining('Nothing is kept on this machine'),
    expect.stringContaining('The log cannot be kept on this machine'),
  ])
  expect(await alice.evaluate(() => window.user.kit.readLog())).toContain('"user":"alice"')
})

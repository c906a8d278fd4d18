import type { Page } from 'playwright/test'

import { expect, logIn, test, type World } from './support/world.ts'

/** Alice's browser refuses whatever description is bob's, so that the two cannot be linked; carol and dave are linked to both. */
async function setup(world: World) {
  const names = ['alice', 'bob', 'carol', 'dave'] as const
  const pages: Page[] = []
  for (const name of names) {
    const page = await world.page()
    await page.evaluate(watch)
    pages.push(page)
    await logIn(page, name, { rateLimits: false })
  }
  const [alice, bob, carol, dave] = pages as [Page, Page, Page, Page]
  const fingerprint = await bob.evaluate(() => window.fingerprint)
  await alice.evaluate((refused) => (window.refusedFingerprint = refused), fingerprint)
  for (const page of pages) expect(await page.evaluate(() => window.user.join('room'))).toBe(0)
  for (const [page, other] of [
    [alice, 'bob'],
    [bob, 'alice'],
  ] as const)
    await expect.poll(() => pathTo(page, other)).toMatchObject({ state: 'linked', path: 'relay' })
  return { alice, bob, carol, dave }
}

async function pathTo(page: Page, userId: string) {
  const { peers } = await page.evaluate(() => window.user.kit.diagnose())
  return peers.find((peer) => peer.userId === userId)
}

/** Runs in the page, before anybody logs in there. */
function watch(): void {
  const { generateCertificate } = RTCPeerConnection
  RTCPeerConnection.generateCertificate = async (algorithm) => {
    const made: Promise<RTCCertificate> = Reflect.apply(generateCertificate, RTCPeerConnection, [algorithm])
    const certificate = await made
    window.fingerprint ??= certificate.getFingerprints()[0]?.value?.toUpperCase() ?? ''
    return certificate
  }
  const { setRemoteDescription } = RTCPeerConnection.prototype
  RTCPeerConnection.prototype.setRemoteDescription = function (...described: unknown[]): Promise<void> {
    const { refusedFingerprint } = window
    const isRefused =
      refusedFingerprint && JSON.stringify(described).toUpperCase().includes(refusedFingerprint)
    if (isRefused) return Promise.reject(new Error('This network lets nothing through'))
    return Reflect.apply(setRemoteDescription, this, described)
  }
  // All that goes through data channels, either way, as text.
  window.carried = ''
  const note = (data: unknown): void => {
    if (data instanceof ArrayBuffer) window.carried += new TextDecoder('latin1').decode(data)
    else if (ArrayBuffer.isView(data)) window.carried += new TextDecoder('latin1').decode(data)
  }
  const channel = RTCDataChannel.prototype
  const { send } = channel
  channel.send = function (this: RTCDataChannel, ...data: unknown[]) {
    note(data[0])
    Reflect.apply(send, this, data)
  }
  const onmessage = Object.getOwnPropertyDescriptor(channel, 'onmessage')
  Object.defineProperty(channel, 'onmessage', {
    ...onmessage,
    set(listen: (event: MessageEvent) => void) {
      onmessage?.set?.call(this, (event: MessageEvent) => {
        note(event.data)
        listen(event)
      })
    },
  })
}

declare global {
  interface Window {
    fingerprint: string
    refusedFingerprint: string | undefined
    carried: string
  }
}

function messages(page: Page, pattern: string, count: number): Promise<string[]> {
  return page.evaluate(([text, wanted]) => window.user.until(text, wanted), [pattern, count] as const)
}

test('two who cannot be linked talk through another, who cannot read it', async ({ world }) => {
  const { alice, bob, carol, dave } = await setup(world)
  expect((await pathTo(alice, 'bob'))?.via).toMatch(/^(carol|dave)$/)
  expect((await pathTo(alice, 'bob'))?.lastError).toMatch(/This network lets nothing through/)

  const words = Array.from({ length: 30 }, (_, i) => `for your eyes only ${i}`)
  for (const [page, to] of [
    [alice, 'bob'],
    [bob, 'alice'],
  ] as const) {
    const codes = await page.evaluate(
      ([peerId, texts]) => Promise.all(texts.map((text) => window.user.tell(peerId, text))),
      [to, words] as const,
    )
    expect(new Set(codes)).toEqual(new Set([0]))
  }
  for (const [page, from] of [
    [alice, 'bob'],
    [bob, 'alice'],
  ] as const)
    expect(await messages(page, `^${from}: for your eyes`, 30)).toEqual(
      words.map((text) => `${from}: ${text}`),
    )

  for (const page of [alice, bob]) {
    const codes = await page.evaluate(() =>
      Promise.all(Array.from({ length: 20 }, (_, i) => window.user.say('room', `to all ${i}`))),
    )
    expect(new Set(codes)).toEqual(new Set([0]))
  }
  const toAll = Array.from({ length: 20 }, (_, i) => `to all ${i}`)
  expect(await messages(bob, '#room alice: to all', 20)).toEqual(toAll.map((text) => `#room alice: ${text}`))
  expect(await messages(alice, '#room bob: to all', 20)).toEqual(toAll.map((text) => `#room bob: ${text}`))

  expect(await alice.evaluate(() => window.user.put('room', { topic: 'tea' }))).toBe(0)
  await expect.poll(() => bob.evaluate(() => window.user.attributes('room'))).toBe('topic=tea (alice)')
  expect(await bob.evaluate(() => window.user.put('room', { topic: 'cake' }))).toBe(0)
  await expect.poll(() => alice.evaluate(() => window.user.attributes('room'))).toBe('topic=cake (bob)')

  const via = (await pathTo(alice, 'bob'))?.via === 'carol' ? carol : dave
  expect(await carol.evaluate(() => window.user.tell('dave', 'words in the open'))).toBe(0)
  for (const page of [carol, dave]) {
    const finds = await page.evaluate(() => ({
      secret: window.carried.includes('for your eyes only'),
      open: window.carried.includes('words in the open'),
    }))
    expect(finds).toEqual({ secret: false, open: true })
  }
  // It did carry them.
  expect(await via.evaluate(() => window.carried.length)).toBeGreaterThan(60 * 50)
})

test('when who passed on goes, somebody else does; when they can be linked, nobody is needed', async ({
  world,
}) => {
  const { alice, bob, carol, dave } = await setup(world)
  const first = (await pathTo(alice, 'bob'))?.via
  const [via, other] = first === 'carol' ? ([carol, 'dave'] as const) : ([dave, 'carol'] as const)

  const count = 200
  const sent = alice.evaluate(async (total) => {
    const codes: Promise<number>[] = []
    for (let i = 0; i < total; i++) {
      codes.push(window.user.tell('bob', `message ${i}`))
      await new Promise(requestAnimationFrame)
    }
    return Promise.all(codes)
  }, count)
  await messages(bob, 'alice: message', 50)
  await via.close()
  expect(new Set(await sent)).toEqual(new Set([0]))
  const expected = Array.from({ length: count }, (_, i) => `alice: message ${i}`)
  expect(await messages(bob, 'alice: message', count)).toEqual(expected)
  expect(await pathTo(alice, 'bob')).toMatchObject({ state: 'linked', path: 'relay', via: other })

  await alice.evaluate(() => (window.refusedFingerprint = undefined))
  for (const [page, name] of [
    [alice, 'bob'],
    [bob, 'alice'],
  ] as const)
    await expect.poll(() => pathTo(page, name), { timeout: 30_000 }).toMatchObject({ path: 'direct' })
  expect(await bob.evaluate(() => window.user.tell('alice', 'at last'))).toBe(0)
  expect(await messages(alice, 'bob: at last', 1)).toEqual(['bob: at last'])
  expect(await messages(bob, 'alice: message', count)).toEqual(expected)
  const left = await alice.evaluate(() => window.user.events.filter((event) => event.endsWith('-bob')))
  expect(left).toEqual([])
})

test('a page that is closed says goodbye over a relay, also when there is no server', async ({ world }) => {
  const { alice, bob } = await setup(world)
  await world.signaling.close()
  expect(await alice.evaluate(() => window.user.tell('bob', 'without a server'))).toBe(0)
  await alice.close()
  const closedAt = Date.now()
  await messages(bob, '#room -alice', 1)
  // Who hears no goodbye waits for 31 s.
  expect(Date.now() - closedAt).toBeLessThan(5_000)
})

test('while the direct link is not possible, bulk goes through a relay as fast as that takes it', async ({
  world,
}) => {
  const { alice, bob } = await setup(world)
  const began = Date.now()
  const codes = await alice.evaluate(() =>
    Promise.all(Array.from({ length: 100 }, (_, i) => window.user.tell('bob', `${i} `.padEnd(32_000, 'x')))),
  )
  expect(new Set(codes)).toEqual(new Set([0]))
  const heard = await messages(bob, '^alice: \\d+ x', 100)
  expect(heard.map((event) => Number.parseInt(event.slice('alice: '.length)))).toEqual(
    Array.from({ length: 100 }, (_, i) => i),
  )
  // 3.2 MB at 0.8 MB/s.
  expect(Date.now() - began).toBeLessThan(10_000)
  expect(await pathTo(alice, 'bob')).toMatchObject({ path: 'relay' })
})

import type { Page } from 'playwright/test'

import { lasting } from '../support/real-time.ts'
import { MortalServer, SECRET, test } from './support/mortal-server.ts'
import { APP_ID, expect, logIn } from './support/world.ts'

const diagnoses = (pages: readonly Page[]) =>
  Promise.all(pages.map((page) => page.evaluate(() => window.user.kit.diagnose())))

for (const delayMs of [0, 25, 50]) {
  test(`a login succeeds though the server dies ${delayMs} ms after it began, and another follows`, async ({
    world,
    server,
  }) => {
    const alice = await world.page()
    const code = alice.evaluate((appId) => {
      window.user = new window.TestUser(appId)
      return window.user.login('alice')
    }, APP_ID)
    // No event marks where a login is then: that is why there are three.
    await lasting(delayMs)
    await server.kill()
    await server.startAgain(SECRET)

    expect(await code).toBe(0)
    expect(await alice.evaluate(() => window.user.join('room'))).toBe(0)
    const bob = await world.login('bob')
    await bob.evaluate(() => window.user.join('room'))
    await expect.poll(() => bob.evaluate(() => window.user.members('room'))).toEqual(['alice', 'bob'])
    expect(await alice.evaluate(() => window.user.tell('bob', 'here'))).toBe(0)
    expect(await alice.evaluate(() => window.user.events.filter((event) => event.includes('/')))).toEqual([
      'Connecting/Login',
      'Connected/LoginSuccess',
    ])
  })
}

test('joins and writes during which the server dies succeed, and all of them count', async ({
  world,
  server,
}) => {
  const [alice, bob, carol] = await world.inRoom('alice', 'bob', 'carol')
  for (let round = 0; round < 3; round++) {
    const calls = Promise.all([
      alice.evaluate((i) => window.user.join(`other${i}`), round),
      bob.evaluate((i) => window.user.join(`other${i}`), round),
      alice.evaluate((i) => window.user.put('room', { [`a${i}`]: 'x' }), round),
      bob.evaluate((i) => window.user.put('room', { [`b${i}`]: 'x' }, true), round),
      carol.evaluate((i) => window.user.put(`other${i}`, { c: 'x' }), round),
    ])
    // At another point of the calls each time, and away for longer.
    await lasting(5 * round)
    await server.kill()
    await lasting(1_000 * round)
    await server.startAgain(SECRET)

    expect(await calls).toEqual([0, 0, 0, 0, 0])
    for (const page of [alice, bob]) {
      await expect
        .poll(() => page.evaluate((i) => window.user.members(`other${i}`), round), { timeout: 15_000 })
        .toEqual(['alice', 'bob'])
      await expect
        .poll(() => page.evaluate((i) => window.user.attributes(`other${i}`), round), { timeout: 15_000 })
        .toBe('c=x (carol)')
    }
  }
  for (const page of [alice, bob, carol]) {
    await expect
      .poll(() => page.evaluate(() => window.user.attributes('room')))
      .toBe('a0=x (alice) a1=x (alice) a2=x (alice) b0=x (bob) b1=x (bob) b2=x (bob)')
    expect(await page.evaluate(() => window.user.events.filter((event) => event.includes(' -')))).toEqual([])
  }
})

for (const isShownBefore of [true, false]) {
  const when = isShownBefore ? 'shown again while the server is away' : 'shown again when the server is back'
  test(`a page that is put away while the server is away, and ${when}, has left once and joined once`, async ({
    world,
    server,
  }) => {
    const [alice, bob, carol] = await world.inRoom('alice', 'bob', 'carol')
    const heardBefore = await bob.evaluate(() => window.user.events.length)
    const pageTransition = (type: string) =>
      bob.evaluate((name) => dispatchEvent(new PageTransitionEvent(name, { persisted: true })), type)
    await server.kill()
    await pageTransition('pagehide')
    for (const page of [alice, carol]) await page.evaluate(() => window.user.until('-bob'))
    if (isShownBefore) await pageTransition('pageshow')
    // So long neither the page nor anybody else has a server.
    await lasting(2_000)
    await server.startAgain(SECRET)
    if (!isShownBefore) await pageTransition('pageshow')

    // What comes after the leave: the first join was before it, and carol was not there yet.
    for (const [page, comings] of [
      [alice, ['#room +bob', '#room -bob', '#room +bob']],
      [carol, ['#room -bob', '#room +bob']],
    ] as const) {
      await page.evaluate((count) => window.user.until('[-+]bob', count), comings.length)
      expect(await bob.evaluate(() => window.user.tell('alice', 'hello'))).toBe(0)
      expect(await page.evaluate(() => window.user.tell('bob', 'hello'))).toBe(0)
      expect(await page.evaluate(() => window.user.events.filter((event) => /[-+]bob/.test(event)))).toEqual(
        comings,
      )
    }
    const heard = await bob.evaluate((from) => window.user.events.slice(from), heardBefore)
    expect(heard.filter((event) => /[-+](alice|carol)/.test(event))).toEqual([])
  })
}

test('the second server is taken while the first is dead, and the first again when the second dies', async ({
  world,
  server,
}) => {
  const second = await MortalServer.start(SECRET)
  const urls = [server.url, second.url]
  const arrive = async (name: string, signaling: string[]): Promise<Page> => {
    const page = await world.page()
    await page.evaluate((list) => {
      window.rtm.AgoraRtmKit.setRtmServiceContext({ signaling: list, iceServers: [] })
    }, signaling)
    await logIn(page, name)
    expect(await page.evaluate(() => window.user.join('room'))).toBe(0)
    return page
  }
  await server.kill()
  const pages = [await arrive('alice', urls), await arrive('bob', urls)]
  const [alice, bob] = pages
  await alice?.evaluate(() => window.user.until('\\+bob'))
  expect(await alice?.evaluate(() => window.user.tell('bob', 'at the second'))).toBe(0)

  await server.startAgain('another, as good a secret')
  await second.close()
  await expect
    .poll(async () => (await diagnoses(pages)).map(({ servers }) => servers[0]), { timeout: 20_000 })
    .toEqual(pages.map(() => ({ url: server.url, state: 'connected' })))
  const carol = await arrive('carol', urls)
  await expect
    .poll(() => carol.evaluate(() => window.user.members('room')), { timeout: 15_000 })
    .toEqual(['alice', 'bob', 'carol'])
  expect(await carol.evaluate(() => window.user.tell('bob', 'at the first'))).toBe(0)
  expect(await bob?.evaluate(() => window.user.events.filter((event) => event.includes('-')))).toEqual([])
})

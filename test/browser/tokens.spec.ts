import type { Page } from 'playwright/test'

import { createSignalingServer } from '../../signaling/index.ts'
import { Builder006, Builder007, CERTIFICATE, RtmRole, token006, token007 } from '../support/tokens.ts'
import { APP_ID, expect, test as base, World } from './support/world.ts'

const OTHER_APP_ID = 'f'.repeat(32)
const HOUR_MS = 3_600_000

/** Pages at a server whose app has a certificate, and all that anybody wrote into a log. */
const test = base.extend<{ certified: World; lines: string[]; tokens: Set<string> }>({
  lines: async ({}, use) => use([]),
  tokens: async ({}, use) => use(new Set()),
  certified: async ({ browser, testPages, lines, tokens }, use) => {
    const signaling = await createSignalingServer({
      port: 0,
      apps: { [APP_ID]: { certificate: CERTIFICATE } },
      log: (...line) => void lines.push(JSON.stringify(line)),
    })
    const world = new World(browser, testPages.resolvedUrls?.local[0] ?? '', signaling)
    await use(world)
    await world.close()
    for (const token of tokens) expect(lines.join('\n')).not.toContain(token.slice(3, 43))
  },
})

test('a login with a good token succeeds; every other has the code of what is wrong with it', async ({
  certified,
  lines,
  tokens,
}) => {
  const page = await certified.page()
  listen(page, lines)
  const alice = { appId: APP_ID, userId: 'alice' }
  const now = Date.now()

  const of006 = Builder006.buildToken(APP_ID, CERTIFICATE, 'alice', RtmRole.Rtm_User, 0)
  const of007 = Builder007.buildToken(APP_ID, CERTIFICATE, 'alice', 600)
  const logins: [token: string | null, name: string, appId?: string][] = [
    [of006, 'Ok'],
    [of007, 'Ok'],
    [null, 'InvalidToken'],
    ['open sesame', 'InvalidToken'],
    [Builder006.buildToken(APP_ID, CERTIFICATE, 'bob', RtmRole.Rtm_User, 0), 'InvalidToken'],
    [Builder007.buildToken(APP_ID, CERTIFICATE, 'bob', 600), 'InvalidToken'],
    [Builder007.buildToken(APP_ID, 'e'.repeat(32), 'alice', 600), 'InvalidToken'],
    [Builder007.buildToken(APP_ID, CERTIFICATE, 'alice', 0), 'TokenExpired'],
    [token006(alice, now - 25 * HOUR_MS), 'TokenExpired'],
    [token007(alice, now - HOUR_MS, 600), 'TokenExpired'],
    [token006(alice, now, { privilege: 1 }), 'NotAuthorized'],
    [token007(alice, now, 600, { privilege: 2 }), 'NotAuthorized'],
    [Builder007.buildToken(OTHER_APP_ID, CERTIFICATE, 'alice', 600), 'InvalidAppId', OTHER_APP_ID],
  ]
  for (const [token, name, appId = APP_ID] of logins) {
    if (token !== null) tokens.add(token)
    const answer = await page.evaluate(
      async ([app, text]) => {
        const { AgoraRtmKit, AgoraRtmLoginErrorCode } = window.rtm
        const kit = AgoraRtmKit.initWithAppId(app)
        const code = await kit?.loginByToken(text, 'alice')
        kit?.destroy()
        return AgoraRtmLoginErrorCode[code ?? -1]
      },
      [appId, token] as const,
    )
    expect.soft(answer, `${token?.slice(0, 3)} ${name}`).toBe(name)
  }
})

test('the end of a 007 token is announced and ends the session, unless it is renewed; others are not concerned', async ({
  certified,
  lines,
  tokens,
}) => {
  const token = (name: string, lifeS: number): string => {
    const made = Builder007.buildToken(APP_ID, CERTIFICATE, name, lifeS)
    tokens.add(made)
    return made
  }
  const enter = async (name: string, text: string): Promise<Page> => {
    const page = await certified.page()
    listen(page, lines)
    const code = await page.evaluate(
      async ([appId, userId, first]) => {
        window.user = new window.TestUser(appId, { rateLimits: false })
        return window.user.kit.loginByToken(first, userId)
      },
      [APP_ID, name, text] as const,
    )
    expect(code).toBe(0)
    return page
  }
  const renew = (page: Page, text: string): Promise<string> =>
    page.evaluate(async (next) => {
      const { token: same, errorCode } = await window.user.kit.renewToken(next)
      const name = window.rtm.AgoraRtmRenewTokenErrorCode[errorCode] ?? ''
      return same === next ? name : 'another token'
    }, text)

  const bob = await enter('bob', Builder006.buildToken(APP_ID, CERTIFICATE, 'bob', RtmRole.Rtm_User, 0))
  const carol = await enter('carol', token('carol', 8))
  const alice = await enter('alice', token('alice', 8))
  for (const page of [alice, bob, carol]) await page.evaluate(() => window.user.join('room'))

  expect(await renew(carol, token('carol', 600))).toBe('Ok')
  expect(await renew(carol, token('alice', 600))).toBe('InvalidToken')
  expect(await renew(carol, token('carol', 0))).toBe('TokenExpired')
  expect(await renew(carol, '')).toBe('InvalidArgument')

  await alice.evaluate(() => window.user.until('Aborted'))
  const events = await alice.evaluate(() => window.user.events.filter((event) => !event.startsWith('#')))
  expect(events).toEqual([
    'Connecting/Login',
    'Connected/LoginSuccess',
    'token will expire',
    'token did expire',
    'Aborted/TokenExpired',
  ])
  expect(await renew(alice, token('alice', 600))).toBe('Failure')

  await bob.evaluate(() => window.user.until('#room -alice'))
  expect(await bob.evaluate(() => window.user.tell('carol', 'still here?'))).toBe(0)
  for (const page of [bob, carol]) {
    expect(await page.evaluate(() => window.user.events.join())).not.toMatch(/did expire|Aborted|-bob|-carol/)
  }

  await alice.evaluate(() => window.user.kit.logoutWithCompletion())
  expect(
    await alice.evaluate((text) => window.user.kit.loginByToken(text, 'alice'), token('alice', 60)),
  ).toBe(0)
})

/** What the page writes to its console, and the addresses that it opens. */
function listen(page: Page, lines: string[]): void {
  page.on('console', (message) => lines.push(message.text()))
  page.on('websocket', (socket) => lines.push(socket.url()))
  page.on('request', (request) => lines.push(request.url()))
}

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { expect, test } from 'playwright/test'

import { makeStaticSite } from './packaging/bare-app.ts'
import { serveFolder, type StaticServer } from './packaging/static-server.ts'
import { APP_ID } from './support/world.ts'

let server: StaticServer
let site: ReturnType<typeof makeStaticSite>

test.beforeAll(async () => {
  test.setTimeout(120_000)
  site = makeStaticSite()
  const page = `<!doctype html><title>Late files</title><link rel="icon" href="data:," />
    <script type="module">
      import * as rtm from './dist/rtm-mesh.js'
      window.rtm = rtm
    </script>`
  writeFileSync(join(site.folder, 'late.html'), page)
  server = await serveFolder(site.folder)
})

test.afterAll(async () => {
  await server.close()
  site.remove()
})

for (const file of ['login-file', 'documents'])
  test(`where ${file} of dist/ could not be fetched at first, the next call fetches it, and all works`, async ({
    page,
  }) => {
    let refused = 0
    await page.route(`**/chunks/${file}-*`, async (route) => {
      if (refused++ === 0) await route.abort()
      else await route.continue()
    })
    await page.goto(`${server.url}late.html`)
    await page.waitForFunction(() => 'rtm' in window)
    const codes = await page.evaluate(async (appId) => {
      const { AgoraRtmKit } = window.rtm
      AgoraRtmKit.setRtmServiceContext({ signaling: [] })
      const alice = AgoraRtmKit.initWithAppId(appId)
      const bob = AgoraRtmKit.initWithAppId(appId)
      const attribute = [{ key: 'topic', value: 'tea' }]
      return [
        await alice?.loginByToken(null, 'alice'),
        await bob?.loginByToken(null, 'bob'),
        await alice?.addOrUpdateChannelAttributes('room', attribute),
        await bob?.setLocalUserAttributes(attribute),
        (await bob?.getChannelAttributes('room'))?.attributes?.map(({ value }) => value),
        (await alice?.getUserAttributes('bob'))?.attributes?.map(({ value }) => value),
      ]
    }, APP_ID)
    expect(refused).toBeGreaterThan(1)
    expect(codes).toEqual([0, 0, 0, 0, ['tea'], ['tea']])
  })

test('where the file for call invitations could not be fetched at first, the next call fetches it', async ({
  page,
}) => {
  let refused = 0
  await page.route('**/chunks/invitation-file-*', async (route) => {
    if (refused++ === 0) await route.abort()
    else await route.continue()
  })
  await page.goto(`${server.url}late.html`)
  await page.waitForFunction(() => 'rtm' in window)
  const accepted = await page.evaluate(async (appId) => {
    const { AgoraRtmKit, AgoraRtmLocalInvitation } = window.rtm
    AgoraRtmKit.setRtmServiceContext({ signaling: [] })
    const [alice, bob] = [AgoraRtmKit.initWithAppId(appId), AgoraRtmKit.initWithAppId(appId)]
    const [hers, his] = [alice?.getRtmCallKit(), bob?.getRtmCallKit()]
    if (!hers || !his) return undefined
    await alice?.loginByToken(null, 'alice')
    await bob?.loginByToken(null, 'bob')
    return new Promise((resolve) => {
      hers.callDelegate = {
        localInvitationAccepted: (_, { calleeId }, response) => resolve([calleeId, response]),
      }
      his.callDelegate = {
        remoteInvitationReceived(calls, invitation) {
          invitation.response = 'yes'
          void calls.acceptRemoteInvitation(invitation)
        },
      }
      void hers.sendLocalInvitation(AgoraRtmLocalInvitation.initWithCalleeId('bob'))
    })
  }, APP_ID)
  expect(refused).toBeGreaterThan(1)
  expect(accepted).toEqual(['bob', 'yes'])
})

test('where help-file could not be fetched at first, the next link fetches it', async ({ page }) => {
  let refused = 0
  const fetched = page.waitForResponse(
    (response) => response.url().includes('/chunks/help-file-') && response.ok(),
  )
  await page.route('**/chunks/help-file-*', async (route) => {
    if (refused++ === 0) await route.abort()
    else await route.continue()
  })
  await page.goto(`${server.url}late.html`)
  await page.waitForFunction(() => 'rtm' in window)
  const codes = await page.evaluate(async (appId) => {
    const { AgoraRtmKit, AgoraRtmMessage } = window.rtm
    AgoraRtmKit.setRtmServiceContext({ signaling: [] })
    const [alice, bob, carol] = ['alice', 'bob', 'carol'].map((name) => {
      const kit = AgoraRtmKit.initWithAppId(appId)
      return {
        login: () => kit?.loginByToken(null, name),
        send: (to: string) => kit?.sendMessage(AgoraRtmMessage.initWithText('hello'), to),
      }
    })
    return [
      await alice?.login(),
      await bob?.login(),
      await carol?.login(),
      await alice?.send('bob'),
      await bob?.send('carol'),
      await carol?.send('alice'),
    ]
  }, APP_ID)
  await fetched
  expect(codes).toEqual([0, 0, 0, 0, 0, 0])
})

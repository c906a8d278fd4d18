import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Browser, expect, type Page, test } from 'playwright/test'

import { project } from '../../scripts/tools.mjs'
import { createSignalingServer } from '../../signaling/index.ts'
import { makeStaticSite } from './packaging/bare-app.ts'
import { serveFolder } from './packaging/static-server.ts'

/** The policy that docs/SECURITY.md gives, for this signaling server. */
function documentedPolicy(signalingUrl: string): string {
  const text = readFileSync(join(project, 'docs/SECURITY.md'), 'utf8')
  const [, policy = ''] = /```csp\n(.*)\n```/.exec(text) ?? []
  expect(policy).toContain('wss://rtm.example.org')
  return policy.replace('wss://rtm.example.org', new URL(signalingUrl).origin.replace(/^http/, 'ws'))
}

/** A page of `dist/` alone, every answer with this policy. */
async function serve(policy: string) {
  const site = makeStaticSite()
  const app = `import * as rtm from './dist/rtm-mesh.js'
window.violations = []
document.addEventListener('securitypolicyviolation', (event) => window.violations.push(event.violatedDirective + ' ' + event.blockedURI))
window.rtm = rtm`
  writeFileSync(join(site.folder, 'main.js'), app)
  writeFileSync(
    join(site.folder, 'index.html'),
    '<!doctype html><title>A strict page</title><script type="module" src="/main.js"></script>',
  )
  const server = await serveFolder(site.folder, { 'content-security-policy': policy })
  return {
    url: server.url,
    async close() {
      await server.close()
      site.remove()
    },
  }
}

declare global {
  interface Window {
    violations: string[]
  }
}

async function strictPage(browser: Browser, url: string): Promise<Page> {
  const context = await browser.newContext()
  const page = await context.newPage()
  await page.goto(url)
  await page.waitForFunction(() => 'rtm' in window)
  return page
}

/** Logs in, and answers calls and messages in its own way. */
function live(page: Page, signaling: string, userId: string): Promise<number | undefined> {
  return page.evaluate(
    async ([server, name]) => {
      const { AgoraRtmKit } = window.rtm
      AgoraRtmKit.setRtmServiceContext({ signaling: [server], iceServers: [] })
      const kit = AgoraRtmKit.initWithAppId('0123456789abcdef0123456789abcdef', {
        messageReceived: (_, message, peerId) => (window.heardStrictly = `${peerId}: ${message.text}`),
      })
      if (!kit) return undefined
      window.strictKit = kit
      const calls = kit.getRtmCallKit()
      if (calls)
        calls.callDelegate = {
          remoteInvitationReceived: (_, invitation) => void calls.acceptRemoteInvitation(invitation),
          localInvitationAccepted: (_, { calleeId }) => (window.accepted = calleeId),
        }
      return kit.loginByToken(null, name)
    },
    [signaling, userId] as const,
  )
}

declare global {
  interface Window {
    strictKit: import('../../src/index.ts').AgoraRtmKit
    heardStrictly: string
    accepted: string
  }
}

for (const [what, addition] of [
  ['exactly the policy that the docs give', ''],
  ['the policy of the docs and Trusted Types', "; require-trusted-types-for 'script'; trusted-types 'none'"],
] as const)
  test(`a page with ${what} talks, keeps attributes, and calls`, async ({ browser }) => {
    test.setTimeout(180_000)
    const signaling = await createSignalingServer({ port: 0, secret: 'the secret of the tests' })
    const site = await serve(documentedPolicy(signaling.url) + addition)
    const [alice, bob] = [await strictPage(browser, site.url), await strictPage(browser, site.url)]
    expect(await live(alice, signaling.url, 'alice')).toBe(0)
    expect(await live(bob, signaling.url, 'bob')).toBe(0)

    const codes = await alice.evaluate(async () => {
      const { AgoraRtmLocalInvitation, AgoraRtmMessage } = window.rtm
      return [
        await window.strictKit.sendMessage(AgoraRtmMessage.initWithText('hello'), 'bob'),
        await window.strictKit.addOrUpdateChannelAttributes('lobby', [{ key: 'topic', value: 'tea' }]),
        await window.strictKit
          .getRtmCallKit()
          ?.sendLocalInvitation(AgoraRtmLocalInvitation.initWithCalleeId('bob')),
        (await window.strictKit.readLog()).includes('A link is open') ? 0 : 1,
      ]
    })
    expect(codes).toEqual([0, 0, 0, 0])
    expect(await bob.evaluate(() => window.heardStrictly)).toBe('alice: hello')
    await alice.waitForFunction(() => window.accepted === 'bob')
    const topic = await bob.evaluate(
      async () => (await window.strictKit.getChannelAttributes('lobby')).attributes,
    )
    expect(topic).toMatchObject([{ key: 'topic', value: 'tea' }])
    for (const page of [alice, bob]) {
      expect(await page.evaluate(() => window.violations)).toEqual([])
      await page.context().close()
    }
    await site.close()
    await signaling.close()
  })

test('a policy that does not name the signaling server keeps the page from it', async ({ browser }) => {
  const signaling = await createSignalingServer({ port: 0, secret: 'the secret of the tests' })
  const site = await serve(documentedPolicy('ws://127.0.0.1:1/rtm'))
  const alice = await strictPage(browser, site.url)
  // Among the tabs of its browser it logs in all the same.
  expect(await live(alice, signaling.url, 'alice')).toBe(0)
  expect(await alice.evaluate(() => window.violations)).toContain(`connect-src ${signaling.url}`)
  expect(signaling.stats().openSockets).toBe(0)
  await alice.context().close()
  await site.close()
  await signaling.close()
})

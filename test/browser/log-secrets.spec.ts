import type { Page } from 'playwright/test'

import { APP_ID, expect, test } from './support/world.ts'

/** Stands in every text that the API takes, but for ids and the name of the log. */
const SECRET = 'x7secret7x'

/** Logs in at an address with a token in it, with a token; all as `rtm-mesh` lets it be done, and as it does not. */
async function logIn(page: Page, name: string, url: string): Promise<void> {
  const code = await page.evaluate(
    async ([appId, userId, signaling, secret]) => {
      const { AgoraRtmKit } = window.rtm
      AgoraRtmKit.setRtmServiceContext({ signaling: [`${signaling}?token=${secret}`], iceServers: [] })
      window.user = new window.TestUser(appId)
      const { kit } = window.user
      kit.getRtmCallKit().callDelegate = {
        remoteInvitationReceived: (callKit, invitation) => {
          invitation.response = secret
          void callKit.acceptRemoteInvitation(invitation)
        },
      }
      await kit.loginByToken(secret, `é${secret}`)
      await kit.loginByToken(secret.repeat(10_000), userId)
      return kit.loginByToken(secret, userId)
    },
    [APP_ID, name, url, SECRET] as const,
  )
  expect(code).toBe(0)
}

test('a log has no message, attribute, invitation, token, credential or parameter in it', async ({
  world,
}) => {
  const pages = { alice: await world.page(), bob: await world.page() }
  for (const [name, page] of Object.entries(pages)) {
    await logIn(page, name, world.signaling.url)
    await page.evaluate(() => window.user.join('room'))
  }
  await pages.alice.evaluate(() => window.user.untilLinked(['bob']))
  await pages.alice.evaluate(async (secret) => {
    const { AgoraRtmLocalInvitation, AgoraRtmMessage, AgoraRtmRawMessage } = window.rtm
    const { user } = window
    const { kit } = user
    const channel = user.channel('room')
    const large = secret.repeat(5_000)
    const raw = (text: string) => AgoraRtmRawMessage.initWithRawData(new TextEncoder().encode(text), text)
    for (const text of [secret, large]) {
      for (const message of [AgoraRtmMessage.initWithText(text), raw(text)]) {
        await kit.sendMessage(message, 'bob')
        await kit.sendMessage(message, 'nobody', { enableOfflineMessaging: true })
        await channel.sendMessage(message)
      }
      for (const attributes of [[{ key: secret, value: text }], [{ key: text, value: secret }]]) {
        await kit.setLocalUserAttributes(attributes)
        await kit.addOrUpdateLocalUserAttributes(attributes)
        await kit.setChannelAttributes('room', attributes, { enableNotificationToChannelMembers: true })
        await kit.addOrUpdateChannelAttributes('room', attributes)
      }
      await kit.getUserAttributesByKeys('alice', [text])
      await kit.getChannelAttributesByKeys('room', [text])
      await kit.deleteLocalUserAttributesByKeys([text])
      await kit.deleteChannelAttributesByKeys('room', [text])
      const invitation = AgoraRtmLocalInvitation.initWithCalleeId('bob')
      invitation.content = text
      invitation.channelId = text
      const callKit = kit.getRtmCallKit()
      await callKit.sendLocalInvitation(invitation)
      await callKit.cancelLocalInvitation(invitation)
    }
    const call = AgoraRtmLocalInvitation.initWithCalleeId('bob')
    call.content = secret
    const answered = new Promise((resolve) => {
      kit.getRtmCallKit().callDelegate = {
        localInvitationAccepted: (_, __, response) => resolve(response),
        localInvitationFailure: (_, __, code) => resolve(code),
      }
    })
    await kit.getRtmCallKit().sendLocalInvitation(call)
    if ((await answered) !== secret) throw new Error('The invitation was not accepted')
    for (const text of [secret, `{"${secret}":1}`, `{"rateLimits":"${secret}"}`]) kit.setParameters(text)
    kit.setLogFilters(secret as never)
    await kit.subscribePeersOnlineStatus([`é${secret}`])
  }, SECRET)
  await pages.bob.evaluate(() => window.user.until('alice: '))
  for (const page of Object.values(pages)) {
    const log = await page.evaluate(async () => {
      await window.user.kit.logoutWithCompletion()
      return window.user.kit.readLog()
    })
    // What was refused is in it, in words.
    if (page === pages.alice) expect(log).toMatch(/"sendMessage: A message needs a text/)
    expect(log).toMatch(/"A signaling server has taken this session"/)
    expect(log).not.toContain(SECRET)
    expect(log).not.toContain(Buffer.from(SECRET).toString('base64').slice(0, 10))
    const credentials = world.serverMessages.flatMap((message) =>
      'credential' in message ? [String(message.credential)] : [],
    )
    expect(credentials.length).toBeGreaterThan(1)
    for (const credential of credentials) expect(log).not.toContain(credential.slice(0, 40))
  }
})

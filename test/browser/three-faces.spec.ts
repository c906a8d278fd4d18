import { join as pathTo } from 'node:path'

import { ensureBuilt, project } from '../../scripts/tools.mjs'
import type AgoraRTM from '../../src/web.ts'
import type { RtmChannel, RtmClient } from '../../src/web.ts'
import { serveFolder } from './packaging/static-server.ts'
import { APP_ID, expect, join, test } from './support/world.ts'

declare global {
  interface Window {
    tagged: { client: RtmClient; channel: RtmChannel; heard: string[] }
  }
}

test.beforeAll(() => {
  test.setTimeout(120_000)
  ensureBuilt()
})

test('a user of the script tag, one of the Web face and one of the kit share a channel, attributes and calls', async ({
  world,
}) => {
  const files = await serveFolder(pathTo(project, 'dist'))
  const [tina, wendy, kim] = [await world.page(), await world.page(), await world.login('kim')]
  await join(kim)
  await kim.evaluate(() => void window.user.calls)
  await wendy.evaluate(
    async ([appId, url]) => {
      const { WebUser } = await window.loadWebUser()
      window.web = new WebUser(appId, url)
      await window.web.client.login({ uid: 'wendy' })
      await window.web.channel('room').join()
    },
    [APP_ID, world.signaling.url] as const,
  )
  await tina.addScriptTag({ url: `${files.url}agora-rtm.global.js` })
  await tina.evaluate(
    async ([appId, url]) => {
      const rtm = Reflect.get(window, 'AgoraRTM') as typeof AgoraRTM
      const client = rtm.createInstance(appId, { signaling: [url], iceServers: [] })
      const channel = client.createChannel('room')
      const heard: string[] = []
      window.tagged = { client, channel, heard }
      channel.on('ChannelMessage', ({ text }, from) => heard.push(`${from}: ${text}`))
      channel.on('AttributesUpdated', ({ topic, time }) => heard.push(`${topic?.value} ${time?.value}`))
      client.on('RemoteInvitationReceived', (invitation) => {
        invitation.response = 'gladly'
        invitation.accept()
      })
      await client.login({ uid: 'tina' })
      await channel.join()
    },
    [APP_ID, world.signaling.url] as const,
  )
  const kitHeard = (what: string) => kim.evaluate((pattern) => window.user.until(pattern), what)
  const webHeard = (what: string) => wendy.evaluate((pattern) => window.web.until(pattern), what)
  const tagHeard = (what: string) =>
    expect.poll(() => tina.evaluate(() => window.tagged.heard)).toContain(what)

  const all = ['kim', 'tina', 'wendy']
  expect((await tina.evaluate(() => window.tagged.channel.getMembers())).sort()).toEqual(all)
  expect(await kim.evaluate(() => window.user.members('room'))).toEqual(all)
  await webHeard('^#room \\+tina$')

  await tina.evaluate(() => window.tagged.channel.sendMessage({ text: 'hello' }))
  await kitHeard('^#room tina: hello$')
  await webHeard('^#room tina: hello$')
  await kim.evaluate(() => window.user.say('room', 'from a kit'))
  await wendy.evaluate(() => window.web.channel('room').sendMessage({ text: 'from the Web face' }))
  await tagHeard('kim: from a kit')
  await tagHeard('wendy: from the Web face')

  const notify = { enableNotificationToChannelMembers: true }
  await tina.evaluate(
    (options) => window.tagged.client.setChannelAttributes('room', { topic: 'tea' }, options),
    notify,
  )
  await kitHeard('^#room has topic=tea \\(tina\\)$')
  await webHeard('^#room has topic=tea \\(tina\\)$')
  await kim.evaluate(() => window.user.put('room', { time: 'now' }, true))
  await tagHeard('tea now')

  await wendy.evaluate(() => window.web.invite('tina', 'lunch'))
  await webHeard('^lunch: accepted, gladly$')
  await kim.evaluate(() => window.user.calls.invite('tina', 'dinner'))
  await kitHeard('^dinner: accepted, gladly$')
  await tina.evaluate(() => {
    const invitation = window.tagged.client.createLocalInvitation('kim')
    invitation.content = 'tea'
    invitation.on('LocalInvitationAccepted', (response) => window.tagged.heard.push(`accepted: ${response}`))
    invitation.send()
  })
  await kitHeard('^tina calls: tea')
  await kim.evaluate(() => window.user.calls.accept('tea', 'yes'))
  await tagHeard('accepted: yes')
  await files.close()
})

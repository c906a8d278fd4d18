import type { Page } from 'playwright/test'

import { APP_ID, expect, join, test, type World } from './support/world.ts'

declare global {
  interface Window {
    web: import('./page/test-web-user.ts').TestWebUser
  }
}

/** A page whose `web` is logged in under this name and in #room. */
async function webUser(world: World, name: string): Promise<Page> {
  const page = await world.page()
  await page.evaluate(
    async ([appId, uid, url]) => {
      const { AgoraRTM, TestWebUser } = await window.loadWeb()
      window.web = new TestWebUser(AgoraRTM, appId, [url])
      void window.web.calls
      await window.web.client.login({ uid })
      await window.web.channel('room').join()
    },
    [APP_ID, name, world.signaling.url] as const,
  )
  return page
}

/** Wendy and will use the Web face, kim the kit. */
async function setup(world: World) {
  const wendy = await webUser(world, 'wendy')
  const will = await webUser(world, 'will')
  const kim = await world.login('kim')
  await join(kim)
  return { wendy, will, kim }
}

const heard = (page: Page, pattern: string, count = 1): Promise<string[]> =>
  page.evaluate(([wanted, often]) => window.web.until(wanted, often), [pattern, count] as const)

const kitHeard = (page: Page, pattern: string, count = 1): Promise<string[]> =>
  page.evaluate(([wanted, often]) => window.user.until(wanted, often), [pattern, count] as const)

test('users of both faces are members of one channel and hear each other, in channels and as peers', async ({
  world,
}) => {
  const { wendy, will, kim } = await setup(world)
  for (const page of [wendy, will])
    expect((await page.evaluate(() => window.web.channel('room').getMembers())).sort()).toEqual([
      'kim',
      'wendy',
      'will',
    ])
  expect(await kim.evaluate(() => window.user.members('room'))).toEqual(['kim', 'wendy', 'will'])
  expect(await heard(wendy, '\\+', 2)).toEqual(['#room +will', '#room +kim'])

  await wendy.evaluate(() => window.web.channel('room').sendMessage({ text: 'hello' }))
  await heard(will, '^#room wendy: hello$')
  await kitHeard(kim, '^#room wendy: hello$')
  expect(await kim.evaluate(() => window.user.say('room', 'hello from a kit'))).toBe(0)
  for (const page of [wendy, will]) await heard(page, '^#room kim: hello from a kit$')

  const raw = { description: 'two', bytes: [1, 2] }
  await will.evaluate(({ description, bytes }) => {
    const message = { rawMessage: new Uint8Array(bytes), description }
    return window.web.client.sendMessageToPeer(message, 'kim')
  }, raw)
  await kitHeard(kim, '^will: two \\[1 2\\]$')
  expect(await kim.evaluate(() => window.user.tell('will', 'thanks'))).toBe(0)
  await heard(will, '^kim: thanks$')

  await wendy.evaluate(async () => {
    await window.web.channel('room').leave()
    await window.web.client.logout()
  })
  await heard(will, '^#room -wendy$')
  await kitHeard(kim, '^#room -wendy$')
})

test('attributes of users and of the channel cross both ways', async ({ world }) => {
  const { wendy, will, kim } = await setup(world)
  await wendy.evaluate(() => window.web.client.setLocalUserAttributes({ mood: 'fine' }))
  await kim.evaluate(() => window.user.kit.setLocalUserAttributes([{ key: 'mood', value: 'so so' }]))
  for (const [userId, mood] of [
    ['wendy', 'fine'],
    ['kim', 'so so'],
  ] as const)
    expect(await will.evaluate((id) => window.web.client.getUserAttributes(id), userId)).toEqual({ mood })
  const ofWendy = await kim.evaluate(() => window.user.kit.getUserAttributes('wendy'))
  expect(ofWendy.attributes?.map(({ key, value }) => [key, value])).toEqual([['mood', 'fine']])

  await wendy.evaluate(() =>
    window.web.client.addOrUpdateChannelAttributes(
      'room',
      { topic: 'tea' },
      { enableNotificationToChannelMembers: true },
    ),
  )
  await kitHeard(kim, '^#room has topic=tea \\(wendy\\)$')
  expect(await kim.evaluate(() => window.user.put('room', { time: 'now' }, true))).toBe(0)
  for (const page of [wendy, will]) await heard(page, '^#room has time=now \\(kim\\) topic=tea \\(wendy\\)$')
  const attributes = await will.evaluate(() => window.web.client.getChannelAttributes('room'))
  expect(attributes['time']).toMatchObject({ value: 'now', lastUpdateUserId: 'kim' })
})

test('invitations cross both ways, and between two users of the Web face', async ({ world }) => {
  const { wendy, will, kim } = await setup(world)
  await kim.evaluate(() => void window.user.calls)

  await wendy.evaluate(() => window.web.calls.invite('kim', 'lunch'))
  await kitHeard(kim, '^wendy calls: lunch, room 7$')
  expect(await kim.evaluate(() => window.user.calls.accept('lunch', 'yes'))).toBe(0)
  await heard(wendy, '^lunch: accepted, yes$')

  expect(await kim.evaluate(() => window.user.calls.invite('will', 'dinner'))).toBe(0)
  await heard(will, '^kim calls: dinner, room 7$')
  expect(await will.evaluate(() => window.web.calls.refuse('dinner', 'busy'))).toBe(0)
  await kitHeard(kim, '^dinner: refused, busy$')

  await will.evaluate(() => window.web.calls.invite('wendy', 'tea'))
  await heard(wendy, '^will calls: tea, room 7$')
  expect(await will.evaluate(() => window.web.calls.cancel('tea'))).toBe(0)
  await heard(wendy, '^will canceled: tea$')
})

test('a client that is made and destroyed again and again, as React does in strict mode, leaves nothing', async ({
  world,
}) => {
  const page = await world.page()
  const left = await page.evaluate(
    async ([appId, url]) => {
      const { AgoraRTM, TestWebUser } = await window.loadWeb()
      for (let i = 0; i < 5; i++) {
        const early = new TestWebUser(AgoraRTM, appId, [url])
        early.client.login({ uid: 'wendy' }).catch(() => undefined)
        early.client.destroy()
        const late = new TestWebUser(AgoraRTM, appId, [url])
        await late.client.login({ uid: 'wendy' })
        await late.channel('room').join()
        late.client.destroy()
      }
      return window.openConnections().length
    },
    [APP_ID, world.signaling.url] as const,
  )
  expect(left).toBe(0)
  await expect.poll(() => world.signaling.stats().openSockets).toBe(0)
})

import type { Page } from 'playwright/test'

import { createSignalingServer } from '../../signaling/index.ts'
import { expect, logIn, test } from './support/world.ts'

/** What this page reads of a user: its attributes, or the code of a failure. */
function read(page: Page, userId: string): Promise<Record<string, string> | number> {
  return page.evaluate(async (id) => {
    const { attributes, errorCode } = await window.user.kit.getUserAttributes(id)
    return attributes ? Object.fromEntries(attributes.map(({ key, value }) => [key, value])) : errorCode
  }, userId)
}

function set(page: Page, attributes: Record<string, string>): Promise<number> {
  return page.evaluate((record) => {
    const list = Object.entries(record).map(([key, value]) => ({ key, value }))
    return window.user.kit.setLocalUserAttributes(list)
  }, attributes)
}

test('attributes are read inside memberJoined, changed, and read again', async ({ world }) => {
  const [alice, bob] = [await world.login('alice'), await world.login('bob')]
  await alice.evaluate(async () => {
    const channel = window.user.channel('room')
    channel.channelDelegate = {
      memberJoined: (_, { userId }) => {
        const read = window.user.kit.getUserAttributesByKeys(userId, ['name', 'hat'])
        Object.assign(window, { read })
      },
    }
    await channel.joinWithCompletion()
  })
  expect(await set(bob, { name: 'Robert', team: 'red' })).toBe(0)
  expect(await bob.evaluate(() => window.user.join('room'))).toBe(0)
  await alice.waitForFunction(() => 'read' in window)
  expect(await alice.evaluate(() => Reflect.get(window, 'read') as unknown)).toEqual({
    attributes: [{ key: 'name', value: 'Robert' }],
    userId: 'bob',
    errorCode: 0,
  })

  const codes = await bob.evaluate(async () => [
    await window.user.kit.addOrUpdateLocalUserAttributes([{ key: 'team', value: 'blue' }]),
    await window.user.kit.deleteLocalUserAttributesByKeys(['name']),
  ])
  expect(codes).toEqual([0, 0])
  expect(await read(alice, 'bob')).toEqual({ team: 'blue' })
})

test('attributes are void after a logout, and a user who is not there is not found', async ({ world }) => {
  const [alice, bob] = [await world.login('alice'), await world.login('bob')]
  expect(await read(alice, 'carol')).toBe(6)
  await set(bob, { name: 'Robert' })
  expect(await read(alice, 'bob')).toEqual({ name: 'Robert' })

  await bob.evaluate(() => window.user.kit.logoutWithCompletion())
  expect(await read(alice, 'bob')).toBe(6)
  expect(await read(bob, 'bob')).toBe(102)

  expect(await bob.evaluate(() => window.user.login('bob'))).toBe(0)
  expect(await read(bob, 'bob')).toEqual({})
  expect(await read(alice, 'bob')).toEqual({})
})

test('attributes outlive a server that is restarted and has forgotten everybody', async ({ world }) => {
  const [alice, bob] = [await world.login('alice'), await world.login('bob')]
  const carol = await world.page()
  await set(bob, { name: 'Robert' })
  const { port } = world.signaling
  await world.signaling.close()
  for (const page of [alice, bob]) await page.evaluate(() => window.user.until('Reconnecting'))
  const isWritten = bob.evaluate(() =>
    window.user.kit.addOrUpdateLocalUserAttributes([{ key: 'team', value: 'red' }]),
  )
  expect(await isWritten).toBe(0)

  const again = await createSignalingServer({ port, secret: 'the secret of the tests' })
  try {
    for (const page of [alice, bob]) await page.evaluate(() => window.user.until('Connected', 2))
    expect(await read(alice, 'bob')).toEqual({ name: 'Robert', team: 'red' })
    await logIn(carol, 'carol')
    expect(await read(carol, 'bob')).toEqual({ name: 'Robert', team: 'red' })
  } finally {
    await again.close()
  }
})

test('limits have their codes, and what is refused changes nothing', async ({ world }) => {
  const page = await world.login('alice', { rateLimits: true })

  const codes = await page.evaluate(async () => {
    const { kit } = window.user
    const one = (key: string, value: string) => kit.setLocalUserAttributes([{ key, value }])
    const many = Array.from({ length: 33 }, (_, i) => ({ key: `key-${i}`, value: 'x' }))
    return {
      invalid: [
        await one('k'.repeat(33), 'x'),
        await one('two words', 'x'),
        await one('key', ''),
        await kit.addOrUpdateLocalUserAttributes([]),
        await kit.deleteLocalUserAttributesByKeys([]),
        (await kit.getUserAttributesByKeys('alice', [])).errorCode,
        (await kit.getUserAttributes('ü')).errorCode,
      ],
      large: [await kit.setLocalUserAttributes(many), await one('key', 'x'.repeat(8_193))],
      good: [await one('key', 'x'.repeat(8_192)), await one('🔑', 'ü')],
      often: await Promise.all(Array.from({ length: 7 }, () => kit.clearLocalUserAttributes())),
      reads: await Promise.all(
        Array.from({ length: 41 }, async () => (await kit.getUserAttributes('alice')).errorCode),
      ),
    }
  })

  expect(codes.invalid).toEqual([3, 3, 3, 3, 3, 3, 3])
  expect(codes.large).toEqual([4, 4])
  expect(codes.good).toEqual([0, 0])
  expect(codes.often).toEqual([0, 0, 0, 0, 0, 0, 5])
  expect(codes.reads).toEqual([...Array.from({ length: 40 }, () => 0), 5])
})

test('what keeps attributes is loaded after the login, and again by a call if that failed', async ({
  world,
}) => {
  const bob = await world.login('bob')
  await set(bob, { name: 'Robert' })
  const page = await world.page()
  const pattern = /\/rtm\/documents-file\.ts/
  await page.route(pattern, (route) => route.abort())
  const failed = page.waitForEvent('requestfailed', (request) => pattern.test(request.url()))
  await logIn(page, 'alice')
  await failed
  expect(await set(page, { name: 'Alice' })).toBe(0)
  expect(await read(page, 'alice')).toEqual({ name: 'Alice' })
  expect(await read(page, 'bob')).toBe(2)

  await page.unroute(pattern)
  expect(await read(page, 'bob')).toEqual({ name: 'Robert' })
  await page.context().setOffline(true)
  await page.route(pattern, (route) => route.abort())
  expect(await read(page, 'bob')).toEqual({ name: 'Robert' })
})

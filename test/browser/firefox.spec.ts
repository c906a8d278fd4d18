import type { Page } from 'playwright/test'

import { Company } from './support/company.ts'
import type { Face } from './support/faces.ts'
import { type Firefox, type FirefoxTab, test } from './support/firefox.ts'
import { expect, type Tab, type World } from './support/world.ts'

// A kit user and a web user in either browser: Carl and Clara in Chromium, Fred and Frida in Firefox.
const NAMES = ['carl', 'clara', 'fred', 'frida'] as const
type Name = (typeof NAMES)[number]
const FACES: Readonly<Record<Name, Face>> = { carl: 'kit', clara: 'web', fred: 'kit', frida: 'web' }

interface Everybody extends Readonly<Record<Name, Tab>> {
  readonly carl: Page
  readonly clara: Page
  readonly fred: FirefoxTab
  readonly frida: FirefoxTab
}

const othersThan = (name: Name): Name[] => NAMES.filter((other) => other !== name)

const until = (tab: Tab, pattern: string, count = 1): Promise<string[]> =>
  tab.evaluate(([wanted, often]) => window.person.until(wanted, often), [pattern, count] as const)

/** All four, logged in. */
async function loggedIn(world: World, firefox: Firefox): Promise<Everybody> {
  const [carl, clara, fred, frida] = await Promise.all([
    world.page(),
    world.page(),
    firefox.page(),
    firefox.page(),
  ])
  const everybody = { carl, clara, fred, frida }
  await new Company(everybody, FACES).logIn(world.signaling.url)
  return everybody
}

/** All four, in #room and linked to each other. */
async function inRoom(world: World, firefox: Firefox): Promise<Everybody> {
  const everybody = await loggedIn(world, firefox)
  await new Company(everybody, FACES).joinRoom()
  return everybody
}

test('kit and web users in Chromium and Firefox are members of one channel, linked directly, and see each other come and go', async ({
  world,
  firefox,
}) => {
  const everybody = await inRoom(world, firefox)
  for (const name of NAMES) {
    expect(await everybody[name].evaluate(() => window.person.members('room'))).toEqual([...NAMES])
  }
  const comings = ['#room +clara', '#room +fred', '#room +frida']
  expect((await until(everybody.carl, ' \\+', 3)).sort()).toEqual(comings)

  // The pages go away: their goodbye is the last thing that they do.
  await everybody.clara.close({ runBeforeUnload: true })
  await everybody.fred.close()
  for (const name of ['carl', 'frida'] as const) {
    expect((await until(everybody[name], ' -', 2)).sort()).toEqual(['#room -clara', '#room -fred'])
    expect(await everybody[name].evaluate(() => window.person.members('room'))).toEqual(['carl', 'frida'])
  }
})

test('50 messages of each user to the channel and to each other user all arrive, once and in order', async ({
  world,
  firefox,
}) => {
  const everybody = await inRoom(world, firefox)
  const codes = await Promise.all(
    NAMES.map((name) =>
      everybody[name].evaluate(async (others) => {
        const calls = Array.from({ length: 50 }, (_, i) => [
          window.person.say('room', `all ${i}`),
          ...others.map((other) => window.person.tell(other, `you ${i}`)),
        ])
        return [...new Set(await Promise.all(calls.flat()))]
      }, othersThan(name)),
    ),
  )
  expect(codes).toEqual([[0], [0], [0], [0]])
  for (const name of NAMES) {
    for (const other of othersThan(name)) {
      const heard = await until(everybody[name], `^(#room )?${other}: `, 100)
      const numbers = Array.from({ length: 50 }, (_, i) => i)
      expect(heard.filter((event) => event.startsWith('#'))).toEqual(
        numbers.map((i) => `#room ${other}: all ${i}`),
      )
      expect(heard.filter((event) => !event.startsWith('#'))).toEqual(
        numbers.map((i) => `${other}: you ${i}`),
      )
    }
  }
})

test('raw data, and 32 KB of either kind, arrive as they were sent; a byte more is refused', async ({
  world,
  firefox,
}) => {
  const everybody = await inRoom(world, firefox)
  const large = 32 * 1024
  for (const [from, to] of [
    ['carl', 'frida'],
    ['frida', 'carl'],
    ['fred', 'clara'],
    ['clara', 'fred'],
  ] as const) {
    const codes = await everybody[from].evaluate(
      async ([peerId, size]) => [
        await window.person.tellRaw(peerId, new Uint8Array([0, 1, 2, 255]), 'a picture'),
        await window.person.tellRaw(
          peerId,
          Uint8Array.from({ length: size - 4 }, (_, i) => (i * i) % 251),
          'long',
        ),
        await window.person.tell(peerId, '€'.repeat(Math.floor(size / 3))),
        await window.person.tell(peerId, '€'.repeat(Math.ceil(size / 3))),
      ],
      [to, large] as const,
    )
    const invalidMessage = 7
    expect(codes, `${from} to ${to}`).toEqual([0, 0, 0, invalidMessage])
    const bytes = Array.from({ length: large - 4 }, (_, i) => (i * i) % 251)
    expect(await until(everybody[to], `^${from}: `, 3)).toEqual([
      `${from}: a picture [0 1 2 255]`,
      `${from}: long [${bytes.join(' ')}]`,
      `${from}: ${'€'.repeat(Math.floor(large / 3))}`,
    ])
  }
})

test('attributes of users and of the channel are the same for all, whoever sets them, and all are told', async ({
  world,
  firefox,
}) => {
  const company = new Company(await inRoom(world, firefox), FACES)
  await company.expectUserAttributes()
  await company.expectChannelAttributes()
})

test('invitations ring in the other browser and face; who accepts and who refuses is known to both', async ({
  world,
  firefox,
}) => {
  const company = new Company(await loggedIn(world, firefox), FACES)
  await company.expectCall('carl', 'frida', 'accept')
  await company.expectCall('frida', 'carl', 'accept')
  await company.expectCall('fred', 'clara', 'refuse')
  await company.expectCall('clara', 'fred', 'refuse')
})

test('a user of the script tag in Firefox talks with users in Chromium, shares attributes, and they call each other', async ({
  world,
  firefox,
}) => {
  const [carl, clara, fiona] = [await world.page(), await world.page(), await firefox.page()]
  const company = new Company({ carl, clara, fiona }, { carl: 'kit', clara: 'tag', fiona: 'tag' })
  await company.logIn(world.signaling.url)
  await company.joinRoom()
  await company.expectMembers()
  await company.expectTalk()
  await company.expectUserAttributes()
  await company.expectChannelAttributes()
  for (const other of ['carl', 'clara'] as const) {
    await company.expectCall('fiona', other, 'accept')
    await company.expectCall(other, 'fiona', 'accept')
  }
  await fiona.close()
  for (const name of ['carl', 'clara'] as const) await company.until(name, '^#room -fiona$')
})

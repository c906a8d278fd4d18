import type { Page } from 'playwright/test'

import { ensureBuilt } from '../../scripts/tools.mjs'
import { Company } from './support/company.ts'
import { test, type World } from './support/world.ts'

// Kim has the kit, Wendy the Web face as a module, Tina the same by the script tag, which is always a built one.
const FACES = { kim: 'kit', tina: 'tag', wendy: 'web' } as const

test.beforeAll(() => {
  test.setTimeout(120_000)
  ensureBuilt()
})

async function inRoom(world: World): Promise<Company<keyof typeof FACES, Page>> {
  const [kim, tina, wendy] = [await world.page(), await world.page(), await world.page()]
  const company = new Company({ kim, tina, wendy }, FACES)
  await company.logIn(world.signaling.url)
  await company.joinRoom()
  return company
}

test('users of the kit, the Web face and the script tag are members of one channel, and talk there and as peers', async ({
  world,
}) => {
  const company = await inRoom(world)
  await company.expectMembers()
  await company.until('kim', '^#room \\+wendy$')
  await company.expectTalk()
  await company.tabs.tina.close({ runBeforeUnload: true })
  for (const name of ['kim', 'wendy'] as const) await company.until(name, '^#room -tina$')
})

test('user attributes and channel attributes of each face are read by each of them', async ({ world }) => {
  const company = await inRoom(world)
  await company.expectUserAttributes()
  await company.expectChannelAttributes()
})

test('each face calls each other one, is accepted and refused, and both sides know it', async ({ world }) => {
  const company = await inRoom(world)
  for (const verb of ['accept', 'refuse'] as const)
    for (const [caller, callee] of company.pairs) await company.expectCall(caller, callee, verb)
})

import type { Page } from 'playwright/test'

import { setup } from './support/hostile.ts'
import { APP_ID, expect, test, type World } from './support/world.ts'

/** Alice and Bob, each with an attribute in #room, and Mallory, a member who is linked to Alice and has the document. */
async function vandalized(world: World) {
  const { alice, aliceId, page } = await setup(world)
  const bob = await world.login('bob')
  for (const user of [alice, bob]) await user.evaluate(() => window.user.join('room'))
  await alice.evaluate(() => window.user.put('room', { ofAlice: 'tea' }))
  await bob.evaluate(() => window.user.put('room', { ofBob: 'coffee' }))
  await page.evaluate(
    async ([victim, appId]) => {
      const { mallory } = window
      mallory.join('room')
      await mallory.offer(victim, { epoch: 1 })
      await mallory.linked()
      // A greeting, as every link begins with.
      mallory.sendPacket([1, 4, 1, 0, 0, 0])
      const { DocumentVandal } = await window.loadVandal()
      window.vandal = await DocumentVandal.take(mallory, appId, 'room')
      await window.vandal.until('ofBob\0bob')
    },
    [aliceId, APP_ID] as const,
  )
  return { alice, bob, page }
}

const attributesOf = (page: Page): Promise<string> => page.evaluate(() => window.user.attributes('room'))

/** Both show the same within 5 s, and what each of them writes from then on, the other shows. */
async function allIsWell(alice: Page, bob: Page): Promise<void> {
  await expect
    .poll(async () => (await attributesOf(alice)) === (await attributesOf(bob)), { timeout: 5_000 })
    .toBe(true)
  expect(await alice.evaluate(() => window.user.put('room', { ofAlice: 'later' }))).toBe(0)
  expect(await bob.evaluate(() => window.user.put('room', { ofBob: 'later' }))).toBe(0)
  for (const page of [alice, bob]) {
    await expect
      .poll(() => attributesOf(page), { timeout: 5_000 })
      .toContain('ofAlice=later (alice) ofBob=later (bob)')
  }
}

test('structs planted under the client id of another, who is writing, split nothing for long', async ({
  world,
}) => {
  const { alice, bob, page } = await vandalized(world)
  const writing = bob.evaluate(async () => {
    for (let i = 0; i < 60; i++) await window.user.put('room', { ofBob: `cup ${i}` })
  })
  await page.evaluate(() => {
    const { vandal } = window
    vandal.tell((doc) => {
      for (let i = 0; i < 40; i++)
        doc.getMap('records').set(`planted${i}\0mallory`, new Uint8Array([1, 2, 3]))
    }, vandal.writerOf('ofBob\0bob'))
  })
  await writing
  await allIsWell(alice, bob)
  expect(await attributesOf(alice)).not.toContain('planted')
})

test('300 KB under another root type close the channel, and are nowhere kept', async ({ world }) => {
  const { alice, bob, page } = await vandalized(world)
  await page.evaluate(async () => {
    for (let i = 0; i < 2; i++)
      window.vandal.tell((doc) => doc.getText('evil').insert(0, 'x'.repeat(150 * 1024)))
    await window.vandal.closed()
  })
  await allIsWell(alice, bob)
})

test('a small update under another root type closes the channel as well', async ({ world }) => {
  const { alice, bob, page } = await vandalized(world)
  await page.evaluate(async () => {
    window.vandal.tell((doc) => doc.getMap('evil').set('x', new Uint8Array(3)))
    await window.vandal.closed()
  })
  await allIsWell(alice, bob)
})

test('a record that is signed by somebody other than its author is not shown', async ({ world }) => {
  const { alice, bob, page } = await vandalized(world)
  await page.evaluate(async () => {
    const { vandal } = window
    const clock = Date.now()
    const [place, bytes] = await vandal.record({
      key: 'forged',
      value: 'I owe Mallory',
      clock,
      userId: 'bob',
    })
    const [ownPlace, ownBytes] = await vandal.record({ key: 'own', value: 'mine', clock, userId: 'mallory' })
    vandal.tell((doc) => {
      vandal.putCredential(doc)
      doc.getMap('records').set(place, bytes)
      doc.getMap('records').set(ownPlace, ownBytes)
    })
  })
  // What he signs as himself is an attribute like any other: so the forged one has been looked at as well.
  await expect.poll(() => attributesOf(bob)).toContain('own=mine (mallory)')
  await allIsWell(alice, bob)
  for (const user of [alice, bob]) expect(await attributesOf(user)).not.toContain('forged')
})

test('a record of the far future is not shown, and does not keep others from writing its key', async ({
  world,
}) => {
  const { alice, bob, page } = await vandalized(world)
  await page.evaluate(async () => {
    const { vandal } = window
    const clock = Date.UTC(2100, 0)
    const [place, bytes] = await vandal.record({ key: 'ofBob', value: 'forever', clock, userId: 'mallory' })
    const [nowPlace, nowBytes] = await vandal.record({
      key: 'own',
      value: 'mine',
      clock: Date.now(),
      userId: 'mallory',
    })
    vandal.tell((doc) => {
      vandal.putCredential(doc)
      doc.getMap('records').set(place, bytes)
      doc.getMap('records').set(nowPlace, nowBytes)
    })
  })
  await expect.poll(() => attributesOf(bob)).toContain('own=mine (mallory)')
  await allIsWell(alice, bob)
})

import { setup } from './support/hostile.ts'
import { APP_ID, expect, test } from './support/world.ts'

test('a peer that asks for one connection after the other gets ten of them in ten seconds', async ({
  world,
}) => {
  const { alice, aliceId, page } = await setup(world)

  await page.evaluate(async (victim) => {
    for (let epoch = 1; epoch <= 40; epoch++) await window.mallory.offer(victim, { epoch })
  }, aliceId)
  // The server delivers in order: what is heard of another user now was sent after all of them.
  const bob = await world.login('bob')
  expect(await bob.evaluate(() => window.user.tell('alice', 'hello'))).toBe(0)

  expect(await alice.evaluate(() => window.connectionCount)).toBeLessThanOrEqual(10 + 1)
})

test('offers that prove nothing are looked at as rarely as those that do', async ({ world }) => {
  const { alice, aliceId, page } = await setup(world)

  await page.evaluate(async (victim) => {
    for (let epoch = 1; epoch <= 30; epoch++) {
      await window.mallory.offer(victim, { epoch, credential: 'no credential' })
    }
  }, aliceId)
  const bob = await world.login('bob')
  expect(await bob.evaluate(() => window.user.tell('alice', 'hello'))).toBe(0)
  // What the victim says now comes behind all that it had to say about the offers.
  await alice.evaluate(() => void window.user.tell('mallory', 'enough'))
  await page.evaluate(() => window.mallory.knocked())

  const signals = await page.evaluate(() => window.mallory.signals.map(({ type }) => type))
  expect(signals.filter((type) => type === 'reject')).toHaveLength(10)
})

test('a crowd that asks for connections gets a hundred in ten seconds, and takes none from those who are wanted', async ({
  world,
}) => {
  // The higher session id is asked for connections by those who are written to as well.
  const users = await Promise.all(
    ['alice', 'bob'].map(async (name) => {
      const user = await world.login(name)
      return { name, user, id: (await user.evaluate(() => window.user.kit.diagnose())).sessionId ?? '' }
    }),
  )
  const [bob, alice] = users.sort((a, b) => (a.id < b.id ? -1 : 1))
  if (!alice || !bob) throw new Error('There are two')
  const page = await world.page()

  await page.evaluate(
    async ([url, app, victim]) => {
      const { Mallory } = await window.loadMallory()
      const login = (_: unknown, i: number) => Mallory.login(url, app, 'below', victim, `mallory-${i}`)
      const crowd = await Promise.all(Array.from({ length: 15 }, login))
      for (const mallory of crowd) {
        await mallory.offer(victim, { epoch: 1 })
        const offer = JSON.parse(mallory.offerText) as object
        for (let epoch = 2; epoch <= 10; epoch++) mallory.send(victim, { ...offer, epoch })
      }
    },
    [world.signaling.url, APP_ID, alice.id] as const,
  )
  const connectionCount = () => alice.user.evaluate(() => window.connectionCount)
  await expect.poll(connectionCount).toBeGreaterThanOrEqual(100)

  expect(await alice.user.evaluate((name) => window.user.tell(name, 'hello'), bob.name)).toBe(0)
  expect(await connectionCount()).toBe(100 + 1)
})

import type { Page } from 'playwright/test'

import { createSignalingServer } from '../../signaling/index.ts'
import { expect, logIn, test } from './support/world.ts'

const attributesOf = (page: Page, channel = 'room'): Promise<string> =>
  page.evaluate((channelId) => window.user.attributes(channelId), channel)

/** Until all pages show the same attributes of #room; what they show. */
async function agreed(page: Page, ...others: Page[]): Promise<string> {
  await expect
    .poll(async () => new Set(await Promise.all([page, ...others].map((each) => attributesOf(each)))).size)
    .toBe(1)
  return attributesOf(page)
}

test('attributes of a channel are the same for all members, with who wrote them and when', async ({
  world,
}) => {
  const [alice, bob, carol] = await world.inRoom('alice', 'bob', 'carol')
  const before = Date.now()
  expect(await alice.evaluate(() => window.user.put('room', { topic: 'tea', 'färbe 🎨': 'grün' }))).toBe(3)
  expect(await alice.evaluate(() => window.user.put('room', { topic: 'tea', 'färbe🎨': 'grün' }))).toBe(0)
  expect(await bob.evaluate(() => window.user.put('room', { place: 'garden' }))).toBe(0)
  for (const page of [alice, bob, carol]) {
    expect(await attributesOf(page)).toBe('färbe🎨=grün (alice) place=garden (bob) topic=tea (alice)')
  }
  const result = await carol.evaluate(() =>
    window.user.kit.getChannelAttributesByKeys('room', ['topic', 'nothing']),
  )
  expect(result.attributes).toEqual([
    { key: 'topic', value: 'tea', lastUpdateUserId: 'alice', lastUpdateTs: expect.any(Number) },
  ])
  const writtenAt = result.attributes?.[0]?.lastUpdateTs ?? 0
  expect(writtenAt).toBeGreaterThanOrEqual(before - 5)
  expect(writtenAt).toBeLessThanOrEqual(Date.now() + 5)
  expect(
    await bob.evaluate(() => window.user.kit.deleteChannelAttributesByKeys('room', ['topic', 'place'])),
  ).toBe(0)
  expect(await attributesOf(carol)).toBe('färbe🎨=grün (alice)')
  expect(
    await carol.evaluate(() => window.user.kit.setChannelAttributes('room', [{ key: 'a', value: '1' }])),
  ).toBe(0)
  expect(await attributesOf(alice)).toBe('a=1 (carol)')
  expect(await alice.evaluate(() => window.user.kit.clearChannelAttributes('room'))).toBe(0)
  expect(await attributesOf(bob)).toBe('')
})

test('attributeUpdate tells all members, the writer too, and only when it is asked for', async ({
  world,
}) => {
  const [alice, bob] = await world.inRoom('alice', 'bob')
  const visitor = await world.login('victor')
  await alice.evaluate(() => window.user.put('room', { quiet: 'yes' }))
  await alice.evaluate(() => window.user.put('room', { topic: 'tea' }, true))
  const first = '#room has quiet=yes (alice) topic=tea (alice)'
  for (const page of [alice, bob]) {
    const told = await page.evaluate(() => window.user.until('^#room has'))
    expect(told).toEqual([first])
  }
  expect(await visitor.evaluate(() => window.user.put('room', { from: 'outside' }, true))).toBe(0)
  for (const page of [alice, bob]) {
    const told = await page.evaluate(() => window.user.until('^#room has', 2))
    expect(told).toEqual([first, '#room has from=outside (victor) quiet=yes (alice) topic=tea (alice)'])
  }
  expect(await visitor.evaluate(() => window.user.events.filter((event) => event.startsWith('#')))).toEqual(
    [],
  )
})

test('attributes are read and written without joining, also of a channel that nobody is in', async ({
  world,
}) => {
  const [alice] = await world.inRoom('alice')
  await alice.evaluate(() => window.user.put('room', { topic: 'tea' }))
  const bob = await world.login('bob')
  expect(await attributesOf(bob)).toBe('topic=tea (alice)')
  expect(await bob.evaluate(() => window.user.put('room', { place: 'garden' }))).toBe(0)
  expect(await attributesOf(alice)).toBe('place=garden (bob) topic=tea (alice)')
  expect(await bob.evaluate(() => window.user.put('nobody is here', { made: 'by bob' }))).toBe(0)
  const carol = await world.login('carol')
  expect(await attributesOf(carol, 'nobody is here')).toBe('made=by bob (bob)')
  await carol.evaluate(() => window.user.join('nobody is here'))
  expect(await attributesOf(carol, 'nobody is here')).toBe('made=by bob (bob)')
  expect(await attributesOf(carol, 'never used')).toBe('')
})

test('400 random operations of two members, with links torn down in between, end in the same attributes', async ({
  world,
}) => {
  const [alice, bob] = await world.inRoom('alice', 'bob')
  const write = (page: Page, seed: number) =>
    page.evaluate(async (start) => {
      let state = start
      const random = (below: number): number => {
        state = (state * 1_103_515_245 + 12_345) % 2 ** 31
        return Math.floor((state / 2 ** 31) * below)
      }
      const codes = new Map<number, number>()
      for (let i = 0; i < 200; i++) {
        const { kit } = window.user
        const attribute = () => ({ key: `k${random(12)}`, value: `${start}/${i}` })
        const kind = random(20)
        // No call waits for the one before.
        const call =
          kind === 0
            ? kit.clearChannelAttributes('room')
            : kind === 1
              ? kit.setChannelAttributes('room', [attribute(), attribute()])
              : kind < 6
                ? kit.deleteChannelAttributesByKeys('room', [`k${random(12)}`])
                : kit.addOrUpdateChannelAttributes('room', [attribute()])
        void call.then((code) => codes.set(code, (codes.get(code) ?? 0) + 1))
        if (i % 50 === 25) for (const connection of window.openConnections()) connection.close()
        if (i % 10 === 9) await call
      }
      return [...codes]
    }, seed)
  await Promise.all([write(alice, 1), write(bob, 2)])
  const shown = await agreed(alice, bob)
  expect(shown).not.toBe('')
  for (const page of [alice, bob]) {
    await page.evaluate((other) => window.user.untilLinked([other]), page === alice ? 'bob' : 'alice')
    expect(await page.evaluate(() => window.openConnections().length)).toBe(1)
  }
})

test('attributes of three channels cost four members no further connection', async ({ world }) => {
  const pages = await world.inRoom('alice', 'bob', 'carol', 'dave')
  for (const page of pages) {
    await page.evaluate(() => Promise.all(['garden', 'cellar'].map((channel) => window.user.join(channel))))
  }
  for (const [i, page] of pages.entries()) {
    await page.evaluate(
      (n) =>
        Promise.all(
          ['room', 'garden', 'cellar'].map((channel) => window.user.put(channel, { [`k${n}`]: 'x' })),
        ),
      i,
    )
  }
  const all = 'k0=x (alice) k1=x (bob) k2=x (carol) k3=x (dave)'
  for (const page of pages) {
    for (const channel of ['room', 'garden', 'cellar']) expect(await attributesOf(page, channel)).toBe(all)
    expect(await page.evaluate(() => window.connectionCount)).toBe(3)
  }
})

test('of 200 concurrent writes of one key the later is shown on both sides, every time', async ({
  world,
}) => {
  const [alice, bob] = await world.inRoom('alice', 'bob')
  await alice.evaluate(() => window.user.put('room', { key: 'first' }))
  /** When the write began and ended, by the machine's clock, which both pages have. */
  const write = (page: Page, value: string, delayMs: number) =>
    page.evaluate(
      async ([text, wait]) => {
        const now = () => performance.timeOrigin + performance.now()
        const due = now() + wait
        while (now() < due) continue
        const from = now()
        const code = await window.user.put('room', { key: text })
        return { code, from, until: now() }
      },
      [value, delayMs] as const,
    )
  let decided = 0
  for (let round = 0; round < 200; round++) {
    const [ofAlice, ofBob] = await Promise.all([
      write(alice, `alice ${round}`, round % 4),
      write(bob, `bob ${round}`, (round * 7) % 5),
    ])
    expect([ofAlice.code, ofBob.code]).toEqual([0, 0])
    const seen = await agreed(alice, bob)
    const isAlice = ofAlice.from > ofBob.until
    const isBob = ofBob.from > ofAlice.until
    if (isAlice) expect(seen).toBe(`key=alice ${round} (alice)`)
    else if (isBob) expect(seen).toBe(`key=bob ${round} (bob)`)
    else expect(seen).toMatch(new RegExp(`^key=(alice|bob) ${round} `))
    if (isAlice || isBob) decided += 1
  }
  // Most are on their way at the same time, which is what this is about.
  expect(decided).toBeLessThan(150)
})

test('two writers of 20 keys each at once: 32 are shown, the same everywhere', async ({ world }) => {
  const [alice, bob] = await world.inRoom('alice', 'bob')
  // Who begins when the other's are there already may not write 20 more; the pages look at nothing else until then.
  const beginAt = Date.now() + 1_000
  const write = (page: Page, name: string) =>
    page.evaluate(
      ([prefix, due]) => {
        const list = Array.from({ length: 20 }, (_, i) => ({ key: `${prefix}${i}`, value: 'x' }))
        while (Date.now() < due) continue
        return window.user.kit.addOrUpdateChannelAttributes('room', list)
      },
      [name, beginAt] as const,
    )
  expect(await Promise.all([write(alice, 'a'), write(bob, 'b')])).toEqual([0, 0])
  const shown = await agreed(alice, bob)
  expect(shown.split(') ')).toHaveLength(32)
})

test('what is over a limit is refused with its code, and changes nothing', async ({ world }) => {
  const [alice] = await world.inRoom('alice')
  const codes = await alice.evaluate(async () => {
    const { kit } = window.user
    const add = (...list: [key: string, value: string][]) =>
      kit.addOrUpdateChannelAttributes(
        'room',
        list.map(([key, value]) => ({ key, value })),
      )
    const keys = Array.from({ length: 32 }, (_, i): [string, string] => [`k${i}`, 'x'])
    const full = await kit.setChannelAttributes(
      'room',
      keys.map(([key, value]) => ({ key, value })),
    )
    const refused = {
      the33rd: await add(['one more', 'x']),
      the33rdVisible: await add(['onemore', 'x']),
      valueOf8KBAnd1: await add(['k0', 'x'.repeat(8 * 1024 + 1)]),
      emptyValue: await add(['k0', '']),
      keyOf33Bytes: await add(['k'.repeat(33), 'x']),
      emptyList: await add(),
      total: await add(
        ...Array.from({ length: 4 }, (_, i): [string, string] => [`k${i}`, 'x'.repeat(8 * 1024)]),
      ),
    }
    return { full, refused, after: await window.user.attributes('room') }
  })
  expect(codes.full).toBe(0)
  expect(codes.refused).toEqual({
    the33rd: 3,
    the33rdVisible: 4,
    valueOf8KBAnd1: 4,
    emptyValue: 3,
    keyOf33Bytes: 3,
    emptyList: 3,
    total: 4,
  })
  expect(codes.after.match(/=x \(alice\)/g)).toHaveLength(32)
})

test('attributes of a channel with one member are there again after a reload', async ({ world }) => {
  const [alice] = await world.inRoom('alice')
  expect(await alice.evaluate(() => window.user.put('room', { topic: 'tea' }))).toBe(0)
  await world.reload(alice)
  await logIn(alice, 'alice', { rateLimits: false })
  await alice.evaluate(() => window.user.join('room'))
  expect(await attributesOf(alice)).toBe('topic=tea (alice)')
  const bob = await world.login('bob')
  await bob.evaluate(() => window.user.join('room'))
  expect(await attributesOf(bob)).toBe('topic=tea (alice)')
})

test('what two wrote while apart is there when they meet; what one of them deleted does not come back', async ({
  world,
}) => {
  const [alice, bob] = await world.inRoom('alice', 'bob')
  await alice.evaluate(() => window.user.put('room', { old: '0', kept: '0' }))
  expect(await attributesOf(bob)).toBe('kept=0 (alice) old=0 (alice)')
  const { port } = world.signaling
  await world.signaling.close()
  for (const page of [alice, bob]) {
    await page.evaluate(() => {
      for (const connection of window.openConnections()) connection.close()
    })
  }
  const [ofAlice, ofBob, deleted] = await Promise.all([
    alice.evaluate(() => window.user.put('room', { a: '1' })),
    bob.evaluate(() => window.user.put('room', { b: '2' })),
    bob.evaluate(() => window.user.kit.deleteChannelAttributesByKeys('room', ['old'])),
  ])
  // Nobody else has it yet, who should: it is kept.
  expect([ofAlice, ofBob, deleted]).toEqual([7, 7, 7])
  expect(await attributesOf(alice)).toBe('a=1 (alice) kept=0 (alice) old=0 (alice)')
  expect(await attributesOf(bob)).toBe('b=2 (bob) kept=0 (alice)')

  const again = await createSignalingServer({ port, secret: 'the secret of the tests' })
  try {
    for (const page of [alice, bob]) await page.evaluate(() => window.user.until('Connected', 2))
    await expect
      .poll(() => attributesOf(alice), { timeout: 20_000 })
      .toBe('a=1 (alice) b=2 (bob) kept=0 (alice)')
    await expect.poll(() => attributesOf(bob)).toBe('a=1 (alice) b=2 (bob) kept=0 (alice)')
  } finally {
    await again.close()
  }
})

test('what others deleted stays deleted after a reload, and who left last still has it for the next who joins', async ({
  world,
}) => {
  const [alice, bob] = await world.inRoom('alice', 'bob')
  await alice.evaluate(() => window.user.put('room', { a: '1', gone: 'soon' }))
  expect(await attributesOf(bob)).toBe('a=1 (alice) gone=soon (alice)')
  await alice.evaluate(() => window.user.kit.logoutWithCompletion())
  await bob.evaluate(() => window.user.until('#room -alice'))
  expect(await bob.evaluate(() => window.user.kit.deleteChannelAttributesByKeys('room', ['gone']))).toBe(0)
  await bob.evaluate(() => window.user.put('room', { b: '2' }))
  await world.reload(alice)
  await logIn(alice, 'alice', { rateLimits: false })
  await alice.evaluate(() => window.user.join('room'))
  await expect.poll(() => attributesOf(alice)).toBe('a=1 (alice) b=2 (bob)')
  expect(await attributesOf(bob)).toBe('a=1 (alice) b=2 (bob)')
  await bob.evaluate(() => window.user.leave('room'))
  await alice.evaluate(() => window.user.leave('room'))
  const carol = await world.login('carol')
  await carol.evaluate(() => window.user.join('room'))
  await expect.poll(() => attributesOf(carol)).toBe('a=1 (alice) b=2 (bob)')
})

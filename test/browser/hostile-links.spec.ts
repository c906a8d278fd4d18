import { setup, allIsHandled } from './support/hostile.ts'
import { expect, test } from './support/world.ts'

test('numbers beyond all counting open nothing, acknowledge nothing and stop nothing', async ({ world }) => {
  const { alice, aliceId, page } = await setup(world)
  await page.evaluate(async (victim) => {
    for (const epoch of [2 ** 31 + 1, 2 ** 53, 1e300, -1, 0.5]) {
      await window.mallory.offer(victim, { epoch })
    }
  }, aliceId)
  await allIsHandled(page, aliceId, 1)
  expect(await alice.evaluate(() => window.connectionCount)).toBe(0)

  const told = alice.evaluate(async () => {
    const code = await window.user.tell('mallory', 'counted')
    window.user.events.push(`told ${code}`)
  })
  await page.evaluate(async (victim) => {
    const { mallory } = window
    const most = Number.MAX_SAFE_INTEGER
    const frame = (type: number, ...values: number[]) => {
      const body = values.flatMap(varUint)
      return [type, body.length, ...body]
    }
    function varUint(value: number): number[] {
      return value < 128 ? [value] : [(value % 128) + 128, ...varUint(Math.floor(value / 128))]
    }
    await mallory.offer(victim, { epoch: 2 ** 31 })
    await mallory.linked()
    mallory.sendPacket(frame(1, 1, most, most, most))
    const { at } = await mallory.frame('item')
    for (const stream of [at.stream, most, 0]) {
      for (const number of [most, 2 ** 31, at.number + 2]) mallory.sendPacket(frame(3, stream, number))
    }
    mallory.sendPacket(frame(1, 1, 0, at.stream, most))
    mallory.sendPacket(frame(2, most, most, 1, 0, 1, 1, 65))
    mallory.sendPacket(frame(2, most, 0, 1, 0, 1, 1, 66))
  }, aliceId)
  await alice.evaluate(() => window.user.until('mallory: '))
  expect(await alice.evaluate(() => window.user.events.slice(2))).toEqual(['mallory: B'])

  await page.evaluate(async () => {
    const { at } = await window.mallory.frame('item')
    window.mallory.sendPacket([3, 2, at.stream, at.number + 1])
  })
  await told
  expect(await alice.evaluate(() => window.user.events.slice(3))).toEqual(['told 0'])
})

test('a peer that is linked and acknowledges nothing has so much kept for it, and nobody else waits', async ({
  world,
}) => {
  const { alice, aliceId, page } = await setup(world)
  const bob = await world.login('bob')
  await page.evaluate(async (victim) => {
    await window.mallory.offer(victim, { epoch: 1 })
    await window.mallory.linked()
    window.mallory.sendPacket([1, 4, 1, 0, 0, 0])
  }, aliceId)

  const firstAnswer = await alice.evaluate(() =>
    Promise.race(Array.from({ length: 4_096 + 1 }, () => window.user.tell('mallory', 'are you there?'))),
  )
  expect(firstAnswer).toBe(1)
  await page.evaluate(() => window.mallory.frame('item'))

  expect(await alice.evaluate(() => window.user.tell('bob', 'hello'))).toBe(0)
  expect(await bob.evaluate(() => window.user.tell('alice', 'hello to you'))).toBe(0)
  expect(await bob.evaluate(() => window.user.until('alice: '))).toEqual(['alice: hello'])
})

test('a linked peer that sends rubbish loses its link, and is heard by nobody', async ({ world }) => {
  const { alice, aliceId, page } = await setup(world)
  const bob = await world.login('bob')
  await Promise.all([alice, bob].map((user) => user.evaluate(() => window.user.join('room'))))

  for (const [index, packet] of [
    // An item that ends in the middle, a frame longer than its packet, a number without an end.
    [2, 2, 1],
    [2, 200, 1, 1, 0],
    [255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255],
  ].entries()) {
    await page.evaluate(
      async ([victim, epoch, bytes]) => {
        await window.mallory.offer(victim, { epoch })
        await window.mallory.linked()
        window.mallory.sendPacket(bytes)
        await window.mallory.unlinked()
      },
      [aliceId, 1 + index, packet] as const,
    )
  }

  expect(await alice.evaluate(() => window.user.tell('bob', 'still well'))).toBe(0)
  expect(await bob.evaluate(() => window.user.until('alice: '))).toEqual(['alice: still well'])
  expect(await alice.evaluate(() => window.user.events.filter((event) => event.includes('mallory')))).toEqual(
    [],
  )
})

test('items of no known kind, over the size limit or sent twice deliver nothing, and the link goes on', async ({
  world,
}) => {
  const { alice, aliceId, page } = await setup(world)

  await page.evaluate(async (victim) => {
    const { mallory } = window
    await mallory.offer(victim, { epoch: 1 })
    await mallory.linked()
    const item = (number: number, body: number[]) => {
      const at = [1, number]
      const length = at.length + body.length
      const varUint =
        length < 128
          ? [length]
          : length < 16_384
            ? [(length & 127) | 128, length >> 7]
            : [(length & 127) | 128, ((length >> 7) & 127) | 128, length >> 14]
      return [2, ...varUint, ...at, ...body]
    }
    const text = (words: string) => [1, 0, 1, words.length, ...new TextEncoder().encode(words)]
    const tooLong = [1, 0, 2, 0, ...new Array<number>(32 * 1024 + 1).fill(7)]
    mallory.sendPacket([1, 5, 1, 0, 0, 0, 0])
    mallory.sendPacket([99, 2, 1, 2])
    mallory.sendPacket(item(0, [77, 1, 2, 3]))
    mallory.sendPacket(item(1, tooLong))
    mallory.sendPacket(item(2, text('one')))
    mallory.sendPacket(item(2, text('one')))
    mallory.sendPacket(item(7, text('out of order')))
    mallory.sendPacket(item(3, text('two')))
  }, aliceId)

  expect(await alice.evaluate(() => window.user.until('mallory: ', 2))).toEqual([
    'mallory: one',
    'mallory: two',
  ])
})

test('a peer that opens data channels which nobody agreed on loses its link, and stops nobody in its channels', async ({
  world,
}) => {
  const { alice, aliceId, page } = await setup(world)
  const bob = await world.login('bob')
  await page.evaluate(async (victim) => {
    const { mallory } = window
    await mallory.offer(victim, { epoch: 1 })
    await mallory.linked()
    mallory.sendPacket([1, 4, 1, 0, 0, 0])
    mallory.openInBand(505)
    await mallory.unlinked()
    mallory.join('room')
  }, aliceId)
  const { peers } = await alice.evaluate(() => window.user.kit.diagnose())
  expect(peers.find(({ userId }) => userId === 'mallory')?.lastError).toMatch(/opened a data channel/)

  for (const user of [bob, alice]) expect(await user.evaluate(() => window.user.join('room'))).toBe(0)
  expect(await bob.evaluate(() => window.user.put('room', { topic: 'tea' }))).toBe(0)
  expect(await alice.evaluate(() => window.user.attributes('room'))).toBe('topic=tea (bob)')
})

test('a number that was taken when a side channel needs it costs the link, which comes back', async ({
  world,
}) => {
  const [alice, bob] = [await world.login('alice'), await world.login('bob')]
  await bob.evaluate(() => window.user.join('room'))
  await bob.evaluate(() => window.user.put('room', { topic: 'tea' }))
  for (const user of [alice, bob]) {
    await user.evaluate(() => {
      const { createDataChannel } = RTCPeerConnection.prototype
      let isTaken = false
      RTCPeerConnection.prototype.createDataChannel = function (label, init) {
        // The browser's own refusal, as if the other side had been first.
        if (label === 'side' && !isTaken) {
          isTaken = true
          window.user.events.push('taken')
          createDataChannel.call(this, 'first', init)
        }
        return createDataChannel.call(this, label, init)
      }
    })
  }
  expect(await alice.evaluate(() => window.user.join('room'))).toBe(0)
  expect(await alice.evaluate(() => window.user.attributes('room'))).toBe('topic=tea (bob)')
  const taken = await Promise.all(
    [alice, bob].map((user) => user.evaluate(() => window.user.events.includes('taken'))),
  )
  expect(taken).toContain(true)
})

test('a peer that takes messages of next to no length only loses its link, and nobody else waits', async ({
  world,
}) => {
  const { alice, aliceId, page } = await setup(world)
  const bob = await world.login('bob')
  for (const [index, most] of [1, 10].entries()) {
    await page.evaluate(
      async ([victim, epoch, byteCount]) => {
        const change = (sdp: string) =>
          sdp.replace(/a=max-message-size:\d+/, `a=max-message-size:${byteCount}`)
        await window.mallory.offer(victim, { epoch, change })
        await window.mallory.linked()
        window.mallory.sendPacket([1, 4, 1, 0, 0, 0])
      },
      [aliceId, 1 + index, most] as const,
    )
    await alice.evaluate(() => void window.user.tell('mallory', 'longer than ten bytes'))
    await page.evaluate(() => window.mallory.unlinked())
    const { peers } = await alice.evaluate(() => window.user.kit.diagnose())
    expect(peers.find(({ userId }) => userId === 'mallory')?.lastError).toMatch(/could not be sent/)
  }
  expect(await alice.evaluate(() => window.user.tell('bob', 'still well'))).toBe(0)
  expect(await bob.evaluate(() => window.user.until('alice: '))).toEqual(['alice: still well'])
})

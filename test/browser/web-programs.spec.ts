import type { Page } from 'playwright/test'

import { heardBy, joinRoom, startProgram, webProgram } from './support/web-program.ts'
import { crash, expect, test } from './support/world.ts'

// What programs that were written for the official package do to it.

/** When this was first heard, by the page's clock; never if it was not. */
const heardAt = (page: Page, event: string): Promise<number> =>
  page.evaluate((what) => window.program.times[window.program.heard.indexOf(what)] ?? Infinity, event)

for (const [how, isAwaited] of [
  ['awaited', true],
  ['called one after the other', false],
] as const) {
  test(`leave and logout, ${how} in beforeunload, are seen by others at once`, async ({ world }) => {
    const alice = await webProgram(world, 'alice')
    await joinRoom(alice)
    const bob = await world.page()
    // The library's own goodbye is kept from it: what others see is what the program has done.
    await bob.evaluate(() => addEventListener('pagehide', (event) => event.stopImmediatePropagation()))
    await startProgram(world, bob, 'bob')
    await bob.evaluate(async (awaited) => {
      const { client } = window.program
      const channel = window.program.channel('room')
      await channel.join()
      addEventListener('beforeunload', () => {
        if (!awaited) return void [channel.leave(), client.logout()]
        void (async () => {
          await channel.leave()
          await client.logout()
        })()
      })
    }, isAwaited)
    await heardBy(alice, String.raw`#room \+bob`)
    await alice.evaluate(() => window.program.client.subscribePeersOnlineStatus(['bob']))
    await heardBy(alice, 'bob is ONLINE')

    const before = await alice.evaluate(() => performance.now())
    await bob.goto('about:blank')
    await heardBy(alice, '#room -bob')

    expect((await heardAt(alice, '#room -bob')) - before).toBeLessThan(1_000)
    // Not promised of an awaited logout, and so it is: it runs before the page is gone.
    await heardBy(alice, 'bob is OFFLINE')
    expect((await heardAt(alice, 'bob is OFFLINE')) - before).toBeLessThan(2_000)
  })
}

test('a user logs in again within a second of the death of its page, and is reached there', async ({
  world,
}) => {
  const [alice, bob] = [await webProgram(world, 'alice'), await webProgram(world, 'bob')]
  await joinRoom(alice)
  await joinRoom(bob)
  await heardBy(alice, String.raw`#room \+bob`)
  const next = await webProgram(world)

  await crash(bob)
  // By the machine's clock, which the test and the pages have in common.
  const diedAt = Date.now()
  const { begunAt, joinedAt } = await next.evaluate(async () => {
    const begun = Date.now()
    await window.program.client.login({ uid: 'bob' })
    await window.program.channel('room').join()
    return { begunAt: begun, joinedAt: Date.now() }
  })
  await heardBy(alice, String.raw`#room \+bob`, 2)
  const answer = await alice.evaluate(() =>
    window.program.client.sendMessageToPeer({ text: 'there?' }, 'bob'),
  )

  expect(begunAt - diedAt).toBeLessThan(1_000)
  expect(joinedAt - begunAt).toBeLessThan(3_000)
  expect(answer).toEqual({ hasPeerReceived: true })
  expect(await heardBy(next, 'there')).toEqual(['alice: there?'])
  expect(await heardBy(alice, '#room .bob')).toEqual(['#room +bob', '#room -bob', '#room +bob'])
  expect(await next.evaluate(() => window.program.heard)).not.toContain('ABORTED/REMOTE_LOGIN')
})

test('twenty messages in one tick, and texts of 31 KB side by side, come whole and in order', async ({
  world,
}) => {
  const [alice, bob] = [await webProgram(world, 'alice'), await webProgram(world, 'bob')]
  await joinRoom(bob)
  await alice.evaluate(async () => {
    const { client } = window.program
    const channel = window.program.channel('room')
    await channel.join()
    const twenty = Array.from({ length: 20 }, (_, i) => String(i).padStart(2, '0'))
    await Promise.all(
      twenty.flatMap((text) => [channel.sendMessage({ text }), client.sendMessageToPeer({ text }, 'bob')]),
    )
    const large = Array.from({ length: 10 }, (_, i) => `${i} ${'x'.repeat(31 * 1_024)}`)
    await Promise.all(
      large.flatMap((text) => [channel.sendMessage({ text }), client.sendMessageToPeer({ text }, 'bob')]),
    )
  })

  const twenty = Array.from({ length: 20 }, (_, i) => String(i).padStart(2, '0'))
  expect(await heardBy(bob, String.raw`^#room alice: \d\d$`, 20)).toEqual(
    twenty.map((text) => `#room alice: ${text}`),
  )
  expect(await heardBy(bob, String.raw`^alice: \d\d$`, 20)).toEqual(twenty.map((text) => `alice: ${text}`))
  const large = Array.from({ length: 10 }, (_, i) => `${i} ${'x'.repeat(31 * 1_024)}`)
  expect(await heardBy(bob, '^#room alice: . x', 10)).toEqual(large.map((text) => `#room alice: ${text}`))
  expect(await heardBy(bob, '^alice: . x', 10)).toEqual(large.map((text) => `alice: ${text}`))
})

test('a message to oneself comes as any other', async ({ world }) => {
  const alice = await webProgram(world, 'alice')
  const answer = await alice.evaluate(() =>
    window.program.client.sendMessageToPeer({ text: 'note' }, 'alice'),
  )
  expect(answer).toEqual({ hasPeerReceived: true })
  expect(await heardBy(alice, 'note')).toEqual(['alice: note'])
})

test('listeners that are added when join() has resolved miss nothing', async ({ world }) => {
  const [alice, bob] = [await webProgram(world, 'alice'), await webProgram(world, 'bob')]
  await alice.evaluate(async () => {
    const channel = window.program.channel('room')
    // Said in the very moment in which the other is there.
    channel.on('MemberJoined', () => void channel.sendMessage({ text: 'welcome' }))
    await channel.join()
  })

  const heard = await bob.evaluate(async () => {
    const { program } = window
    const channel = program.client.createChannel('room')
    const joined = async () => {
      await channel.join()
      return 'joined'
    }
    const entered = async () => (await joined()) === 'joined'
    await entered()
    channel.on('MemberCountUpdated', (count) => program.note(`${count} members`))
    channel.on('ChannelMessage', ({ text }, memberId) => program.note(`${memberId}: ${String(text)}`))
    await program.until('welcome')
    return program.until('members|welcome', 2)
  })
  expect(heard).toEqual(['2 members', 'alice: welcome'])
})

test("a member's attributes can be read inside MemberJoined", async ({ world }) => {
  const [alice, bob] = [await webProgram(world, 'alice'), await webProgram(world, 'bob')]
  await alice.evaluate(async () => {
    const { program } = window
    const channel = program.client.createChannel('room')
    channel.on('MemberJoined', (memberId) => {
      program.client.getUserAttributes(memberId).then(
        (attributes) => program.note(`${memberId} has ${JSON.stringify(attributes)}`),
        (error: unknown) => program.note(`${memberId} has ${String(error)}`),
      )
    })
    await channel.join()
  })
  await bob.evaluate(() => window.program.client.setLocalUserAttributes({ mood: 'good' }))
  await joinRoom(bob)
  expect(await heardBy(alice, 'bob has')).toEqual(['bob has {"mood":"good"}'])
})

test('a client logs out and in again as somebody else, with the same channel objects', async ({ world }) => {
  const [alice, bob] = [await webProgram(world, 'alice'), await webProgram(world)]
  await alice.evaluate(async () => {
    const { program } = window
    const channel = program.channel('room')
    await channel.join()
    channel.on('MemberJoined', (memberId) => void channel.sendMessage({ text: `hello ${memberId}` }))
  })

  await bob.evaluate(async () => {
    const { program } = window
    const channel = program.channel('room')
    for (const uid of ['bob', 'carol']) {
      await program.client.login({ uid })
      await channel.join()
      await program.until(`hello ${uid}`)
      await channel.sendMessage({ text: `I am ${uid}` })
      await program.client.logout()
    }
  })

  await heardBy(alice, '#room -carol')
  expect(await heardBy(alice, 'bob|carol')).toEqual([
    '#room +bob',
    '#room bob: I am bob',
    '#room -bob',
    '#room +carol',
    '#room carol: I am carol',
    '#room -carol',
  ])
  expect(await heardBy(bob, 'hello')).toEqual(['#room alice: hello bob', '#room alice: hello carol'])
})

test('a login is told, refused and repeated as programs expect', async ({ world }) => {
  const page = await webProgram(world)
  const said = await page.evaluate(async () => {
    const { client, heard, rtm } = window.program
    const codeOf = (call: Promise<unknown>) =>
      call.then(
        () => 'ok',
        (error: unknown) => (error instanceof rtm.RtmError ? `${error.name} ${error.code}` : String(error)),
      )
    const all: string[] = [await codeOf(client.sendMessageToPeer({ text: 'hello' }, 'bob'))]
    for (const token of [null, undefined, '', 'a token']) {
      const first = codeOf(client.login({ uid: 'alice', token }))
      all.push(heard.splice(0).join())
      all.push(await codeOf(client.login({ uid: 'alice', token })), await first)
      await window.program.until('CONNECTED')
      await client.logout()
      await window.program.until('DISCONNECTED')
      heard.splice(0)
    }
    return all
  })
  const once = ['CONNECTING/LOGIN', 'RtmInvokeTooOftenError 10', 'ok']
  expect(said).toEqual(['RtmInvalidStatusError 102', ...once, ...once, ...once, ...once])
})

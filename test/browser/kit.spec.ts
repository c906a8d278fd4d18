import { APP_ID, expect, test } from './support/world.ts'

test('a completion comes before the event that belongs to it, and neither inside the call', async ({
  world,
}) => {
  const page = await world.page()

  const order = await page.evaluate(async (appId) => {
    const { AgoraRtmKit, AgoraRtmConnectionState } = window.rtm
    const said: string[] = []
    const kit = AgoraRtmKit.initWithAppId(appId, {
      connectionStateChanged: (_, state) => said.push(AgoraRtmConnectionState[state] ?? ''),
    })
    const channel = kit?.createChannelWithId('room', {
      memberCount: (_, count) => said.push(`count ${count}`),
    })
    const call = async (
      name: string,
      run: (completion: (code: number) => void) => Promise<number> | undefined,
    ) => {
      const answer = run((code) => said.push(`${name} completion ${code}`))
      said.push(`${name} called`)
      said.push(`${name} promise ${await answer}`)
    }
    await call('login', (completion) => kit?.loginByToken(null, 'alice', completion))
    await call('join', (completion) => channel?.joinWithCompletion(completion))
    await call('leave', (completion) => channel?.leaveWithCompletion(completion))
    await call('logout', (completion) => kit?.logoutWithCompletion(completion))
    await new Promise(requestAnimationFrame)
    return said
  }, APP_ID)

  expect(order).toEqual([
    'login called',
    'Connecting',
    'login completion 0',
    // Who awaited the promise goes on before the next callback.
    'login promise 0',
    'join called',
    'Connected',
    'join completion 0',
    'join promise 0',
    'leave called',
    'count 1',
    'leave completion 0',
    'leave promise 0',
    'logout called',
    'logout completion 0',
    'logout promise 0',
    'Disconnected',
  ])
})

test('what a delegate throws is reported, and the next callback comes all the same', async ({ world }) => {
  const [alice, bob] = [await world.login('alice'), await world.login('bob')]

  const outcome = await alice.evaluate(() => {
    const reported: string[] = []
    addEventListener('error', (event) => {
      event.preventDefault()
      reported.push(event.message)
    })
    const heard: string[] = []
    window.user.kit.agoraRtmDelegate = {
      messageReceived(_, message) {
        heard.push(message.text)
        if (message.text === 'first') throw new Error('a mistake of the page')
      },
    }
    Object.assign(window, { outcome: { reported, heard } })
  })
  expect(outcome).toBeUndefined()
  await bob.evaluate(async () => {
    await window.user.tell('alice', 'first')
    await window.user.tell('alice', 'second')
  })

  await expect
    .poll(() => alice.evaluate(() => (window as unknown as { outcome: unknown }).outcome))
    .toEqual({ reported: ['Uncaught Error: a mistake of the page'], heard: ['first', 'second'] })
})

test('before a login, after a logout and on destroyed objects every call says so', async ({ world }) => {
  const page = await world.page()

  const codes = await page.evaluate(async (appId) => {
    const { AgoraRtmKit, AgoraRtmMessage } = window.rtm
    const kit = AgoraRtmKit.initWithAppId(appId)
    const channel = kit?.createChannelWithId('room')
    if (!kit || !channel) throw new Error('no kit')
    const message = AgoraRtmMessage.initWithText('hello')
    const all = async () => [
      await kit.sendMessage(message, 'bob'),
      await channel.joinWithCompletion(),
      await channel.sendMessage(message),
      (await channel.getMembersWithCompletion()).errorCode,
      await channel.leaveWithCompletion(),
      await kit.logoutWithCompletion(),
    ]
    const before = await all()
    await kit.loginByToken(null, 'alice')
    await kit.logoutWithCompletion()
    const after = await all()
    const destroyedChannel = [
      kit.destroyChannelWithId('room'),
      kit.destroyChannelWithId('room'),
      await channel.joinWithCompletion(),
    ]
    kit.destroy()
    const destroyed = [
      ...(await all()),
      await kit.loginByToken(null, 'alice'),
      kit.createChannelWithId('room'),
    ]
    return { before, after, destroyedChannel, destroyed }
  }, APP_ID)

  expect(codes.before).toEqual([102, 102, 102, 102, 102, 102])
  expect(codes.after).toEqual([102, 102, 102, 102, 102, 102])
  expect(codes.destroyedChannel).toEqual([true, false, 101])
  expect(codes.destroyed).toEqual([101, 101, 101, 101, 101, 101, 101, null])
})

test('logins and their answers: arguments, frequency, state', async ({ world }) => {
  const page = await world.page()

  const codes = await page.evaluate(async (appId) => {
    const { AgoraRtmKit } = window.rtm
    const kit = AgoraRtmKit.initWithAppId(appId)
    if (!kit) throw new Error('no kit')
    const login = (userId: string) => kit.loginByToken(null, userId)
    const badIds = ['', 'null', 'x'.repeat(65), 'ümlaut', 'tab\t', '"quoted"']
    const invalid = await Promise.all(badIds.map(login))
    const together = await Promise.all([login('alice'), login('alice'), login('alice')])
    return {
      invalid,
      together,
      malformed: [AgoraRtmKit.initWithAppId('short'), AgoraRtmKit.initWithAppId('x'.repeat(33))],
    }
  }, APP_ID)

  expect(codes.invalid).toEqual([3, 3, 3, 3, 3, 3])
  expect([...codes.together].sort((a, b) => a - b)).toEqual([0, 8, 10])
  expect(codes.malformed).toEqual([null, null])
})

test('a login with a token that no server answers times out after 12 s, and the kit stops trying', async ({
  world,
}) => {
  const page = await world.page()
  await world.signaling.close()
  await page.clock.install()

  const login = page.evaluate((appId) => {
    window.user = new window.TestUser(appId)
    return window.user.kit.loginByToken('a token', 'alice')
  }, APP_ID)
  await page.evaluate(() => window.user.until('Connecting'))
  await page.clock.runFor(11_900)
  expect(await page.evaluate(() => window.user.events)).toEqual(['Connecting/Login'])
  await page.clock.runFor(100)

  expect(await login).toBe(9)
  expect(await page.evaluate(() => window.user.until('Disconnected'))).toEqual(['Disconnected/LoginTimeout'])
})

test('a login without a token that no server answers succeeds after 4 s', async ({ world }) => {
  const page = await world.page()
  const { url } = world.signaling
  await world.signaling.close()
  await page.clock.install()

  const login = page.evaluate((appId) => {
    window.user = new window.TestUser(appId)
    return window.user.login('alice')
  }, APP_ID)
  await page.evaluate(() => window.user.until('Connecting'))
  await page.clock.runFor(4_100)

  expect(await login).toBe(0)
  expect(await page.evaluate(() => window.user.until('Connected'))).toEqual(['Connected/LoginSuccess'])
  const { servers } = await page.evaluate(() => window.user.kit.diagnose())
  expect(servers).toEqual([
    { url, state: 'not connected, trying again' },
    { url: 'tabs of this browser', state: 'connected' },
  ])
})

test('one user may be in 20 channels, and join the same one twice in 5 s', async ({ world }) => {
  const page = await world.login('alice', { rateLimits: true })

  const codes = await page.evaluate(async () => {
    const joined = []
    for (let i = 0; i < 21; i++) joined.push(await window.user.join(`room ${i}`))
    const again = await window.user.join('room 0')
    await window.user.leave('room 0')
    return {
      joined,
      again,
      third: await window.user.join('room 0'),
      left: [await window.user.leave('room 1'), await window.user.leave('room 1')],
    }
  })

  expect(codes.joined).toEqual([...Array.from({ length: 20 }, () => 0), 5])
  expect(codes.again).toBe(6)
  expect(codes.third).toBe(8)
  expect(codes.left).toEqual([0, 3])
})

test('one kit logs out and in again as another user, with the same channel objects', async ({ world }) => {
  const [alice, bob] = [await world.login('alice'), await world.login('bob')]
  await bob.evaluate(() => window.user.join('room'))
  await alice.evaluate(() => window.user.join('room'))

  expect(await alice.evaluate(() => window.user.kit.logoutWithCompletion())).toBe(0)
  expect(await alice.evaluate(() => window.user.login('anna'))).toBe(0)
  expect(await alice.evaluate(() => window.user.join('room'))).toBe(0)
  expect(await alice.evaluate(() => window.user.say('room', 'as anna'))).toBe(0)

  expect(await bob.evaluate(() => window.user.until('room (-alice|[+]anna|anna:)', 3))).toEqual([
    '#room -alice',
    '#room +anna',
    '#room anna: as anna',
  ])
})

import { setup, allIsHandled, nothingHappenedTo, setupAbove } from './support/hostile.ts'
import { APP_ID, expect, test } from './support/world.ts'

test('an offer with the credential of somebody else opens nothing', async ({ world }) => {
  const { alice, aliceId, page } = await setup(world)
  const bob = await world.login('bob')
  const bobId = (await bob.evaluate(() => window.user.kit.diagnose())).sessionId ?? ''

  await page.evaluate(
    async ([victim, bobsId]) => {
      const { mallory } = window
      // Bob answers or offers, whichever is his turn, and shows his credential in it.
      if (mallory.identity.sessionId < bobsId) await mallory.offer(bobsId, { epoch: 1 })
      else mallory.send(bobsId, { type: 'knock', version: 1, features: 0, epoch: 0 })
      while (!mallory.seenCredentials.has('bob')) await new Promise(requestAnimationFrame)
      await mallory.offer(victim, { epoch: 1, credential: mallory.seenCredentials.get('bob') ?? '' })
      await mallory.rejection(1)
    },
    [aliceId, bobId] as const,
  )

  await nothingHappenedTo(alice)
})

test('an offer whose certificate is not the one of its credential opens nothing', async ({ world }) => {
  const { alice, aliceId, page } = await setup(world)

  await page.evaluate(async (victim) => {
    const certificate = await RTCPeerConnection.generateCertificate({
      name: 'ECDSA',
      namedCurve: 'P-256',
    } as EcKeyGenParams)
    await window.mallory.offer(victim, { epoch: 1, certificate })
    await window.mallory.rejection(1)
  }, aliceId)

  await nothingHappenedTo(alice)
})

test('a credential that was changed in any place opens nothing', async ({ world }) => {
  const { alice, aliceId, page } = await setup(world)

  await page.evaluate(
    async ([url, app, victim]) => {
      const { Mallory } = await window.loadMallory()
      let { mallory } = window
      for (let place = 1; place <= 20; place++) {
        // One session is heard ten times in ten seconds.
        if (place % 10 === 0) mallory = await Mallory.login(url, app, 'below', victim, `mallory-${place}`)
        const at = Math.floor((mallory.credential.length * place) / 21)
        // With another key id it waits for a server key that may still come; the suite of Trust has that.
        const fromTheEnd = ((mallory.credential.length - at) * 3) / 4
        if (fromTheEnd > 62 && fromTheEnd < 74) continue
        const other = mallory.credential[at] === 'A' ? 'B' : 'A'
        const credential = mallory.credential.slice(0, at) + other + mallory.credential.slice(at + 1)
        await mallory.offer(victim, { epoch: place, credential })
        await mallory.rejection(place)
      }
    },
    [world.signaling.url, APP_ID, aliceId] as const,
  )

  await nothingHappenedTo(alice)
})

test('an offer of video, of audio, or of data channels twice opens nothing', async ({ world }) => {
  const { alice, aliceId, page } = await setup(world)

  await page.evaluate(async (victim) => {
    const video = 'm=video 9 UDP/TLS/RTP/SAVPF 96\r\nc=IN IP4 0.0.0.0\r\na=rtpmap:96 VP8/90000\r\na=mid:1\r\n'
    const audio = video.replace('video', 'audio').replace('VP8/90000', 'opus/48000/2')
    const changes = [
      (sdp: string) => sdp + video,
      (sdp: string) => sdp + audio + video.replace('mid:1', 'mid:2'),
      (sdp: string) => sdp + sdp.slice(sdp.indexOf('m=application')).replace('mid:0', 'mid:1'),
      (sdp: string) => sdp.replace('m=application', `${video}m=application`),
    ]
    for (const [index, change] of changes.entries()) {
      await window.mallory.offer(victim, { epoch: 1 + index, change })
      await window.mallory.rejection(1 + index)
    }
  }, aliceId)

  await nothingHappenedTo(alice)
})

test('nobody of another app reaches a user, nor with the credential of another app', async ({ world }) => {
  const otherApp = 'f'.repeat(32)
  const { alice, aliceId, page: stranger } = await setup(world, 'below', otherApp)
  const foreignCredential = await stranger.evaluate(() => window.mallory.credential)
  await stranger.evaluate((victim) => window.mallory.offer(victim, { epoch: 1 }), aliceId)

  const page = await world.page()
  await page.evaluate(
    async ([url, app, victim, credential]) => {
      const { Mallory } = await window.loadMallory()
      window.mallory = await Mallory.login(url, app, 'below', victim)
      await window.mallory.offer(victim, { epoch: 1, credential })
      await window.mallory.rejection(1)
    },
    [world.signaling.url, APP_ID, aliceId, foreignCredential] as const,
  )

  await nothingHappenedTo(alice)
})

test('a replayed epoch and an offer out of turn are ignored', async ({ world }) => {
  const { alice, aliceId, page } = await setup(world)
  await page.evaluate(async (victim) => {
    await window.mallory.offer(victim, { epoch: 5 })
    await window.mallory.linked()
  }, aliceId)
  expect(await alice.evaluate(() => window.connectionCount)).toBe(1)

  for (const epoch of [5, 4, 1]) {
    await page.evaluate(([victim, replayed]) => window.mallory.offer(victim, { epoch: replayed }), [
      aliceId,
      epoch,
    ] as const)
  }
  await allIsHandled(page, aliceId, 6)
  expect(await alice.evaluate(() => window.connectionCount)).toBe(1)

  const { page: outOfTurn } = await setupAbove(world, aliceId)
  await outOfTurn.evaluate((victim) => window.mallory.offer(victim, { epoch: 1 }), aliceId)
  await outOfTurn.evaluate((victim) => window.mallory.send(victim, { type: 'answer', epoch: 1 }), aliceId)
  await allIsHandled(page, aliceId, 7)
  expect(await alice.evaluate(() => window.connectionCount)).toBe(1)
})

test('an offer that opened a link opens none when it comes a second time, byte for byte', async ({
  world,
}) => {
  const { alice, aliceId, page } = await setup(world)

  await page.evaluate(async (victim) => {
    const { mallory } = window
    await mallory.offer(victim, { epoch: 1 })
    await mallory.linked()
    // A packet that makes the victim close the link: it has closed it before it says so.
    mallory.sendPacket([2, 2, 1])
    await mallory.unlinked()
    for (let i = 0; i < 5; i++) mallory.sendText(victim, mallory.offerText)
  }, aliceId)
  await allIsHandled(page, aliceId, 2)

  expect(await alice.evaluate(() => window.connectionCount)).toBe(1)
})

test('an answer that does not prove its sender opens nothing, and the caller can see why', async ({
  world,
}) => {
  const { alice, aliceId, page } = await setup(world, 'above')
  const sent = alice.evaluate(() => window.user.tell('mallory', 'secret'))

  await page.evaluate(async (victim) => {
    const certificate = await RTCPeerConnection.generateCertificate({
      name: 'ECDSA',
      namedCurve: 'P-256',
    } as EcKeyGenParams)
    await window.mallory.answer(victim, { certificate })
  }, aliceId)

  const lastError = () =>
    alice.evaluate(
      async () =>
        (await window.user.kit.diagnose()).peers.find(({ userId }) => userId === 'mallory')?.lastError,
    )
  await expect.poll(lastError).toContain('did not prove who it is')
  // The unsent message is not given away later either.
  await page.close()
  expect([2, 3]).toContain(await sent)
})

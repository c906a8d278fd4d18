import { describe, expect, it } from 'vitest'

import { fromBase64Url, toBase64Url } from '../../src/base/bytes.ts'
import { webCrypto } from '../../src/base/crypto.ts'
import type { AppId, UserId } from '../../src/base/ids.ts'
import { credentialSigningInput, openCredential, sealCredential } from '../../src/protocol/credential.ts'
import { closeCodes } from '../../src/protocol/server-messages.ts'
import { APP, createIdentity, LOBBY, loginMessage, OTHER_APP } from './client.ts'
import { setup } from './setup.ts'

describe('a login', () => {
  it('is answered by a credential that the announced key signed and that states what was proven', async () => {
    const { logIn, clock } = await setup()
    const alice = await logIn('alice')

    const sealed = openCredential(alice.credential)
    const [serverKey] = alice.welcome?.serverKeys ?? []
    const { appId, userId, fingerprint, signingKey, agreementKey } = alice.identity
    expect(sealed?.credential).toMatchObject({
      appId,
      userId,
      fingerprint,
      signingKey: signingKey.publicKey,
      agreementKey: agreementKey.publicKey,
      loginTime: clock.now(),
      issuedAt: clock.now(),
      expiresAt: clock.now() + 12 * 3_600_000,
    })
    const publicKey = fromBase64Url(serverKey ?? '')
    if (!sealed || !publicKey) throw new Error('no credential or no key')
    const isGood = await webCrypto.verify(publicKey, credentialSigningInput(sealed.body), sealed.signature)
    expect(isGood).toBe(true)
    expect(sealed.credential.keyId).toEqual((await webCrypto.sha256(publicKey)).slice(0, 8))
    expect(alice.welcome).toMatchObject({ loginTime: clock.now(), time: clock.now() })
  })

  it('learns the ICE servers that the operator configured', async () => {
    const iceServers = [{ urls: ['turn:turn.example.com'], username: 'u', credential: 'c' }]
    const { logIn } = await setup({ iceServers })
    const alice = await logIn('alice')
    expect(alice.welcome?.iceServers).toEqual(iceServers)
  })

  it('that does not come within 10 s closes the connection', async () => {
    const { client, pass } = await setup()
    const idler = client()
    await idler.next('hello')
    await pass(10_000)
    expect(await idler.closed).toMatchObject({ code: closeCodes.loginTimeout })
  })

  it('may be followed by messages before it is answered', async () => {
    const { page, logIn } = await setup()
    const bob = await logIn('bob')
    await bob.join(LOBBY, 1)
    const alice = await page('alice')
    await alice.tryLogin(alice.identity)
    alice.send({ type: 'join', channelId: LOBBY, incarnation: 1 })
    alice.send({ type: 'goodbye' })
    await alice.next('loggedIn')
    expect(await alice.next('roster')).toMatchObject({ members: [{ userId: 'bob' }] })
    await alice.closed
    expect(await bob.next('joined')).toMatchObject({ member: { userId: 'alice' } })
    expect(await bob.next('gone')).toMatchObject({ peer: { userId: 'alice' }, why: 'goodbye' })
  })
})

describe('a login is refused, with its reason and a sentence, when', () => {
  const cases = [
    ['the app id is not well-formed', 'invalid-app-id', { appId: 'short' as AppId }],
    ['the user id is empty', 'invalid-user-id', { userId: '' as UserId }],
    ['the user id is the text null', 'invalid-user-id', { userId: 'null' as UserId }],
    ['the version is another', 'unsupported-version', { version: 2 }],
    ['the signature is wrong', 'invalid-proof', { signature: toBase64Url(new Uint8Array(64)) }],
    ['the signing key is no key', 'invalid-proof', { signingKey: toBase64Url(new Uint8Array(65).fill(4)) }],
    [
      'the agreement key is no key',
      'invalid-proof',
      { agreementKey: toBase64Url(new Uint8Array(65).fill(4)) },
    ],
    [
      'the fingerprint is not the signed one',
      'invalid-proof',
      { fingerprint: toBase64Url(new Uint8Array(32)) },
    ],
  ] as const
  it.each(cases)('%s', async (_case, reason, wrong) => {
    const { page } = await setup()
    const mallory = await page('mallory')
    const { nonce } = await mallory.greeting()
    mallory.send({ ...(await loginMessage(mallory.identity, nonce)), ...wrong })
    const refused = await mallory.next('refused')
    expect(refused.reason).toBe(reason)
    expect(refused.message).toMatch(/\w+ \w+/)
    expect(await mallory.closed).toMatchObject({ code: closeCodes.refused })
  })

  it('the app is not one of the configured ones', async () => {
    const { page, logIn } = await setup({ apps: { [APP]: {} } })
    await logIn('alice')
    const stranger = await page('stranger', OTHER_APP)
    await stranger.tryLogin(stranger.identity)
    expect(await stranger.next('refused')).toMatchObject({ reason: 'invalid-app-id' })
  })

  it('it is a login of a future version in a shape that is unknown today', async () => {
    const { client } = await setup()
    const visitor = client()
    await visitor.next('hello')
    visitor.socket.send('{"type":"login","version":7,"passport":{}}')
    expect(await visitor.next('refused')).toMatchObject({ reason: 'unsupported-version' })
  })

  it('it was signed over the nonce of another connection', async () => {
    const { page } = await setup()
    const alice = await page('alice')
    const { nonce } = await alice.greeting()
    const login = await loginMessage(alice.identity, nonce)
    alice.send(login)
    await alice.next('loggedIn')

    const eavesdropper = await page('eavesdropper')
    await eavesdropper.greeting()
    eavesdropper.send(login)
    expect(await eavesdropper.next('refused')).toMatchObject({ reason: 'invalid-proof' })
    expect(await alice.news()).toEqual([])
  })

  it.each([
    ['another user', { userId: 'mallory' as UserId }],
    ['a user of another app', { appId: OTHER_APP }],
  ])('its session id is that of somebody who is online and it is %s', async (_case, other) => {
    const { page, logIn } = await setup()
    const alice = await logIn('alice')
    // Only who has the signing key can try this: the session id is made of it.
    const both = { ...alice.identity, ...other }
    const mallory = await page(both)
    await mallory.tryLogin(both)
    expect(await mallory.next('refused')).toMatchObject({ reason: 'invalid-proof' })
    expect(await alice.news()).toEqual([])
  })

  it('its session id belonged to another user who said goodbye today', async () => {
    const { page, logIn } = await setup()
    const alice = await logIn('alice')
    alice.send({ type: 'goodbye' })
    await alice.closed
    const both = { ...alice.identity, userId: 'mallory' as UserId }
    const mallory = await page(both)
    await mallory.tryLogin(both)
    expect(await mallory.next('refused')).toMatchObject({ reason: 'invalid-proof' })
  })

  it('the server is full of sessions', async () => {
    const { page, logIn } = await setup({ limits: { maxSessions: 1 } })
    const alice = await logIn('alice')
    const bob = await page('bob')
    await bob.tryLogin(bob.identity)
    expect(await bob.next('refused')).toMatchObject({ reason: 'overload' })
    await logIn('alice')
    expect(await alice.next('ended')).toMatchObject({ reason: 'remote-login' })
  })
})

describe('of two logins of one user', () => {
  it('the last wins: the older is told, then everybody who knew it, before the newer joins', async () => {
    const { lobby, logIn } = await setup()
    const [older, bob] = await lobby('alice', 'bob')
    const newer = await logIn('alice')
    await newer.join(LOBBY, 1)

    expect(await older.next('ended')).toMatchObject({ reason: 'remote-login' })
    expect(await older.closed).toMatchObject({ code: closeCodes.ended })
    expect(await bob.next('gone')).toEqual({ type: 'gone', peer: older.peer, why: 'replaced' })
    expect(await bob.next('joined')).toMatchObject({ member: newer.peer })
    expect(newer.loginTime).toBeGreaterThan(older.loginTime)
  })

  it('the older stays out when it returns with its credential, whether the newer is online or lingers', async () => {
    const { logIn, page, untilLingering } = await setup()
    const older = await logIn('alice')
    const newer = await logIn('alice')
    const refusedReturn = async () => {
      const back = await page(older.identity)
      await back.tryLogin(older.identity, { credential: older.credential })
      return back.next('refused')
    }
    expect(await refusedReturn()).toMatchObject({ reason: 'remote-login' })
    expect(await newer.news()).toEqual([])
    newer.socket.terminate()
    await untilLingering(newer)
    expect(await refusedReturn()).toMatchObject({ reason: 'remote-login' })
  })

  it('the one that is not at the server is the newer if its credential says so', async () => {
    const { logIn, restart, clock } = await setup({ secret: 'the same secret for all servers' })
    const older = await logIn('alice')
    clock.advance(10)
    const newer = await logIn('alice')
    await restart()
    const olderBack = await logIn(older.identity, older.credential)
    await logIn(newer.identity, newer.credential)
    expect(await olderBack.next('ended')).toMatchObject({ reason: 'remote-login' })
  })

  it('a clock that was set back does not make the newer the older', async () => {
    const { logIn, clock } = await setup()
    const older = await logIn('alice')
    clock.sleep(-60_000)
    const newer = await logIn('alice')
    expect(newer.loginTime).toBeGreaterThan(older.loginTime)
    expect(await older.next('ended')).toMatchObject({ reason: 'remote-login' })
  })

  it('users of the same name in two apps have nothing to do with each other', async () => {
    const { logIn } = await setup()
    const here = await logIn('alice')
    const there = await logIn('alice', undefined, OTHER_APP)
    expect(await here.news()).toEqual([])
    expect(await there.news()).toEqual([])
  })
})

describe('a credential', () => {
  it('is renewed on request with the same login time', async () => {
    const { logIn, pass } = await setup()
    const alice = await logIn('alice')
    await pass(3_000)
    alice.send({ type: 'renew' })
    const renewed = openCredential((await alice.next('credential')).credential)?.credential
    const first = openCredential(alice.credential)?.credential
    expect(renewed?.loginTime).toBe(first?.loginTime)
    expect(renewed?.expiresAt).toBe((first?.expiresAt ?? 0) + 3_000)
  })

  const secret = 'the same secret for all servers'
  it.each([
    ['keeps its login time at a server with the same secret', secret, true],
    [
      'keeps its login time at a server that knows its secret as an old one',
      ['a newer secret to sign with', secret],
      true,
    ],
    ['counts as a login now at a server with another secret', 'another secret of another server', false],
  ])('%s', async (_case, newSecret, isKept) => {
    const { logIn, restart, clock } = await setup({ secret })
    const alice = await logIn('alice')
    clock.advance(1_000)
    await restart({ secret: newSecret })
    const back = await logIn(alice.identity, alice.credential)
    expect(back.loginTime).toBe(isKept ? alice.loginTime : alice.loginTime + 1_000)
    expect(back.welcome?.serverKeys).toHaveLength(Array.isArray(newSecret) ? newSecret.length : 1)
  })

  it.each([
    ['is good until 5 minutes after its end', 5 * 60_000, true],
    ['is no longer good after that', 5 * 60_000 + 1, false],
  ])('%s', async (_case, lateMs, isKept) => {
    const { logIn, restart, clock } = await setup({ secret })
    const alice = await logIn('alice')
    await restart()
    clock.sleep(12 * 3_600_000 + lateMs)
    const back = await logIn(alice.identity, alice.credential)
    expect(back.loginTime === alice.loginTime).toBe(isKept)
  })

  it("that was forged, or is somebody else's, is worth nothing and does no harm", async () => {
    const { logIn, restart, clock } = await setup({ secret })
    const alice = await logIn('alice')
    const bob = await logIn('bob')
    const sealed = openCredential(alice.credential)
    if (!sealed) throw new Error('no credential')
    const forged = sealCredential(sealed.body, webCrypto.randomBytes(64))
    await restart()
    clock.advance(1_000)
    for (const credential of [forged, bob.credential, 'nonsense', '']) {
      const back = await logIn(alice.identity, credential)
      expect(back.loginTime).toBeGreaterThan(alice.loginTime)
      back.send({ type: 'goodbye' })
      await back.closed
    }
  })

  it('is for one session: who claims its certificate with another key is somebody else, also at a server that forgot', async () => {
    const { logIn, restart } = await setup({ secret })
    const alice = await logIn('alice')
    await restart()
    const thief = { ...(await createIdentity('mallory')), fingerprint: alice.identity.fingerprint }
    const mallory = await logIn(thief)

    const back = await logIn(alice.identity, alice.credential)
    expect(back.loginTime).toBe(alice.loginTime)
    expect(await mallory.news()).toEqual([])
    const bob = await logIn('bob')
    bob.send({ type: 'find', request: 1, userIds: ['alice' as UserId, 'mallory' as UserId] })
    const { peers } = await bob.next('found')
    expect(new Set(peers.map(({ sessionId }) => sessionId)).size).toBe(2)
  })
})

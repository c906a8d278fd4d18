import { describe, expect, it } from 'vitest'

import { isSignedBy, serverKeyOf } from '../../signaling/server-keys.ts'
import { openCredential } from '../../src/protocol/credential.ts'
import { noticeSigningInput, openNotice } from '../../src/protocol/notice.ts'
import { closeCodes } from '../../src/protocol/server-messages.ts'
import { APP, LOBBY } from './client.ts'
import { setup } from './setup.ts'

const SECRET = 'a secret of 32 characters or more'

describe('a session that an operator ends', () => {
  it.each([
    ['kick', 'kicked'],
    ['ban', 'banned'],
  ] as const)('is told so with a signed notice, as is everybody who knew it: %s', async (kind, reason) => {
    const { lobby, server, clock } = await setup({ secret: SECRET })
    const [alice, bob] = await lobby('alice', 'bob')
    clock.advance(1_000)
    await server[kind](APP, 'alice')
    const { notice = '' } = await alice.next('ended')
    expect(await alice.closed).toMatchObject({ code: closeCodes.ended })
    expect(await bob.news()).toEqual([{ type: 'gone', peer: alice.peer, why: reason, notice }])

    const sealed = openNotice(notice)
    const { publicKey, keyId } = serverKeyOf(SECRET)
    expect(sealed && (await isSignedBy(publicKey, noticeSigningInput(sealed.body), sealed.signature))).toBe(
      true,
    )
    expect(sealed?.notice).toEqual({
      kind,
      appId: APP,
      userId: 'alice',
      ...(kind === 'kick' && { sessionId: alice.sessionId }),
      issuedAt: clock.now(),
      expiresAt: clock.now() + 12 * 3_600_000,
      keyId,
    })
    // It lasts as long as whatever credential the session may still have.
    expect(openCredential(alice.credential)?.credential.expiresAt).toBeLessThanOrEqual(
      sealed?.notice.expiresAt ?? 0,
    )
  })

  it('may not return with its credential, also if it did not hear that it was ended', async () => {
    const { lobby, server, page, pass, untilLingering } = await setup()
    const [alice, bob] = await lobby('alice', 'bob')
    alice.socket.terminate()
    await untilLingering(alice)
    await server.kick(APP, 'alice')
    expect((await bob.news()).map(({ type }) => type)).toEqual(['gone'])
    for (const credential of [alice.credential, undefined]) {
      const back = await page(alice.identity)
      await back.tryLogin(alice.identity, credential === undefined ? {} : { credential })
      expect(await back.next('refused')).toMatchObject({ reason: 'kicked' })
      expect(await back.closed).toMatchObject({ code: closeCodes.refused })
    }
    await pass(40_000)
    const still = await page(alice.identity)
    await still.tryLogin(alice.identity, { credential: alice.credential })
    expect(await still.next('refused')).toMatchObject({ reason: 'kicked' })
  })

  it('is let in as another session after a kick, and not after a ban', async () => {
    const { lobby, logIn, server, page } = await setup()
    await lobby('alice', 'bob')
    await server.kick(APP, 'alice')
    const again = await logIn('alice')
    expect((await again.join(LOBBY, 1)).members).toMatchObject([{ userId: 'bob' }])
    await server.ban(APP, 'alice')
    const banned = await page('alice')
    await banned.tryLogin(banned.identity)
    expect(await banned.next('refused')).toMatchObject({ reason: 'banned' })
  })

  it('is remembered for as long as its credential is good, and no longer', async () => {
    const { logIn, server, page, clock } = await setup()
    const alice = await logIn('alice')
    await server.kick(APP, 'alice')
    const HOUR = 3_600_000
    clock.sleep(12 * HOUR + 5 * 60_000)
    const late = await page(alice.identity)
    await late.tryLogin(alice.identity)
    // Under the name of this session, but as a login of now.
    expect((await late.next('loggedIn')).loginTime).toBe(clock.now())
  })

  it('has a notice that is no older than its login, also when the clock was set back', async () => {
    const { logIn, server, clock } = await setup()
    const alice = await logIn('alice')
    clock.sleep(-60_000)
    await server.ban(APP, 'alice')
    const { notice = '' } = await alice.next('ended')
    expect(openNotice(notice)?.notice.issuedAt).toBe(alice.loginTime)
  })

  it('is nobody: nothing is said', async () => {
    const { logIn, server } = await setup()
    const bob = await logIn('bob')
    await server.kick(APP, 'alice')
    await server.ban(APP, 'carol')
    expect(await bob.news()).toEqual([])
    await expect(server.kick('short', 'alice')).rejects.toThrow('app id')
  })
})

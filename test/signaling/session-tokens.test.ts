import { describe, expect, it } from 'vitest'

import { openCredential } from '../../src/protocol/credential.ts'
import { closeCodes } from '../../src/protocol/server-messages.ts'
import { CERTIFICATE, token006, token007 } from '../support/tokens.ts'
import { APP, createIdentity, LOBBY, type TestIdentity, type TestPage } from './client.ts'
import { setup } from './setup.ts'

const HOUR_MS = 3_600_000

const expiryOf = (credential: string): number | undefined => openCredential(credential)?.credential.expiresAt

/** A server whose app has a certificate. */
async function certified() {
  const log: unknown[] = []
  const world = await setup({
    apps: { [APP]: { certificate: CERTIFICATE } },
    log: (...line) => void log.push(line),
  })
  const { clock } = world
  const now = clock.now()
  return {
    ...world,
    now,
    log,
    v6: (userId: string) => token006({ appId: APP, userId }, clock.now()),
    v7: (userId: string, lifeS: number) => token007({ appId: APP, userId }, clock.now(), lifeS),
    logIn: async (who: string | TestIdentity, token: string, credential?: string): Promise<TestPage> => {
      const page = await world.page(who)
      await page.logIn(credential, token)
      return page
    },
    /** Why this login is refused. */
    refused: async (who: string | TestIdentity, token?: string, credential?: string): Promise<string> => {
      const page = await world.page(who)
      await page.tryLogin(page.identity, {
        ...(token !== undefined && { token }),
        ...(credential !== undefined && { credential }),
      })
      return (await page.next('refused')).reason
    },
  }
}

describe('a login to an app with a certificate', () => {
  it('is let in with a good token, and told how long that is good', async () => {
    const { logIn, v6, v7, now } = await certified()
    const [alice, bob] = [await logIn('alice', v6('alice')), await logIn('bob', v7('bob', 600))]
    expect(alice.welcome?.token).toEqual({ version: 6, expiresAt: now + 24 * HOUR_MS })
    expect(bob.welcome?.token).toEqual({ version: 7, expiresAt: now + 600_000 })
  })

  it('is refused with its reason, and a sentence without the token', async () => {
    const { page, refused, v6, v7, log } = await certified()
    expect(await refused('alice')).toBe('invalid-token')
    expect(await refused('alice', v6('bob'))).toBe('invalid-token')
    expect(await refused('alice', v7('alice', 0))).toBe('token-expired')
    const token = v7('bob', 600)
    const alice = await page('alice')
    await alice.tryLogin(alice.identity, { token })
    expect(JSON.stringify(await alice.next('refused'))).not.toContain(token.slice(0, 20))
    expect(JSON.stringify(log)).not.toContain(token.slice(0, 20))
  })

  it('tells of a ban only who has a token of that user', async () => {
    const { server, refused, v6 } = await certified()
    await server.ban(APP, 'alice')
    expect(await refused('alice')).toBe('invalid-token')
    expect(await refused('alice', v6('alice'))).toBe('banned')
  })
})

describe('a credential', () => {
  it('never lives longer than the token, nor than 12 h', async () => {
    const { logIn, v6, v7, now, pass } = await certified()
    const [alice, bob] = [await logIn('alice', v6('alice')), await logIn('bob', v7('bob', 600))]
    expect(expiryOf(alice.credential)).toBe(now + 12 * HOUR_MS)
    expect(expiryOf(bob.credential)).toBe(now + 600_000)
    await pass(300_000)
    bob.send({ type: 'renew' })
    expect(expiryOf((await bob.next('credential')).credential)).toBe(now + 600_000)
  })

  it('is given for an hour at a time to who stays connected with a 006 token that has expired', async () => {
    const { logIn, v6, refused, clock } = await certified()
    const token = v6('alice')
    const alice = await logIn('alice', token)
    clock.sleep(24 * HOUR_MS)
    clock.advance(1_000)
    expect(await alice.news()).toEqual([])
    alice.send({ type: 'renew' })
    const { credential } = await alice.next('credential')
    expect(expiryOf(credential)).toBe(clock.now() + HOUR_MS)
    expect(await refused(alice.identity, token, credential)).toBe('token-expired')
  })
})

describe('the end of a 007 token', () => {
  it('ends the session, not a round earlier, and those who knew it are told that it is gone', async () => {
    const { logIn, v6, v7, pass, refused } = await certified()
    const token = v7('alice', 10)
    const [alice, bob] = [await logIn('alice', token), await logIn('bob', v6('bob'))]
    for (const page of [alice, bob]) await page.join(LOBBY, 1)
    await alice.news()
    await pass(9_750)
    expect(await alice.news()).toEqual([])
    await pass(250)
    expect(await alice.next('ended')).toMatchObject({ reason: 'token-expired' })
    expect(await alice.closed).toMatchObject({ code: closeCodes.ended })
    expect(await bob.news()).toEqual([{ type: 'gone', peer: alice.peer, why: 'goodbye' }])
    expect(await refused(alice.identity, token, alice.credential)).toBe('token-expired')
    expect((await logIn(alice.identity, v7('alice', 10), alice.credential)).loginTime).toBe(alice.loginTime)
  })

  it('does not end a session that has lost its socket: that is lost as any other, and has no way back', async () => {
    const { logIn, v6, v7, pass, untilLost, refused } = await withWatcher()
    const token = v7('alice', 10)
    const [alice, bob] = [await logIn('alice', token), await logIn('bob', v6('bob'))]
    for (const page of [alice, bob]) await page.join(LOBBY, 1)
    alice.socket.terminate()
    await untilLost(alice, bob)
    await bob.news()
    await pass(15_000)
    expect((await bob.news()).map(({ type }) => type)).toEqual(['unreachable'])
    expect(await refused(alice.identity, token, alice.credential)).toBe('token-expired')
    await pass(20_000)
    expect(await bob.news()).toEqual([{ type: 'gone', peer: alice.peer, why: 'lost' }])
  })

  async function withWatcher() {
    const world = await certified()
    return {
      ...world,
      /** Until the server has noticed that the page's socket is closed. */
      untilLost: async (page: TestPage, watcher: TestPage): Promise<void> => {
        do watcher.send({ type: 'signal', to: page.sessionId, signal: '' })
        while ((await watcher.news()).every(({ type }) => type !== 'undeliverable'))
      },
    }
  }
})

describe('a token that is renewed', () => {
  it('in time keeps the session, with a credential as long as the new one', async () => {
    const { logIn, v7, pass, clock } = await certified()
    const alice = await logIn('alice', v7('alice', 10))
    await pass(9_000)
    alice.send({ type: 'renewToken', request: 5, token: v7('alice', 60) })
    const renewed = await alice.next('tokenRenewed')
    const end = clock.now() + 60_000
    expect(renewed).toMatchObject({ request: 5, token: { version: 7, expiresAt: end } })
    expect(expiryOf(renewed.credential)).toBe(end)
    await pass(59_000)
    expect(await alice.news()).toEqual([])
    await pass(1_000)
    expect(await alice.next('ended')).toMatchObject({ reason: 'token-expired' })
  })

  it.each([
    ['expired', 'token-expired', token007({ appId: APP, userId: 'alice' }, Date.UTC(2024, 0, 1), 60)],
    ['of somebody else', 'invalid-token', token007({ appId: APP, userId: 'bob' }, Date.UTC(2025, 0, 1), 60)],
    ['nonsense', 'invalid-token', 'nonsense'],
    ['empty', 'invalid-token', ''],
    [
      'without the privilege',
      'not-authorized',
      token007({ appId: APP, userId: 'alice' }, Date.UTC(2025, 0, 1), 60, { privilege: 2 }),
    ],
  ])('by one that is %s: the session keeps what it had', async (_what, reason, token) => {
    const { logIn, v7, pass } = await certified()
    const alice = await logIn('alice', v7('alice', 20))
    alice.send({ type: 'renewToken', request: 1, token })
    expect(await alice.next('tokenRefused')).toMatchObject({ request: 1, reason })
    await pass(19_000)
    expect(await alice.news()).toEqual([])
    await pass(1_000)
    expect(await alice.next('ended')).toMatchObject({ reason: 'token-expired' })
  })

  it('in an app without a certificate is taken as it is', async () => {
    const { logIn } = await setup()
    const alice = await logIn(await createIdentity('alice'))
    alice.send({ type: 'renewToken', request: 1, token: 'anything' })
    expect(Object.keys(await alice.next('tokenRenewed')).sort()).toEqual(['credential', 'request', 'type'])
  })
})

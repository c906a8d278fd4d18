import { describe, expect, test } from 'vitest'

import type { LoginRefusal } from '../../src/protocol/server-messages.ts'
import type { Page, PageOptions } from './page.ts'
import { setup } from './setup.ts'

/** A token in words: how it is written, its version, and the time at which it ends. */
function tokenText(version: 6 | 7, expiresAt: number, name = 'good'): string {
  return `${name} ${version} ${expiresAt}`
}

/** A realm whose server looks at tokens. */
function certified() {
  const world = setup()
  const { clock, realm, page, pass } = world
  const serverNow = () => clock.now() + realm.clockOffsetMs
  realm.termsOf = (token) => {
    const [, version, expiresAt] = (token ?? '').split(' ')
    return version === undefined ? undefined : { version: Number(version), expiresAt: Number(expiresAt) }
  }
  realm.refusal = ({ token }): LoginRefusal | undefined => {
    if (!token?.startsWith('good')) return 'invalid-token'
    return (realm.termsOf(token)?.expiresAt ?? 0) <= serverNow() ? 'token-expired' : undefined
  }
  return {
    ...world,
    token: (version: 6 | 7, lifeMs: number) => tokenText(version, serverNow() + lifeMs),
    async loggedInWith(token: string | null, userId = 'alice', options?: PageOptions): Promise<Page> {
      const one = page(userId, undefined, options)
      const call = one.login(userId, token)
      await pass(50)
      expect(call.outcome).toBe('ok')
      one.news()
      return one
    },
    /** This session alone has lost the server. */
    cutOff(one: Page) {
      one.rendezvous.isCutOff = true
      one.rendezvous.lose()
    },
  }
}

describe('A login', () => {
  test.each([
    ['with an expired token', 'good 7 1', 'token-expired'],
    ['with an invalid one', 'bad', 'invalid-token'],
    ['without one', null, 'invalid-token'],
  ])('%s is refused', async (_how, token, outcome) => {
    const { page, pass } = certified()
    const alice = page('alice')
    alice.login('alice', token)
    await pass(50)
    expect(alice.news()).toEqual(['connecting (login)', `login: ${outcome}`, 'disconnected (login-failure)'])
  })
})

describe('A 007 token', () => {
  test('announces its end 30 s before, and ends the session with it', async () => {
    const { loggedInWith, token, pass } = certified()
    const alice = await loggedInWith(token(7, 60_000))
    await pass(29_500)
    expect(alice.news()).toEqual([])
    await pass(750)
    expect(alice.news()).toEqual(['token will expire'])
    await pass(29_500)
    expect(alice.news()).toEqual([])
    await pass(500)
    expect(alice.news()).toEqual(['token did expire', 'aborted (token-expired)'])
    expect(alice.login('alice', token(7, 60_000)).outcome).toBe('already-login')
    expect(alice.renewToken(token(7, 60_000)).outcome).toBe('aborted')
    alice.logout()
    alice.login('alice', token(7, 60_000))
    await pass(50)
    expect(alice.engine.state).toBe('connected')
  })

  test('of less than 30 s is announced at once', async () => {
    const { loggedInWith, token, pass } = certified()
    const alice = await loggedInWith(token(7, 10_000))
    await pass(500)
    expect(alice.news()).toEqual(['token will expire'])
  })

  test.each([-3_600_000, 3_600_000])('is judged by the server’s clock, %i ms ahead', async (offsetMs) => {
    const { loggedInWith, token, pass, realm } = certified()
    realm.clockOffsetMs = offsetMs
    const alice = await loggedInWith(token(7, 60_000))
    await pass(59_500)
    expect(alice.news()).toEqual(['token will expire'])
    await pass(750)
    expect(alice.news()).toEqual(['token did expire', 'aborted (token-expired)'])
  })

  test('that is renewed in time is forgotten: the session ends with the next', async () => {
    const { loggedInWith, token, pass } = certified()
    const alice = await loggedInWith(token(7, 60_000))
    await pass(40_000)
    const call = alice.renewToken(token(7, 60_000))
    await pass(50)
    expect(call.outcome).toBe('ok')
    await pass(28_000)
    expect(alice.news()).toEqual(['token will expire', 'renew: ok'])
    await pass(33_000)
    expect(alice.news()).toEqual(['token will expire', 'token did expire', 'aborted (token-expired)'])
  })

  test('does not end the session while the server judges another one', async () => {
    const { loggedInWith, token, pass, realm } = certified()
    const alice = await loggedInWith(token(7, 60_000))
    await pass(59_500)
    alice.news()
    realm.delayMs = 1_000
    alice.renewToken(token(7, 60_000))
    await pass(3_000)
    expect(alice.news()).toEqual(['renew: ok'])
  })

  test('ends the session also when the server says so first', async () => {
    const { loggedInWith, token, pass, realm } = certified()
    const alice = await loggedInWith(token(7, 600_000))
    for (const visitor of realm.visitors) visitor.end('token-expired')
    await pass(50)
    expect(alice.news()).toEqual(['token did expire', 'aborted (token-expired)'])
  })

  test('ends the session of a machine that slept past its end, as it wakes', async () => {
    const { loggedInWith, token, pass, clock } = certified()
    const alice = await loggedInWith(token(7, 3_600_000))
    clock.sleep(7_200_000)
    await pass(300)
    expect(alice.news()).toEqual(['token did expire', 'aborted (token-expired)'])
  })

  test('that expires while reconnecting changes nothing until the server is back; a renewed one lets it return', async () => {
    const { loggedInWith, token, pass, realm } = certified()
    const alice = await loggedInWith(token(7, 20_000))
    realm.stop()
    await pass(60_000)
    expect(alice.news()).toEqual(['token will expire', 'reconnecting (interrupted)'])
    realm.start()
    await pass(120_000)
    expect(alice.news()).toEqual(['token did expire'])
    const call = alice.renewToken(token(7, 60_000))
    await pass(50)
    expect(call.outcome).toBe('ok')
    expect(alice.news()).toEqual(['renew: ok', 'connected (login-success)'])
    await pass(61_000)
    expect(alice.news().at(-1)).toBe('aborted (token-expired)')
  })
})

describe('A 006 token', () => {
  test('that expires while connected does nothing', async () => {
    const { loggedInWith, token, pass } = certified()
    const alice = await loggedInWith(token(6, 60_000))
    await pass(600_000)
    expect(alice.news()).toEqual([])
    expect(alice.engine.state).toBe('connected')
  })

  test('that has expired keeps a session out that lost the server: told once, until another is given', async () => {
    const { loggedInWith, token, pass, realm } = certified()
    const alice = await loggedInWith(token(6, 60_000))
    await pass(60_000)
    realm.stop()
    await pass(5_000)
    realm.start()
    await pass(60_000)
    expect(alice.news()).toEqual(['reconnecting (interrupted)', 'token did expire'])
    const wrong = alice.renewToken('bad')
    await pass(100)
    expect(wrong.outcome).toBe('invalid-token')
    const late = alice.renewToken(token(6, -1))
    await pass(100)
    expect(late.outcome).toBe('token-expired')
    await pass(60_000)
    alice.renewToken(token(6, 60_000))
    await pass(50)
    expect(alice.news()).toEqual([
      'renew: invalid-token',
      'renew: token-expired',
      'renew: ok',
      'connected (login-success)',
    ])
  })
})

describe('renewToken', () => {
  test('needs somebody who is logged in', async () => {
    const { page, pass, token } = certified()
    const alice = page('alice')
    expect(alice.renewToken('good').outcome).toBe('not-logged-in')
    alice.login('alice', token(7, 60_000))
    expect(alice.renewToken('good').outcome).toBe('not-logged-in')
    await pass(50)
  })

  test.each([[''], [null], [undefined], [7], [{}]])('%j is no token', async (text) => {
    const { loggedInWith, token } = certified()
    const alice = await loggedInWith(token(7, 60_000))
    expect(alice.renewToken(text).outcome).toBe('no-token')
  })

  test('may be called twice a second', async () => {
    const { loggedInWith, token, pass } = certified()
    const alice = await loggedInWith(token(7, 60_000))
    const calls = [1, 2, 3].map(() => alice.renewToken(token(7, 60_000)))
    await pass(999)
    calls.push(alice.renewToken(token(7, 60_000)))
    await pass(1)
    calls.push(alice.renewToken(token(7, 60_000)))
    await pass(50)
    expect(calls.map(({ outcome }) => outcome)).toEqual(['ok', 'ok', 'too-often', 'too-often', 'ok'])
  })

  test.each([
    ['bad', 'invalid-token'],
    ['good 7 1', 'token-expired'],
    ['x'.repeat(8_193), 'invalid-token'],
  ])('with one that is not good leaves the session with what it has: %.8s', async (wrong, outcome) => {
    const { loggedInWith, token, pass, realm } = certified()
    const alice = await loggedInWith(token(7, 600_000))
    const call = alice.renewToken(wrong)
    await pass(50)
    expect(call.outcome).toBe(outcome)
    alice.news()
    realm.stop()
    await pass(5_000)
    realm.start()
    await pass(1_000)
    expect(alice.news()).toEqual(['reconnecting (interrupted)', 'connected (login-success)'])
  })

  test('while the server is away fails after 10 s, and the token is shown when it is back', async () => {
    const { loggedInWith, token, pass, realm } = certified()
    const alice = await loggedInWith(token(7, 30_000))
    realm.stop()
    await pass(5_000)
    const call = alice.renewToken(token(7, 600_000))
    await pass(9_999)
    expect(call.outcome).toBe('pending')
    await pass(1)
    expect(call.outcome).toBe('not-judged')
    await pass(60_000)
    realm.start()
    await pass(1_000)
    expect(alice.news().at(-1)).toBe('connected (login-success)')
  })

  test('by a worse token while the server is away does not cost the better one', async () => {
    const { loggedInWith, token, pass, realm } = certified()
    const alice = await loggedInWith(token(7, 600_000))
    realm.stop()
    await pass(5_000)
    alice.renewToken('bad')
    realm.start()
    await pass(2_000)
    expect(alice.news()).toEqual([
      'reconnecting (interrupted)',
      'renew: invalid-token',
      'connected (login-success)',
    ])
  })

  test('again before the server is back answers the earlier call at once: the later token is shown', async () => {
    const { loggedInWith, token, pass, realm } = certified()
    const alice = await loggedInWith(token(7, 600_000))
    realm.stop()
    await pass(5_000)
    alice.news()
    const [earlier, later] = [alice.renewToken('bad'), alice.renewToken(token(7, 600_000))]
    await pass(1)
    expect([earlier.outcome, later.outcome]).toEqual(['token-replaced', 'pending'])
    realm.start()
    await pass(5_000)
    expect(alice.news()).toEqual(['renew: token-replaced', 'renew: ok', 'connected (login-success)'])
  })

  test('that is not answered before the logout fails', async () => {
    const { loggedInWith, token } = certified()
    const alice = await loggedInWith(token(7, 600_000))
    const call = alice.renewToken(token(7, 600_000))
    alice.logout()
    expect(call.outcome).toBe('not-judged')
  })
})

describe('A session that no server has accepted', () => {
  test('takes any token, and keeps it', async () => {
    const { page, pass } = certified()
    const alice = page('alice', undefined, { hasServer: false, hasTabs: true })
    alice.login()
    await pass(500)
    const call = alice.renewToken('anything')
    await pass(50)
    expect(call.outcome).toBe('ok')
  })

  test('is told once that the server which answers now wants a token, and logs in there with one', async () => {
    const { page, pass, realm, token } = certified()
    realm.isUp = false
    const alice = page('alice', undefined, { hasTabs: true })
    alice.login()
    await pass(5_000)
    alice.news()
    realm.start()
    await pass(60_000)
    expect(alice.news()).toEqual(['token did expire'])
    expect(alice.engine.state).toBe('connected')
    alice.renewToken('bad')
    await pass(1_000)
    expect(alice.news()).toEqual(['renew: ok', 'token did expire'])
    alice.renewToken(token(7, 60_000))
    await pass(1_000)
    expect(alice.news()).toEqual(['renew: ok'])
    expect(realm.residents.size).toBe(1)
    await pass(60_000)
    expect(alice.news()).toEqual(['token will expire', 'token did expire', 'aborted (token-expired)'])
  })

  test('logs in with the token that it was given meanwhile', async () => {
    const { page, pass, realm, token } = certified()
    realm.isUp = false
    const alice = page('alice', undefined, { hasTabs: true })
    alice.login()
    await pass(5_000)
    alice.news()
    alice.renewToken(token(6, 600_000))
    await pass(50)
    realm.start()
    await pass(5_000)
    expect(alice.news()).toEqual(['renew: ok'])
    expect(realm.residents.size).toBe(1)
  })
})

describe('Another user', () => {
  test('is not concerned by the end of a token', async () => {
    const { loggedInWith, token, pass } = certified()
    const alice = await loggedInWith(token(7, 10_000))
    const bob = await loggedInWith(token(7, 600_000), 'bob')
    for (const one of [alice, bob]) one.join()
    await pass(5_000)
    bob.news()
    await pass(10_000)
    expect(alice.engine.state).toBe('aborted')
    expect(bob.news()).toEqual(['lobby: alice left', 'lobby: 1 members'])
    expect(bob.engine.state).toBe('connected')
  })
})

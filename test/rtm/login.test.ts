import { describe, expect, test } from 'vitest'

import { loginRefusals } from '../../src/protocol/server-messages.ts'
import { setup } from './setup.ts'

describe('A login', () => {
  test('answers before the event that belongs to it', async () => {
    const { page, pass } = setup()
    const alice = page('alice')
    alice.login()
    expect(alice.news()).toEqual(['connecting (login)'])
    await pass(30)
    expect(alice.news()).toEqual(['login: ok', 'connected (login-success)'])
  })

  test.each(loginRefusals)('that is refused as %s ends where it began', async (reason) => {
    const { page, pass, realm } = setup()
    realm.refusal = () => reason
    const alice = page('alice')
    alice.login()
    await pass(30)
    expect(alice.news()).toEqual(['connecting (login)', `login: ${reason}`, 'disconnected (login-failure)'])
    realm.refusal = () => undefined
    await pass(1_000)
    alice.login()
    await pass(30)
    expect(alice.engine.state).toBe('connected')
  })

  test.each([null, undefined, '', 'null', 'a'.repeat(65), 'ünïcode', "it's", 7, {}])(
    'as %j is an invalid argument, without any event',
    (userId) => {
      const alice = setup().page('alice')
      expect(alice.login(userId === undefined ? null : userId).outcome).toBe('invalid-argument')
      expect(alice.news()).toEqual(['login: invalid-argument'])
    },
  )

  test('that nobody answers times out after 12 s, not a millisecond earlier', async () => {
    const { page, pass, realm } = setup()
    realm.isUp = false
    const alice = page('alice')
    alice.login()
    await pass(11_999)
    expect(alice.news()).toEqual(['connecting (login)'])
    await pass(1)
    expect(alice.news()).toEqual(['login: timeout', 'disconnected (login-timeout)'])
    realm.start()
    await pass(20_000)
    expect(alice.news()).toEqual([])
  })

  test('of somebody who is logged in, or about to be, changes nothing', async () => {
    const { page, pass } = setup()
    const alice = page('alice')
    alice.login()
    expect(alice.login().outcome).toBe('already-login')
    await pass(1_000)
    expect(alice.login().outcome).toBe('already-login')
    expect(alice.engine.state).toBe('connected')
  })

  test('is unknown when the browser cannot make an identity', async () => {
    const { page, pass } = setup()
    const alice = page('alice')
    alice.environment.createIdentity = () => Promise.reject(new Error('no WebRTC here'))
    alice.login()
    await pass(30)
    expect(alice.news()).toEqual(['connecting (login)', 'login: unknown', 'disconnected (login-failure)'])
  })

  test('leaves nothing behind when the browser cannot make a rendezvous', async () => {
    const { page, pass, clock } = setup()
    const alice = page('alice')
    alice.environment.createRendezvous = () => {
      throw new Error('no URL')
    }
    alice.login()
    await pass(30)
    expect(alice.news()).toEqual(['connecting (login)', 'login: unknown', 'disconnected (login-failure)'])
    await pass(2_000)
    expect(clock.pending).toBe(0)
  })

  test('that ends before it was answered is unknown, and what comes later is ignored', async () => {
    const { page, pass } = setup()
    const alice = page('alice')
    alice.login()
    alice.logout()
    expect(alice.news()).toEqual([
      'connecting (login)',
      'login: unknown',
      'logout: ok',
      'disconnected (logout)',
    ])
    await pass(20_000)
    expect(alice.news()).toEqual([])
  })

  test('of another user by the same page is another session', async () => {
    const { loggedIn, pass } = setup()
    const alice = await loggedIn('alice')
    const { sessionId } = alice.peer
    alice.logout()
    await pass(1_000)
    alice.login('alice')
    await pass(30)
    expect(alice.peer.sessionId).not.toBe(sessionId)
  })
})

describe('A logout', () => {
  test('answers before its event, in any state but disconnected', async () => {
    const { loggedIn } = setup()
    const alice = await loggedIn('alice')
    alice.logout()
    alice.logout()
    expect(alice.news()).toEqual(['logout: ok', 'disconnected (logout)', 'logout: not-logged-in'])
  })

  test('is heard by others at once, as a departure from each channel', async () => {
    const { lobby, pass } = setup()
    const [alice, bob] = await lobby('alice', 'bob')
    alice.logout()
    await pass(20)
    expect(bob.news()).toEqual(['lobby: alice left', 'lobby: 1 members'])
  })
})

describe('A second login of a user', () => {
  test('aborts the first, which stays out until it logs out', async () => {
    const { loggedIn, pass, page } = setup()
    const first = await loggedIn('alice')
    const second = page('alice')
    second.login()
    await pass(60)
    expect(first.news()).toEqual(['aborted (remote-login)'])
    expect(second.engine.state).toBe('connected')
    await pass(60_000)
    expect(first.login().outcome).toBe('already-login')
    expect(first.engine.state).toBe('aborted')
    first.news()
    first.logout()
    expect(first.news()).toEqual(['logout: ok', 'disconnected (logout)'])
    first.login()
    await pass(60)
    expect([first.engine.state, second.engine.state]).toEqual(['connected', 'aborted'])
  })

  test('keeps out a first one that was away meanwhile', async () => {
    const { loggedIn, pass } = setup()
    const first = await loggedIn('alice')
    first.rendezvous.lose()
    await loggedIn('alice')
    await pass(1_000)
    expect(first.news()).toEqual(['aborted (remote-login)'])
  })
})

describe('An operator', () => {
  test.each(['kicked', 'banned'] as const)('ends a session: %s', async (reason) => {
    const { loggedIn, pass, realm } = setup()
    const alice = await loggedIn('alice')
    realm.end('alice', reason)
    await pass(30)
    expect(alice.news()).toEqual(['aborted (banned-by-server)'])
  })
})

describe('A lost connection', () => {
  test('is reported after 4 s, not a millisecond earlier, and its return as a success', async () => {
    const { loggedIn, pass, realm } = setup()
    const alice = await loggedIn('alice')
    realm.stop()
    await pass(3_999)
    expect(alice.news()).toEqual([])
    await pass(1)
    expect(alice.news()).toEqual(['reconnecting (interrupted)'])
    await pass(600_000)
    realm.start()
    await pass(1_000)
    expect(alice.news()).toEqual(['connected (login-success)'])
  })

  test('that is back within 4 s is not reported', async () => {
    const { loggedIn, pass } = setup()
    const alice = await loggedIn('alice')
    for (let i = 0; i < 5; i++) {
      alice.rendezvous.lose()
      await pass(3_000)
    }
    expect(alice.news()).toEqual([])
  })

  test('just after the login was accepted is not taken for a connection', async () => {
    const { page, pass, realm, clock } = setup()
    const alice = page('alice')
    alice.login()
    await pass(9)
    clock.advance(1)
    expect(alice.rendezvous.isUp).toBe(true)
    realm.stop()
    await pass(60_000)
    expect(alice.engine.state).not.toBe('connected')
  })

  test('can be logged out of', async () => {
    const { loggedIn, pass, realm } = setup()
    const alice = await loggedIn('alice')
    realm.stop()
    await pass(10_000)
    alice.news()
    alice.logout()
    expect(alice.news()).toEqual(['logout: ok', 'disconnected (logout)'])
  })
})

import { describe, expect, test } from 'vitest'

import { RateLimits } from '../../src/rtm/limits.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { setup } from './setup.ts'

describe('How often a method may be called', () => {
  test('181 sends in 3 s are one too many, to users and channels together', async () => {
    const { lobby, pass } = setup()
    const [alice] = await lobby('alice', 'bob')
    const calls = Array.from({ length: 181 }, (_, i) =>
      i % 2 === 0 ? alice.send('bob', `${i}`) : alice.sendToChannel(`${i}`),
    )
    await pass(500)
    expect(calls.map(({ outcome }) => outcome)).toEqual([
      ...Array.from({ length: 180 }, () => 'ok'),
      'too-often',
    ])
  })

  test('slides: 3 s after a call there is room for one, not a millisecond earlier', async () => {
    const { lobby, pass } = setup()
    const [alice] = await lobby('alice', 'bob')
    alice.send('bob', 'first')
    await pass(1_000)
    for (let i = 0; i < 179; i++) alice.send('bob', `${i}`)
    await pass(1_999)
    expect(alice.send('bob', 'x').outcome).toBe('too-often')
    await pass(1)
    expect(alice.send('bob', 'x').outcome).toBe('pending')
    expect(alice.send('bob', 'x').outcome).toBe('too-often')
  })

  test('does not count calls that were refused, for whatever reason', async () => {
    const { lobby, pass } = setup()
    const [alice] = await lobby('alice', 'bob')
    for (let i = 0; i < 500; i++) {
      alice.send('not a user: é', 'x')
      alice.send('bob', undefined)
      alice.sendToChannel(undefined)
    }
    for (let i = 0; i < 180; i++) alice.send('bob', `${i}`)
    for (let i = 0; i < 500; i++) expect(alice.send('bob', 'x').outcome).toBe('too-often')
    await pass(3_000)
    expect(alice.send('bob', 'x').outcome).toBe('pending')
  })

  test('two logins a second', async () => {
    const { page, pass } = setup()
    const alice = page('alice')
    alice.login()
    alice.logout()
    alice.login()
    alice.logout()
    expect(alice.login().outcome).toBe('too-often')
    expect(alice.engine.state).toBe('disconnected')
    await pass(999)
    expect(alice.login().outcome).toBe('too-often')
    await pass(1)
    expect(alice.login().outcome).toBe('pending')
  })

  test('five looks at the members in 2 s', async () => {
    const { lobby, pass } = setup()
    const [alice] = await lobby('alice')
    for (let i = 0; i < 5; i++) expect(alice.members()).toEqual(['alice'])
    expect(alice.members()).toBe('too-often')
    await pass(2_000)
    expect(alice.members()).toEqual(['alice'])
  })

  test('two joins of one channel in 5 s, fifty of any in 3 s', async () => {
    const { loggedIn, pass } = setup()
    const alice = await loggedIn('alice')
    for (let i = 0; i < 2; i++) {
      alice.join('one')
      await pass(30)
      alice.leave('one')
    }
    expect(alice.join('one').outcome).toBe('same-channel-too-often')
    for (let i = 0; i < 48; i++) {
      const call = alice.join(`channel ${i}`)
      await pass(20)
      expect(call.outcome).toBe('ok')
      alice.leave(`channel ${i}`)
    }
    expect(alice.join('another').outcome).toBe('too-often')
    await pass(3_000)
    expect(alice.join('another').outcome).toBe('pending')
  })

  test('is of no matter once the limits are off', async () => {
    const { lobby, pass } = setup()
    const [alice, bob] = await lobby('alice', 'bob')
    alice.engine.limits.areOn = false
    for (let i = 0; i < 1_000; i++) alice.send('bob', `${i}`)
    for (let i = 0; i < 20; i++) expect(alice.members()).toHaveLength(2)
    await pass(1_000)
    expect(bob.received).toHaveLength(1_000)
  })

  test('is counted for each kit by itself', async () => {
    const { lobby } = setup()
    const [alice, bob] = await lobby('alice', 'bob')
    for (let i = 0; i < 181; i++) alice.send('bob', 'x')
    expect(bob.send('alice', 'x').outcome).toBe('pending')
  })

  test('keeps no memory of channels that are long over', () => {
    const clock = new ManualClock()
    const limits = new RateLimits(clock)
    for (let i = 0; i < 10_000; i++) {
      expect(limits.allow('joinSameChannel', `${i}`)).toBe(true)
      clock.advance(5_001)
    }
    expect(JSON.stringify([...limits['windows'].keys()]).length).toBeLessThan(4_000)
  })
})

describe('The order of checks', () => {
  test('nobody logged in comes first', () => {
    const alice = setup().page('alice')
    const { engine } = alice
    expect(alice.send('é', undefined).outcome).toBe('not-logged-in')
    expect(alice.sendToChannel(undefined).outcome).toBe('not-logged-in')
    expect(alice.join().outcome).toBe('not-logged-in')
    expect(alice.leave()).toBe('not-logged-in')
    expect(alice.members()).toBe('not-logged-in')
    expect(alice.logout().outcome).toBe('not-logged-in')
    expect(engine.state).toBe('disconnected')
  })

  test('while the login is under way nobody is logged in', () => {
    const alice = setup().page('alice')
    alice.login()
    expect(alice.send('bob', 'x').outcome).toBe('not-logged-in')
    expect(alice.join().outcome).toBe('not-logged-in')
    expect(alice.members()).toBe('not-logged-in')
  })

  test('then arguments, then how often, then the state', async () => {
    const { lobby } = setup()
    const [alice] = await lobby('alice', 'bob')
    for (let i = 0; i < 180; i++) alice.send('bob', 'x')
    expect(alice.send('é', undefined).outcome).toBe('invalid-user-id')
    expect(alice.send('bob', undefined).outcome).toBe('invalid-message')
    expect(alice.sendToChannel(undefined, 'not joined').outcome).toBe('invalid-message')
    expect(alice.sendToChannel('x', 'not joined').outcome).toBe('too-often')
    for (let i = 0; i < 5; i++) alice.members()
    expect(alice.members('not joined')).toBe('too-often')
    alice.join()
    expect(alice.join().outcome).toBe('same-channel-too-often')
  })

  test('a login with a bad name is that, however often', () => {
    const alice = setup().page('alice')
    alice.login()
    for (let i = 0; i < 3; i++) alice.login()
    expect(alice.login('é').outcome).toBe('invalid-argument')
    expect(alice.login().outcome).toBe('too-often')
  })
})

describe('A session that was ended by another', () => {
  test('answers at once: calls that it would answer in time are over, arguments still count', async () => {
    const { lobby, loggedIn, pass } = setup()
    const [alice] = await lobby('alice', 'bob')
    await loggedIn('alice')
    await pass(50)
    expect(alice.engine.state).toBe('aborted')
    expect(alice.send('bob', 'x').outcome).toBe('aborted')
    expect(alice.send('é', 'x').outcome).toBe('invalid-user-id')
    expect(alice.sendToChannel('x').outcome).toBe('aborted')
    expect(alice.sendToChannel(undefined).outcome).toBe('invalid-message')
    expect(alice.join('other').outcome).toBe('aborted')
    expect(alice.leave()).toBe('aborted')
    expect(alice.members()).toBe('aborted')
    expect(alice.login().outcome).toBe('already-login')
  })

  test('while reconnecting a join succeeds by the word of who is linked, and a message waits for its own timeout', async () => {
    const { lobby, pass, realm } = setup()
    const [alice] = await lobby('alice', 'bob')
    realm.stop()
    await pass(5_000)
    expect(alice.engine.state).toBe('reconnecting')
    const calls = [alice.send('carol', 'x'), alice.join('other')]
    const [send, join] = calls
    await pass(100)
    expect(join?.outcome).toBe('ok')
    await pass(9_899)
    expect(send?.outcome).toBe('pending')
    await pass(1)
    expect(send?.outcome).toBe('timeout')
  })
})

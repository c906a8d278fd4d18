import { describe, expect, test } from 'vitest'

import { setup } from './setup.ts'

describe('The question who is online', () => {
  test('is answered in its order, also where a name comes twice', async () => {
    const { loggedIn, pass } = setup()
    const [alice] = [await loggedIn('alice'), await loggedIn('bob')]
    const call = alice.query('carol', 'bob', 'alice', 'carol')
    await pass(50)
    expect(call.outcome).toBe('carol offline, bob online, alice online, carol offline')
  })

  test('is answered at once where links know everybody, also without a server', async () => {
    const { lobby, pass, realm } = setup()
    const [alice] = await lobby('alice', 'bob', 'carol')
    realm.stop()
    await pass(60_000)
    const call = alice.query('bob', 'carol', 'alice')
    await pass(0)
    expect(call.outcome).toBe('bob online, carol online, alice online')
  })

  test('counts who is only unreachable as online', async () => {
    const { lobby, pass, realm } = setup()
    const [alice, bob] = await lobby('alice', 'bob')
    bob.crash()
    await pass(10_000)
    const call = alice.query('bob')
    await pass(50)
    expect(call.outcome).toBe('bob online')
    realm.stop()
    await pass(10_000)
    const withoutServer = alice.query('bob')
    await pass(50)
    expect(withoutServer.outcome).toBe('bob online')
    await pass(15_000)
    const late = alice.query('bob')
    await pass(10_000)
    expect(late.outcome).toBe('timeout')
  })

  test('times out after 10 s when nobody can tell, and is answered when somebody can before', async () => {
    const { loggedIn, pass, realm } = setup()
    const alice = await loggedIn('alice')
    realm.stop()
    await pass(100)
    const call = alice.query('bob')
    await pass(9_999)
    expect(call.outcome).toBe('pending')
    await pass(1)
    expect(call.outcome).toBe('timeout')
    const again = alice.query('bob')
    realm.start()
    await pass(2_000)
    expect(again.outcome).toBe('bob offline')
  })

  test('fails when the session ends before the answer', async () => {
    const { loggedIn, pass, realm } = setup()
    const alice = await loggedIn('alice')
    realm.stop()
    await pass(100)
    const call = alice.query('bob')
    alice.logout()
    expect(call.outcome).toBe('failure')
  })

  test('is for 1 to 256 users, all of them well-formed', async () => {
    const { loggedIn, pass } = setup()
    const alice = await loggedIn('alice')
    const names = Array.from({ length: 257 }, (_, i) => `user ${i}`)
    expect(alice.query(...names).outcome).toBe('invalid-peer-ids')
    expect(alice.query().outcome).toBe('invalid-peer-ids')
    expect(alice.query('bob', '').outcome).toBe('invalid-peer-ids')
    const most = alice.query(...names.slice(1))
    await pass(50)
    expect(most.outcome).toBe(
      names
        .slice(1)
        .map((name) => `${name} offline`)
        .join(', '),
    )
  })
})

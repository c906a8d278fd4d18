import { describe, expect, test } from 'vitest'

import { LOBBY, setup } from './setup.ts'

describe('The count of members', () => {
  test('is that of each channel, joined or not, in the order of the call; 0 where nobody is', async () => {
    const { lobby, loggedIn, pass } = setup()
    await lobby('alice', 'bob')
    const carol = await loggedIn('carol')
    carol.join('den')
    await pass(50)
    const call = carol.count('nowhere', 'lobby', 'den', 'lobby')
    await pass(50)
    expect(call.outcome).toEqual([0, 2, 1, 2])
  })

  test('of a joined channel is never less than its members who are known here', async () => {
    const { lobby, pass, realm } = setup()
    const [alice] = await lobby('alice', 'bob', 'carol')
    // A server that has forgotten everybody, and knows only Alice again.
    realm.count = (channelIds) => channelIds.map(() => 1)
    const call = alice.count('lobby', 'elsewhere')
    await pass(50)
    expect(call.outcome).toEqual([3, 1])
  })

  test('of joined channels is known without a server; that of others times out after 5 s', async () => {
    const { lobby, pass, realm } = setup()
    const [alice] = await lobby('alice', 'bob')
    realm.stop()
    await pass(100)
    const joined = alice.count(LOBBY)
    await pass(0)
    expect(joined.outcome).toEqual([2])
    await pass(1_000)
    const other = alice.count(LOBBY, 'elsewhere')
    await pass(4_999)
    expect(other.outcome).toBe('pending')
    await pass(1)
    expect(other.outcome).toBe('timeout')
    const again = alice.count(LOBBY, 'elsewhere')
    realm.start()
    await pass(2_000)
    expect(again.outcome).toEqual([2, 0])
  })

  test('is given for 1 to 32 channels, all of them well-formed', async () => {
    const { loggedIn, pass } = setup()
    const alice = await loggedIn('alice')
    const channels = Array.from({ length: 33 }, (_, i) => `channel ${i}`)
    expect(alice.count().outcome).toBe('invalid-channel-ids')
    expect(alice.count('lobby', 'é').outcome).toBe('invalid-channel-ids')
    expect(alice.count(...channels).outcome).toBe('too-many-counted-channels')
    const most = alice.count(...channels.slice(1))
    await pass(50)
    expect(most.outcome).toEqual(Array.from({ length: 32 }, () => 0))
  })

  test('fails when the session ends before the answer', async () => {
    const { loggedIn, pass, realm } = setup()
    const alice = await loggedIn('alice')
    realm.stop()
    await pass(100)
    const call = alice.count('lobby')
    alice.logout()
    expect(call.outcome).toBe('failure')
  })
})

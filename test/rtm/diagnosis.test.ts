import { describe, expect, test } from 'vitest'

import { setup } from './setup.ts'

describe('A diagnosis', () => {
  test('is of somebody who is logged in', async () => {
    const { page, loggedIn } = setup()
    expect(await page('bob').engine.diagnose()).toBeUndefined()
    const alice = await loggedIn('alice')
    expect(await alice.engine.diagnose()).toEqual({
      appId: 'a'.repeat(32),
      userId: 'alice',
      sessionId: alice.peer.sessionId,
      servers: [{ url: 'memory', state: 'connected' }],
      peers: [],
    })
  })

  test('says how each peer stands, in words', async () => {
    const { lobby, pass, network } = setup()
    const [alice, bob] = await lobby('alice', 'bob')
    const peer = async () => (await alice.engine.diagnose())?.peers[0]
    expect(await peer()).toEqual({
      userId: 'bob',
      sessionId: bob.peer.sessionId,
      state: 'linked',
      path: 'direct',
      queuedBytes: 0,
    })
    network.refusal = () => 'No network path to it was found'
    network.cable(alice.peer, bob.peer).break('cut')
    await pass(10_000)
    alice.sendToChannel('x'.repeat(1_000))
    await pass(0)
    const apart = await peer()
    expect(apart).toMatchObject({ path: 'none', lastError: 'No network path to it was found' })
    expect(apart?.state).toMatch(/^no link after \d+ attempts, trying again$/)
    expect(apart?.queuedBytes).toBeGreaterThan(1_000)
  })

  test('says that the server is away', async () => {
    const { loggedIn, pass, realm } = setup()
    const alice = await loggedIn('alice')
    realm.stop()
    await pass(100)
    expect((await alice.engine.diagnose())?.servers).toEqual([
      { url: 'memory', state: 'not connected, trying again' },
    ])
  })
})

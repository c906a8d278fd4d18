import { describe, expect, test } from 'vitest'

import type { ChannelId } from '../../src/base/ids.ts'
import { MemoryIssuer } from '../support/memory-issuer.ts'
import type { Page } from './page.ts'
import { setup } from './setup.ts'

const sorted = (members: ReturnType<Page['members']>): unknown =>
  typeof members === 'string' ? members : [...members].sort()
const joinsAndLeaves = (log: string[]): string[] => log.filter((line) => / (joined|left)$/.test(line))

/** Users in the lobby, all linked; and dave, who is linked to the first of them only. The server is gone. */
async function withoutServer<Names extends readonly string[]>(...names: Names) {
  const world = setup()
  world.network.isSignalled = true
  const members = await world.lobby(...names)
  const dave = await world.loggedIn('dave')
  const [first] = members
  if (!first) throw new Error('somebody must be there')
  const hello = dave.send(first.peer.userId, 'hello')
  await world.pass(100)
  expect(hello.outcome).toBe('ok')
  world.realm.stop()
  await world.pass(5_000)
  for (const one of [...members, dave]) one.news()
  return { ...world, members, dave }
}

describe('While the server is away, who is linked to one member of a channel only', () => {
  test('joins it, is seen by all of them at once, and knows them all', async () => {
    const { members, dave, pass } = await withoutServer('alice', 'bob', 'carol')
    const call = dave.join()
    await pass(100)
    expect(call.outcome).toBe('ok')
    expect(dave.members()).toEqual(['dave', 'alice', 'bob', 'carol'])
    await pass(200)
    for (const one of members) expect(joinsAndLeaves(one.news())).toEqual(['lobby: dave joined'])
    expect(joinsAndLeaves(dave.news())).toEqual([])
  })

  test('exchanges messages with those whom only that member knew', async () => {
    const { members, dave, pass } = await withoutServer('alice', 'bob', 'carol')
    const [, bob, carol] = members
    dave.join()
    await pass(300)
    const calls = [
      dave.sendToChannel('to all'),
      bob.send('dave', 'to dave'),
      carol.sendToChannel('from carol'),
    ]
    await pass(200)
    expect(calls.map(({ outcome }) => outcome)).toEqual(['ok', 'ok', 'ok'])
    for (const one of members) expect(one.log).toContain('lobby: dave: to all')
    expect(dave.log).toContain('message from bob: to dave')
    expect(dave.log).toContain('lobby: carol: from carol')
  })

  test('finds a user whom only that member knows, and tells a stranger from nobody', async () => {
    const { members, dave, pass } = await withoutServer('alice', 'bob')
    const [, bob] = members
    const call = dave.send('bob', 'are you there?')
    await pass(200)
    expect(call.outcome).toBe('ok')
    expect(bob.log).toContain('message from dave: are you there?')
    const nobody = dave.send('nobody', 'hello')
    await pass(9_000)
    expect(nobody.outcome).toBe('pending')
    await pass(2_000)
    expect(nobody.outcome).toBe('timeout')
  })

  test('is not told that somebody is offline because another is found', async () => {
    const { dave, pass, realm } = await withoutServer('alice', 'bob')
    const known = dave.query('bob', 'alice')
    const call = dave.query('bob', 'nobody')
    await pass(9_000)
    expect([known.outcome, call.outcome]).toEqual(['bob online, alice online', 'pending'])
    await pass(1_000)
    expect(call.outcome).toBe('timeout')
    const again = dave.query('nobody', 'bob', 'nobody')
    realm.start()
    await pass(2_000)
    expect(again.outcome).toBe('nobody offline, bob online, nobody offline')
  })

  test('leaves it, joins it again, and goes, as ever', async () => {
    const { members, dave, pass } = await withoutServer('alice', 'bob', 'carol')
    dave.join()
    await pass(300)
    dave.leave()
    await pass(100)
    dave.join()
    await pass(300)
    dave.logout()
    await pass(100)
    for (const one of members) {
      const lines = joinsAndLeaves(one.news())
      expect(lines).toEqual([
        'lobby: dave joined',
        'lobby: dave left',
        'lobby: dave joined',
        'lobby: dave left',
      ])
    }
  })

  test('reads the attributes of its channel', async () => {
    const { members, dave, pass } = await withoutServer('alice', 'bob')
    const written: unknown[] = []
    members[1].engine.writeChannelAttributes(
      'lobby',
      { kind: 'update', attributes: [{ key: 'topic', value: 'tea' }] },
      false,
      (outcome) => written.push(outcome),
    )
    await pass(500)
    const outcomes: unknown[] = []
    dave.engine.readChannelAttributes('lobby', undefined, (outcome) => outcomes.push(outcome))
    await pass(3_000)
    expect([written, outcomes]).toEqual([['ok'], [[expect.objectContaining({ key: 'topic', value: 'tea' })]]])
  })

  test('stays when the server comes back, empty and with another secret: nobody leaves or joins', async () => {
    const { members, dave, pass, realm } = await withoutServer('alice', 'bob', 'carol')
    dave.join()
    await pass(300)
    const all = [...members, dave]
    for (const one of all) one.news()
    realm.issuer = new MemoryIssuer('another secret')
    realm.start()
    await pass(60_000)
    for (const one of all) {
      expect(joinsAndLeaves(one.news())).toEqual([])
      expect(one.engine.state).toBe('connected')
      expect(sorted(one.members())).toEqual(['alice', 'bob', 'carol', 'dave'])
    }
    const call = dave.sendToChannel('once')
    await pass(200)
    expect(call.outcome).toBe('ok')
    for (const one of members) expect(one.log.filter((line) => line === 'lobby: dave: once')).toHaveLength(1)
  })
})

describe('While the server is away', () => {
  test('a link that breaks is opened again by somebody who is linked to both', async () => {
    const { lobby, pass, realm, network } = setup()
    network.isSignalled = true
    const [alice, bob, carol] = await lobby('alice', 'bob', 'carol')
    realm.stop()
    await pass(5_000)
    network.cable(alice.peer, bob.peer).break('cut')
    const calls = [alice.send('bob', 'to bob'), bob.sendToChannel('to all')]
    await pass(3_000)
    expect(calls.map(({ outcome }) => outcome)).toEqual(['ok', 'ok'])
    expect(network.link(alice.peer, bob.peer)).toBeDefined()
    expect(bob.log).toContain('message from alice: to bob')
    await pass(60_000)
    for (const one of [alice, bob, carol]) expect(joinsAndLeaves(one.news())).toEqual([])
  })

  test('a join without anybody around succeeds after 400 ms', async () => {
    const { loggedIn, pass, realm } = setup()
    const alice = await loggedIn('alice')
    realm.stop()
    await pass(5_000)
    const call = alice.join()
    await pass(399)
    expect(call.outcome).toBe('pending')
    await pass(1)
    expect(call.outcome).toBe('ok')
    expect(alice.members()).toEqual(['alice'])
  })

  test('two who join by different members see each other', async () => {
    const { lobby, loggedIn, pass, realm, network } = setup()
    network.isSignalled = true
    const [alice, bob] = await lobby('alice', 'bob')
    const [dave, erin] = [await loggedIn('dave'), await loggedIn('erin')]
    dave.send('alice', 'hello')
    erin.send('bob', 'hello')
    await pass(100)
    realm.stop()
    await pass(5_000)
    for (const one of [alice, bob, dave, erin]) one.news()
    dave.join()
    erin.join()
    await pass(1_000)
    for (const one of [alice, bob, dave, erin])
      expect(sorted(one.members())).toEqual(['alice', 'bob', 'dave', 'erin'])
    for (const one of [alice, bob])
      expect(joinsAndLeaves(one.news()).sort()).toEqual(['lobby: dave joined', 'lobby: erin joined'])
    const call = dave.sendToChannel('to all')
    await pass(200)
    expect(call.outcome).toBe('ok')
    expect(erin.log).toContain('lobby: dave: to all')
  })

  test('a tab of a member’s browser, which is linked to nobody yet, joins by its tab', async () => {
    const { page, lobby, pass, realm, network } = setup()
    network.isSignalled = true
    const [bob, carol] = await lobby('bob', 'carol')
    const alice = page('alice', undefined, { hasTabs: true })
    alice.login()
    await pass(500)
    alice.join()
    const dave = page('dave', alice.browser, { hasTabs: true })
    dave.login()
    await pass(2_000)
    realm.stop()
    await pass(5_000)
    for (const one of [alice, bob, carol, dave]) one.news()
    const call = dave.join()
    await pass(1_000)
    expect(call.outcome).toBe('ok')
    for (const one of [alice, bob, carol, dave])
      expect(sorted(one.members())).toEqual(['alice', 'bob', 'carol', 'dave'])
    for (const one of [alice, bob, carol]) expect(joinsAndLeaves(one.news())).toEqual(['lobby: dave joined'])
    realm.start()
    await pass(60_000)
    for (const one of [alice, bob, carol]) expect(joinsAndLeaves(one.news())).toEqual([])
    expect(joinsAndLeaves(dave.news()).filter((line) => line.endsWith('left'))).toEqual([])
  })

  test('a member that is named and never heard has left after 31 s, and its messages go nowhere', async () => {
    const { members, dave, pass, network } = await withoutServer('alice', 'bob')
    const [alice, bob] = members
    bob.crash()
    await pass(1_000)
    dave.join()
    await pass(300)
    expect(dave.members()).toEqual(['dave', 'alice', 'bob'])
    await pass(29_000)
    expect(dave.members()).toEqual(['dave', 'alice', 'bob'])
    await pass(3_000)
    expect(dave.members()).toEqual(['dave', 'alice'])
    expect(alice.members()).toEqual(['alice', 'dave'])
    expect(network.link(dave.peer, bob.peer)).toBeUndefined()
  })

  test('somebody who is named as a member and is none says so', async () => {
    const { lobby, loggedIn, pass, realm } = setup()
    const [alice, bob] = await lobby('alice', 'bob')
    const dave = await loggedIn('dave')
    for (const one of [alice, bob]) one.send('dave', 'hello')
    await pass(100)
    realm.stop()
    await pass(5_000)
    dave.news()
    // Whatever alice takes for true: bob, who has just left, is heard by her again and again.
    bob.leave()
    await pass(100)
    const { sessionId, loginTime, userId } = bob.peer
    alice.session.channels.joined('lobby' as ChannelId, { sessionId, loginTime, userId, incarnation: 99 })
    dave.join()
    await pass(1_000)
    expect(dave.members()).toEqual(['dave', 'alice'])
    expect(joinsAndLeaves(dave.news())).toEqual(['lobby: bob left'])
  })

  test('a channel has the members that it had, whoever loses the server when', async () => {
    const { lobby, pass, realm } = setup()
    const all = await lobby('alice', 'bob', 'carol')
    for (let i = 0; i < 5; i++) {
      realm.stop()
      await pass(6_000)
      realm.issuer = new MemoryIssuer(`secret ${i}`)
      realm.start()
      await pass(6_000)
    }
    for (const one of all) expect(joinsAndLeaves(one.news())).toEqual([])
  })
})

test('In a channel of more members than links are held, everybody learns of who joins without the server', async () => {
  const { lobby, loggedIn, pass, realm, network } = setup()
  network.isSignalled = true
  const users = Array.from({ length: 28 }, (_, i) => `user ${i}`)
  const members = await lobby(...users)
  const dave = await loggedIn('dave')
  dave.send('user 0', 'hello')
  await pass(100)
  realm.stop()
  await pass(5_000)
  for (const one of members) one.news()
  dave.join()
  await pass(3_000)
  expect(sorted(dave.members())).toEqual(['dave', ...users].sort())
  for (const one of members) expect(joinsAndLeaves(one.news())).toEqual(['lobby: dave joined'])
  const call = dave.sendToChannel('to all')
  await pass(3_000)
  expect(call.outcome).toBe('ok')
  for (const one of members) expect(one.log).toContain('lobby: dave: to all')
  // Some of them have no link, and nobody else tells that they are there.
  await pass(45_000)
  for (const one of members) expect(joinsAndLeaves(one.news())).toEqual([])
})

test('A session that alone has lost the server meets those whom the server would name', async () => {
  const { lobby, loggedIn, pass, network } = setup()
  network.isSignalled = true
  const [alice, bob] = await lobby('alice', 'bob')
  const dave = await loggedIn('dave')
  dave.send('alice', 'hello')
  await pass(100)
  dave.rendezvous.isCutOff = true
  dave.rendezvous.lose()
  await pass(5_000)
  dave.join()
  await pass(500)
  expect(sorted(dave.members())).toEqual(['alice', 'bob', 'dave'])
  const calls = [bob.send('dave', 'to dave'), dave.send('bob', 'to bob'), bob.sendToChannel('to all')]
  await pass(500)
  expect(calls.map(({ outcome }) => outcome)).toEqual(['ok', 'ok', 'ok'])
  expect(network.link(dave.peer, bob.peer)).toBeDefined()
  dave.rendezvous.isCutOff = false
  await pass(60_000)
  for (const one of [alice, bob]) expect(joinsAndLeaves(one.news())).toEqual(['lobby: dave joined'])
  expect(joinsAndLeaves(dave.news())).toEqual([])
})

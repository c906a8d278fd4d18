import { describe, expect, test } from 'vitest'

import { APP, OTHER_APP } from '../support/credentials.ts'
import { MemoryIssuer } from '../support/memory-issuer.ts'
import { type Page, setup } from './setup.ts'

const HOUR = 3_600_000

/**
 * Mallory, and eve, who helps mallory: linked to each other, and eve to everybody. Alice is in a channel with mallory,
 * bob and carol are linked to alice only.
 */
async function withMallory() {
  const world = setup()
  const issuer = new MemoryIssuer('secret')
  world.realm.issuer = issuer
  world.network.isSignalled = true
  const [alice, mallory] = await world.lobby('alice', 'mallory')
  const [bob, carol] = [await world.loggedIn('bob'), await world.loggedIn('carol')]
  const eve = await world.loggedIn('eve')
  for (const other of [bob, carol, eve]) other.send('alice', 'hello')
  for (const name of ['bob', 'carol', 'mallory']) eve.send(name, 'hello')
  await world.pass(200)
  const all = [alice, mallory, bob, carol, eve]
  for (const one of all) one.news()
  Object.assign(eve.session['trust'], { addNotice: () => Promise.resolve(undefined) })
  return {
    ...world,
    issuer,
    alice,
    mallory,
    bob,
    carol,
    eve,
    /** The server goes right after; neither mallory nor eve hears it say anything. */
    async banAndStop() {
      for (const one of [mallory, eve]) one.rendezvous.lose()
      world.realm.end('mallory', 'banned')
      await world.pass(100)
      world.realm.stop()
      await world.pass(1_000)
    },
    async stop() {
      world.realm.stop()
      await world.pass(1_000)
    },
    isLinked: (one: Page, other: Page) => world.network.link(one.peer, other.peer) !== undefined,
  }
}

describe('While the server is away', () => {
  test('a user that was not banned is found and linked through a neighbour', async () => {
    const { bob, mallory, stop, isLinked, pass } = await withMallory()
    await stop()
    expect(isLinked(bob, mallory)).toBe(false)
    const calls = [mallory.send('bob', 'let me in')]
    await pass(1_000)
    expect(calls.map(({ outcome }) => outcome)).toEqual(['ok'])
    expect(isLinked(bob, mallory)).toBe(true)
  })

  test('a user that was banned is linked to nobody who heard of it, whoever begins, and whoever helps', async () => {
    const { alice, bob, carol, eve, mallory, banAndStop, isLinked, pass } = await withMallory()
    await banAndStop()
    expect(alice.log).toContain('lobby: mallory left')
    expect(isLinked(eve, mallory)).toBe(true)
    const honest = [alice, bob, carol]
    for (const one of honest) {
      mallory.send(one.peer.userId, 'let me in')
      one.send('mallory', 'are you there?')
    }
    await pass(12_000)
    for (const one of honest) {
      expect(one.log.filter((line) => line.startsWith('message from mallory'))).toEqual([])
      expect(isLinked(one, mallory)).toBe(false)
    }
    expect(mallory.log.filter((line) => line.startsWith('message'))).toEqual([])
  })

  test('who is linked later is told by its neighbours', async () => {
    const { alice, eve, mallory, loggedIn, realm, banAndStop, isLinked, pass } = await withMallory()
    const dave = await loggedIn('dave')
    dave.send('eve', 'hello')
    await pass(200)
    await banAndStop()
    expect(isLinked(dave, eve)).toBe(true)
    expect(isLinked(dave, alice)).toBe(false)
    expect(dave.session['trust'].noticeTexts).toEqual([])
    dave.send('alice', 'hello')
    await pass(300)
    expect(dave.session['trust'].noticeTexts).toHaveLength(1)
    mallory.send('dave', 'let me in')
    await pass(12_000)
    expect(isLinked(dave, mallory)).toBe(false)
    expect(realm.isUp).toBe(false)
  })
})

describe('A page that is told by a neighbour that it is out', () => {
  test.each(['kick', 'ban'] as const)('is aborted, as by the server: %s', async (kind) => {
    const { alice, mallory, realm, issuer, clock, pass } = await withMallory()
    realm.stop()
    await pass(1_000)
    mallory.news()
    const notice = issuer.notice(kind, APP, mallory.peer, clock.now())
    // As if alice had heard it of a server, at the last moment.
    void mallory.session['notices'].heard(notice)
    await pass(100)
    expect(mallory.log).toContain('aborted (banned-by-server)')
    expect(alice.log).not.toContain('aborted (banned-by-server)')
  })

  test('and logs in again is let in by everybody, as another session', async () => {
    const { alice, mallory, realm, pass } = await withMallory()
    mallory.rendezvous.lose()
    realm.end('mallory', 'kicked')
    await pass(2_000)
    expect(mallory.log).toContain('aborted (banned-by-server)')
    mallory.logout()
    mallory.login()
    await pass(100)
    mallory.join()
    await pass(200)
    const call = mallory.sendToChannel('I am back')
    await pass(200)
    expect(call.outcome).toBe('ok')
    expect(alice.log).toContain('lobby: mallory: I am back')
    expect(realm.residents.size).toBe(5)
  })
})

describe('A notice that is not genuine', () => {
  test.each([
    ['is signed by nobody known', () => new MemoryIssuer('mine'), APP, 0],
    ['is of another app', undefined, OTHER_APP, 0],
    ['has expired', undefined, APP, -13 * HOUR],
  ] as const)('does nothing: it %s', async (_, forger, appId, ageMs) => {
    const { alice, mallory, bob, issuer: genuine, clock, network, pass } = await withMallory()
    const issuer = forger?.() ?? genuine
    const notice = issuer.notice('ban', appId, alice.peer, clock.now() + ageMs)
    for (const one of [alice, mallory, bob]) void one.session['notices'].heard(notice)
    await pass(1_000)
    for (const one of [alice, mallory, bob]) expect(one.news()).toEqual([])
    expect(network.link(alice.peer, mallory.peer)).toBeDefined()
    expect(network.link(alice.peer, bob.peer)).toBeDefined()
  })

  test('does nothing, also when it is no notice at all', async () => {
    const { alice, bob, pass } = await withMallory()
    for (const text of ['', 'x', 'A'.repeat(800), '?', 'A'.repeat(100_000)]) {
      void alice.session['notices'].heard(text)
      void bob.session['notices'].heard(text)
    }
    await pass(1_000)
    expect([...alice.news(), ...bob.news()]).toEqual([])
  })
})

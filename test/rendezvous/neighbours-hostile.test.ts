import { describe, expect, test } from 'vitest'

import type { ChannelId, SessionId, UserId } from '../../src/base/ids.ts'
import { openCredential } from '../../src/protocol/credential.ts'
import {
  decodeNeighbourMessage,
  type Introduction,
  type NeighbourMessage,
} from '../../src/protocol/neighbour-messages.ts'
import { localCredential } from '../../src/rendezvous/local-credential.ts'
import { MemoryIssuer } from '../support/memory-issuer.ts'
import { nodeCrypto } from '../support/node-crypto.ts'
import { seededRandom } from '../support/random.ts'
import { LOBBY } from './gather.ts'
import { setup, type Villager } from './neighbours-setup.ts'

/** Alice, and mallory who is linked to her and answers what she asks as a test wants; bob is known to mallory only. */
function hostile(
  answers: (asked: Extract<NeighbourMessage, { kind: 'ask' }>) => readonly Introduction[] = () => [],
) {
  const world = setup()
  const [alice, mallory, bob] = [world.villager('alice'), world.villager('mallory'), world.villager('bob')]
  const said: NeighbourMessage[] = []
  mallory.rendezvous.heard = (from, bytes) => {
    const message = decodeNeighbourMessage(bytes)
    if (!message) return
    said.push(message)
    if (message.kind === 'ask' && from.sessionId === alice.id) {
      const introductions = answers(message)
      world.say(mallory, alice, { kind: 'answer', request: message.request, introductions })
    }
  }
  world.link(alice, mallory)
  return { ...world, alice, mallory, bob, said }
}

const find = (one: Villager, ...names: string[]) => one.rendezvous.find(names as UserId[])
const introducing = (credential: string, ...channels: Introduction['channels']): Introduction => ({
  credential,
  channels,
})

describe('A hostile neighbour', () => {
  test('that names somebody must show what a server has signed', async () => {
    let credential = ''
    const { alice, bob, villager, after, issuer, clock } = hostile(() => [introducing(credential)])
    const shown = bob.credential
    const forged = shown.slice(0, -4) + (shown.endsWith('AAAA') ? 'BBBB' : 'AAAA')
    const ofAnotherServer = villager('bob', { by: new MemoryIssuer('of another') }).credential
    const { sha256 } = nodeCrypto(seededRandom(1))
    const own = await localCredential(bob.announcement, bob.loginTime, sha256)
    const expired = issuer.issue(bob.announcement, bob.loginTime, clock.now() - 24 * 3_600_000)
    for (credential of ['', 'nonsense', forged, ofAnotherServer, own, expired]) {
      expect(await after(1_100, find(alice, 'bob'))).toBeUndefined()
    }
    credential = shown
    expect(await after(1_100, find(alice, 'bob'))).toEqual([bob.self])
  })

  test('cannot give one user for another', async () => {
    const { alice, bob, after } = hostile(() => [introducing(bob.credential)])
    expect(openCredential(bob.credential)?.credential.userId).toBe('bob')
    expect(await after(1_100, find(alice, 'carol'))).toBeUndefined()
  })

  test('cannot give anybody for the session that asks, or its user', async () => {
    let credential = ''
    const { alice, villager, pass, say, mallory } = hostile(() => [introducing(credential, [LOBBY, 1])])
    for (credential of [alice.credential, villager('alice').credential]) {
      alice.rendezvous.join(LOBBY, 1)
      say(mallory, alice, { kind: 'passed-on', credential, signal: 'hello' })
      await pass(500)
      expect(alice.news()).toEqual(['lobby/1 has [], others may come back'])
      alice.rendezvous.leave(LOBBY, 1)
    }
  })

  test('adds nobody to channels that it was not asked about', async () => {
    const { alice, bob, pass } = hostile(() => [introducing(bob.credential, ['other' as ChannelId, 1])])
    alice.rendezvous.join(LOBBY, 1)
    await pass(500)
    expect(alice.news()).toEqual(['lobby/1 has [], others may come back'])
  })

  test('is not heard when it answers what it was not asked, or twice, or in place of another', async () => {
    const { alice, bob, mallory, villager, link, say, pass, after } = hostile()
    const eve = villager('eve')
    link(alice, eve)
    eve.rendezvous.heard = () => undefined
    const answer = { kind: 'answer', introductions: [introducing(bob.credential)] } as const
    for (let request = 0; request < 10; request++) say(eve, alice, { ...answer, request })
    const found = find(alice, 'bob')
    for (let request = 0; request < 10; request++) say(mallory, alice, { ...answer, request })
    await pass(100)
    expect(await after(1_000, found)).toEqual([bob.self])
    const before = alice.verifications
    for (let request = 0; request < 10; request++) say(mallory, alice, { ...answer, request })
    await pass(100)
    expect(alice.verifications).toBe(before)
  })

  test('that passes on signals of nobody is not heard', async () => {
    const { alice, mallory, bob, say, pass } = hostile()
    for (const credential of ['', 'nonsense', bob.credential.slice(0, -3)])
      say(mallory, alice, { kind: 'passed-on', credential, signal: 'hello' })
    await pass(100)
    expect(alice.news()).toEqual([])
  })

  test('that floods makes a session verify no more than 256 credentials at once and 32 a second', async () => {
    const { alice, mallory, bob, say, pass } = hostile()
    for (let i = 0; i < 5_000; i++)
      say(mallory, alice, { kind: 'passed-on', credential: bob.credential, signal: `${i}` })
    await pass(100)
    expect(alice.verifications).toBeLessThanOrEqual(260)
    const before = alice.verifications
    for (let second = 0; second < 10; second++) {
      for (let i = 0; i < 500; i++)
        say(mallory, alice, { kind: 'passed-on', credential: bob.credential, signal: `${i}` })
      await pass(1_000)
    }
    expect(alice.verifications - before).toBeLessThanOrEqual(330)
  })

  test('that asks without end is answered with 1 MB at once and 128 KB a second', async () => {
    const { alice, mallory, said, villager, link, say, pass } = hostile()
    const many = Array.from({ length: 130 }, (_, i) => villager(`user ${i}`))
    for (const one of many) link(alice, one)
    const userIds = many.map(({ self }) => self.userId)
    const flood = (): void => {
      for (let request = 0; request < 500; request++)
        say(mallory, alice, { kind: 'ask', request, userIds, channelIds: [] })
    }
    flood()
    await pass(100)
    const first = said.filter(({ kind }) => kind === 'answer').length
    expect(first).toBeGreaterThan(5)
    expect(first).toBeLessThan(20)
    for (let second = 0; second < 10; second++) {
      flood()
      await pass(1_000)
    }
    expect(said.filter(({ kind }) => kind === 'answer').length - first).toBeLessThan(25)
  })

  test('that has signals passed on without end is told that they are undeliverable', async () => {
    const { alice, mallory, bob, said, link, say, pass } = hostile()
    link(alice, bob)
    for (let i = 0; i < 1_000; i++) say(mallory, alice, { kind: 'signal', to: bob.id, signal: `${i}` })
    await pass(100)
    expect(bob.news()).toHaveLength(200)
    expect(said.filter(({ kind }) => kind === 'undeliverable')).toHaveLength(800)
    // A few large ones are as many small ones.
    await pass(10_000)
    for (let i = 0; i < 100; i++)
      say(mallory, alice, { kind: 'signal', to: bob.id, signal: 'x'.repeat(60_000) })
    await pass(100)
    expect(bob.news().length).toBeLessThan(20)
  })

  test('cannot take away ways that others opened', async () => {
    const { alice, mallory, bob, villager, link, say, pass } = hostile()
    const carol = villager('carol')
    link(alice, carol)
    link(carol, bob)
    void find(alice, 'bob')
    await pass(1_100)
    say(mallory, alice, { kind: 'undeliverable', to: bob.id })
    say(mallory, alice, { kind: 'undeliverable', to: 'f'.repeat(32) as SessionId })
    await pass(20)
    expect(alice.news()).toEqual([])
    alice.rendezvous.relay(bob.id, 'hello')
    await pass(20)
    expect(bob.news()).toEqual([`alice ${alice.id.slice(0, 4)}: hello`])
  })

  test('that says what cannot be read is ignored', async () => {
    const { alice, mallory, pass } = hostile()
    const random = seededRandom(1)
    for (let i = 0; i < 10_000; i++) {
      const bytes = Uint8Array.from({ length: Math.floor(random() * 60) }, () => Math.floor(random() * 256))
      bytes[0] = Math.floor(random() * 8)
      alice.rendezvous.heard(mallory.self, bytes)
    }
    await pass(1_000)
    expect(alice.rendezvous.isUp).toBe(true)
  })
})

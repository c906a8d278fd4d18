import { describe, expect, test } from 'vitest'

import type { Content } from '../../src/protocol/items.ts'
import { setup, text } from './setup.ts'

const KB = 1024
const raw = (size: number, description = ''): Content => ({
  type: 'raw',
  raw: new Uint8Array(size),
  description,
})

describe('A peer message', () => {
  test('is ok when the other side has it, whoever shares no channel with whom', async () => {
    const { loggedIn, pass } = setup()
    const [alice, bob] = [await loggedIn('alice'), await loggedIn('bob')]
    const call = alice.send('bob', 'hello')
    expect(call.outcome).toBe('pending')
    await pass(200)
    expect(call.outcome).toBe('ok')
    expect(bob.news()).toEqual(['message from alice: hello'])
  })

  test('arrives once and in order, both ways, while the link is cut again and again', async () => {
    const { loggedIn, pass, network } = setup()
    const [alice, bob] = [await loggedIn('alice'), await loggedIn('bob')]
    network.fault = (delivery) => (delivery % 7 === 6 ? 'cut, only the receiver notices' : undefined)
    for (let i = 0; i < 60; i++) {
      alice.send('bob', `${i}`)
      bob.send('alice', `${i}`)
      await pass(200)
    }
    network.fault = () => undefined
    await pass(20_000)
    const texts = (log: string[]) =>
      log.filter((line) => line.startsWith('message')).map((line) => line.split(': ')[1])
    const expected = Array.from({ length: 60 }, (_, i) => `${i}`)
    expect(texts(bob.log)).toEqual(expected)
    expect(texts(alice.log)).toEqual(expected)
  })

  test('to oneself arrives before its answer, as a copy', async () => {
    const { loggedIn } = setup()
    const alice = await loggedIn('alice')
    const data = new Uint8Array([1, 2, 3])
    alice.send('alice', { type: 'raw', raw: data, description: 'mine' })
    data[0] = 9
    expect(alice.news()).toEqual(['message from alice: 3 bytes (mine)', 'send: ok'])
    expect(alice.received[0]?.content).toMatchObject({ raw: new Uint8Array([1, 2, 3]) })
  })

  test('to somebody who is not logged in is unreachable at once', async () => {
    const { loggedIn, pass } = setup()
    const alice = await loggedIn('alice')
    const call = alice.send('bob', 'hello')
    await pass(30)
    expect(call.outcome).toBe('peer-unreachable')
  })

  test('to somebody who logged out is unreachable, and never arrives', async () => {
    const { loggedIn, pass } = setup()
    const [alice, bob] = [await loggedIn('alice'), await loggedIn('bob')]
    alice.send('bob', 'hello')
    await pass(200)
    bob.logout()
    await pass(200)
    const call = alice.send('bob', 'are you there?')
    await pass(50)
    expect(call.outcome).toBe('peer-unreachable')
    bob.login()
    await pass(10_000)
    expect(bob.log.filter((line) => line.includes('there'))).toEqual([])
  })

  test('times out 10 s after it was sent, to the millisecond, and may still arrive', async () => {
    const { loggedIn, pass, network } = setup()
    const [alice, bob] = [await loggedIn('alice'), await loggedIn('bob')]
    network.refusal = () => 'No path'
    const call = alice.send('bob', 'late')
    await pass(9_999)
    expect(call.outcome).toBe('pending')
    await pass(1)
    expect(call.outcome).toBe('timeout')
    network.refusal = () => undefined
    await pass(20_000)
    expect(bob.news()).toEqual(['message from alice: late'])
    expect(call.outcome).toBe('timeout')
  })

  test('that timed out still arrives when the receiver, whom nobody could find for a while, is back', async () => {
    const { loggedIn, pass, network } = setup()
    const [alice, bob] = [await loggedIn('alice'), await loggedIn('bob')]
    network.refusal = () => 'No path'
    const call = alice.send('bob', 'late')
    await pass(11_000)
    expect(call.outcome).toBe('timeout')
    const { rendezvous } = bob
    rendezvous.isCutOff = true
    rendezvous.lose()
    await pass(50_000)
    expect(alice.send('bob', 'are you there?').outcome).toBe('pending')
    await pass(100)
    expect(alice.news().at(-1)).toBe('send: peer-unreachable')
    rendezvous.isCutOff = false
    network.refusal = () => undefined
    await pass(20_000)
    expect(bob.log.filter((line) => line.startsWith('message'))).toEqual(['message from alice: late'])
  })

  test('waits for a server that is away, and finds its way when it is back', async () => {
    const { loggedIn, pass, realm } = setup()
    const [alice, bob] = [await loggedIn('alice'), await loggedIn('bob')]
    realm.stop()
    const first = alice.send('bob', 'first')
    await pass(3_000)
    const second = alice.send('bob', 'second')
    realm.start()
    await pass(3_000)
    expect([first.outcome, second.outcome]).toEqual(['ok', 'ok'])
    expect(bob.news()).toEqual(['message from alice: first', 'message from alice: second'])
  })

  test('of a linked pair needs no server', async () => {
    const { loggedIn, pass, realm } = setup()
    const [alice, bob] = [await loggedIn('alice'), await loggedIn('bob')]
    alice.send('bob', 'hello')
    await pass(100)
    realm.stop()
    await pass(5_000)
    const call = alice.send('bob', 'still here')
    await pass(100)
    expect(call.outcome).toBe('ok')
    expect(bob.log).toContain('message from alice: still here')
  })

  test('goes to the new session of a user who logged in elsewhere, if it was given to no link', async () => {
    const { loggedIn, pass, network } = setup()
    const [alice, first] = [await loggedIn('alice'), await loggedIn('bob')]
    network.refusal = () => 'No path'
    const calls = [alice.send('bob', 'one'), alice.send('bob', 'two')]
    await pass(2_000)
    const second = await loggedIn('bob')
    network.refusal = () => undefined
    await pass(5_000)
    expect(second.news()).toEqual(['message from alice: one', 'message from alice: two'])
    expect(first.news()).toEqual(['aborted (remote-login)'])
    expect(calls.map(({ outcome }) => outcome)).toEqual(['ok', 'ok'])
  })

  test('goes to the new session before what is sent later, whoever tells of that session', async () => {
    const { loggedIn, pass } = setup()
    const [alice, first] = [await loggedIn('alice'), await loggedIn('bob')]
    // The server has not noticed yet, and nobody will tell alice.
    first.crash()
    alice.send('bob', 'one')
    await pass(1_000)
    const second = await loggedIn('bob')
    second.send('alice', 'here again')
    await pass(100)
    alice.send('bob', 'two')
    await pass(2_000)
    expect(second.log.filter((line) => line.startsWith('message'))).toEqual([
      'message from alice: one',
      'message from alice: two',
    ])
  })

  test('that was given to a link whose session then ended is not sent again: nobody knows', async () => {
    const { loggedIn, pass, network } = setup()
    const [alice, first] = [await loggedIn('alice'), await loggedIn('bob')]
    alice.send('bob', 'hello')
    await pass(100)
    network.cable(alice.peer, first.peer).break('silent')
    const call = alice.send('bob', 'on its way')
    await pass(100)
    const second = await loggedIn('bob')
    await pass(15_000)
    expect(call.outcome).toBe('timeout')
    expect(second.news()).toEqual([])
  })

  test('is answered at the latest when this user logs out', async () => {
    const { loggedIn, pass, network, realm } = setup()
    const [alice] = [await loggedIn('alice'), await loggedIn('bob')]
    network.refusal = () => 'No path'
    const known = alice.send('bob', 'hello')
    await pass(500)
    realm.answersFinds = false
    const unknown = alice.send('carol', 'hello')
    await pass(100)
    alice.logout()
    await pass(1_100)
    expect(known.outcome).not.toBe('pending')
    expect(unknown.outcome).not.toBe('pending')
  })

  test('overflows beyond 16 MB that wait for one user', async () => {
    const { loggedIn, pass, network } = setup()
    const [alice, bob] = [await loggedIn('alice'), await loggedIn('bob')]
    network.refusal = () => 'No path'
    alice.engine.limits.areOn = false
    const calls = Array.from({ length: 516 }, () => alice.send('bob', raw(32 * KB - 100)))
    await pass(100)
    const overflowCount = calls.filter(({ outcome }) => outcome === 'overflow').length
    expect(overflowCount).toBeGreaterThan(0)
    expect(overflowCount).toBeLessThan(5)
    network.refusal = () => undefined
    await pass(30_000)
    expect(bob.received).toHaveLength(516 - overflowCount)
  })

  test('carries the time at which it was sent, by the clock of the server', async () => {
    const { loggedIn, pass, realm, clock } = setup()
    realm.clockOffsetMs = 5_000
    const [alice, bob] = [await loggedIn('alice'), await loggedIn('bob')]
    const sentAt = clock.now() + 5_000
    alice.send('bob', 'hello')
    await pass(200)
    expect(bob.received[0]?.sentAt).toBe(sentAt)
    expect(bob.engine.now).toBe(clock.now() + 5_000)
  })
})

describe('A user who was not to be found for a moment', () => {
  test('is linked as before once a server that forgot everybody knows it again', async () => {
    const { lobby, pass, realm, network } = setup()
    const [alice, bob] = await lobby('alice', 'bob')
    realm.stop()
    realm.start()
    network.cable(alice.peer, bob.peer).break('cut')
    for (let i = 0; i < 10; i++) {
      await pass(400)
      bob.rendezvous.lose()
    }
    await pass(70_000)
    expect(network.link(alice.peer, bob.peer)).toBeDefined()
    const linkCount = network.cables.length
    await pass(600_000)
    expect(network.cables).toHaveLength(linkCount)
    expect(alice.log.filter((line) => line.includes('left'))).toEqual([])
  })
})

describe('The size of a message', () => {
  test.each([
    ['32 KB of text', text('x'.repeat(32 * KB)), 'ok'],
    ['32 KB and a byte of text', text('x'.repeat(32 * KB + 1)), 'invalid-message'],
    ['16 K two-byte letters', text('é'.repeat(16 * KB)), 'ok'],
    ['16 K two-byte letters and one more', text('é'.repeat(16 * KB + 1)), 'invalid-message'],
    ['raw data and description of 32 KB together', raw(32 * KB - 2, 'é'), 'ok'],
    ['raw data and description of a byte more', raw(32 * KB - 1, 'é'), 'invalid-message'],
    ['a description of 32 KB alone', raw(0, 'x'.repeat(32 * KB)), 'ok'],
    ['nothing in it', text(''), 'ok'],
    ['no message at all', undefined, 'invalid-message'],
  ] as const)('%s: %s → %s', async (_, content, outcome) => {
    const { loggedIn, pass } = setup()
    const [alice, bob] = [await loggedIn('alice'), await loggedIn('bob')]
    const call = alice.send('bob', content)
    await pass(200)
    expect(call.outcome).toBe(outcome)
    expect(bob.received.map((one) => one.content)).toEqual(outcome === 'ok' ? [content] : [])
  })
})

import { describe, expect, test } from 'vitest'

import type { ChannelId, SessionId, UserId } from '../../src/base/ids.ts'
import { MAX_INTRODUCTIONS } from '../../src/protocol/neighbour-messages.ts'
import { LOBBY } from './gather.ts'
import { setup } from './neighbours-setup.ts'

const users = (...names: string[]): UserId[] => names as UserId[]
const names = (peers: readonly { userId: UserId }[] | undefined | string): unknown =>
  typeof peers === 'object' ? peers.map(({ userId }) => userId).sort() : peers

describe('A session whose neighbours are asked for users', () => {
  test('finds those who are linked to them, and them', async () => {
    const { villager, link, after } = setup()
    const [alice, bob, carol, dave] = [
      villager('alice'),
      villager('bob'),
      villager('carol'),
      villager('dave'),
    ]
    link(dave, alice)
    link(alice, bob)
    link(dave, carol)
    const found = await after(20, dave.rendezvous.find(users('alice', 'bob', 'carol', 'nobody')))
    expect(found).toEqual(expect.arrayContaining([alice.self, bob.self, carol.self]))
    expect(names(found)).toEqual(['alice', 'bob', 'carol'])
  })

  test('cannot tell that somebody is nowhere, nor anything without neighbours', async () => {
    const { villager, link, after } = setup()
    const [alice, dave] = [villager('alice'), villager('dave')]
    expect(await after(0, dave.rendezvous.find(users('alice')))).toBeUndefined()
    link(alice, dave)
    expect(await after(20, dave.rendezvous.find(users('nobody')))).toBeUndefined()
    expect(dave.rendezvous.name).toBe('neighbours: 1 user')
  })

  test('waits a second for those who do not answer', async () => {
    const { villager, link, after } = setup()
    const [alice, bob, dave] = [villager('alice'), villager('bob'), villager('dave')]
    link(dave, alice)
    link(dave, bob)
    bob.isListening = false
    expect(await after(900, dave.rendezvous.find(users('alice')))).toBe('no answer')
    expect(names(await after(1_000, dave.rendezvous.find(users('alice'))))).toEqual(['alice'])
  })

  test('asks once for many, and no more than 20 times a second', async () => {
    const { villager, link, pass, after } = setup()
    const [alice, dave] = [villager('alice'), villager('dave')]
    link(alice, dave)
    let asked = 0
    const { heard } = alice.rendezvous
    alice.rendezvous.heard = (...message) => {
      asked += 1
      heard.apply(alice.rendezvous, message)
    }
    const answers = Array.from({ length: 1_000 }, () => dave.rendezvous.find(users('alice')))
    expect(
      names(
        await after(
          200,
          Promise.all(answers).then((all) => all.at(-1)),
        ),
      ),
    ).toEqual(['alice'])
    expect(asked).toBe(2)
    await pass(1_000)
  })

  test('gets the later of two sessions of a user', async () => {
    const { villager, link, after } = setup()
    const [alice, bob, dave] = [villager('alice'), villager('bob'), villager('dave')]
    const [first, second] = [villager('carol'), villager('carol')]
    link(dave, alice)
    link(dave, bob)
    link(alice, second)
    link(bob, first)
    expect(await after(20, dave.rendezvous.find(users('carol')))).toEqual([second.self])
  })

  test('that no server has accepted is not introduced, and asks nobody', async () => {
    const { villager, link, after } = setup()
    const [alice, local, dave] = [villager('alice'), villager('local', { isLocal: true }), villager('dave')]
    link(alice, local)
    link(alice, dave)
    expect(await after(20, dave.rendezvous.find(users('local')))).toBeUndefined()
    expect(local.rendezvous.isUp).toBe(false)
    expect(await after(20, local.rendezvous.find(users('dave')))).toBeUndefined()
    expect(local.rendezvous.relay(dave.id, 'hello')).toBe(false)
  })
})

describe('A session that joins a channel', () => {
  test('learns of the members that its neighbours know, and of those that later ones know', async () => {
    const { villager, link, pass } = setup()
    const [alice, bob, carol, dave] = [
      villager('alice'),
      villager('bob'),
      villager('carol'),
      villager('dave'),
    ]
    link(dave, alice)
    link(alice, bob)
    alice.rendezvous.join(LOBBY, 3)
    alice.members.set(LOBBY, [bob.member(7)])
    await pass(500)
    alice.news()
    dave.rendezvous.join(LOBBY, 1)
    await pass(20)
    expect(dave.news()).toEqual(['lobby: [alice/3 bob/7] introduced', 'lobby/1 has [], others may come back'])
    carol.rendezvous.join(LOBBY, 4)
    link(dave, carol)
    await pass(20)
    expect(dave.news()).toEqual(['lobby: [carol/4] introduced'])
  })

  test('waits 100 ms for the slower ones when somebody has named members', async () => {
    const { villager, link, pass } = setup()
    const [alice, bob, dave] = [villager('alice'), villager('bob'), villager('dave')]
    alice.rendezvous.join(LOBBY, 3)
    await pass(500)
    link(dave, alice)
    link(dave, bob)
    bob.isListening = false
    dave.rendezvous.join(LOBBY, 1)
    await pass(105)
    expect(dave.news()).toEqual(['lobby: [alice/3] introduced'])
    await pass(10)
    expect(dave.news()).toEqual(['lobby/1 has [], others may come back'])
  })

  test.each([
    ['nobody', false],
    ['somebody silent', true],
  ])('waits 400 ms with %s around', async (_, isSomebodyThere) => {
    const { villager, link, pass } = setup()
    const [alice, dave] = [villager('alice'), villager('dave')]
    alice.isListening = false
    if (isSomebodyThere) link(alice, dave)
    dave.rendezvous.join(LOBBY, 1)
    await pass(399)
    expect(dave.news()).toEqual([])
    await pass(1)
    expect(dave.news()).toEqual(['lobby/1 has [], others may come back'])
  })

  test('asks nobody while the server is there, and for what the server has not answered when it goes', async () => {
    const { villager, link, pass } = setup()
    const [alice, dave] = [villager('alice'), villager('dave')]
    link(alice, dave)
    alice.rendezvous.join(LOBBY, 3)
    await pass(500)
    dave.rendezvous.standBack()
    dave.rendezvous.join('other' as ChannelId, 1)
    dave.rendezvous.answered('other' as ChannelId)
    dave.rendezvous.join(LOBBY, 2)
    await pass(1_000)
    expect(dave.news()).toEqual([])
    dave.rendezvous.standIn()
    await pass(20)
    expect(dave.news()).toEqual(['lobby: [alice/3] introduced', 'lobby/2 has [], others may come back'])
  })

  test('and leaves at once hears nothing more of it', async () => {
    const { villager, link, pass } = setup()
    const [alice, dave] = [villager('alice'), villager('dave')]
    link(alice, dave)
    dave.rendezvous.join(LOBBY, 1)
    dave.rendezvous.leave(LOBBY, 1)
    await pass(1_000)
    expect(dave.news()).toEqual([])
  })

  test('is introduced to who visits it', async () => {
    const { villager, link, pass, after } = setup()
    const [alice, bob, dave] = [villager('alice'), villager('bob'), villager('dave')]
    link(dave, alice)
    link(alice, bob)
    expect(await after(20, dave.rendezvous.visit(LOBBY))).toBeUndefined()
    alice.rendezvous.join(LOBBY, 1)
    alice.members.set(LOBBY, [bob.member()])
    await pass(500)
    expect(names(await after(20, dave.rendezvous.visit(LOBBY)))).toEqual(['alice', 'bob'])
  })
})

describe('Signals', () => {
  test('go through who introduced their receiver, and back, in order', async () => {
    const { villager, link, pass } = setup()
    const [alice, bob, dave] = [villager('alice'), villager('bob'), villager('dave')]
    link(dave, alice)
    link(alice, bob)
    const found = dave.rendezvous.find(users('bob'))
    await pass(20)
    expect(await found).toEqual([bob.self])
    const signals = Array.from({ length: 9 }, (_, i) => `signal ${i}`)
    for (const signal of signals) expect(dave.rendezvous.relay(bob.id, signal)).toBe(true)
    await pass(20)
    expect(bob.news()).toEqual(signals.map((signal) => `dave ${dave.id.slice(0, 4)}: ${signal}`))
    expect(new Set(bob.vias)).toEqual(new Set(['neighbours']))
    expect(bob.rendezvous.relay(dave.id, 'answer')).toBe(true)
    await pass(20)
    expect(dave.news()).toEqual([`bob ${bob.id.slice(0, 4)}: answer`])
  })

  test('to who was not looked for are passed on by whoever knows it', async () => {
    const { villager, link, pass } = setup()
    const [alice, bob, dave] = [villager('alice'), villager('bob'), villager('dave')]
    link(dave, alice)
    link(alice, bob)
    for (const signal of ['one', 'two']) expect(dave.rendezvous.relay(bob.id, signal)).toBe(true)
    await pass(40)
    expect(bob.news()).toEqual(['one', 'two'].map((signal) => `dave ${dave.id.slice(0, 4)}: ${signal}`))
  })

  test('go through the next one who knows the receiver when the first does not any more', async () => {
    const { villager, link, cut, pass } = setup()
    const [alice, bob, carol, dave] = [
      villager('alice'),
      villager('bob'),
      villager('carol'),
      villager('dave'),
    ]
    link(dave, alice)
    link(dave, carol)
    link(alice, bob)
    link(carol, bob)
    void dave.rendezvous.find(users('bob'))
    await pass(20)
    cut(alice, bob)
    dave.rendezvous.relay(bob.id, 'hello')
    await pass(40)
    expect(bob.news()).toEqual([`dave ${dave.id.slice(0, 4)}: hello`])
    cut(carol, bob)
    dave.rendezvous.relay(bob.id, 'hello again')
    await pass(40)
    expect(dave.news()).toEqual([`undeliverable: ${bob.id}`])
  })

  test('to nobody are undeliverable, and not taken without neighbours', async () => {
    const { villager, link, pass } = setup()
    const [alice, bob, dave] = [villager('alice'), villager('bob'), villager('dave')]
    expect(dave.rendezvous.relay(bob.id, 'hello')).toBe(false)
    link(alice, dave)
    expect(dave.rendezvous.relay('f'.repeat(32) as SessionId, 'hello')).toBe(false)
    dave.rendezvous.relay(bob.id, 'hello')
    await pass(40)
    expect(dave.news()).toEqual([`undeliverable: ${bob.id}`])
  })
})

test('A notice is told to one neighbour or to all', async () => {
  const { villager, link, pass } = setup()
  const [alice, bob, carol] = [villager('alice'), villager('bob'), villager('carol')]
  link(alice, bob, carol)
  alice.rendezvous.spread('to all')
  alice.rendezvous.spread('to bob', bob.id)
  await pass(10)
  expect([bob.notices, carol.notices]).toEqual([['to all', 'to bob'], ['to all']])
})

test('Who is linked to more than fit into an answer introduces as many as do', async () => {
  const { villager, link, after } = setup()
  const [alice, dave] = [villager('alice'), villager('dave')]
  link(alice, dave)
  const many = Array.from({ length: MAX_INTRODUCTIONS + 10 }, (_, i) => villager(`user ${i}`))
  for (const one of many) link(alice, one)
  const found = await after(100, dave.rendezvous.find(many.map(({ self }) => self.userId)))
  expect(found).toHaveLength(MAX_INTRODUCTIONS)
})

test('A session that was put away asks for its joins when it is shown again', async () => {
  const { villager, link, pass } = setup()
  const [alice, dave] = [villager('alice'), villager('dave')]
  link(alice, dave)
  dave.rendezvous.join(LOBBY, 1)
  dave.rendezvous.pause()
  await pass(1_000)
  expect(dave.news()).toEqual([])
  dave.rendezvous.resume()
  await pass(20)
  expect(dave.news()).toEqual(['lobby/1 has [], others may come back'])
})

test('Those who are far are asked for six by six, every 5 s, while the server is away', async () => {
  const { villager, link, pass } = setup()
  const [dave, far] = [villager('dave'), villager('far')]
  const near = Array.from({ length: 8 }, (_, i) => villager(`near ${i}`))
  for (const one of near) {
    link(dave, one)
    one.rendezvous.join(LOBBY, 1)
    one.members.set(LOBBY, [])
  }
  dave.rendezvous.join(LOBBY, 1)
  await pass(500)
  const last = near.at(-1)
  if (!last) throw new Error('eight were made')
  link(last, far)
  last.members.set(LOBBY, [far.member(5)])
  dave.members.set(
    LOBBY,
    near.map((one) => one.member()),
  )
  await pass(10_000)
  dave.news()
  dave.members.set(LOBBY, [far.member(5)])
  await pass(10_000)
  expect(dave.news().filter((line) => line.includes('far/5'))).toHaveLength(1)
  dave.rendezvous.standBack()
  await pass(20_000)
  expect(dave.news()).toEqual([])
})

test('A signal that could not be delivered elsewhere goes through who knows its receiver, once', async () => {
  const { villager, link, pass } = setup()
  const [alice, bob, dave] = [villager('alice'), villager('bob'), villager('dave')]
  link(dave, alice)
  link(alice, bob)
  dave.rendezvous.keep(bob.id, 'before anybody knew')
  expect(dave.rendezvous.takeOver(bob.id)).toBe(false)
  bob.rendezvous.relay(dave.id, 'knock')
  await pass(50)
  for (const signal of ['answer', 'candidates']) {
    dave.rendezvous.keep(bob.id, signal)
    expect(dave.rendezvous.takeOver(bob.id)).toBe(true)
  }
  await pass(50)
  const sender = `dave ${dave.id.slice(0, 4)}`
  expect(bob.news()).toEqual([`${sender}: answer`, `${sender}: candidates`])
})

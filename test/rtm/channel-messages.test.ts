import { describe, expect, test } from 'vitest'

import { setup } from './setup.ts'

describe('A channel message', () => {
  test('goes to every other member, not to its sender', async () => {
    const { lobby, pass } = setup()
    const [alice, bob, carol] = await lobby('alice', 'bob', 'carol')
    const call = alice.sendToChannel('hello')
    await pass(50)
    expect(call.outcome).toBe('ok')
    expect([bob.news(), carol.news()]).toEqual([['lobby: alice: hello'], ['lobby: alice: hello']])
    expect(alice.news()).toEqual(['send: ok'])
  })

  test('to an empty channel is ok', async () => {
    const { lobby } = setup()
    const [alice] = await lobby('alice')
    expect(alice.sendToChannel('hello').outcome).toBe('ok')
  })

  test('is ok as soon as one member has it', async () => {
    const { lobby, pass, network } = setup()
    const [alice, bob, carol] = await lobby('alice', 'bob', 'carol')
    network.cable(alice.peer, carol.peer).stall()
    const call = alice.sendToChannel('hello')
    await pass(50)
    expect(call.outcome).toBe('ok')
    expect(bob.news()).toEqual(['lobby: alice: hello'])
    expect(carol.news()).toEqual([])
    network.cable(alice.peer, carol.peer).flow()
    await pass(50)
    expect(carol.news()).toEqual(['lobby: alice: hello'])
  })

  test('of a channel that was left then is answered when its sender logs out, like any other', async () => {
    const { lobby, network } = setup()
    const [alice, bob] = await lobby('alice', 'bob')
    network.cable(alice.peer, bob.peer).stall()
    const call = alice.sendToChannel('hello')
    alice.leave()
    expect(call.outcome).toBe('pending')
    alice.logout()
    expect(call.outcome).toBe('timeout')
  })

  test('times out after 10 s, to the millisecond, when somebody is online and nobody has it', async () => {
    const { loggedIn, pass, network } = setup()
    const [alice, bob] = [await loggedIn('alice'), await loggedIn('bob')]
    network.refusal = () => 'No path'
    alice.join()
    bob.join()
    await pass(100)
    const call = alice.sendToChannel('hello')
    await pass(9_999)
    expect(call.outcome).toBe('pending')
    await pass(1)
    expect(call.outcome).toBe('timeout')
    network.refusal = () => undefined
    await pass(20_000)
    expect(bob.log).toContain('lobby: alice: hello')
  })

  test('is ok when the only other member is unreachable on every path', async () => {
    const { lobby, pass } = setup()
    const [alice, bob] = await lobby('alice', 'bob')
    bob.crash()
    await pass(9_000)
    const call = alice.sendToChannel('hello')
    expect(call.outcome).toBe('ok')
  })

  test('times out when the only other member cannot be linked, but is online by the word of the server; and is kept for it', async () => {
    const { lobby, pass, network } = setup()
    const [alice, bob] = await lobby('alice', 'bob')
    network.refusal = () => 'No path'
    network.cable(alice.peer, bob.peer).break('silent')
    await pass(9_000)
    const call = alice.sendToChannel('hello')
    await pass(10_000)
    expect(call.outcome).toBe('timeout')
    network.refusal = () => undefined
    await pass(16_000)
    expect(bob.log).toContain('lobby: alice: hello')
  })

  test('that nobody has acknowledged times out also when its sender has left meanwhile', async () => {
    const { lobby, pass, network } = setup()
    const [alice, bob] = await lobby('alice', 'bob')
    network.cable(alice.peer, bob.peer).stall()
    const call = alice.sendToChannel('hello')
    alice.leave()
    await pass(12_000)
    expect(call.outcome).toBe('timeout')
  })

  test('that was acknowledged after its sender left is ok', async () => {
    const { lobby, pass } = setup()
    const [alice, bob] = await lobby('alice', 'bob')
    const call = alice.sendToChannel('hello')
    alice.leave()
    await pass(100)
    expect(call.outcome).toBe('ok')
    expect(bob.log).toContain('lobby: alice: hello')
  })

  test('reaches the others while one member takes nothing, however many there are', async () => {
    const { lobby, pass, network } = setup()
    const [alice, bob, mallory] = await lobby('alice', 'bob', 'mallory')
    alice.engine.limits.areOn = false
    network.cable(alice.peer, mallory.peer).stall()
    const outcomes = new Set<string>()
    for (let i = 0; i < 100; i++) {
      const calls = Array.from({ length: 100 }, (_, j) => alice.sendToChannel(`${i * 100 + j}`))
      await pass(1_000)
      for (const call of calls) outcomes.add(call.outcome)
    }
    expect([...outcomes]).toEqual(['ok'])
    expect(bob.log.filter((line) => line.startsWith('lobby: alice: '))).toHaveLength(10_000)
  })

  test('is a failure, and sent to nobody, when more is sent at once than members can take', async () => {
    const { lobby, pass, network } = setup()
    const [alice, bob, carol] = await lobby('alice', 'bob', 'carol')
    alice.engine.limits.areOn = false
    network.cable(alice.peer, carol.peer).stall()
    const calls = Array.from({ length: 5_000 }, (_, i) => alice.sendToChannel(`${i}`))
    await pass(100)
    expect(calls.filter(({ outcome }) => outcome === 'overflow')).toHaveLength(5_000 - 4_096)
    expect(bob.log.filter((line) => line.startsWith('lobby: alice: '))).toHaveLength(4_096)
  })

  test('is answered when the only other member leaves instead of taking it', async () => {
    const { lobby, pass, network } = setup()
    const [alice, bob] = await lobby('alice', 'bob')
    network.cable(alice.peer, bob.peer).stall()
    const call = alice.sendToChannel('hello')
    bob.logout()
    await pass(12_000)
    expect(call.outcome).toBe('ok')
  })

  test('sent right after the join reaches everybody on the roster, linked or not', async () => {
    const { lobby, page, pass } = setup()
    const [alice, bob] = await lobby('alice', 'bob')
    const carol = page('carol')
    carol.login()
    await pass(30)
    const joined = carol.join()
    while (joined.outcome === 'pending') await pass(1)
    carol.sendToChannel('hello')
    await pass(200)
    for (const one of [alice, bob]) expect(one.news()).toContain('lobby: carol: hello')
  })

  test('is not for those who join later', async () => {
    const { lobby, loggedIn, pass } = setup()
    const [alice] = await lobby('alice', 'bob')
    alice.sendToChannel('before')
    const carol = await loggedIn('carol')
    carol.join()
    await pass(200)
    expect(carol.received).toEqual([])
  })

  test('that arrives before the join is answered comes after the answer and the count', async () => {
    const { lobby, loggedIn, pass, clock, network } = setup()
    const [alice] = await lobby('alice')
    const bob = await loggedIn('bob')
    alice.send('bob', 'to have a link')
    await pass(100)
    bob.news()
    bob.join()
    // The server's answer takes its way; alice's first message is there before.
    network.fault = () => undefined
    await pass(5)
    const roster = alice.sendToChannel('too early?')
    await pass(200)
    expect(roster.outcome).toBe('ok')
    expect(bob.news()[0]).toBe('join lobby: ok')
    expect(bob.log).toEqual([])
    expect(clock.now()).toBeGreaterThan(0)
  })

  test('and its kin arrive from each member once and in order while links are cut', async () => {
    const { lobby, pass, network } = setup()
    const pages = await lobby('alice', 'bob', 'carol')
    network.fault = (delivery) => (delivery % 11 === 10 ? 'cut' : undefined)
    for (let i = 0; i < 30; i++) {
      for (const page of pages) page.sendToChannel(`${i}`)
      await pass(150)
    }
    network.fault = () => undefined
    await pass(20_000)
    for (const one of pages) {
      for (const other of ['alice', 'bob', 'carol'].filter((name) => name !== one.peer.userId)) {
        const lines = one.log.filter((line) => line.startsWith(`lobby: ${other}: `))
        expect(lines).toEqual(Array.from({ length: 30 }, (_, i) => `lobby: ${other}: ${i}`))
      }
    }
  })

  test('is owed to all or to nobody: what has no room for one member is sent to none', async () => {
    const { lobby, pass, network } = setup()
    const [alice, bob, carol] = await lobby('alice', 'bob', 'carol')
    alice.engine.limits.areOn = false
    network.cable(alice.peer, carol.peer).stall()
    const raw = { type: 'raw', raw: new Uint8Array(32_000), description: '' } as const
    let overflow = alice.sendToChannel(raw)
    for (let i = 0; i < 600 && overflow.outcome !== 'overflow'; i++) {
      await pass(10)
      overflow = alice.sendToChannel(raw)
    }
    expect(overflow.outcome).toBe('overflow')
    await pass(100)
    const bobHas = bob.received.length
    network.cable(alice.peer, carol.peer).flow()
    await pass(5_000)
    expect(carol.received).toHaveLength(bobHas)
  })
})

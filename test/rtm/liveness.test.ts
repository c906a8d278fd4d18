import { describe, expect, test } from 'vitest'

import { setup } from './setup.ts'

const joinsAndLeaves = (log: string[]): string[] => log.filter((line) => / (joined|left)$/.test(line))

describe('A page that dies without a word', () => {
  test('has left when nothing was heard of it on any path for 31 s', async () => {
    const { lobby, pass } = setup()
    const [alice, bob] = await lobby('alice', 'bob')
    alice.crash()
    await pass(29_000)
    expect(bob.news()).toEqual([])
    await pass(4_000)
    expect(bob.news()).toEqual(['lobby: alice left', 'lobby: 1 members'])
  })

  test('and logs in again within a second has its place back at once', async () => {
    const { lobby, loggedIn, pass } = setup()
    const [alice, bob] = await lobby('alice', 'bob')
    alice.crash()
    await pass(500)
    const again = await loggedIn('alice')
    again.join()
    await pass(100)
    expect(joinsAndLeaves(bob.news())).toEqual(['lobby: alice left', 'lobby: alice joined'])
    again.sendToChannel('back')
    await pass(100)
    expect(bob.log).toContain('lobby: alice: back')
  })

  test('has left also when there is no server any more', async () => {
    const { lobby, pass, realm } = setup()
    const [alice, bob] = await lobby('alice', 'bob')
    realm.stop()
    await pass(60_000)
    alice.crash()
    await pass(40_000)
    expect(joinsAndLeaves(bob.news())).toEqual(['lobby: alice left'])
  })

  test('together with a server that then knows nobody has left too', async () => {
    const { lobby, pass, realm } = setup()
    const [alice, bob] = await lobby('alice', 'bob')
    realm.stop()
    alice.crash()
    realm.start()
    await pass(29_000)
    expect(joinsAndLeaves(bob.news())).toEqual([])
    await pass(41_000)
    expect(joinsAndLeaves(bob.news())).toEqual(['lobby: alice left'])
  })
})

describe('A machine that slept for an hour', () => {
  test('does not take the silence of others for their end, with or without a server', async () => {
    for (const hasServer of [true, false]) {
      const { lobby, pass, realm, clock } = setup()
      const [alice, bob] = await lobby('alice', 'bob')
      if (!hasServer) realm.stop()
      await pass(60_000)
      clock.sleep(3_600_000)
      await pass(20_000)
      expect(joinsAndLeaves([...alice.log, ...bob.log])).toEqual([])
    }
  })
})

describe('A server that goes away', () => {
  test('is not missed by those who are linked: members, messages and links stay', async () => {
    const { lobby, pass, realm, network } = setup()
    const [alice, bob] = await lobby('alice', 'bob')
    realm.stop()
    await pass(600_000)
    const call = alice.sendToChannel('still here')
    await pass(100)
    expect(call.outcome).toBe('ok')
    expect(joinsAndLeaves([...alice.news(), ...bob.log])).toEqual([])
    expect(bob.news()).toContain('lobby: alice: still here')
    expect(network.cables).toHaveLength(1)
  })

  test('and returns without memory is told everything again, and nobody hears a word', async () => {
    const { lobby, pass, realm } = setup()
    const [alice, bob, carol] = await lobby('alice', 'bob', 'carol')
    for (let i = 0; i < 3; i++) {
      realm.stop()
      await pass(2_000)
      realm.start()
      await pass(60_000)
    }
    for (const one of [alice, bob, carol]) {
      expect(joinsAndLeaves(one.news())).toEqual([])
      expect(one.members()).toHaveLength(3)
    }
  })

  test('and returns hears who left in between, and says so to the others', async () => {
    const { lobby, pass, realm } = setup()
    const [alice, bob, carol] = await lobby('alice', 'bob', 'carol')
    realm.stop()
    await pass(5_000)
    carol.leave()
    await pass(5_000)
    realm.start()
    await pass(60_000)
    for (const one of [alice, bob]) expect(joinsAndLeaves(one.news())).toEqual(['lobby: carol left'])
  })
})

describe('A session that loses its own connection', () => {
  test('for less than 31 s is not missed by anybody', async () => {
    const { lobby, pass } = setup()
    const [alice, bob] = await lobby('alice', 'bob')
    for (let i = 0; i < 4; i++) {
      alice.rendezvous.lose()
      await pass(6_000)
    }
    expect(joinsAndLeaves([...alice.news(), ...bob.news()])).toEqual([])
  })

  test('and its links is back after 20 s with all messages of the gap', async () => {
    const { lobby, pass, network } = setup()
    const [alice, bob] = await lobby('alice', 'bob')
    network.refusal = () => 'No path'
    network.cable(alice.peer, bob.peer).break('cut')
    for (let i = 0; i < 20; i++) {
      if (i % 5 === 0) bob.sendToChannel(`${i}`)
      alice.rendezvous.lose()
      await pass(400)
      alice.rendezvous.lose()
      await pass(600)
    }
    network.refusal = () => undefined
    await pass(16_000)
    expect(joinsAndLeaves([...alice.log, ...bob.news()])).toEqual([])
    expect(alice.news().filter((line) => line.startsWith('lobby: bob:'))).toEqual(
      [0, 5, 10, 15].map((i) => `lobby: bob: ${i}`),
    )
  })

  test('for a minute has left for the others, and is back once', async () => {
    const { lobby, pass, network } = setup()
    const [alice, bob] = await lobby('alice', 'bob')
    network.refusal = () => 'No path'
    network.cable(alice.peer, bob.peer).break('silent')
    for (let i = 0; i < 120; i++) {
      alice.rendezvous.lose()
      await pass(499)
    }
    expect(joinsAndLeaves(bob.news())).toEqual(['lobby: alice left'])
    network.refusal = () => undefined
    await pass(30_000)
    expect(joinsAndLeaves(bob.news())).toEqual(['lobby: alice joined'])
    expect(alice.members()).toEqual(['alice', 'bob'])
  })
})

describe('A page whose clock is set forward while it runs', () => {
  test('gives nobody up, replaces no link, and still knows who is online', async () => {
    const { page, lobby, pass, network, realm } = setup()
    const [bob] = await lobby('bob')
    const alice = page('alice')
    const clock = alice.environment.clock
    let aheadMs = 0
    Object.assign(alice.environment, {
      clock: { now: () => clock.now() + aheadMs, after: clock.after.bind(clock) },
    })
    alice.login()
    await pass(30)
    alice.join()
    await pass(2_000)
    realm.stop()
    await pass(10_000)
    alice.news()
    aheadMs = 3_600_000
    const cable = network.cable(alice.peer, bob.peer)
    cable.stall()
    const call = alice.sendToChannel('who is here?')
    await pass(1_000)
    expect(call.outcome).toBe('pending')
    cable.flow()
    await pass(60_000)
    expect(call.outcome).toBe('ok')
    expect(network.cables).toHaveLength(1)
    expect(joinsAndLeaves(alice.log)).toEqual([])
  })
})

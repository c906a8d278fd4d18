import { describe, expect, test } from 'vitest'

import type { ChannelId, SessionId, UserId } from '../../src/base/ids.ts'
import type { Log } from '../../src/base/logger.ts'
import type { Peer } from '../../src/protocol/peer.ts'
import { openCredential } from '../../src/protocol/credential.ts'
import { LOBBY } from './gather.ts'
import { type PageOfPlaces, setup } from './places-setup.ts'

const user = (name: string): UserId => name as UserId

/** Whom this page finds of these users. */
async function found(
  { rendezvous }: PageOfPlaces,
  pass: (ms: number) => Promise<void>,
  ...names: string[]
): Promise<readonly Peer[] | undefined> {
  const answer = rendezvous.find(names.map(user))
  await pass(50)
  return answer
}

describe('A login where no server is configured', () => {
  test('is local and at once, with a credential of its own making', async () => {
    const { page, pass, clock } = setup()
    const alice = page('alice', { kind: 'local' })
    expect(alice.rendezvous.isUp).toBe(false)
    await pass(0)
    expect(alice.news()).toEqual(['up'])
    expect(alice.rendezvous.isUp).toBe(true)
    const [welcome] = alice.welcomes
    expect(welcome).toMatchObject({
      me: { userId: 'alice', sessionId: alice.sessionId, loginTime: clock.now() },
      serverKeys: [],
      clockOffsetMs: 0,
      iceServers: undefined,
    })
    expect(openCredential(welcome?.credential ?? '')?.credential).toMatchObject({ loginTime: clock.now() })
    expect(alice.rendezvous.used.map(({ name }) => name)).toEqual(['tabs of this browser'])
  })

  test('is local with a token, too', async () => {
    const { up } = setup()
    const alice = await up('alice', { kind: 'local', token: 'some token' })
    expect(alice.rendezvous.isUp).toBe(true)
  })
})

describe('A login that no server answers', () => {
  test('is local after 4 s, not a millisecond earlier', async () => {
    const { page, pass, realm } = setup()
    realm.isUp = false
    const alice = page('alice')
    await pass(3_999)
    expect(alice.news()).toEqual([])
    await pass(1)
    expect(alice.news()).toEqual(['up'])
    expect(alice.rendezvous.name).toBe('tabs of this browser')
  })

  test('is said so once, with the addresses: one of them may be mistyped', async () => {
    const logged: Parameters<Log>[] = []
    const { page, pass, realm } = setup((...line) => logged.push(line))
    realm.isUp = false
    page('alice')
    await pass(3_999)
    expect(logged).toEqual([])
    await pass(60_000)
    const sentence =
      'No signaling server answered in 4 s: this session meets only other tabs of this browser until one does'
    expect(logged).toEqual([['warn', sentence, { urls: 'ws://one ws://two' }]])
  })

  test('is never local with a token: only a server can tell whether it is good', async () => {
    const { page, pass, realm } = setup()
    realm.isUp = false
    const alice = page('alice', { token: 'some token' })
    await pass(60_000)
    expect(alice.news()).toEqual([])
    expect(alice.rendezvous.isUp).toBe(false)
  })

  test('is not shown to other tabs before, nor is one that the server refuses', async () => {
    const { page, up, pass, realm } = setup()
    const bob = await up('bob', { kind: 'local' })
    realm.refusal = ({ userId }) => (userId === 'carol' ? 'not-authorized' : undefined)
    const carol = page('carol')
    await pass(50)
    expect(carol.news()).toEqual(['refused: not-authorized'])
    realm.isUp = false
    page('alice')
    await pass(3_999)
    expect(bob.tabs).toEqual([])
    await pass(50)
    expect(bob.tabs.map(({ userId }) => userId)).toEqual(['alice'])
  })

  test('that the server answers in time is the server’s alone', async () => {
    const { page, pass, realm } = setup()
    realm.isUp = false
    const alice = page('alice')
    await pass(3_000)
    realm.start()
    await pass(5_000)
    expect(alice.news()).toEqual(['up'])
    expect(alice.welcomes[0]?.serverKeys).toEqual([realm.issuer.publicKey])
    expect(alice.rendezvous.name).toBe('memory')
  })

  test('counts the 4 s anew when the page was put away meanwhile', async () => {
    const { page, pass, realm } = setup()
    realm.isUp = false
    const alice = page('alice')
    await pass(2_000)
    alice.rendezvous.pause()
    await pass(60_000)
    alice.rendezvous.resume()
    await pass(3_999)
    expect(alice.news()).toEqual([])
    await pass(1)
    expect(alice.news()).toEqual(['up'])
  })
})

describe('A local session whose server answers later', () => {
  async function local() {
    const logged: Parameters<Log>[] = []
    const world = setup((...line) => logged.push(line))
    const { page, up, pass, realm } = world
    const bob = await up('bob', { kind: 'local' })
    realm.isUp = false
    realm.clockOffsetMs = -3_600_000
    const alice = page('alice')
    await pass(5_000)
    for (const { rendezvous } of [alice, bob]) rendezvous.join(LOBBY, 1)
    await pass(50)
    alice.news()
    bob.news()
    return { ...world, alice, bob, logged }
  }

  test('logs in there as the same session, in the same channels, and is shown so', async () => {
    const { alice, bob, realm, up, pass } = await local()
    const before = alice.peer
    realm.start()
    const remote = await up('remote', { kind: 'remote' })
    remote.rendezvous.join(LOBBY, 1)
    await pass(1_000)
    expect(remote.news()).toEqual(['lobby/1 has [alice/1]'])
    expect(alice.news()).toEqual(['up', 'lobby/1 has [bob/1]', 'lobby: remote/1 joined'])
    expect(alice.peer).toMatchObject({ ...before, loginTime: expect.any(Number) as number })
    expect(alice.peer.loginTime).toBeLessThan(before.loginTime)
    expect(await found(bob, pass, 'alice')).toEqual([alice.peer])
    // The same session, as its server has it now: that is no news for those who count members.
    expect(bob.news()).toEqual(['lobby: alice/1 joined'])
  })

  test.each(['banned', 'remote-login'] as const)(
    'is over when that says %s, and the other tabs hear it',
    async (reason) => {
      const { alice, bob, realm, pass } = await local()
      realm.refusal = () => reason
      realm.start()
      await pass(1_000)
      expect(alice.news()).toEqual([`refused: ${reason}`])
      expect(alice.rendezvous.isUp).toBe(false)
      expect(bob.news()).toEqual(['alice gone: goodbye'])
    },
  )

  test.each(['invalid-token', 'unsupported-version', 'invalid-app-id', 'not-authorized'] as const)(
    'goes on when that refuses it for %s, and does not ask again',
    async (reason) => {
      const { alice, bob, realm, pass, logged } = await local()
      logged.length = 0
      realm.refusal = () => reason
      realm.start()
      await pass(1_000)
      expect(logged).toEqual([
        [
          'error',
          'The signaling server refused this session, which goes on among the tabs of this browser',
          { reason, sentence: `Refused: ${reason}`, urls: 'ws://one ws://two' },
        ],
      ])
      realm.refusal = () => undefined
      alice.rendezvous.pause()
      alice.rendezvous.resume()
      await pass(60_000)
      expect(realm.residents.size).toBe(0)
      expect(alice.rendezvous.isUp).toBe(true)
      expect(await found(alice, pass, 'bob', 'nobody')).toEqual([bob.peer])
      expect(await found(bob, pass, 'alice')).toEqual([alice.peer])
      expect(logged).toHaveLength(1)
    },
  )

  test('goes on without any news while it does not', async () => {
    const { alice, bob, pass } = await local()
    await pass(600_000)
    expect([...alice.news(), ...bob.news()]).toEqual([])
    expect(alice.rendezvous.used.map(({ isUp }) => isUp)).toEqual([false, true])
  })
})

describe('Who joins a channel', () => {
  test('has one roster of server and tabs together, no user twice', async () => {
    const { up, pass } = setup()
    const [remote, both, local] = [
      await up('remote', { kind: 'remote' }),
      await up('both'),
      await up('local', { kind: 'local' }),
    ]
    for (const { rendezvous } of [remote, both, local]) rendezvous.join(LOBBY, 1)
    await pass(50)
    const alice = await up('alice')
    alice.rendezvous.join(LOBBY, 1)
    await pass(600)
    expect(alice.news()).toEqual(['lobby/1 has [both/1 local/1 remote/1]'])
  })

  test('does not wait for tabs when the server has answered', async () => {
    const { page, pass } = setup()
    const alice = page('alice')
    await pass(10)
    alice.rendezvous.join(LOBBY, 1)
    await pass(10)
    expect(alice.news()).toEqual(['up', 'lobby/1 has []'])
  })

  test('while the server is away has the tabs’ roster, and the server’s when it is back', async () => {
    const { up, pass, realm } = setup()
    const [remote, local] = [await up('remote', { kind: 'remote' }), await up('local', { kind: 'local' })]
    for (const { rendezvous } of [remote, local]) rendezvous.join(LOBBY, 1)
    const alice = await up('alice')
    alice.server.lose()
    alice.rendezvous.join(LOBBY, 1)
    await pass(10)
    expect(alice.news()).toEqual(['down', 'lobby/1 has [local/1], others may come back'])
    await pass(1_000)
    expect(alice.news()).toEqual(['up', 'lobby/1 has [local/1 remote/1]'])
    expect(realm.residents.size).toBe(2)
  })

  test('as the server goes away before it answers has the tabs’ roster', async () => {
    const { up, pass, realm } = setup()
    const local = await up('local', { kind: 'local' })
    local.rendezvous.join(LOBBY, 1)
    const alice = await up('alice')
    realm.answersJoins = false
    alice.rendezvous.join(LOBBY, 1)
    await pass(50)
    expect(alice.news()).toEqual([])
    realm.stop()
    await pass(10)
    expect(alice.news()).toEqual(['down', 'lobby/1 has [local/1], others may come back'])
  })

  test('is refused the 21st once, by the server or by the tabs', async () => {
    const { up, pass } = setup()
    for (const kind of ['both', 'local'] as const) {
      const alice = await up('alice', { kind })
      for (let i = 0; i < 21; i++) alice.rendezvous.join(`channel ${i}` as ChannelId, i + 1)
      await pass(50)
      expect(alice.news().filter((line) => line.includes('refused'))).toEqual(['channel 20/21 refused'])
      alice.rendezvous.goodbye()
    }
  })
})

describe('A server that goes away', () => {
  test('takes the session down, and those in other tabs are vouched for by these', async () => {
    const { up, pass, realm } = setup()
    const [alice, bob] = [await up('alice'), await up('bob')]
    for (const { rendezvous } of [alice, bob]) rendezvous.join(LOBBY, 1)
    await pass(50)
    alice.news()
    realm.stop()
    await pass(60_000)
    expect(alice.news()).toEqual(['down', 'lobby/1 has [bob/1], others may come back'])
    expect(alice.rendezvous.isUp).toBe(false)
    bob.rendezvous.goodbye()
    await pass(10)
    expect(alice.news()).toEqual(['bob gone: goodbye'])
  })

  test('is not missed by a local session', async () => {
    const { up, pass, realm } = setup()
    const alice = await up('alice', { kind: 'local' })
    realm.stop()
    await pass(10_000)
    expect(alice.news()).toEqual([])
    expect(alice.rendezvous.isUp).toBe(true)
  })
})

describe('Looking for users', () => {
  test('finds them at the server and in tabs, each once', async () => {
    const { up, pass } = setup()
    const [remote, both, local] = [
      await up('remote', { kind: 'remote' }),
      await up('both'),
      await up('local', { kind: 'local' }),
    ]
    const alice = await up('alice')
    const peers = await found(alice, pass, 'remote', 'both', 'local', 'nobody')
    expect(peers).toEqual([remote.peer, both.peer, local.peer])
    expect(await found(alice, pass, 'nobody')).toEqual([])
  })

  test('cannot tell of those who are in no tab while the server is away', async () => {
    const { up, pass, realm } = setup()
    const local = await up('local', { kind: 'local' })
    await up('remote', { kind: 'remote' })
    const alice = await up('alice')
    realm.stop()
    expect(await found(alice, pass, 'remote')).toBeUndefined()
    expect(await found(alice, pass, 'remote', 'local')).toEqual([local.peer])
  })

  test('from a local session is over with the tabs’ answer: it meets nobody else', async () => {
    const { up, page, pass, realm } = setup()
    realm.isUp = false
    const other = await up('bob', { kind: 'local' })
    const alice = page('alice')
    expect(await found(alice, pass, 'nobody')).toBeUndefined()
    await pass(5_000)
    expect(await found(alice, pass, 'nobody')).toEqual([])
    expect(await found(alice, pass, 'nobody', 'bob')).toEqual([other.peer])
    const holders = alice.rendezvous.visit(LOBBY)
    await pass(50)
    expect(await holders).toEqual([])
    realm.start()
    await pass(1_000)
    realm.stop()
    await pass(50)
    expect(await found(alice, pass, 'nobody')).toBeUndefined()
  })

  test('does not wait for tabs when the server knows them all', async () => {
    const { up, page, pass } = setup()
    const remote = await up('remote', { kind: 'remote' })
    const alice = page('alice')
    await pass(10)
    expect(await found(alice, pass, 'remote')).toEqual([remote.peer])
  })

  test('by a visit finds who has the document, at the server and in tabs', async () => {
    const { up, pass, realm } = setup()
    const [remote, local] = [await up('remote', { kind: 'remote' }), await up('local', { kind: 'local' })]
    const alice = await up('alice')
    local.rendezvous.join(LOBBY, 1)
    await pass(50)
    const visit = async (): Promise<readonly Peer[] | undefined> => {
      const holders = alice.rendezvous.visit(LOBBY)
      await pass(50)
      return holders
    }
    expect(await visit()).toEqual([local.peer])
    remote.rendezvous.join(LOBBY, 1)
    await pass(50)
    expect(await visit()).toEqual([remote.peer])
    const byLocal = local.rendezvous.visit(LOBBY)
    await pass(50)
    expect(await byLocal).toEqual([alice.peer])
    alice.rendezvous.endVisit(LOBBY)
    local.rendezvous.leave(LOBBY, 1)
    realm.stop()
    await pass(50)
    expect(await visit()).toBeUndefined()
  })
})

describe('A local session of a user whom the server names in another session', () => {
  async function rivals() {
    const world = setup()
    const { up, pass } = world
    const alice = await up('alice')
    const local = await up('bob', { kind: 'local' })
    for (const { rendezvous } of [alice, local]) rendezvous.join(LOBBY, 1)
    await pass(50)
    alice.news()
    const remote = await up('bob', { kind: 'remote' })
    return { ...world, alice, local, remote }
  }

  test('is not shown while the server does, and then again', async () => {
    const { alice, local, remote, pass } = await rivals()
    remote.rendezvous.join(LOBBY, 1)
    await pass(50)
    expect(alice.news()).toEqual(['bob gone: replaced', 'lobby: bob/1 joined'])
    local.rendezvous.leave(LOBBY, 1)
    local.rendezvous.join(LOBBY, 2)
    local.rendezvous.relay(alice.sessionId, 'as bob')
    await pass(50)
    expect(alice.news()).toEqual(['lobby: bob/1 left'])
    expect(await found(alice, pass, 'bob')).toEqual([remote.peer])
    remote.rendezvous.goodbye()
    await pass(50)
    expect(alice.news()).toEqual(['bob gone: goodbye', 'lobby: bob/2 joined'])
    expect(await found(alice, pass, 'bob')).toEqual([local.peer])
  })

  test('is not in a roster that comes later', async () => {
    const { alice, remote, pass } = await rivals()
    alice.rendezvous.leave(LOBBY, 1)
    remote.rendezvous.join(LOBBY, 7)
    await pass(50)
    alice.news()
    alice.rendezvous.join(LOBBY, 2)
    await pass(50)
    expect(alice.news()).toEqual(['bob gone: replaced', 'lobby/2 has [bob/7]'])
  })

  test('is not shown either when the other one has only sent signals', async () => {
    const { alice, local, remote, pass } = await rivals()
    remote.rendezvous.relay(alice.sessionId, 'hello')
    await pass(50)
    local.rendezvous.relay(alice.sessionId, 'hello')
    await pass(50)
    expect(alice.news()).toEqual(['bob gone: replaced', `bob ${remote.sessionId.slice(0, 4)}: hello`])
    alice.server.lose()
    await pass(10)
    expect(alice.news().slice(0, 2)).toEqual(['down', 'lobby: bob/1 joined'])
  })
})

describe('A session that one place does not hear any more', () => {
  async function lobby() {
    const world = setup()
    const [alice, bob] = [await world.up('alice'), await world.up('bob')]
    for (const { rendezvous } of [alice, bob]) rendezvous.join(LOBBY, 1)
    await world.pass(50)
    alice.news()
    return { ...world, alice, bob }
  }

  test('is there as long as its tab answers', async () => {
    const { alice, bob, realm, pass } = await lobby()
    const [resident] = [...realm.residents.values()].filter((one) => one.peer.userId === 'bob')
    if (!resident?.visitor) throw new Error('bob is not at the server')
    realm.lost(resident.visitor)
    await pass(40_000)
    expect(alice.news()).toEqual([])
    bob.broadcast.freeze()
    await pass(40_000)
    expect(alice.news()).toEqual([expect.stringMatching(/^bob unreachable/), 'bob gone: lost'])
  })

  test('is there as long as the server hears it', async () => {
    const { alice, bob, pass } = await lobby()
    bob.broadcast.freeze()
    await pass(40_000)
    expect(alice.news()).toEqual([])
    bob.server.crash()
    await pass(40_000)
    expect(alice.news()).toEqual([expect.stringMatching(/^bob unreachable/), 'bob gone: lost'])
  })

  test('is unreachable when the second place does not hear it either, and reachable when one does', async () => {
    const { alice, bob, pass } = await lobby()
    bob.broadcast.freeze()
    bob.server.lose()
    await pass(100)
    alice.server.deliver(({ unreachable }) => unreachable(bob.peer, 7_000))
    await pass(3_000)
    expect(alice.news()).toEqual([])
    await pass(6_000)
    expect(alice.news()).toEqual([expect.stringMatching(/^bob unreachable: 7\d\d\d ms$/)])
    bob.broadcast.thaw()
    await pass(10)
    expect(alice.news()).toEqual(['bob reachable'])
  })

  test('and that said goodbye only to the server is still in its tab', async () => {
    const { alice, bob, pass } = await lobby()
    alice.server.deliver(({ gone }) => gone(bob.peer, 'goodbye'))
    await pass(10)
    expect(alice.news()).toEqual([])
    alice.server.deliver(({ gone }) => gone(bob.peer, 'kicked'))
    await pass(10)
    expect(alice.news()).toEqual(['bob gone: kicked'])
  })
})

describe('A signal', () => {
  test('goes by the server while it is up, and says by which place it came', async () => {
    const { up, pass, realm } = setup()
    const [alice, bob] = [await up('alice'), await up('bob')]
    expect(alice.rendezvous.relay(bob.sessionId, 'by the server')).toBe(true)
    expect(realm.signalCount).toBe(0)
    await pass(50)
    expect(realm.signalCount).toBe(1)
    expect(alice.rendezvous.relayToTab(bob.sessionId, 'by the tabs')).toBe(true)
    await pass(50)
    expect(realm.signalCount).toBe(1)
    expect(bob.news()).toEqual([
      `alice ${alice.sessionId.slice(0, 4)}: by the server`,
      `alice ${alice.sessionId.slice(0, 4)}: by the tabs`,
    ])
    expect(bob.vias).toEqual(['server', 'tabs'])
  })

  test('goes by the tabs to one of them while the server is away, and to nobody else', async () => {
    const { up, pass, realm } = setup()
    const [alice, bob, remote] = [await up('alice'), await up('bob'), await up('remote', { kind: 'remote' })]
    realm.stop()
    await pass(10)
    bob.news()
    expect(alice.rendezvous.relay(bob.sessionId, 'hello')).toBe(true)
    expect(alice.rendezvous.relay(remote.sessionId, 'hello')).toBe(false)
    await pass(10)
    expect(bob.news()).toEqual([`alice ${alice.sessionId.slice(0, 4)}: hello`])
  })

  test('of a local session to nobody is undeliverable', async () => {
    const { up, pass } = setup()
    const alice = await up('alice', { kind: 'local' })
    const nobody = 'f'.repeat(32) as SessionId
    expect(alice.rendezvous.relay(nobody, 'hello')).toBe(true)
    await pass(10)
    expect(alice.news()).toEqual([`undeliverable: ${nobody}`])
  })
})

describe('The end of a session', () => {
  test('by another tab of its user is its end at the server', async () => {
    const { up, pass, realm } = setup()
    const first = await up('alice')
    const second = await up('alice', { kind: 'local' })
    expect(first.news()).toEqual(['ended: remote-login'])
    await pass(100)
    expect(realm.residents.size).toBe(0)
    expect(second.rendezvous.isUp).toBe(true)
  })

  test('by the server is its end among tabs', async () => {
    const { up, pass, realm } = setup()
    const [alice, bob] = [await up('alice'), await up('bob', { kind: 'local' })]
    realm.end('alice', 'kicked')
    await pass(50)
    expect(alice.news()).toEqual(['ended: kicked'])
    expect(bob.news()).toEqual(['alice gone: goodbye'])
  })

  test('of two pages of one user that both know a server is said to the earlier one once', async () => {
    const { up, pass } = setup()
    const first = await up('alice')
    const second = await up('alice')
    await pass(1_000)
    expect(first.news()).toEqual(['ended: remote-login'])
    expect(second.news()).toEqual([])
    expect(second.rendezvous.isUp).toBe(true)
  })

  test('for now, as its page is put away, reaches all places, and so does the return', async () => {
    const { up, pass, realm, broadcasts } = setup()
    const [alice, bob, remote] = [
      await up('alice'),
      await up('bob', { kind: 'local' }),
      await up('remote', { kind: 'remote' }),
    ]
    for (const { rendezvous } of [alice, bob, remote]) rendezvous.join(LOBBY, 1)
    await pass(50)
    for (const one of [alice, bob, remote]) one.news()
    alice.rendezvous.pause()
    await pass(50)
    expect(alice.news()).toEqual(['down'])
    expect(bob.news()).toEqual(['alice gone: goodbye'])
    expect(remote.news()).toEqual(['alice gone: goodbye'])
    expect(broadcasts.openCount).toBe(1)
    expect(realm.residents.size).toBe(1)
    alice.rendezvous.resume()
    await pass(500)
    expect(alice.news().filter((line) => line.startsWith('lobby/1'))).toContain(
      'lobby/1 has [bob/1 remote/1]',
    )
    expect(bob.news()).toEqual(['lobby: alice/1 joined'])
    expect(remote.news()).toEqual(['lobby: alice/1 joined'])
  })
})

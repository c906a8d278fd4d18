import { describe, expect, test } from 'vitest'

import { setup } from './setup.ts'

const statuses = (log: readonly string[]): string[] => log.filter((line) => line.startsWith('status'))

/** Alice, who is subscribed to Bob, in no channel with him and without a link. */
async function watching() {
  const world = setup()
  const [alice, bob] = [await world.loggedIn('alice'), await world.loggedIn('bob')]
  alice.subscribe('bob')
  await world.pass(300)
  expect(alice.news()).toEqual(['subscribe: ok', 'status bob online'])
  return { ...world, alice, bob }
}

describe('A subscription', () => {
  test('answers first, then tells how everybody stands, who is offline too, in the order of the call', async () => {
    const { loggedIn, pass } = setup()
    const [alice] = [await loggedIn('alice'), await loggedIn('bob')]
    alice.subscribe('carol', 'bob', 'alice')
    await pass(100)
    expect(alice.news()).toEqual(['subscribe: ok', 'status carol offline, bob online, alice online'])
    await pass(60_000)
    expect(alice.news()).toEqual([])
  })

  test('tells at once when a user comes, says goodbye and comes again', async () => {
    const { loggedIn, pass, alice, bob } = await watching()
    bob.logout()
    await pass(600)
    expect(alice.news()).toEqual(['status bob offline'])
    await loggedIn('bob')
    await pass(300)
    expect(alice.news()).toEqual(['status bob online'])
  })

  test('tells several changes in one event', async () => {
    const { page, loggedIn, pass } = setup()
    const alice = await loggedIn('alice')
    alice.subscribe('bob', 'carol', 'dave')
    await pass(300)
    alice.news()
    for (const name of ['bob', 'carol', 'dave']) page(name).login()
    await pass(300)
    expect(alice.news()).toEqual(['status bob online, carol online, dave online'])
  })

  test('tells that nothing is heard of a user any more: unreachable after 7 s, offline after 31 s', async () => {
    const { pass, alice, bob } = await watching()
    bob.crash()
    await pass(6_900)
    expect(alice.news()).toEqual([])
    await pass(500)
    expect(alice.news()).toEqual(['status bob unreachable'])
    await pass(23_500)
    expect(alice.news()).toEqual([])
    await pass(500)
    expect(alice.news()).toEqual(['status bob offline'])
  })

  test('tells that a user who was silent is heard again', async () => {
    const { pass, alice, bob } = await watching()
    alice.rendezvous.deliver(({ unreachable }) => unreachable(bob.peer, 7_001))
    await pass(300)
    expect(alice.news()).toEqual(['status bob unreachable'])
    alice.rendezvous.deliver(({ reachable }) => reachable(bob.peer))
    await pass(300)
    expect(alice.news()).toEqual(['status bob online'])
  })

  test('tells of a user who is silent already what is so', async () => {
    const { loggedIn, pass, bob } = await watching()
    bob.crash()
    await pass(10_000)
    const carol = await loggedIn('carol')
    carol.subscribe('bob')
    await pass(300)
    expect(carol.news()).toEqual(['subscribe: ok', 'status bob unreachable'])
  })

  test('to a user who is subscribed to already tells the state again', async () => {
    const { pass, alice } = await watching()
    alice.subscribe('bob', 'carol')
    await pass(300)
    expect(alice.news()).toEqual(['subscribe: ok', 'status bob online, carol offline'])
    alice.subscribe('bob', 'bob')
    expect(alice.news()).toEqual(['subscribe: ok', 'status bob online'])
  })

  test('takes 512 users over all calls, and of one too many nobody', async () => {
    const { loggedIn, pass } = setup()
    const alice = await loggedIn('alice')
    const names = Array.from({ length: 513 }, (_, i) => `user ${i}`)
    expect(alice.subscribe(...names).outcome).toBe('too-many-subscriptions')
    const call = alice.subscribe(...names.slice(0, 500))
    await pass(300)
    expect(call.outcome).toBe('ok')
    expect(alice.subscribe(...names.slice(500)).outcome).toBe('too-many-subscriptions')
    expect(alice.engine.subscriptions('online-status')).toEqual(names.slice(0, 500))
    const rest = alice.subscribe(...names.slice(490, 512))
    await pass(300)
    expect(rest.outcome).toBe('ok')
    alice.unsubscribe('user 0')
    const last = alice.subscribe('user 512')
    await pass(300)
    expect(last.outcome).toBe('ok')
    expect(alice.engine.subscriptions('online-status')).toHaveLength(512)
  })

  test('that nobody answers times out after 10 s, and is taken back', async () => {
    const { loggedIn, pass, realm } = setup()
    const alice = await loggedIn('alice')
    realm.stop()
    await pass(100)
    const call = alice.subscribe('bob')
    await pass(9_999)
    expect(call.outcome).toBe('pending')
    await pass(1)
    expect(call.outcome).toBe('timeout')
    expect(alice.engine.subscriptions('online-status')).toEqual([])
    realm.start()
    await loggedIn('bob')
    await pass(5_000)
    expect(statuses(alice.log)).toEqual([])
  })

  test('that times out leaves those who were subscribed to before, and those for whom a later call waits', async () => {
    const { pass, loggedIn, alice, realm } = await watching()
    realm.stop()
    await pass(100)
    const first = alice.subscribe('bob', 'carol', 'dave')
    await pass(5_000)
    const second = alice.subscribe('carol')
    await pass(5_000)
    expect([first.outcome, second.outcome]).toEqual(['timeout', 'pending'])
    expect(alice.engine.subscriptions('online-status')).toEqual(['bob'])
    realm.start()
    await loggedIn('carol')
    await pass(1_000)
    expect(second.outcome).toBe('ok')
    expect(alice.engine.subscriptions('online-status')).toEqual(['bob', 'carol'])
    expect(statuses(alice.news())).toContain('status carol online')
  })

  test('of one that a session ends before it is answered fails', async () => {
    const { loggedIn, pass, realm } = setup()
    const alice = await loggedIn('alice')
    realm.stop()
    await pass(100)
    const call = alice.subscribe('bob')
    alice.logout()
    expect(call.outcome).toBe('failure')
  })

  test('ends with the logout', async () => {
    const { loggedIn, pass, alice, bob } = await watching()
    alice.logout()
    alice.login()
    await pass(100)
    alice.news()
    expect(alice.engine.subscriptions('online-status')).toEqual([])
    bob.logout()
    await loggedIn('bob')
    await pass(1_000)
    expect(alice.news()).toEqual([])
  })

  test('that is taken back tells nothing more', async () => {
    const { pass, alice, bob } = await watching()
    expect(alice.unsubscribe('bob', 'nobody')).toBe('ok')
    expect(alice.unsubscribe('bob')).toBe('ok')
    expect(alice.engine.subscriptions('online-status')).toEqual([])
    bob.logout()
    await pass(1_000)
    expect(alice.news()).toEqual([])
  })

  test('to lists of anything but user ids is refused, and nobody is subscribed to', async () => {
    const { loggedIn } = setup()
    const alice = await loggedIn('alice')
    for (const list of [[], ['bob', ''], ['null'], [7], [null], undefined, 'bob', new Array(2)]) {
      let outcome: unknown
      alice.engine.subscribePeers(list, (result) => (outcome = result))
      expect(outcome).toBe('invalid-peer-ids')
      expect(alice.engine.unsubscribePeers(list)).toBe('invalid-peer-ids')
    }
    expect(alice.engine.subscriptions('online-status')).toEqual([])
  })
})

describe('A user who is logged in again elsewhere', () => {
  test('was online all the time', async () => {
    const { loggedIn, pass, alice } = await watching()
    await loggedIn('bob')
    await pass(40_000)
    expect(alice.news()).toEqual([])
  })

  test('was online all the time, also if the news of it come late', async () => {
    const { pass, alice, bob } = await watching()
    const successor = { ...bob.peer, sessionId: 'f'.repeat(32) as typeof bob.peer.sessionId }
    alice.rendezvous.deliver(({ gone }) => gone(bob.peer, 'replaced'))
    await pass(800)
    alice.rendezvous.deliver(({ present }) => present({ ...successor, loginTime: bob.peer.loginTime + 1 }))
    await pass(2_000)
    expect(alice.news()).toEqual([])
  })

  test('is offline if nobody names the other session', async () => {
    const { pass, alice, bob } = await watching()
    alice.rendezvous.deliver(({ gone }) => gone(bob.peer, 'replaced'))
    await pass(2_000)
    expect(alice.news()).toEqual(['status bob offline'])
  })
})

test('A user whom an operator ends is offline at once', async () => {
  const { pass, alice, realm } = await watching()
  realm.end('bob', 'kicked')
  await pass(600)
  expect(alice.news()).toEqual(['status bob offline'])
})

describe('In tabs of one browser', () => {
  test('that have no server users see each other come and go', async () => {
    const { page, pass } = setup()
    const alice = page('alice', undefined, { hasServer: false, hasTabs: true })
    alice.login()
    await pass(1_000)
    alice.news()
    alice.subscribe('bob')
    await pass(500)
    expect(alice.news()).toEqual(['subscribe: ok', 'status bob offline'])
    const bob = page('bob', alice.browser, { hasServer: false, hasTabs: true })
    bob.login()
    await pass(1_000)
    expect(alice.news()).toEqual(['status bob online'])
    await pass(60_000)
    bob.logout()
    await pass(600)
    expect(alice.news()).toEqual(['status bob offline'])
  })

  test('users stay online when the server goes away', async () => {
    const { page, pass, realm } = setup()
    const alice = page('alice', undefined, { hasTabs: true })
    const bob = page('bob', alice.browser, { hasTabs: true })
    alice.login()
    bob.login()
    await pass(1_000)
    alice.subscribe('bob')
    await pass(300)
    alice.news()
    realm.stop()
    await pass(60_000)
    expect(statuses(alice.news())).toEqual([])
    bob.crash()
    await pass(60_000)
    expect(statuses(alice.news())).toEqual(['status bob unreachable', 'status bob offline'])
  })
})

describe('While the server is away', () => {
  test('users who are linked keep each other online, and others are judged by the time', async () => {
    const { lobby, loggedIn, pass, realm } = setup()
    const [alice] = await lobby('alice', 'bob')
    await loggedIn('carol')
    alice.subscribe('bob', 'carol')
    await pass(300)
    alice.news()
    realm.stop()
    await pass(8_000)
    expect(statuses(alice.news())).toEqual(['status carol unreachable'])
    await pass(24_000)
    expect(statuses(alice.news())).toEqual(['status carol offline'])
    await pass(600_000)
    expect(statuses(alice.news())).toEqual([])
  })

  test('a linked user who dies or says goodbye is noticed', async () => {
    const { lobby, pass, realm } = setup()
    const [alice, bob, carol] = await lobby('alice', 'bob', 'carol')
    alice.subscribe('bob', 'carol')
    await pass(300)
    realm.stop()
    await pass(60_000)
    alice.news()
    bob.crash()
    carol.logout()
    await pass(600)
    expect(statuses(alice.news())).toEqual(['status carol offline'])
    await pass(7_000)
    expect(statuses(alice.news())).toEqual(['status bob unreachable'])
    await pass(24_000)
    expect(statuses(alice.news())).toEqual(['status bob offline'])
  })

  test('linked users can be subscribed to', async () => {
    const { lobby, pass, realm } = setup()
    const [alice] = await lobby('alice', 'bob')
    realm.stop()
    await pass(60_000)
    alice.news()
    const call = alice.subscribe('bob')
    await pass(500)
    expect(call.outcome).toBe('ok')
    expect(statuses(alice.news())).toEqual(['status bob online'])
  })

  test('a user who is met over a link is online', async () => {
    const { pass, loggedIn, realm, alice, bob } = await watching()
    realm.stop()
    await pass(40_000)
    expect(statuses(alice.news())).toEqual(['status bob unreachable', 'status bob offline'])
    realm.start()
    await pass(2_000)
    await loggedIn('carol')
    alice.news()
    bob.send('alice', 'here I am')
    await pass(500)
    expect(alice.news()).toEqual(['message from bob: here I am'])
    alice.rendezvous.lose()
    realm.isUp = false
    await pass(60_000)
    expect(statuses(alice.news())).toEqual([])
    realm.start()
  })
})

describe('A server that comes back', () => {
  test('within 7 s is nobody’s loss', async () => {
    const { pass, alice, realm } = await watching()
    realm.isUp = false
    alice.rendezvous.lose()
    await pass(5_000)
    realm.isUp = true
    await pass(40_000)
    expect(statuses(alice.news())).toEqual([])
  })

  test('tells what was missed, and nothing else', async () => {
    const { loggedIn, pass } = setup()
    const [alice, bob] = [await loggedIn('alice'), await loggedIn('bob'), await loggedIn('carol')]
    alice.subscribe('bob', 'carol', 'dave')
    await pass(300)
    alice.news()
    // Alice's connection alone is lost; what happens meanwhile happens at the server.
    alice.rendezvous.pause()
    bob.logout()
    await loggedIn('dave')
    await pass(3_000)
    expect(alice.news()).toEqual([])
    alice.rendezvous.resume()
    await pass(600)
    expect(alice.news()).toEqual(['status bob offline, dave online'])
  })

  test('and has forgotten everybody makes nobody offline who comes back to it', async () => {
    const { pass, alice, realm } = await watching()
    realm.stop()
    realm.start()
    await pass(40_000)
    expect(statuses(alice.news())).toEqual([])
  })

  test('and has forgotten everybody makes nobody offline before 31 s have passed', async () => {
    const { pass, alice, bob, realm } = await watching()
    bob.crash()
    realm.stop()
    realm.start()
    await pass(30_500)
    expect(statuses(alice.news())).toEqual(['status bob unreachable'])
    await pass(1_500)
    expect(statuses(alice.news())).toEqual(['status bob offline'])
  })
})

test('Who was heard over a link a moment ago is not offline for a new subscriber because an empty server does not know it', async () => {
  const { lobby, pass, realm } = setup()
  const [alice, bob] = await lobby('alice', 'bob')
  bob.crash()
  realm.stop()
  realm.start()
  await pass(10_000)
  alice.subscribe('bob')
  await pass(300)
  expect(statuses(alice.news())).toEqual(['status bob unreachable'])
  await pass(20_000)
  expect(statuses(alice.news())).toEqual([])
  await pass(2_000)
  expect(statuses(alice.news())).toEqual(['status bob offline'])
})

test('A machine that slept for an hour takes nobody’s silence for an end', async () => {
  for (const hasServer of [true, false]) {
    const { lobby, pass, clock, realm } = setup()
    const [alice] = await lobby('alice', 'bob')
    alice.subscribe('bob')
    await pass(300)
    if (!hasServer) realm.stop()
    await pass(60_000)
    alice.news()
    clock.sleep(3_600_000)
    await pass(20_000)
    expect(statuses(alice.news())).toEqual([])
  }
})

test('A page that is shown again without a server does not take those for gone whom it knew by their links alone', async () => {
  const { lobby, pass, realm } = setup()
  const [alice] = await lobby('alice', 'bob')
  realm.stop()
  await pass(40_000)
  alice.subscribe('bob')
  await pass(300)
  alice.session.pause()
  await pass(1_000)
  alice.news()
  alice.session.resume()
  await pass(6_000)
  expect(alice.news().filter((line) => /bob (is )?(left|offline|unreachable)/.test(line))).toEqual([])
  expect(alice.members()).toEqual(expect.arrayContaining(['alice', 'bob']))
})

test('A page that was put away and is shown again tells what was missed', async () => {
  const { loggedIn, pass, clock } = setup()
  const [alice, bob] = [await loggedIn('alice'), await loggedIn('bob'), await loggedIn('carol')]
  alice.subscribe('bob', 'carol')
  await pass(300)
  alice.news()
  alice.session.pause()
  await pass(100)
  bob.logout()
  await pass(1_000)
  alice.news()
  clock.sleep(600_000)
  alice.session.resume()
  await pass(3_000)
  expect(statuses(alice.news())).toEqual(['status bob offline'])
})

import { describe, expect, test } from 'vitest'

import type { Page, PageOptions } from './page.ts'
import { setup } from './setup.ts'

const joinsAndLeaves = (log: string[]): string[] => log.filter((line) => / (joined|left)$/.test(line))

/** Pages in one browser, which meet each other as its tabs. */
function browser(shared: PageOptions = {}) {
  const world = setup()
  let first: Page | undefined
  const tab = (userId: string, options: PageOptions = shared): Page => {
    const one = world.page(userId, first?.browser, { hasTabs: true, ...options })
    first ??= one
    return one
  }
  return {
    ...world,
    tab,
    async loggedInTab(userId: string, options?: PageOptions): Promise<Page> {
      const one = tab(userId, options)
      const call = one.login()
      await world.pass(500)
      expect(call.outcome).toBe('ok')
      one.news()
      return one
    },
  }
}

describe('Without a server', () => {
  const none: PageOptions = { hasServer: false }

  test('a login succeeds at once', async () => {
    const { tab, pass } = browser(none)
    const alice = tab('alice')
    alice.login()
    await pass(1)
    expect(alice.news()).toEqual(['connecting (login)', 'login: ok', 'connected (login-success)'])
  })

  test('users of two tabs are in one channel, talk, and see each other leave', async () => {
    const { loggedInTab, pass } = browser(none)
    const [alice, bob] = [await loggedInTab('alice'), await loggedInTab('bob')]
    alice.join()
    await pass(50)
    bob.join()
    await pass(2_000)
    expect(bob.news()).toEqual(['join lobby: ok', 'lobby: 2 members'])
    expect(alice.news()).toContain('lobby: bob joined')
    expect(alice.members()).toEqual(['alice', 'bob'])
    const calls = [alice.sendToChannel('to all'), bob.send('alice', 'to alice')]
    await pass(100)
    expect(calls.map(({ outcome }) => outcome)).toEqual(['ok', 'ok'])
    expect(bob.log).toContain('lobby: alice: to all')
    expect(alice.log).toContain('message from bob: to alice')
    bob.logout()
    await pass(20)
    expect(joinsAndLeaves(alice.news())).toEqual(['lobby: bob left'])
  })

  test('a message to nobody is told so', async () => {
    const { loggedInTab, pass } = browser(none)
    const alice = await loggedInTab('alice')
    const call = alice.send('nobody', 'hello')
    await pass(50)
    expect(call.outcome).toBe('peer-unreachable')
  })

  test('a tab that dies has left after 31 s', async () => {
    const { loggedInTab, pass } = browser(none)
    const [alice, bob] = [await loggedInTab('alice'), await loggedInTab('bob')]
    for (const one of [alice, bob]) one.join()
    await pass(2_000)
    for (const one of [alice, bob]) one.news()
    bob.crash()
    await pass(29_000)
    expect(joinsAndLeaves(alice.news())).toEqual([])
    await pass(5_000)
    expect(joinsAndLeaves(alice.news())).toEqual(['lobby: bob left'])
  })

  test('the later of two tabs of a user stays, and has the place of the other', async () => {
    const { loggedInTab, pass } = browser(none)
    const [bob, first] = [await loggedInTab('bob'), await loggedInTab('alice')]
    for (const one of [bob, first]) one.join()
    await pass(2_000)
    bob.news()
    const second = await loggedInTab('alice')
    expect(first.news().at(-1)).toBe('aborted (remote-login)')
    second.join()
    await pass(2_000)
    expect(joinsAndLeaves(bob.news())).toEqual(['lobby: alice left', 'lobby: alice joined'])
    const call = bob.send('alice', 'which?')
    await pass(100)
    expect(call.outcome).toBe('ok')
    expect(second.log).toContain('message from bob: which?')
    await pass(60_000)
    expect([first.engine.state, second.engine.state]).toEqual(['aborted', 'connected'])
  })

  test('it is told in a diagnosis where a session is found', async () => {
    const { loggedInTab } = browser(none)
    const alice = await loggedInTab('alice')
    expect((await alice.engine.diagnose())?.servers).toEqual([
      { url: 'tabs of this browser', state: 'connected' },
    ])
  })
})

test('Who logs out while the server is away is not brought back to other tabs by a server that has not heard of it', async () => {
  const { loggedInTab, pass, realm } = browser()
  const [alice, bob] = [await loggedInTab('alice'), await loggedInTab('bob')]
  for (const one of [alice, bob]) one.join()
  await pass(2_000)
  realm.isUp = false
  for (const visitor of realm.visitors) visitor.lose()
  await pass(2_000)
  bob.news()
  alice.logout()
  await pass(1_000)
  realm.start()
  await pass(60_000)
  expect(joinsAndLeaves(bob.news())).toEqual(['lobby: alice left'])
  expect(bob.members()).toEqual(['bob'])
})

describe('A page that was put away and is shown again', () => {
  test.each([
    ['without a server', { hasServer: false }],
    ['with one', {}],
  ] as const)('knows at once who is in its channels, %s', async (_, shared) => {
    const { loggedInTab, pass, network } = browser(shared)
    const [alice, bob, carol] = [
      await loggedInTab('alice'),
      await loggedInTab('bob'),
      await loggedInTab('carol'),
    ]
    for (const one of [alice, bob, carol]) one.join()
    await pass(2_000)
    alice.session.pause()
    // Nothing comes to a page that is away.
    for (const one of [bob, carol]) network.cable(alice.peer, one.peer).break('silent')
    bob.logout()
    const dora = await loggedInTab('dora')
    dora.join()
    await pass(1_000)
    alice.news()
    alice.session.resume()
    await pass(1_000)
    expect(alice.members()).toEqual(['alice', 'carol', 'dora'])
    expect(joinsAndLeaves(alice.news()).sort()).toEqual(['lobby: bob left', 'lobby: dora joined'])
    await pass(40_000)
    expect(joinsAndLeaves(alice.news())).toEqual([])
    expect(joinsAndLeaves(carol.news()).slice(-2)).toEqual(['lobby: dora joined', 'lobby: alice joined'])
  })

  test('keeps those who are elsewhere while the server is away', async () => {
    const { loggedIn, loggedInTab, pass, realm, network } = browser()
    const [alice, remote] = [await loggedInTab('alice'), await loggedIn('remote')]
    for (const one of [alice, remote]) one.join()
    await pass(2_000)
    alice.session.pause()
    network.cable(alice.peer, remote.peer).break('silent')
    realm.stop()
    await pass(1_000)
    alice.news()
    alice.session.resume()
    await pass(20_000)
    expect(joinsAndLeaves(alice.news())).toEqual([])
    expect(alice.members()).toEqual(['alice', 'remote'])
  })

  test('says itself that it is back to those who heard its goodbye, while the server is away', async () => {
    const { loggedIn, loggedInTab, pass, realm } = browser()
    const [alice, bob] = [await loggedInTab('alice'), await loggedIn('bob')]
    // She introduces them to each other.
    const carol = await loggedInTab('carol')
    for (const one of [alice, bob, carol]) one.join()
    await pass(2_000)
    // The link that brings its word is for another channel.
    for (const one of [alice, bob]) one.join('hall')
    await pass(2_000)
    realm.stop()
    await pass(1_000)
    bob.news()
    alice.session.pause()
    await pass(1_000)
    expect(joinsAndLeaves(bob.news()).sort()).toEqual(['hall: alice left', 'lobby: alice left'])
    alice.session.resume()
    await pass(5_000)
    expect(joinsAndLeaves(bob.news()).sort()).toEqual(['hall: alice joined', 'lobby: alice joined'])
    expect(bob.members()).toHaveLength(3)
  })
})

describe('With a server that does not answer', () => {
  test('a login without a token succeeds after 4 s, not a millisecond earlier', async () => {
    const { tab, pass, realm } = browser()
    realm.isUp = false
    const alice = tab('alice')
    alice.login()
    await pass(3_999)
    expect(alice.news()).toEqual(['connecting (login)'])
    await pass(1)
    expect(alice.news()).toEqual(['login: ok', 'connected (login-success)'])
    expect((await alice.engine.diagnose())?.servers).toEqual([
      { url: 'memory', state: 'not connected, trying again' },
      { url: 'tabs of this browser', state: 'connected' },
    ])
  })

  test('a user who is in no tab is offline, and a channel has the attributes that tabs have', async () => {
    const { tab, pass, realm } = browser()
    realm.isUp = false
    const alice = tab('alice')
    alice.login()
    await pass(5_000)
    const calls = [alice.send('nobody', 'now'), alice.keep('nobody', 'later'), alice.readAttributes('nobody')]
    const outcomes: unknown[] = []
    alice.engine.readChannelAttributes('den', undefined, (outcome) => outcomes.push(outcome))
    await pass(1_000)
    expect(calls.map(({ outcome }) => outcome)).toEqual(['peer-unreachable', 'cached', 'user-not-found'])
    expect(outcomes).toEqual([[]])
  })

  test('a login with a token times out after 12 s', async () => {
    const { tab, pass, realm } = browser()
    realm.isUp = false
    const alice = tab('alice')
    alice.login('alice', 'a token')
    await pass(11_999)
    expect(alice.news()).toEqual(['connecting (login)'])
    await pass(1)
    expect(alice.news()).toEqual(['login: timeout', 'disconnected (login-timeout)'])
  })

  test('which appears later, everybody meets everybody, and nobody is told of a change of state', async () => {
    const { tab, loggedIn, pass, realm } = browser()
    realm.isUp = false
    const [alice, bob] = [tab('alice'), tab('bob')]
    for (const one of [alice, bob]) one.login()
    await pass(5_000)
    for (const one of [alice, bob]) one.join()
    await pass(2_000)
    for (const one of [alice, bob]) one.news()
    realm.start()
    await pass(1_000)
    const carol = await loggedIn('carol')
    carol.join()
    await pass(2_000)
    for (const one of [alice, bob]) {
      expect(one.news()).toEqual(['lobby: carol joined', 'lobby: 3 members'])
      expect(one.engine.state).toBe('connected')
    }
    expect(carol.members()).toEqual(['carol', 'alice', 'bob'])
    const calls = [carol.send('alice', 'hello'), alice.send('carol', 'hello'), bob.sendToChannel('hello')]
    await pass(100)
    expect(calls.map(({ outcome }) => outcome)).toEqual(['ok', 'ok', 'ok'])
    expect(alice.log.filter((line) => line === 'lobby: bob: hello')).toHaveLength(1)
  })

  test('which appears later and dates the login back does not hide the user’s next login', async () => {
    const { tab, loggedIn, pass, realm } = browser()
    realm.isUp = false
    realm.clockOffsetMs = -3_600_000
    const [alice, bob] = [tab('alice'), tab('bob')]
    for (const one of [alice, bob]) one.login()
    await pass(5_000)
    for (const one of [alice, bob]) one.join()
    await pass(2_000)
    realm.start()
    await pass(1_000)
    const early = bob.send('alice', 'from here')
    await pass(100)
    expect(early.outcome).toBe('ok')
    alice.news()
    // Nobody tells alice that this session of bob is over.
    alice.rendezvous.lose()
    bob.crash()
    const next = await loggedIn('bob')
    next.join()
    await pass(1_000)
    expect(joinsAndLeaves(alice.news())).toEqual(['lobby: bob left', 'lobby: bob joined'])
    const call = alice.send('bob', 'to there')
    await pass(100)
    expect(call.outcome).toBe('ok')
    expect(next.log).toContain('message from alice: to there')
  })

  test('which appears later and knows a later login of the user aborts the session', async () => {
    const { tab, pass, realm } = browser()
    realm.isUp = false
    const alice = tab('alice')
    alice.login()
    await pass(5_000)
    alice.news()
    realm.refusal = () => 'remote-login'
    realm.start()
    await pass(1_000)
    expect(alice.news()).toEqual(['aborted (remote-login)'])
  })

  test('which appears later and refuses more than the user or the token changes nothing but a line in the console', async () => {
    const { tab, pass, realm } = browser()
    realm.isUp = false
    const [alice, bob] = [tab('alice'), tab('bob')]
    for (const one of [alice, bob]) one.login()
    await pass(5_000)
    for (const one of [alice, bob]) one.join()
    await pass(2_000)
    for (const one of [alice, bob]) one.news()
    alice.problems.length = 0
    realm.refusal = ({ userId }) => (userId === 'alice' ? 'invalid-app-id' : undefined)
    realm.start()
    await pass(60_000)
    const call = alice.sendToChannel('still here')
    await pass(100)
    expect(call.outcome).toBe('ok')
    expect(bob.news()).toEqual(['lobby: alice: still here'])
    expect(alice.news()).toEqual(['send: ok'])
    expect(alice.problems).toEqual([
      'The signaling server refused this session, which goes on among the tabs of this browser',
    ])
  })

  test('which appears later and bans the user aborts the session', async () => {
    const { tab, pass, realm } = browser()
    realm.isUp = false
    const alice = tab('alice')
    alice.login()
    await pass(5_000)
    alice.news()
    realm.refusal = () => 'banned'
    realm.start()
    await pass(1_000)
    expect(alice.news()).toEqual(['aborted (banned-by-server)'])
  })

  test('and which goes away again leaves the tabs together: reconnecting, but nobody has left', async () => {
    const { loggedInTab, pass, realm, network } = browser()
    const [alice, bob] = [await loggedInTab('alice'), await loggedInTab('bob')]
    for (const one of [alice, bob]) one.join()
    await pass(2_000)
    for (const one of [alice, bob]) one.news()
    realm.stop()
    // Not even links are needed for it.
    network.refusal = () => 'No path'
    network.cable(alice.peer, bob.peer).break('cut')
    await pass(120_000)
    expect(alice.news()).toEqual(['reconnecting (interrupted)'])
    bob.logout()
    await pass(50)
    expect(alice.news()).toEqual(['lobby: bob left', 'lobby: 1 members'])
  })
})

import { describe, expect, test } from 'vitest'

import type { Content } from '../../src/protocol/items.ts'
import { MemoryBrowser } from '../support/memory-browser.ts'
import { seededRandom } from '../support/random.ts'
import { type Page, setup as setupWorld } from './setup.ts'

const DAY_MS = 24 * 60 * 60_000
const raw = (size: number): Content => ({ type: 'raw', raw: new Uint8Array(size), description: '' })

function setup() {
  const world = setupWorld()
  return {
    ...world,
    browser: () => new MemoryBrowser(world.clock),
    /** The page is closed in an orderly way and opened again in the same browser. */
    async reload(page: Page) {
      page.logout()
      page.crash()
      return world.loggedIn(page.peer.userId, page.browser)
    },
    /** The same, without a word to anybody. */
    async restart(page: Page) {
      page.crash()
      return world.loggedIn(page.peer.userId, page.browser)
    },
    /** Alice, who keeps these for bob, who has never been there. */
    async aliceKeeping(...texts: string[]) {
      const alice = await world.loggedIn('alice')
      for (const text of texts) {
        alice.keep('bob', text)
        await world.pass(30)
      }
      expect(alice.news()).toEqual(texts.map(() => 'send: cached'))
      return alice
    },
  }
}

/** What a page was told by others, without the rest. */
const heard = (page: Page): string[] => page.log.filter((line) => line.includes('message from'))
const kept = async (page: Page): Promise<number> => {
  const disk = page.browser.disk(page.peer.userId)
  return (await disk.list('outbox/')).length
}

describe('A message to an offline user', () => {
  test('is unreachable without the option, cached with it, and delivered once, marked, when the user comes', async () => {
    const { loggedIn, pass } = setup()
    const alice = await loggedIn('alice')
    const calls = [alice.keep('bob', 'first'), alice.send('bob', 'lost'), alice.keep('bob', 'second')]
    await pass(50)
    expect(calls.map(({ outcome }) => outcome)).toEqual(['cached', 'peer-unreachable', 'cached'])
    const bob = await loggedIn('bob')
    await pass(6_000)
    expect(heard(bob)).toEqual(['offline message from alice: first', 'offline message from alice: second'])
    await pass(60_000)
    expect(heard(bob)).toHaveLength(2)
    expect(await kept(alice)).toBe(0)
  })

  test('is on the disk before the call is answered', async () => {
    const { loggedIn, pass } = setup()
    const alice = await loggedIn('alice')
    alice.browser.delayMs = () => 40
    const call = alice.keep('bob', 'hello')
    await pass(45)
    expect([call.outcome, await kept(alice)]).toEqual(['pending', 0])
    await pass(5)
    expect([call.outcome, await kept(alice)]).toEqual(['cached', 1])
  })

  test('carries when it was sent, whenever it arrives', async () => {
    const { aliceKeeping, loggedIn, pass, clock, realm } = setup()
    realm.clockOffsetMs = 5_000
    const sentAt = clock.now() + 5_000
    await aliceKeeping('hello')
    await pass(3_600_000)
    const bob = await loggedIn('bob')
    await pass(6_000)
    expect((bob.received[0]?.sentAt ?? 0) - sentAt).toBeLessThan(100)
    expect(bob.received[0]?.isOffline).toBe(true)
  })

  test('is what it was when it was sent, whatever the caller does to it afterwards', async () => {
    const { loggedIn, pass } = setup()
    const alice = await loggedIn('alice')
    const data = new Uint8Array([1, 2, 3])
    alice.keep('bob', { type: 'raw', raw: data, description: 'mine' })
    data[0] = 9
    await pass(50)
    const bob = await loggedIn('bob')
    await pass(6_000)
    expect(bob.received[0]?.content).toMatchObject({ raw: new Uint8Array([1, 2, 3]) })
  })

  test('is cached when its receiver logs out before it leaves', async () => {
    const { loggedIn, pass, network } = setup()
    const [alice, bob] = [await loggedIn('alice'), await loggedIn('bob')]
    network.refusal = () => 'No path'
    const calls = [alice.keep('bob', 'one'), alice.send('bob', 'lost'), alice.keep('bob', 'two')]
    await pass(2_000)
    bob.logout()
    await pass(2_000)
    expect(calls.map(({ outcome }) => outcome)).toEqual(['cached', 'peer-unreachable', 'cached'])
    network.refusal = () => undefined
    bob.login()
    await pass(6_000)
    expect(heard(bob)).toEqual(['offline message from alice: one', 'offline message from alice: two'])
  })

  test('is not kept after a timeout when it has left: it may still arrive', async () => {
    const { loggedIn, pass, network } = setup()
    const [alice, bob] = [await loggedIn('alice'), await loggedIn('bob')]
    alice.send('bob', 'hello')
    await pass(100)
    network.cable(alice.peer, bob.peer).break('silent')
    network.refusal = () => 'No path'
    const call = alice.keep('bob', 'on its way')
    await pass(10_000)
    expect(call.outcome).toBe('timeout')
    bob.logout()
    await pass(200_000)
    expect(await kept(alice)).toBe(0)
  })

  test('is cached when nobody can say in 10 s where its receiver is, and delivered when the server is back', async () => {
    const { loggedIn, pass, realm } = setup()
    const alice = await loggedIn('alice')
    realm.stop()
    const first = alice.keep('bob', 'one')
    await pass(5_000)
    const calls = [alice.send('bob', 'lost'), alice.keep('bob', 'two')]
    await pass(4_900)
    expect([first.outcome, await kept(alice)]).toEqual(['pending', 0])
    await pass(200)
    expect([first.outcome, await kept(alice)]).toEqual(['cached', 1])
    await pass(5_000)
    expect([...calls.map(({ outcome }) => outcome), await kept(alice)]).toEqual(['timeout', 'cached', 2])
    realm.start()
    const bob = await loggedIn('bob')
    await pass(6_000)
    expect(heard(bob)).toEqual(['offline message from alice: one', 'offline message from alice: two'])
  })

  test('is cached when its receiver cannot be linked to in 10 s, and comes before what was sent later', async () => {
    const { loggedIn, pass, network } = setup()
    const [alice, bob] = [await loggedIn('alice'), await loggedIn('bob')]
    network.refusal = () => 'No path'
    const calls = [alice.send('bob', '1'), alice.keep('bob', '2')]
    await pass(8_000)
    calls.push(alice.send('bob', '3'), alice.keep('bob', '4'))
    await pass(2_100)
    expect(calls.map(({ outcome }) => outcome)).toEqual(['timeout', 'cached', 'pending', 'pending'])
    network.refusal = () => undefined
    await pass(6_000)
    expect(calls.map(({ outcome }) => outcome)).toEqual(['timeout', 'cached', 'ok', 'ok'])
    expect(heard(bob)).toEqual([
      'message from alice: 1',
      'offline message from alice: 2',
      'message from alice: 3',
      'message from alice: 4',
    ])
    await pass(1_000)
    expect(await kept(alice)).toBe(0)
  })

  test('that nobody has an answer for yet is kept when its sender logs out', async () => {
    const { loggedIn, pass, network, realm } = setup()
    const [alice, bob] = [await loggedIn('alice'), await loggedIn('bob')]
    network.refusal = () => 'No path'
    const known = alice.keep('bob', 'to bob')
    realm.answersFinds = false
    const unknown = alice.keep('carol', 'to carol')
    await pass(500)
    alice.logout()
    alice.login()
    realm.answersFinds = true
    network.refusal = () => undefined
    await pass(100)
    expect([known.outcome, unknown.outcome]).toEqual(['cached', 'cached'])
    const carol = await loggedIn('carol')
    await pass(6_000)
    expect([heard(bob), heard(carol)]).toEqual([
      ['offline message from alice: to bob'],
      ['offline message from alice: to carol'],
    ])
  })
})

describe('Kept messages', () => {
  test('outlive their sender’s page, and its logout', async () => {
    const { aliceKeeping, reload, restart, loggedIn, pass } = setup()
    let alice = await aliceKeeping('one', 'two')
    alice = await reload(alice)
    alice.keep('bob', 'three')
    await pass(30)
    alice = await restart(alice)
    await pass(40_000)
    alice.logout()
    const bob = await loggedIn('bob')
    await pass(40_000)
    expect(heard(bob)).toEqual([])
    alice.login()
    await pass(500)
    expect(heard(bob)).toEqual(['one', 'two', 'three'].map((text) => `offline message from alice: ${text}`))
  })

  test('of a session that another tab has replaced are delivered by the session there', async () => {
    const { loggedIn, page, pass, network } = setup()
    const bob = await loggedIn('bob')
    const first = page('alice', undefined, { hasTabs: true })
    first.login()
    await pass(500)
    network.refusal = () => 'No path'
    const calls = [first.keep('bob', 'one'), first.keep('bob', 'two')]
    await pass(2_000)
    // Slow enough that the second session has read what is kept before the first has written it.
    first.browser.delayMs = () => 300
    page('alice', first.browser, { hasTabs: true }).login()
    await pass(2_000)
    expect(calls.map(({ outcome }) => outcome)).toEqual(['cached', 'cached'])
    network.refusal = () => undefined
    await pass(8_000)
    expect(heard(bob)).toEqual(['offline message from alice: one', 'offline message from alice: two'])
    expect(await kept(first)).toBe(0)
  })

  test('that a session received while another tab was taking its place do not come again there', async () => {
    for (let delayMs = 0; delayMs <= 40; delayMs += 2) {
      const { aliceKeeping, page, pass, browser } = setup()
      const alice = await aliceKeeping('one')
      const own = browser()
      const bobs = [page('bob', own), page('bob', own)]
      bobs[0]?.login()
      await pass(14)
      // What makes alice look for her receiver.
      alice.send('bob', 'look')
      await pass(delayMs)
      bobs[1]?.login()
      await pass(8_000)
      const messages = bobs.flatMap((bob) => heard(bob)).filter((line) => line.startsWith('offline'))
      expect([delayMs, messages]).toEqual([delayMs, ['offline message from alice: one']])
    }
  })

  test('belong to their user: another one of the same browser does not send them', async () => {
    const { aliceKeeping, loggedIn, pass } = setup()
    const alice = await aliceKeeping('from alice')
    alice.logout()
    const anna = await loggedIn('anna', alice.browser)
    const bob = await loggedIn('bob')
    await pass(10_000)
    expect(heard(bob)).toEqual([])
    anna.logout()
  })

  test('belong to their list of servers: who has the receiver’s name elsewhere does not get them', async () => {
    const { aliceKeeping, loggedIn, page, pass } = setup()
    const alice = await aliceKeeping('for bob')
    const { browser } = alice
    alice.logout()
    const withoutServer = { hasServer: false, hasTabs: true }
    const others = ['alice', 'bob'].map((name) => page(name, browser, withoutServer))
    for (const other of others) other.login()
    await pass(10_000)
    others[0]?.keep('carol', 'for carol')
    await pass(100)
    for (const other of others) {
      expect(heard(other)).toEqual([])
      other.logout()
    }
    const [, bob, carol] = [await loggedIn('alice', browser), await loggedIn('bob'), await loggedIn('carol')]
    await pass(6_000)
    expect([heard(bob), heard(carol)]).toEqual([['offline message from alice: for bob'], []])
  })

  test('for the users of other servers are dropped after 7 days as well', async () => {
    const { aliceKeeping, page, pass, clock } = setup()
    const alice = await aliceKeeping('old')
    alice.logout()
    for (const count of [1, 0]) {
      const other = page('alice', alice.browser, { hasServer: false, hasTabs: true })
      other.login()
      await pass(1_000)
      expect(await kept(alice)).toBe(count)
      other.logout()
      await pass(100)
      clock.sleep(7 * DAY_MS)
    }
  })

  test('are delivered at once when a channel shows that their receiver is here', async () => {
    const { lobby, page, pass } = setup()
    const [alice] = await lobby('alice')
    alice.keep('bob', 'hello')
    await pass(100)
    const bob = page('bob')
    bob.login()
    await pass(100)
    expect(heard(bob)).toEqual([])
    bob.join()
    await pass(200)
    expect(heard(bob)).toEqual(['offline message from alice: hello'])
  })

  test('are delivered when their receiver writes', async () => {
    const { aliceKeeping, loggedIn, pass } = setup()
    const alice = await aliceKeeping('hello')
    const bob = await loggedIn('bob')
    expect(heard(bob)).toEqual([])
    bob.send('alice', 'anything new?')
    await pass(200)
    expect(heard(bob)).toEqual(['offline message from alice: hello'])
    expect(heard(alice)).toEqual(['message from bob: anything new?'])
  })

  test('are delivered at the latest 5 s after their receiver came', async () => {
    const { aliceKeeping, loggedIn, pass } = setup()
    await aliceKeeping('hello')
    await pass(12_345)
    const bob = await loggedIn('bob')
    await pass(5_100)
    expect(heard(bob)).toEqual(['offline message from alice: hello'])
  })

  test('wait while the server is away, and are delivered when it is back', async () => {
    const { aliceKeeping, loggedIn, pass, realm } = setup()
    await aliceKeeping('hello')
    realm.stop()
    await pass(60_000)
    realm.start()
    const bob = await loggedIn('bob')
    await pass(2_000)
    expect(heard(bob)).toEqual(['offline message from alice: hello'])
  })

  test('cost one question in 5 s, for up to 256 receivers, and none when there are none', async () => {
    const { loggedIn, pass } = setup()
    const alice = await loggedIn('alice')
    alice.engine.limits.areOn = false
    const asked: number[] = []
    const find = alice.rendezvous.find.bind(alice.rendezvous)
    alice.rendezvous.find = (userIds) => {
      asked.push(userIds.length)
      return find(userIds)
    }
    for (let i = 0; i < 300; i++) alice.keep(`user ${i}`, 'hello')
    await pass(100)
    asked.length = 0
    await pass(20_000)
    expect(asked).toEqual([256, 44, 256, 44])
    const [near, far] = [await loggedIn('user 0'), await loggedIn('user 299')]
    await pass(10_100)
    expect([heard(near), heard(far)]).toEqual(Array(2).fill(['offline message from alice: hello']))
    const carol = await loggedIn('carol')
    carol.rendezvous.find = find
    carol.send('user 0', 'hello')
    await pass(100)
    carol.rendezvous.find = () => {
      throw new Error('asked for nobody')
    }
    await pass(60_000)
  })

  test('come before what is sent later, live or kept', async () => {
    const { aliceKeeping, loggedIn, pass } = setup()
    const alice = await aliceKeeping('1', '2')
    const bob = await loggedIn('bob')
    // Nobody has told alice yet that bob is here.
    const calls = [alice.keep('bob', '3'), alice.send('bob', '4'), alice.keep('bob', '5')]
    await pass(500)
    expect(calls.map(({ outcome }) => outcome)).toEqual(['ok', 'ok', 'ok'])
    expect(heard(bob)).toEqual([
      'offline message from alice: 1',
      'offline message from alice: 2',
      'message from alice: 3',
      'message from alice: 4',
      'message from alice: 5',
    ])
  })

  test('come before live ones also when their receiver has a new session', async () => {
    const { aliceKeeping, loggedIn, pass, network } = setup()
    const alice = await aliceKeeping('1', '2')
    await loggedIn('bob')
    network.refusal = () => 'No path'
    const call = alice.send('bob', '3')
    await pass(2_000)
    const second = await loggedIn('bob')
    network.refusal = () => undefined
    await pass(6_000)
    expect(call.outcome).toBe('ok')
    expect(heard(second)).toEqual([
      'offline message from alice: 1',
      'offline message from alice: 2',
      'message from alice: 3',
    ])
  })

  test('come in the order of sending also when the clock goes back between pages', async () => {
    const { aliceKeeping, reload, loggedIn, pass, realm } = setup()
    realm.clockOffsetMs = 600_000
    let alice = await aliceKeeping('one')
    realm.clockOffsetMs = 0
    alice = await reload(alice)
    alice.keep('bob', 'two')
    await pass(30)
    await reload(alice)
    const bob = await loggedIn('bob')
    await pass(6_000)
    expect(heard(bob)).toEqual(['offline message from alice: one', 'offline message from alice: two'])
  })

  test('are 200 for one receiver: one more drops the oldest, and a line says so', async () => {
    const { loggedIn, pass } = setup()
    const alice = await loggedIn('alice')
    alice.engine.limits.areOn = false
    for (let i = 0; i <= 200; i++) alice.keep('bob', `${i}`)
    alice.keep('carol', 'to carol')
    await pass(100)
    expect(await kept(alice)).toBe(201)
    expect(alice.problems).toEqual(['The oldest message to an offline user was dropped: 200 are kept'])
    const [bob, carol] = [await loggedIn('bob'), await loggedIn('carol')]
    await pass(6_000)
    expect(heard(bob)).toEqual(Array.from({ length: 200 }, (_, i) => `offline message from alice: ${i + 1}`))
    expect(heard(carol)).toEqual(['offline message from alice: to carol'])
  })

  test('are 16 MB in all: one more is an overflow, and nothing is dropped for it', async () => {
    const { loggedIn, pass, reload } = setup()
    let alice = await loggedIn('alice')
    alice.engine.limits.areOn = false
    const calls = Array.from({ length: 600 }, (_, i) => alice.keep(`user ${i % 4}`, raw(32_000)))
    await pass(100)
    const count = calls.filter(({ outcome }) => outcome === 'cached').length
    expect(count).toBe(Math.floor((16 * 1024 * 1024) / 32_028))
    expect(calls.filter(({ outcome }) => outcome === 'overflow')).toHaveLength(600 - count)
    alice = await reload(alice)
    expect(await kept(alice)).toBe(count)
    const first = await loggedIn('user 0')
    await pass(6_000)
    expect(first.received).toHaveLength(150)
    const call = alice.keep('user 1', raw(32_000))
    await pass(100)
    expect(call.outcome).toBe('cached')
  })

  test('are dropped after 7 days, online or not, and a line says so', async () => {
    const { aliceKeeping, loggedIn, pass, clock } = setup()
    const alice = await aliceKeeping('old')
    alice.logout()
    await pass(100)
    clock.sleep(DAY_MS)
    alice.login()
    await pass(100)
    alice.keep('bob', 'newer')
    await pass(100)
    alice.logout()
    await pass(100)
    clock.sleep(6 * DAY_MS)
    alice.login()
    await pass(100)
    expect(await kept(alice)).toBe(1)
    expect(alice.problems).toEqual(['Messages to an offline user were dropped: they are kept for 7 days'])
    const bob = await loggedIn('bob')
    await pass(6_000)
    expect(heard(bob)).toEqual(['offline message from alice: newer'])
  })

  test('that cannot be read are deleted with a line, and the others are delivered', async () => {
    const { aliceKeeping, loggedIn, restart, pass } = setup()
    let alice = await aliceKeeping('hello')
    const disk = alice.browser.disk('alice')
    await disk.set(
      ['outbox/bob/1', new Uint8Array([1, 2, 3])],
      ['outbox/"/2', new Uint8Array()],
      ['inbox/bob', new Uint8Array(9)],
    )
    alice = await restart(alice)
    expect(alice.problems).toHaveLength(3)
    expect(await kept(alice)).toBe(1)
    expect(await disk.list('inbox/')).toEqual([])
    const bob = await loggedIn('bob')
    await pass(6_000)
    expect(heard(bob)).toEqual(['offline message from alice: hello'])
  })
})

describe('The receiver of kept messages', () => {
  test('gets them once, though its sender has not heard that they arrived', async () => {
    const { aliceKeeping, loggedIn, restart, pass, network } = setup()
    const alice = await aliceKeeping('hello')
    let bob = await loggedIn('bob')
    // The message arrives; nothing comes back.
    network.fault = () => {
      const isThere = heard(bob).length > 0
      return isThere ? 'silent' : undefined
    }
    await pass(6_000)
    expect(heard(bob)).toHaveLength(1)
    expect(await kept(alice)).toBe(1)
    network.fault = () => undefined
    bob = await restart(bob)
    await pass(6_000)
    expect(heard(bob)).toEqual([])
    expect(await kept(alice)).toBe(0)
  })

  test('is asked again for a receipt that was lost in a long silence of the two', async () => {
    const { aliceKeeping, loggedIn, pass, network } = setup()
    const alice = await aliceKeeping('hello')
    const bob = await loggedIn('bob')
    bob.browser.delayMs = () => 50
    network.fault = () => (heard(bob).length > 0 ? 'silent' : undefined)
    await pass(6_000)
    network.refusal = () => 'No path'
    network.fault = () => undefined
    await pass(200_000)
    network.refusal = () => undefined
    await pass(60_000)
    expect([heard(bob).length, await kept(alice)]).toEqual([1, 1])
    await pass(60_000)
    expect([heard(bob).length, await kept(alice)]).toEqual([1, 0])
  })

  test('gets them in its next session if it has gone before they were stored', async () => {
    const { aliceKeeping, loggedIn, restart, pass } = setup()
    const alice = await aliceKeeping('one', 'two')
    let bob = await loggedIn('bob')
    bob.browser.delayMs = () => 60_000
    await pass(6_000)
    expect([heard(bob), await kept(alice)]).toEqual([[], 2])
    bob.browser.delayMs = () => 0
    bob = await restart(bob)
    await pass(6_000)
    expect(heard(bob)).toEqual(['offline message from alice: one', 'offline message from alice: two'])
    expect(await kept(alice)).toBe(0)
  })

  test('gets them after its next login if it logs out while they are being stored', async () => {
    const { aliceKeeping, loggedIn, pass } = setup()
    const alice = await aliceKeeping('one', 'two')
    const bob = await loggedIn('bob')
    bob.browser.delayMs = () => 500
    await pass(5_200)
    expect(heard(bob)).toEqual([])
    bob.logout()
    bob.login()
    await pass(20_000)
    expect(heard(bob)).toEqual(['offline message from alice: one', 'offline message from alice: two'])
    expect(await kept(alice)).toBe(0)
  })

  test('gets all that the sender says in order, whatever the disk takes', async () => {
    const { lobby, pass, network } = setup()
    const [alice, bob] = await lobby('alice', 'bob')
    bob.logout()
    await pass(100)
    alice.keep('bob', '1')
    alice.keep('bob', '2')
    await pass(100)
    bob.browser.delayMs = () => 300
    bob.login()
    await pass(1_000)
    bob.join()
    await pass(200)
    network.fault = () => undefined
    alice.send('bob', '3')
    alice.sendToChannel('4')
    alice.keep('bob', '5')
    await pass(50)
    expect(heard(bob)).toEqual([])
    await pass(2_000)
    expect(bob.log.filter((line) => / from alice:|: alice: /.test(line))).toEqual([
      'offline message from alice: 1',
      'offline message from alice: 2',
      'message from alice: 3',
      'lobby: alice: 4',
      'message from alice: 5',
    ])
  })

  test('hears others meanwhile', async () => {
    const { aliceKeeping, loggedIn, pass } = setup()
    await aliceKeeping('hello')
    const [bob, carol] = [await loggedIn('bob'), await loggedIn('carol')]
    bob.browser.delayMs = () => 2_000
    await pass(5_200)
    carol.send('bob', 'from carol')
    await pass(200)
    expect(heard(bob)).toEqual(['message from carol: from carol'])
    await pass(3_000)
    expect(heard(bob)).toEqual(['message from carol: from carol', 'offline message from alice: hello'])
  })

  test('stores those that wait in one write, and hands them over in one go', async () => {
    const { loggedIn, pass, clock } = setup()
    const alice = await loggedIn('alice')
    alice.engine.limits.areOn = false
    for (let i = 0; i < 200; i++) alice.keep('bob', `${i}`)
    await pass(100)
    const bob = await loggedIn('bob')
    let writes = 0
    bob.browser.delayMs = () => 100
    const disk = bob.browser.disk('bob')
    const setTogether = disk.setTogether.bind(disk)
    disk.setTogether = (...all) => {
      writes += 1
      return setTogether(...all)
    }
    const times = new Set<number>()
    const push = bob.received.push.bind(bob.received)
    bob.received.push = (...all) => {
      times.add(clock.now())
      return push(...all)
    }
    await pass(6_000)
    expect(bob.received).toHaveLength(200)
    expect([writes, times.size]).toEqual([1, 1])
    expect(await kept(alice)).toBe(0)
  })

  test('knows the last 1,000 of each sender, and forgets them 8 days after the last', async () => {
    const { loggedIn, restart, pass, clock } = setup()
    const alice = await loggedIn('alice')
    alice.engine.limits.areOn = false
    let bob = await loggedIn('bob')
    for (let round = 0; round < 6; round++) {
      bob.logout()
      await pass(100)
      for (let i = 0; i < 200; i++) alice.keep('bob', 'hello')
      await pass(100)
      bob.login()
      await pass(6_000)
    }
    expect(heard(bob)).toHaveLength(1_200)
    const disk = bob.browser.disk('bob')
    expect((await disk.get('inbox/alice'))?.byteLength).toBe(8 + 1_000 * 16)
    bob.logout()
    await pass(100)
    clock.sleep(8 * DAY_MS)
    bob = await restart(bob)
    expect(await disk.list('inbox/')).toEqual([])
  })
})

describe('A peer that sends without end while the disk is slow', () => {
  test('is handed over without waiting beyond 1,024 items, and does not hurry what others have sent', async () => {
    const { aliceKeeping, loggedIn, pass } = setup()
    await aliceKeeping('from alice')
    const carol = await loggedIn('carol')
    carol.engine.limits.areOn = false
    carol.keep('bob', 'kept')
    await pass(100)
    const bob = await loggedIn('bob')
    bob.browser.delayMs = () => 60_000
    await pass(5_200)
    for (let i = 0; i < 1_021; i++) carol.send('bob', `${i}`)
    await pass(500)
    expect(heard(bob)).toEqual([])
    for (let i = 1_021; i < 1_030; i++) carol.send('bob', `${i}`)
    await pass(500)
    expect(heard(bob)).toEqual([
      'offline message from carol: kept',
      ...Array.from({ length: 1_030 }, (_, i) => `message from carol: ${i}`),
    ])
    await pass(60_000)
    expect(heard(bob).slice(1_031)).toEqual(['offline message from alice: from alice'])
    // Behind a look at what is kept.
    await pass(120_000)
    expect(await bob.browser.disk('bob').list('inbox/')).toHaveLength(2)
  })
})

describe('While links break and pages reload', () => {
  test.each([
    [1, false],
    [2, false],
    [3, false],
    [4, false],
    [5, true],
    [6, true],
    [7, true],
    [8, true],
  ])(
    'nothing that was cached is lost, nothing comes twice, and order holds (seed %i, with logouts: %s)',
    async (seed, withLogouts) => {
      const { page, pass, network, browser } = setup()
      const random = seededRandom(seed)
      const below = (limit: number): number => Math.floor(random() * limit)
      const chance = (share: number): boolean => random() < share
      const disks = { alice: browser(), bob: browser() }
      for (const disk of Object.values(disks)) disk.delayMs = () => below(30)
      const open = async (userId: 'alice' | 'bob'): Promise<Page> => {
        const opened = page(userId, disks[userId])
        const call = opened.login()
        await pass(200)
        expect(call.outcome).toBe('ok')
        return opened
      }
      /** In an orderly way, or without a word. */
      const close = (closed: Page): void => {
        if (withLogouts && chance(0.5)) closed.logout()
        if (closed === bob) arrived.push(...heard(closed))
        closed.crash()
      }
      const arrived: string[] = []
      const calls: ReturnType<Page['keep']>[] = []
      let alice = await open('alice')
      let bob: Page | undefined
      network.fault = () => (chance(0.02) ? 'cut' : chance(0.01) ? 'silent' : undefined)
      for (let step = 0; step < 190; step++) {
        calls.push(alice.keep('bob', String(step)))
        await pass(below(300))
        const action = below(10)
        if (action === 0) {
          close(alice)
          alice = await open('alice')
        } else if (action < 4 && bob) {
          close(bob)
          bob = undefined
        } else if (action < 4) bob = await open('bob')
        else await pass(below(action === 9 ? 35_000 : 400))
      }
      network.fault = () => undefined
      bob ??= await open('bob')
      await pass(400_000)
      close(bob)

      const numbersIn = (lines: string[]): number[] => lines.map((line) => Number(line.split(': ')[1]))
      const numbers = numbersIn(arrived)
      expect(new Set(numbers).size).toBe(numbers.length)
      const offline = numbersIn(arrived.filter((line) => line.startsWith('offline')))
      const live = numbersIn(arrived.filter((line) => !line.startsWith('offline')))
      // Who logs out while the disk is at work gets what was said live, and what was kept at the next login.
      for (const inOrder of withLogouts ? [offline, live] : [numbers]) {
        expect(inOrder).toEqual([...inOrder].sort((a, b) => a - b))
      }
      const cached = calls.flatMap(({ outcome }, i) => (outcome === 'cached' ? [i] : []))
      expect(cached.length).toBeGreaterThan(0)
      expect(cached.filter((number) => !numbers.includes(number))).toEqual([])
      expect(await disks.alice.disk('alice').list('outbox/')).toEqual([])
    },
  )
})

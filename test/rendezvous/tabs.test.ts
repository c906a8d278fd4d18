import { describe, expect, onTestFinished, test } from 'vitest'

import type { AppId, ChannelId, SessionId } from '../../src/base/ids.ts'
import type { Log } from '../../src/base/logger.ts'
import type { TabMessage, TabSession } from '../../src/protocol/tab-messages.ts'
import { realmKeyOf, realmOf } from '../../src/rendezvous/realm.ts'
import { APP, OTHER_APP } from '../support/credentials.ts'
import { noLog } from '../support/no-log.ts'
import { rendezvousContract } from './contract.ts'
import { gather, LOBBY } from './gather.ts'
import { REALM, tabsMeeting } from './tabs-meeting.ts'

rendezvousContract('Among tabs', () => Promise.resolve(tabsMeeting()))

async function setup(log: Log = noLog) {
  const meeting = tabsMeeting(log)
  const world = { ...meeting, ...(await gather(() => Promise.resolve(meeting))) }
  return {
    ...world,
    /** A page of this origin that says what a test tells it to say. */
    stranger() {
      const broadcast = world.broadcasts.openBroadcast(REALM)
      const heard: TabMessage[] = []
      broadcast.onmessage = ({ data }) => void heard.push(data as TabMessage)
      onTestFinished(() => broadcast.close())
      return {
        heard,
        async say(...messages: unknown[]) {
          for (const message of messages) broadcast.postMessage(message)
          await world.settle()
        },
      }
    },
  }
}

/** What somebody says of itself whom nobody knows. */
function session(userId: string, change: Partial<TabSession> = {}): TabSession {
  return {
    userId,
    sessionId: userId.charCodeAt(0).toString(16).repeat(16),
    loginTime: 1,
    isLocal: true,
    since: 1,
    channels: [],
    visits: [],
    ...change,
  } as TabSession
}

const inLobby: Pick<TabSession, 'channels'> = { channels: [[LOBBY, 1]] }

describe('Tabs of another realm', () => {
  test.each([
    ['app', realmOf(OTHER_APP, []), OTHER_APP],
    ['list of servers', realmOf(APP, ['wss://example.org/rtm']), APP],
  ])('such as one of another %s are not seen, and kick nobody', async (_, realm, appId: AppId) => {
    const { lobby, open, pass } = await setup()
    const [alice, bob] = await lobby('alice', 'bob')
    const other = await open('alice', { realm, appId })
    other.rendezvous.logIn()
    await pass(1_000)
    other.rendezvous.join(LOBBY, 1)
    await pass(1_000)
    expect(other.news()).toEqual(['up', 'lobby/1 has []'])
    expect([...alice.news(), ...bob.news()]).toEqual([])
    expect(await other.rendezvous.find([bob.peer.userId])).toEqual([])
  })

  test('are those of other servers, in whatever order they are named', () => {
    expect(realmOf(APP, ['wss://a', 'wss://b'])).toBe(realmOf(APP, ['wss://b', 'wss://a']))
    expect(realmOf(APP, ['wss://a', 'wss://b'])).not.toBe(realmOf(APP, ['wss://a']))
    expect(realmKeyOf(['wss://b', 'wss://a'])).toBe('wss%3A%2F%2Fa%2F+wss%3A%2F%2Fb%2F')
    expect(realmKeyOf(['wss://a/ö\ud800'])).toBe('wss%3A%2F%2Fa%2F%25C3%25B6%25EF%25BF%25BD')
    expect(realmKeyOf([])).toBe('')
  })
})

describe('Who comes to a realm', () => {
  test('is welcome before anybody answered, and has its first roster after 400 ms when nobody does', async () => {
    const { open, settle, pass } = await setup()
    const alice = await open('alice')
    alice.rendezvous.logIn()
    await alice.until(() => alice.rendezvous.isUp)
    alice.rendezvous.join(LOBBY, 1)
    await settle()
    await pass(300)
    expect(alice.news()).toEqual(['up'])
    await pass(100)
    expect(alice.news()).toEqual(['lobby/1 has []'])
    alice.rendezvous.join('other' as ChannelId, 2)
    await settle()
    expect(alice.news()).toEqual(['other/2 has []'])
  })

  test('knows everybody with the first answer, and is told of each session once', async () => {
    const { lobby, open, settle, pass } = await setup()
    const [alice, bob] = await lobby('alice', 'bob')
    const carol = await open('carol')
    carol.rendezvous.logIn()
    carol.rendezvous.join(LOBBY, 1)
    await settle()
    expect(carol.news()).toContain('lobby/1 has [alice/1 bob/1]')
    await pass(20_000)
    expect(carol.tabs).toHaveLength(2)
    expect(carol.tabs).toEqual(expect.arrayContaining([alice.peer, bob.peer]))
    expect(bob.tabs).toEqual([alice.peer, carol.peer])
  })

  test('does not take the answer of somebody who knows nobody yet for the whole truth', async () => {
    const { lobby, open, stranger, settle } = await setup()
    await lobby('alice')
    const page = stranger()
    const [bob, carol] = [await open('bob'), await open('carol')]
    bob.rendezvous.logIn()
    carol.rendezvous.logIn()
    carol.rendezvous.join(LOBBY, 1)
    await settle()
    expect(carol.news().filter((line) => line.includes(' has '))).toEqual(['lobby/1 has [alice/1]'])
    const answers = page.heard.filter((message) => message.type === 'here')
    expect(answers.map(({ from }) => from.userId)).toEqual(['alice', 'alice'])
  })

  test('is told who was here before: what they wrote may still be around', async () => {
    const { lobby, arrive } = await setup()
    const [alice] = await lobby('alice', 'bob')
    const past = alice.peer
    alice.rendezvous.goodbye()
    const carol = await arrive('carol')
    expect(carol.tabs).toContainEqual(past)
    expect(await carol.rendezvous.find([past.userId])).toEqual([])
  })

  test('learns how long somebody has been silent already', async () => {
    const { lobby, arrive, crash, pass } = await setup()
    const [alice] = await lobby('alice', 'bob')
    await crash(alice)
    await pass(25_000)
    const carol = await arrive('carol')
    carol.rendezvous.join(LOBBY, 1)
    await pass(1_100)
    expect(carol.news()).toEqual([
      'lobby/1 has [alice/1 bob/1]',
      expect.stringMatching(/^alice unreachable: 2\d\d\d\d ms$/),
    ])
    await pass(6_000)
    expect(carol.news()).toEqual(['alice gone: lost'])
  })

  test('is alone where the browser has no broadcast channels', async () => {
    const sentences: string[] = []
    const { open, broadcasts, pass } = await setup((_, sentence) => sentences.push(sentence))
    broadcasts.refusal = 'not in an opaque origin'
    const alice = await open('alice')
    alice.rendezvous.logIn()
    alice.rendezvous.join(LOBBY, 1)
    await alice.until(() => alice.rendezvous.isUp)
    await pass(10_000)
    expect(alice.news()).toEqual(['up', 'lobby/1 has []'])
    expect(sentences).toEqual(['This page cannot meet other tabs'])
  })
})

describe('Two tabs of one user', () => {
  test('are told apart by who came last, also when the clock of the machine was set back in between', async () => {
    const { arrive, open, pass } = await setup()
    const [bob, first] = [await arrive('bob'), await arrive('alice')]
    const second = await open('alice', { clockOffsetMs: -3_600_000 })
    second.rendezvous.logIn()
    await pass(500)
    expect(first.news()).toEqual(['ended: remote-login'])
    expect(second.peer.loginTime).toBe(first.peer.loginTime + 1)
    expect(bob.news()).toEqual(['alice gone: replaced'])
    expect(await bob.rendezvous.find([second.peer.userId])).toEqual([second.peer])
  })

  test('where the earlier one has a login time of a server that is ahead: the later one has a later one', async () => {
    const { open, arrive, clock, pass } = await setup()
    const [first, bob] = [await open('alice'), await arrive('bob')]
    const ahead = clock.now() + 3_600_000
    first.rendezvous.show({
      userId: first.announcement.userId,
      sessionId: first.announcement.sessionId,
      loginTime: ahead,
    })
    await pass(500)
    const second = await arrive('alice')
    expect(first.news()).toEqual(['ended: remote-login'])
    expect(second.peer.loginTime).toBe(ahead + 1)
    expect(bob.news()).toEqual(['alice gone: replaced'])
    expect(await bob.rendezvous.find([second.peer.userId])).toEqual([second.peer])
  })

  test('that come at the same moment: one of them stays', async () => {
    const { open, arrive, pass } = await setup()
    const bob = await arrive('bob')
    const both = [await open('alice'), await open('alice')]
    for (const { rendezvous } of both) rendezvous.logIn()
    await pass(1_000)
    expect(both.filter(({ rendezvous }) => rendezvous.isUp)).toHaveLength(1)
    expect(both.flatMap((one) => one.news()).filter((line) => line !== 'up')).toEqual(['ended: remote-login'])
    const [stayed] = both.filter(({ rendezvous }) => rendezvous.isUp)
    expect(await bob.rendezvous.find([both[0]?.peer.userId ?? ('' as never)])).toEqual([stayed?.peer])
  })

  test('of which the earlier was frozen when the later came: it is over when it wakes up', async () => {
    const { lobby, arrive, freeze, thaw, pass } = await setup()
    const [first, bob] = await lobby('alice', 'bob')
    freeze(first)
    const second = await arrive('alice')
    await pass(120_000)
    await thaw(first)
    expect(first.news()).toContain('ended: remote-login')
    expect(second.rendezvous.isUp).toBe(true)
    expect(bob.news()).toEqual(['alice gone: replaced'])
  })
})

describe('A page that is put away', () => {
  test('leaves and closes its broadcast channel; shown again it is the same session in the same channels', async () => {
    const { lobby, broadcasts, pass, settle } = await setup()
    const [alice, bob] = await lobby('alice', 'bob')
    const before = alice.peer
    alice.rendezvous.pause()
    await settle()
    expect(broadcasts.openCount).toBe(1)
    expect(alice.news()).toEqual(['down'])
    expect(bob.news()).toEqual(['alice gone: goodbye'])
    expect(await alice.rendezvous.find([bob.peer.userId])).toBeUndefined()
    await pass(60_000)
    alice.rendezvous.resume()
    await alice.until(() => alice.rendezvous.isUp)
    await settle()
    expect(alice.peer).toEqual(before)
    expect(alice.news().sort()).toEqual(['lobby/1 has [bob/1]', 'lobby: bob/1 joined', 'up'])
    expect(bob.news()).toEqual(['lobby: alice/1 joined'])
  })

  test('has rosters again without those who went meanwhile, also when nobody is left to tell so', async () => {
    const { lobby, pass, settle } = await setup()
    const [alice, bob, carol] = await lobby('alice', 'bob', 'carol')
    for (const [leaver, others] of [
      [bob, ['lobby/1 has [carol/1]']],
      [carol, ['lobby/1 has []']],
    ] as const) {
      alice.rendezvous.pause()
      await settle()
      leaver.rendezvous.goodbye()
      await settle()
      alice.news()
      alice.rendezvous.resume()
      await pass(400)
      expect(alice.news().filter((line) => line.includes(' has '))).toEqual(others)
    }
  })

  test('is over when its user came in another tab meanwhile', async () => {
    const { arrive, settle } = await setup()
    const first = await arrive('alice')
    first.rendezvous.pause()
    const second = await arrive('alice')
    first.news()
    first.rendezvous.resume()
    await settle()
    expect(first.news()).toEqual(['ended: remote-login'])
    expect(second.news()).toEqual([])
    expect(second.rendezvous.isUp).toBe(true)
  })
})

describe('A page that does not run', () => {
  test('is unreachable while it is frozen, and reachable when it answers again', async () => {
    const { lobby, freeze, thaw, pass } = await setup()
    const [alice, bob] = await lobby('alice', 'bob')
    freeze(alice)
    await pass(20_000)
    expect(bob.news()).toEqual([expect.stringMatching(/^alice unreachable: 7\d\d\d ms$/)])
    await thaw(alice)
    expect(bob.news()).toEqual(['alice reachable'])
    await pass(60_000)
    expect([...alice.news(), ...bob.news()]).toEqual([])
  })

  test('for longer is lost, and has joined again when it answers', async () => {
    const { lobby, freeze, thaw, pass } = await setup()
    const [alice, bob] = await lobby('alice', 'bob')
    freeze(alice)
    await pass(60_000)
    expect(bob.news().at(-1)).toBe('alice gone: lost')
    await thaw(alice)
    await pass(100)
    expect(bob.news()).toEqual(['lobby: alice/1 joined'])
    expect(alice.news()).toEqual([])
  })

  test('answers one ping of the many that it finds when it wakes up', async () => {
    const { lobby, freeze, thaw, pass, stranger } = await setup()
    const [alice] = await lobby('alice', 'bob')
    freeze(alice)
    await pass(600_000)
    const page = stranger()
    await thaw(alice)
    const said = page.heard.filter(({ from }) => from.userId === 'alice')
    expect(said.length).toBeLessThan(4)
  })

  test('as its machine sleeps takes nobody for lost', async () => {
    const { lobby, clock, pass } = await setup()
    const [alice, bob] = await lobby('alice', 'bob')
    clock.sleep(3_600_000)
    await pass(60_000)
    expect([...alice.news(), ...bob.news()]).toEqual([])
  })

  test('its timers, as hidden pages do not, still hears from others who is gone', async () => {
    const { lobby, hide, crash, pass } = await setup()
    const [alice, bob, carol] = await lobby('alice', 'bob', 'carol')
    hide(alice)
    await pass(300_000)
    expect([...alice.news(), ...bob.news()]).toEqual([])
    await crash(carol)
    await pass(40_000)
    expect(alice.news()).toEqual([expect.stringMatching(/^carol unreachable/), 'carol gone: lost'])
  })
})

describe('A session that a server has accepted', () => {
  test('is shown with the login time of the server; nobody welcomes it once more', async () => {
    const { arrive, open, pass } = await setup()
    const bob = await arrive('bob')
    const alice = await open('alice')
    const { userId, sessionId } = alice.announcement
    alice.rendezvous.show({ userId, sessionId, loginTime: 7 })
    await pass(500)
    expect(alice.news()).toEqual([])
    expect(alice.rendezvous.isUp).toBe(true)
    expect(bob.tabs).toEqual([{ userId, sessionId, loginTime: 7 }])
    expect(bob.rendezvous).toMatchObject({ view: { locals: [] } })
  })

  test('after it was local is told to others again, in each channel', async () => {
    const { lobby, settle } = await setup()
    const [alice, bob] = await lobby('alice', 'bob')
    const { userId, sessionId } = alice.announcement
    if (!('show' in alice.rendezvous) || typeof alice.rendezvous.show !== 'function')
      throw new Error('no tab')
    alice.rendezvous.show({ userId, sessionId, loginTime: 7 })
    await settle()
    expect(bob.news()).toEqual(['lobby: alice/1 joined'])
    expect(await bob.rendezvous.find([userId])).toEqual([{ userId, sessionId, loginTime: 7 }])
  })
})

describe('A page of this origin that keeps to no rule', () => {
  test('says what is none of the protocol: it is logged and ignored', async () => {
    const sentences: string[] = []
    const { lobby, stranger } = await setup((_, sentence) => sentences.push(sentence))
    const [alice, bob] = await lobby('alice', 'bob')
    const garbage = [
      undefined,
      null,
      7,
      '',
      'hello',
      [],
      {},
      { type: 'news' },
      { type: 'hello' },
      { type: 'state', from: { ...session('mallory'), sessionId: 'x' } },
      { type: 'state', from: session('mallory', { channels: [['', 1]] as never }) },
      { type: 'signal', from: session('mallory'), to: alice.peer.sessionId, signal: 'x'.repeat(60_001) },
      { type: 'here', from: session('mallory'), to: alice.peer.sessionId, others: [null], past: [] },
    ]
    await stranger().say(...garbage)
    expect([...alice.news(), ...bob.news()]).toEqual([])
    const ignored = 'A message from another tab was ignored: it is none of this protocol'
    expect(sentences).toEqual(Array.from({ length: 2 * garbage.length }, () => ignored))
  })

  test('speaks under the id of another session: neither that session nor its user is changed', async () => {
    const { lobby, stranger, pass } = await setup()
    const [alice, bob] = await lobby('alice', 'bob')
    const mallory = session('mallory', { sessionId: alice.peer.sessionId, since: 9e15, ...inLobby })
    await stranger().say({ type: 'state', from: mallory }, { type: 'hello', from: mallory })
    await pass(5_000)
    expect([...alice.news(), ...bob.news()]).toEqual([])
    expect(await bob.rendezvous.find([alice.peer.userId])).toEqual([alice.peer])
  })

  test('tells old news: who left does not come back by them, nor does who replaced another', async () => {
    const { lobby, arrive, stranger, settle } = await setup()
    const [alice, bob] = await lobby('alice', 'bob')
    const page = stranger()
    await page.say({ type: 'ping', from: session('dave') })
    const old = page.heard.find(({ from }) => from.userId === 'alice')?.from
    alice.rendezvous.goodbye()
    await settle()
    bob.news()
    const carol = await arrive('carol')
    const here = { from: session('dave'), others: [{ session: old, silentMs: 0 }], past: [] }
    for (const { peer } of [bob, carol]) await page.say({ ...here, type: 'here', to: peer.sessionId })
    expect(bob.news()).toEqual([])
    expect(await carol.rendezvous.find([alice.peer.userId])).toEqual([])
  })

  test('signals under the name of somebody who is not here: it is not passed on', async () => {
    const { arrive, stranger } = await setup()
    const alice = await arrive('alice')
    const first = await arrive('bob')
    const page = stranger()
    const replaced = session('bob', { since: 1 })
    await page.say({ type: 'signal', from: replaced, to: alice.peer.sessionId, signal: 'x' })
    expect(alice.news()).toEqual([])
    expect(first.rendezvous.isUp).toBe(true)
  })

  test('opens sessions without end: of 1,024 it is known, and those who are here are not forgotten', async () => {
    const { lobby, stranger, arrive } = await setup()
    const [alice, bob] = await lobby('alice', 'bob')
    const page = stranger()
    const crowd = Array.from({ length: 1_100 }, (_, i) => ({
      type: 'state',
      from: session(`user${i}`, { sessionId: i.toString(16).padStart(32, '0') as SessionId }),
    }))
    await page.say(...crowd)
    expect(bob.tabs).toHaveLength(1_024)
    const carol = await arrive('carol')
    expect(carol.tabs.length).toBeLessThanOrEqual(1_024)
    expect(await bob.rendezvous.find([alice.peer.userId])).toEqual([alice.peer])
  })
})

import { expect, it, onTestFinished } from 'vitest'

import type { AppId, SessionId, UserId } from '../../src/base/ids.ts'
import type { Bus, SharedClaim } from '../../signaling/cluster/bus.ts'
import type { NodeId } from '../../signaling/session.ts'
import { APP } from './client.ts'

/** One kind of bus, and how to break it. */
export interface BusHarness {
  bus(): Promise<Bus>
  /** As if the node's process had been killed. */
  crash(bus: Bus): Promise<void>
  /** What the nodes have in common stops, and is back; then as empty as asked for. */
  stop(): Promise<void>
  start(isEmpty: boolean): Promise<void>
  /** All that it had is lost, and nobody notices. */
  lose(): Promise<void>
  /** Time goes on a little. */
  pass(): Promise<void>
}

let nodes = 0

/** A node's ear: all that it hears, and how to wait for it. */
async function joinAs(harness: BusHarness) {
  const bus = await harness.bus()
  const node = (++nodes).toString(16).padStart(32, '0') as NodeId
  const heard = { news: [] as string[], letters: [] as string[], ups: 0, downs: [] as string[] }
  await bus.open(node, {
    up: () => (heard.ups += 1),
    down: (reason) => heard.downs.push(reason),
    news: (text) => heard.news.push(text),
    letter: (text) => heard.letters.push(text),
  })
  onTestFinished(() => bus.close())
  return { bus, node, heard }
}

export function claimOf(user: string, session: number, more: Partial<SharedClaim> = {}): SharedClaim {
  return {
    appId: APP,
    userId: user as UserId,
    sessionId: session.toString(16).padStart(32, '0') as SessionId,
    digest: `${user} ${session}`,
    loginTime: undefined,
    earliestLoginTime: 1_000,
    stay: 1_000,
    isHeld: false,
    ...more,
  }
}

const sessions = (...numbers: number[]) =>
  new Map(numbers.map((number) => [claimOf('', number).sessionId, `session ${number}`] as const))

/** What every bus does. */
export function busContract(make: () => Promise<BusHarness>): void {
  const setup = async () => {
    const harness = await make()
    const until = async (isTrue: () => boolean | Promise<boolean>): Promise<void> => {
      while (!(await isTrue())) await harness.pass()
    }
    return { harness, until }
  }

  it('grants a name to who comes first, and to who comes later', async () => {
    const { harness } = await setup()
    const [a, b] = [await joinAs(harness), await joinAs(harness)]
    expect(await a.bus.claim(claimOf('alice', 1))).toEqual({ isGranted: true, loginTime: 1_000, stay: 1_000 })
    const later = claimOf('alice', 2, { earliestLoginTime: 5_000, stay: 5_000 })
    expect(await b.bus.claim(later)).toEqual({ isGranted: true, loginTime: 5_000, stay: 5_000 })
  })

  it('times a login after those before it, whatever the clock of its node says', async () => {
    const { harness } = await setup()
    const [a, b] = [await joinAs(harness), await joinAs(harness)]
    await a.bus.claim(claimOf('alice', 1, { earliestLoginTime: 9_000 }))
    const behind = await b.bus.claim(claimOf('alice', 2, { earliestLoginTime: 2_000 }))
    expect(behind).toMatchObject({ isGranted: true, loginTime: 9_001 })
  })

  it('refuses an earlier login that comes back while a later one has the name', async () => {
    const { harness } = await setup()
    const [a, b] = [await joinAs(harness), await joinAs(harness)]
    await a.bus.claim(claimOf('alice', 1, { earliestLoginTime: 9_000 }))
    const earlier = claimOf('alice', 2, { loginTime: 8_000 })
    expect(await b.bus.claim(earlier)).toEqual({ isGranted: false, reason: 'remote-login' })
    const later = claimOf('alice', 3, { loginTime: 9_500 })
    expect(await b.bus.claim(later)).toMatchObject({ isGranted: true, loginTime: 9_500 })
  })

  it('decides between equal login times by the session id', async () => {
    const { harness } = await setup()
    const { bus } = await joinAs(harness)
    await bus.claim(claimOf('alice', 0xb, { loginTime: 9_000 }))
    expect(await bus.claim(claimOf('alice', 0xa, { loginTime: 9_000 }))).toMatchObject({ isGranted: false })
    expect(await bus.claim(claimOf('alice', 0xc, { loginTime: 9_000 }))).toMatchObject({ isGranted: true })
  })

  it('knows a session that comes to another node by its login time, and numbers its stay', async () => {
    const { harness } = await setup()
    const [a, b] = [await joinAs(harness), await joinAs(harness)]
    await a.bus.claim(claimOf('alice', 1, { stay: 7_000 }))
    const moved = claimOf('alice', 1, { earliestLoginTime: 8_000, stay: 6_000 })
    expect(await b.bus.claim(moved)).toEqual({ isGranted: true, loginTime: 1_000, stay: 7_001 })
    expect(await a.bus.claim({ ...moved, stay: 9_000 })).toMatchObject({ stay: 9_000 })
  })

  it('gives a session id to nobody who is not who had it', async () => {
    const { harness } = await setup()
    const [a, b] = [await joinAs(harness), await joinAs(harness)]
    await a.bus.claim(claimOf('alice', 1))
    const mallory = claimOf('mallory', 1)
    expect(await b.bus.claim(mallory)).toEqual({ isGranted: false, reason: 'invalid-proof' })
    a.bus.release(claimOf('alice', 1))
    expect(await b.bus.claim(mallory)).toEqual({ isGranted: false, reason: 'invalid-proof' })
  })

  it('decides on a hundred logins of one user at once in one order', async () => {
    const { harness } = await setup()
    const three = [await joinAs(harness), await joinAs(harness), await joinAs(harness)]
    const verdicts = await Promise.all(
      Array.from({ length: 34 }, (_, round) =>
        three.map(({ bus }, i) => bus.claim(claimOf('alice', 3 * round + i + 1))),
      ).flat(),
    )
    const times = verdicts.map((verdict) => (verdict?.isGranted ? verdict.loginTime : 0))
    expect(new Set(times).size).toBe(102)
    expect(Math.min(...times)).toBe(1_000)
  })

  it('frees the name of a session that is over, but not when another has it', async () => {
    const { harness } = await setup()
    const { bus } = await joinAs(harness)
    await bus.claim(claimOf('alice', 1, { earliestLoginTime: 9_000 }))
    bus.release(claimOf('alice', 2))
    expect(await bus.claim(claimOf('alice', 3, { loginTime: 2_000 }))).toMatchObject({ isGranted: false })
    bus.release(claimOf('alice', 1))
    expect(await bus.claim(claimOf('alice', 3, { loginTime: 2_000 }))).toMatchObject({ isGranted: true })
  })

  it('frees the name that nobody holds any more, and keeps the one that is held', async () => {
    const { harness, until } = await setup()
    const { bus } = await joinAs(harness)
    await bus.claim(claimOf('alice', 1, { loginTime: 9_000 }))
    await bus.claim(claimOf('bob', 2, { loginTime: 9_000 }))
    await until(async () => {
      bus.hold([claimOf('bob', 2, { loginTime: 9_000, isHeld: true })])
      return (await bus.claim(claimOf('alice', 3, { loginTime: 2_000 })))?.isGranted === true
    })
    expect(await bus.claim(claimOf('bob', 4, { loginTime: 2_000 }))).toMatchObject({ isGranted: false })
  })

  it('holds what was lost, as it was', async () => {
    const { harness } = await setup()
    const { bus } = await joinAs(harness)
    bus.hold([claimOf('alice', 1, { loginTime: 4_000, stay: 4_500, isHeld: true })])
    const back = await bus.claim(claimOf('alice', 1, { stay: 4_000 }))
    expect(back).toEqual({ isGranted: true, loginTime: 4_000, stay: 4_501 })
  })

  it('tells changes to all nodes in order, and has them for those who read', async () => {
    const { harness, until } = await setup()
    const [a, b] = [await joinAs(harness), await joinAs(harness)]
    a.bus.write({ number: 4, sessions: sessions(1, 2) })
    a.bus.change({ number: 5, sessions: sessions(3), news: 'third came' })
    a.bus.change({
      number: 6,
      sessions: new Map([[claimOf('', 1).sessionId, undefined]]),
      news: 'first went',
    })
    await until(() => b.heard.news.length === 2)
    expect(b.heard.news).toEqual(['third came', 'first went'])
    expect(await b.bus.read(a.node)).toEqual({ number: 6, sessions: sessions(2, 3) })
    a.bus.write({ number: 7, sessions: sessions(9) })
    await a.bus.beat('alive')
    expect(await b.bus.read(a.node)).toEqual({ number: 7, sessions: sessions(9) })
  })

  it('has nothing of a node that has told nothing', async () => {
    const { harness } = await setup()
    const { bus } = await joinAs(harness)
    expect(await bus.read('f'.repeat(32) as NodeId)).toBeUndefined()
  })

  it('carries ten thousand sessions at once', async () => {
    const { harness } = await setup()
    const [a, b] = [await joinAs(harness), await joinAs(harness)]
    const many = sessions(...Array.from({ length: 10_000 }, (_, i) => i))
    a.bus.write({ number: 1, sessions: many })
    await a.bus.beat('alive')
    expect(await b.bus.read(a.node)).toEqual({ number: 1, sessions: many })
  })

  it('names the nodes that have told something, until one stops', async () => {
    const { harness } = await setup()
    const [a, b] = [await joinAs(harness), await joinAs(harness)]
    for (const { bus } of [a, b]) {
      bus.write({ number: 1, sessions: sessions() })
      await bus.beat('alive')
    }
    expect(await b.bus.nodes()).toEqual(expect.arrayContaining([a.node, b.node]))
    await a.bus.close()
    expect(await b.bus.nodes()).not.toContain(a.node)
    expect(await b.bus.read(a.node)).toBeUndefined()
  })

  it('has nothing left of a node that was killed, and keeps one that beats', async () => {
    const { harness, until } = await setup()
    const [a, b] = [await joinAs(harness), await joinAs(harness)]
    for (const [i, { bus }] of [a, b].entries()) bus.write({ number: 1, sessions: sessions(i) })
    expect(await a.bus.beat('alive')).toBe(true)
    await harness.crash(a.bus)
    await until(async () => {
      expect(await b.bus.beat('alive')).toBe(true)
      return (await b.bus.read(a.node)) === undefined
    })
    expect(await b.bus.nodes()).not.toContain(a.node)
    expect(await b.bus.read(b.node)).toMatchObject({ number: 1 })
  })

  it('says at a beat that what a node had told is lost', async () => {
    const { harness } = await setup()
    const { bus, node } = await joinAs(harness)
    expect(await bus.beat('alive')).toBe(false)
    bus.write({ number: 1, sessions: sessions() })
    expect(await bus.beat('alive')).toBe(true)
    await harness.lose()
    bus.change({ number: 2, sessions: sessions(2), news: 'second came' })
    expect(await bus.beat('alive')).toBe(false)
    expect(await bus.read(node)).toBeUndefined()
  })

  it('brings a letter to one node, and says when nobody took it', async () => {
    const { harness, until } = await setup()
    const [a, b, c] = [await joinAs(harness), await joinAs(harness), await joinAs(harness)]
    expect(await a.bus.post(b.node, 'for b')).toBe(true)
    await until(() => b.heard.letters.length > 0)
    expect(b.heard).toMatchObject({ letters: ['for b'], news: [] })
    expect(c.heard.letters).toEqual([])
    await harness.crash(b.bus)
    expect(await a.bus.post(b.node, 'for b')).toBe(false)
  })

  it('brings what was told before a letter before it', async () => {
    const { harness, until } = await setup()
    const [a, b] = [await joinAs(harness), await joinAs(harness)]
    const newsBeforeLetter: number[] = []
    for (let i = 1; i <= 50; i++) {
      a.bus.change({ number: i, sessions: sessions(i), news: `news ${i}` })
      void a.bus.post(b.node, `letter ${i}`)
      await until(() => b.heard.letters.length === i)
      newsBeforeLetter.push(b.heard.news.length)
    }
    expect(newsBeforeLetter.every((count, i) => count >= i)).toBe(true)
  })

  it('keeps what is to be kept, for nodes that come later', async () => {
    const { harness } = await setup()
    const { bus } = await joinAs(harness)
    bus.keep(
      new Map([
        ['ban mallory', 'for good'],
        ['kick eve', 'today'],
      ]),
    )
    bus.keep(new Map([['kick eve', undefined]]))
    const later = await joinAs(harness)
    expect(await later.bus.kept()).toEqual(new Map([['ban mallory', 'for good']]))
  })

  it.each([true, false])(
    'goes away and is back, empty: %s; nobody waits or fails meanwhile',
    async (isEmpty) => {
      const { harness, until } = await setup()
      const { bus, node, heard } = await joinAs(harness)
      bus.write({ number: 1, sessions: sessions(1) })
      bus.keep(new Map([['ban mallory', 'for good']]))
      await bus.claim(claimOf('alice', 1))
      expect(heard.ups).toBe(1)

      await harness.stop()
      await until(() => heard.downs.length > 0)
      expect(bus.isUp).toBe(false)
      expect(await bus.claim(claimOf('alice', 2))).toBeUndefined()
      expect(await bus.read(node)).toBeUndefined()
      expect(await bus.nodes()).toEqual([])
      expect(await bus.post(node, 'hello')).toBe(false)
      expect(await bus.kept()).toEqual(new Map())
      bus.write({ number: 2, sessions: sessions(2) })
      bus.change({ number: 3, sessions: sessions(3), news: 'unheard' })
      bus.hold([claimOf('alice', 1)])
      bus.release(claimOf('alice', 1))
      bus.announce('unheard')
      await bus.beat('unheard')

      await harness.start(isEmpty)
      await until(() => heard.ups === 2)
      expect(bus.isUp).toBe(true)
      expect(heard.news).toEqual([])
      bus.write({ number: 4, sessions: sessions(4) })
      bus.announce('heard')
      await until(() => heard.news.length > 0)
      expect(heard.news).toEqual(['heard'])
      expect(await bus.read(node)).toEqual({ number: 4, sessions: sessions(4) })
      if (isEmpty) expect(await bus.kept()).toEqual(new Map())
    },
  )

  it('may be closed twice, and tells nothing then', async () => {
    const { harness } = await setup()
    const [a, b] = [await joinAs(harness), await joinAs(harness)]
    await a.bus.close()
    await a.bus.close()
    b.bus.announce('late')
    expect(await b.bus.post(a.node, 'late')).toBe(false)
    expect(a.heard).toMatchObject({ news: [], letters: [] })
  })

  it('keeps apps apart', async () => {
    const { harness } = await setup()
    const { bus } = await joinAs(harness)
    await bus.claim(claimOf('alice', 1, { loginTime: 9_000 }))
    const elsewhere = claimOf('alice', 2, { loginTime: 2_000, appId: 'b'.repeat(32) as AppId })
    expect(await bus.claim(elsewhere)).toMatchObject({ isGranted: true })
  })
}

import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'

import { setup } from './setup.ts'

const {
  AgoraPeerOnlineState: State,
  AgoraRtmChannelMemberCount,
  AgoraRtmChannelMemberCountErrorCode: CountCode,
  AgoraRtmPeerOnlineStatus,
  AgoraRtmPeerSubscriptionOptions: Options,
  AgoraRtmPeerSubscriptionStatusErrorCode: SubscribeCode,
  AgoraRtmQueryPeersBySubscriptionOptionErrorCode: ListCode,
  AgoraRtmQueryPeersOnlineErrorCode: QueryCode,
} = await import('../../src/index.ts')

beforeEach(() => {
  vi.spyOn(console, 'warn').mockImplementation(() => undefined)
})
afterEach(() => {
  vi.restoreAllMocks()
})

const names = (count: number): string[] => Array.from({ length: count }, (_, i) => `user ${i}`)

describe('The states of users', () => {
  test('are told after the Ok of a subscription, and when they change', async () => {
    const { loggedIn, after, pass } = setup()
    const [alice, bob] = [await loggedIn('alice'), await loggedIn('bob')]
    const done = (code: number) => alice.log.push(`done ${code}`)
    expect(await after(100, alice.kit.subscribePeersOnlineStatus(['bob', 'carol'], done))).toBe(0)
    expect(alice.news()).toEqual(['done 0', 'bob is Online, carol is Offline'])
    await bob.kit.logoutWithCompletion()
    await pass(600)
    expect(alice.news()).toEqual(['bob is Offline'])
    const { peers, errorCode } = await alice.kit.queryPeersBySubscriptionOption(Options.OnlineStatus)
    expect([peers, errorCode]).toEqual([['bob', 'carol'], ListCode.Ok])
    expect(await alice.kit.unsubscribePeersOnlineStatus(['bob', 'dave'])).toBe(SubscribeCode.Ok)
    await loggedIn('bob')
    expect(alice.news()).toEqual([])
    const rest = await alice.kit.queryPeersBySubscriptionOption(Options.OnlineStatus)
    expect(rest.peers).toEqual(['carol'])
  })

  test('are asked for in an order that the answer has as well', async () => {
    const { loggedIn, after } = setup()
    const [alice] = [await loggedIn('alice'), await loggedIn('bob')]
    const seen: unknown[] = []
    const answer = await after(
      100,
      alice.kit.queryPeersOnlineStatus(['carol', 'bob'], (...values) => seen.push(values)),
    )
    expect(answer).toEqual({
      peerOnlineStatus: [
        new AgoraRtmPeerOnlineStatus('carol', State.Offline),
        new AgoraRtmPeerOnlineStatus('bob', State.Online),
      ],
      errorCode: QueryCode.Ok,
    })
    expect(answer.peerOnlineStatus.map(({ isOnline }) => isOnline)).toEqual([false, true])
    expect(seen).toEqual([[answer.peerOnlineStatus, QueryCode.Ok]])
  })

  test('are objects that say of who is unreachable that it is online still', () => {
    const status = new AgoraRtmPeerOnlineStatus('bob', State.Unreachable)
    expect(status).toMatchObject({ peerId: 'bob', state: 1, isOnline: true })
  })
})

describe('The counts of members', () => {
  test('are given for channels that need not be joined', async () => {
    const { loggedIn, after, pass } = setup()
    const [alice, bob] = [await loggedIn('alice'), await loggedIn('bob')]
    await after(100, bob.channel('den').joinWithCompletion())
    const answer = await after(100, alice.kit.getChannelMemberCount(['nowhere', 'den'], null))
    expect(answer).toEqual({
      channelMemberCounts: [
        new AgoraRtmChannelMemberCount('nowhere', 0),
        new AgoraRtmChannelMemberCount('den', 1),
      ],
      errorCode: CountCode.Ok,
    })
    await pass(1_000)
  })

  test('may be asked for once a second, of 32 channels', async () => {
    const { loggedIn, after } = setup()
    const { kit } = await loggedIn('alice')
    const many = await kit.getChannelMemberCount(names(33))
    expect(many).toEqual({ channelMemberCounts: [], errorCode: CountCode.ExceedLimit })
    expect((await after(100, kit.getChannelMemberCount(names(32)))).errorCode).toBe(CountCode.Ok)
    expect((await kit.getChannelMemberCount(['den'])).errorCode).toBe(CountCode.TooOften)
  })
})

describe('The presence methods of a kit', () => {
  test('take nothing but lists of ids, and say so', async () => {
    const { loggedIn } = setup()
    const { kit } = await loggedIn('alice')
    for (const list of [
      [],
      [''],
      ['bob', 'null'],
      ['é'],
      [7],
      [null],
      'bob',
      null,
      undefined,
    ] as string[][]) {
      expect((await kit.queryPeersOnlineStatus(list)).errorCode).toBe(QueryCode.InvalidArgument)
      expect(await kit.subscribePeersOnlineStatus(list)).toBe(SubscribeCode.InvalidArgument)
      expect(await kit.unsubscribePeersOnlineStatus(list)).toBe(SubscribeCode.InvalidArgument)
      expect((await kit.getChannelMemberCount(list)).errorCode).toBe(CountCode.InvalidArgument)
    }
    for (const option of [1, -1, '0', null, undefined] as number[])
      expect(await kit.queryPeersBySubscriptionOption(option)).toEqual({
        peers: [],
        errorCode: ListCode.Failure,
      })
    expect(console.warn).toHaveBeenCalled()
  })

  test('have codes for too many and too often', async () => {
    const { loggedIn, after } = setup()
    const { kit, news } = await loggedIn('alice')
    const many = await kit.queryPeersOnlineStatus(names(257))
    expect(many).toEqual({ peerOnlineStatus: [], errorCode: QueryCode.InvalidArgument })
    expect(await kit.subscribePeersOnlineStatus(names(513))).toBe(SubscribeCode.Overflow)
    expect(await after(100, kit.subscribePeersOnlineStatus(names(512)))).toBe(SubscribeCode.Ok)
    expect(await kit.subscribePeersOnlineStatus(['bob'])).toBe(SubscribeCode.Overflow)
    expect(news()).toHaveLength(1)
    for (let i = 0; i < 8; i++) await kit.subscribePeersOnlineStatus(['user 1'])
    expect(await kit.subscribePeersOnlineStatus(['user 1'])).toBe(SubscribeCode.TooOften)
    // Each has a limit of its own.
    for (let i = 0; i < 10; i++) {
      expect(await kit.unsubscribePeersOnlineStatus(['user 1'])).toBe(SubscribeCode.Ok)
      expect((await kit.queryPeersBySubscriptionOption(Options.OnlineStatus)).errorCode).toBe(ListCode.Ok)
      expect((await kit.queryPeersOnlineStatus(['alice'])).errorCode).toBe(QueryCode.Ok)
    }
    expect(await kit.unsubscribePeersOnlineStatus(['user 1'])).toBe(SubscribeCode.TooOften)
    const listed = await kit.queryPeersBySubscriptionOption(Options.OnlineStatus)
    expect(listed).toEqual({ peers: [], errorCode: ListCode.TooOften })
    expect((await kit.queryPeersOnlineStatus(['alice'])).errorCode).toBe(QueryCode.TooOften)
  })

  test('time out while nobody can tell', async () => {
    const { loggedIn, after, pass, realm } = setup()
    const { kit } = await loggedIn('alice')
    realm.stop()
    await pass(100)
    const [query, subscribe, count] = [
      kit.queryPeersOnlineStatus(['bob']),
      kit.subscribePeersOnlineStatus(['bob']),
      kit.getChannelMemberCount(['den']),
    ]
    expect((await after(5_000, count)).errorCode).toBe(CountCode.Timeout)
    expect((await after(5_000, query)).errorCode).toBe(QueryCode.Timeout)
    expect(await subscribe).toBe(SubscribeCode.Timeout)
  })

  test('time out at once after the session was ended by another', async () => {
    const { loggedIn, pass } = setup()
    const { kit } = await loggedIn('alice')
    await loggedIn('alice')
    await pass(100)
    expect((await kit.queryPeersOnlineStatus(['bob'])).errorCode).toBe(QueryCode.Timeout)
    expect(await kit.subscribePeersOnlineStatus(['bob'])).toBe(SubscribeCode.Timeout)
    expect(await kit.unsubscribePeersOnlineStatus(['bob'])).toBe(SubscribeCode.Timeout)
    const listed = await kit.queryPeersBySubscriptionOption(Options.OnlineStatus)
    expect(listed.errorCode).toBe(ListCode.Timeout)
    expect((await kit.getChannelMemberCount(['den'])).errorCode).toBe(CountCode.Timeout)
  })

  test('say that nobody is logged in, and that the kit was destroyed', async () => {
    const { kit: make } = setup()
    const { kit } = make('alice')
    const codes = async () => [
      (await kit.queryPeersOnlineStatus(['bob'])).errorCode,
      await kit.subscribePeersOnlineStatus(['bob']),
      await kit.unsubscribePeersOnlineStatus(['bob']),
      (await kit.queryPeersBySubscriptionOption(Options.OnlineStatus)).errorCode,
      (await kit.getChannelMemberCount(['den'])).errorCode,
    ]
    expect(await codes()).toEqual([102, 102, 102, 102, 102])
    kit.destroy()
    expect(await codes()).toEqual([101, 101, 101, 101, 101])
  })
})

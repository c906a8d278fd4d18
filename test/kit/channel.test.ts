import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'

import { setup } from './setup.ts'

const {
  AgoraRtmGetMembersErrorCode: GetMembers,
  AgoraRtmJoinChannelErrorCode: Join,
  AgoraRtmLeaveChannelErrorCode: Leave,
  AgoraRtmMessage,
  AgoraRtmSendChannelMessageErrorCode: Send,
} = await import('../../src/index.ts')

beforeEach(() => {
  vi.spyOn(console, 'warn').mockImplementation(() => undefined)
})
afterEach(() => {
  vi.restoreAllMocks()
})

const hello = () => AgoraRtmMessage.initWithText('hello')

describe('A channel object', () => {
  test('is made without a login, for a well-formed id', () => {
    const { kit } = setup()
    const alice = kit('alice')
    for (const id of ['', 'null', 'é', 'a'.repeat(65)]) expect(alice.kit.createChannelWithId(id)).toBeNull()
    const channel = alice.channel('lobby')
    expect(channel.channelId).toBe('lobby')
    expect(channel.kit).toBe(alice.kit)
  })

  test('is the same for the same id, with the newest delegate', () => {
    const { kit } = setup()
    const { kit: alice } = kit('alice')
    const first = {}
    const channel = alice.createChannelWithId('lobby', first)
    expect(alice.createChannelWithId('lobby')).toBe(channel)
    expect(channel?.channelDelegate).toBe(first)
    const second = {}
    alice.createChannelWithId('lobby', second)
    expect(channel?.channelDelegate).toBe(second)
  })

  test('answers that nobody is logged in', async () => {
    const { kit } = setup()
    const channel = kit('alice').channel('lobby')
    expect(await channel.joinWithCompletion()).toBe(Join.NotLoggedIn)
    expect(await channel.leaveWithCompletion()).toBe(Leave.NotLoggedIn)
    expect(await channel.sendMessage(hello())).toBe(Send.NotLoggedIn)
    const nobody = { members: null, errorCode: GetMembers.NotLoggedIn }
    expect(await channel.getMembersWithCompletion()).toEqual(nobody)
  })

  test('joins, counts, talks and leaves', async () => {
    const { loggedIn, after, pass } = setup()
    const [alice, bob] = [await loggedIn('alice'), await loggedIn('bob')]
    const [lobby, same] = [alice.channel('lobby'), bob.channel('lobby')]
    const joined = lobby.joinWithCompletion((code) => alice.log.push(`completion ${code}`))
    expect(await after(50, joined)).toBe(Join.Ok)
    expect(alice.news()).toEqual(['completion 0', 'lobby: 1 members'])
    await after(1_500, same.joinWithCompletion())
    expect(alice.news()).toEqual(['lobby: bob joined', 'lobby: 2 members'])
    expect(await after(50, lobby.sendMessage(hello(), null))).toBe(Send.Ok)
    expect(bob.news()).toEqual(['lobby: 2 members', 'lobby: alice: hello'])
    expect(await lobby.getMembersWithCompletion()).toEqual({
      members: [
        { userId: 'alice', channelId: 'lobby' },
        { userId: 'bob', channelId: 'lobby' },
      ],
      errorCode: GetMembers.Ok,
    })
    expect(await same.leaveWithCompletion()).toBe(Leave.Ok)
    expect(await same.leaveWithCompletion()).toBe(Leave.NotInChannel)
    await pass(1_000)
    expect(alice.news()).toEqual(['lobby: bob left', 'lobby: 1 members'])
  })

  test('has a code for each refusal', async () => {
    const { loggedIn, after } = setup()
    const alice = await loggedIn('alice')
    const lobby = alice.channel('lobby')
    expect(await lobby.sendMessage(hello())).toBe(Send.Failure)
    expect(await lobby.sendMessage(null as never)).toBe(Send.InvalidMessage)
    expect((await lobby.getMembersWithCompletion()).errorCode).toBe(GetMembers.NotInChannel)
    await after(50, lobby.joinWithCompletion())
    expect(await lobby.joinWithCompletion()).toBe(Join.AlreadyJoined)
    expect(await lobby.joinWithCompletion()).toBe(Join.SameChannelTooOften)
    for (let i = 0; i < 5; i++) await lobby.getMembersWithCompletion()
    expect((await lobby.getMembersWithCompletion()).errorCode).toBe(GetMembers.TooOften)
  })

  test('of another kit in the same page meets this one', async () => {
    const { loggedIn, after } = setup()
    const [alice, bob] = [await loggedIn('alice'), await loggedIn('bob')]
    await after(50, alice.channel('lobby').joinWithCompletion())
    await after(50, bob.channel('lobby').joinWithCompletion())
    await after(100, bob.channel('lobby').sendMessage(hello()))
    expect(alice.news()).toContain('lobby: bob: hello')
  })

  test('that was destroyed has left, and answers so; a new one of the same id is another', async () => {
    const { loggedIn, after, pass } = setup()
    const [alice, bob] = [await loggedIn('alice'), await loggedIn('bob')]
    const lobby = alice.channel('lobby')
    await after(50, lobby.joinWithCompletion())
    await after(50, bob.channel('lobby').joinWithCompletion())
    bob.news()
    expect(alice.kit.destroyChannelWithId('lobby')).toBe(true)
    expect(alice.kit.destroyChannelWithId('lobby')).toBe(false)
    expect(alice.kit.destroyChannelWithId('é')).toBe(false)
    await pass(50)
    expect(bob.news()).toContain('lobby: alice left')
    expect(await lobby.joinWithCompletion()).toBe(Join.NotInitialized)
    expect(await lobby.leaveWithCompletion()).toBe(Leave.NotInitialized)
    expect(await lobby.sendMessage(hello())).toBe(Send.NotInitialized)
    expect((await lobby.getMembersWithCompletion()).errorCode).toBe(GetMembers.NotInitialized)
    const again = alice.channel('lobby')
    expect(again).not.toBe(lobby)
    expect(await after(50, again.joinWithCompletion())).toBe(Join.Ok)
    alice.news()
    void bob.channel('lobby').sendMessage(hello())
    await pass(50)
    expect(alice.news()).toEqual(['lobby: bob: hello'])
  })
})

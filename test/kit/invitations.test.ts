import { describe, expect, test } from 'vitest'

import type {
  AgoraRtmCallDelegate,
  AgoraRtmLocalInvitation,
  AgoraRtmRemoteInvitation,
} from '../../src/index.ts'
import { setup } from './setup.ts'

const {
  AgoraRtmInvitationApiCallErrorCode: Code,
  AgoraRtmLocalInvitation: LocalInvitation,
  AgoraRtmLocalInvitationErrorCode: LocalError,
  AgoraRtmLocalInvitationState: LocalState,
  AgoraRtmRemoteInvitationErrorCode: RemoteError,
  AgoraRtmRemoteInvitationState: RemoteState,
} = await import('../../src/index.ts')

/** What a delegate hears, in words, and the invitations that come. */
function ears() {
  const log: string[] = []
  const incoming: AgoraRtmRemoteInvitation[] = []
  const outgoing: AgoraRtmLocalInvitation[] = []
  const note = (invitation: AgoraRtmLocalInvitation, words: string): void => {
    outgoing.push(invitation)
    log.push(words)
  }
  const delegate: AgoraRtmCallDelegate = {
    localInvitationReceivedByPeer: (_, invitation) => note(invitation, `${invitation.calleeId} has it`),
    localInvitationCanceled: (_, invitation) => note(invitation, 'canceled'),
    localInvitationAccepted: (_, invitation, response) => note(invitation, `accepted: ${response}`),
    localInvitationRefused: (_, invitation, response) => note(invitation, `refused: ${response}`),
    localInvitationFailure: (_, invitation, code) => note(invitation, `failed: ${LocalError[code]}`),
    remoteInvitationReceived: (_, invitation) => {
      incoming.push(invitation)
      log.push(`${invitation.callerId} calls: ${invitation.content} (${invitation.channelId})`)
    },
    remoteInvitationCanceled: ({ rtmKit }, { callerId }) => log.push(`${callerId} canceled ${typeof rtmKit}`),
    remoteInvitationAccepted: (_, { callerId }) => log.push(`accepted ${callerId}`),
    remoteInvitationRefused: (_, { callerId }) => log.push(`refused ${callerId}`),
    remoteInvitationFailure: (_, { callerId }, code) =>
      log.push(`failed with ${callerId}: ${RemoteError[code]}`),
  }
  return { log, incoming, outgoing, delegate, news: () => log.splice(0) }
}

async function pair() {
  const world = setup()
  const users = []
  for (const name of ['alice', 'bob']) {
    const { kit } = await world.loggedIn(name)
    const heard = ears()
    const calls = kit.getRtmCallKit()
    calls.callDelegate = heard.delegate
    users.push({ kit, calls, ...heard })
  }
  const [alice, bob] = users
  if (!alice || !bob) throw new Error('nobody is there')
  const invite = (content: string | null = null) => {
    const invitation = LocalInvitation.initWithCalleeId('bob')
    invitation.content = content
    return invitation
  }
  return { ...world, alice, bob, invite }
}

async function ringing() {
  const world = await pair()
  const call = world.invite('lunch?')
  call.channelId = 'room 7'
  expect(await world.after(200, world.alice.calls.sendLocalInvitation(call))).toBe(Code.Ok)
  const [incoming] = world.bob.incoming
  if (!incoming) throw new Error('Bob was not called')
  return { ...world, call, incoming }
}

describe('A call kit', () => {
  test('is one for each kit, also before a login, and knows it', () => {
    const { kit } = setup()
    const one = kit('alice').kit
    expect(one.getRtmCallKit()).toBe(one.getRtmCallKit())
    expect(one.rtmCallKit).toBe(one.getRtmCallKit())
    expect(one.getRtmCallKit().rtmKit).toBe(one)
    expect(one.getRtmCallKit().callDelegate).toBeNull()
  })

  test('tells both sides of an invitation that is accepted, with the response', async () => {
    const { alice, bob, call, incoming, after } = await ringing()
    expect(alice.news()).toEqual(['bob has it'])
    expect(bob.news()).toEqual(['alice calls: lunch? (room 7)'])
    expect([call.state, incoming.state]).toEqual([
      LocalState.ReceivedByRemote,
      RemoteState.InvitationReceived,
    ])
    incoming.response = 'in a minute'
    expect(await after(200, bob.calls.acceptRemoteInvitation(incoming))).toBe(Code.Ok)
    expect(alice.news()).toEqual(['accepted: in a minute'])
    expect(bob.news()).toEqual(['accepted alice'])
    expect([call.state, call.response]).toEqual([LocalState.AcceptedByRemote, 'in a minute'])
    expect(incoming.state).toBe(RemoteState.Accepted)
    expect(alice.outgoing.every((one) => one === call)).toBe(true)
  })

  test('tells both sides of an invitation that is refused, with the response', async () => {
    const { alice, bob, call, incoming, after } = await ringing()
    alice.news()
    incoming.response = 'busy'
    expect(await after(200, bob.calls.refuseRemoteInvitation(incoming))).toBe(Code.Ok)
    expect(alice.news()).toEqual(['refused: busy'])
    expect(bob.news()).toEqual(['alice calls: lunch? (room 7)', 'refused alice'])
    expect([call.state, incoming.state]).toEqual([LocalState.RefusedByRemote, RemoteState.Refused])
  })

  test('tells both sides of an invitation that is canceled', async () => {
    const { alice, bob, call, incoming, after } = await ringing()
    alice.news()
    expect(await after(200, alice.calls.cancelLocalInvitation(call))).toBe(Code.Ok)
    expect(alice.news()).toEqual(['canceled'])
    expect(bob.news()).toEqual(['alice calls: lunch? (room 7)', 'alice canceled object'])
    expect([call.state, incoming.state]).toEqual([LocalState.Canceled, RemoteState.Canceled])
  })

  test('tells both sides of an invitation that expires', async () => {
    const { alice, bob, pass, call, incoming } = await ringing()
    await pass(61_000)
    expect(alice.news()).toEqual(['bob has it', 'failed: Expire'])
    expect(bob.news()).toEqual(['alice calls: lunch? (room 7)', 'failed with alice: Expire'])
    expect([call.state, incoming.state]).toEqual([LocalState.Failure, RemoteState.Failure])
  })

  test('tells of a callee that was offline for 30 s: it is sent until then, and failed', async () => {
    const { alice, after, pass } = await pair()
    const call = LocalInvitation.initWithCalleeId('carol')
    expect(call.state).toBe(LocalState.Idle)
    await after(29_000, alice.calls.sendLocalInvitation(call))
    expect(call.state).toBe(LocalState.SentToRemote)
    await pass(2_000)
    expect(alice.news()).toEqual(['failed: RemoteOffline'])
    expect(call.state).toBe(LocalState.Failure)
  })

  test('tells of a callee that is online and gives no sign for 30 s', async () => {
    const { alice, bob, after, network, invite } = await pair()
    network.refusal = () => 'No path'
    await after(31_000, alice.calls.sendLocalInvitation(invite()))
    expect(alice.news()).toEqual(['failed: RemoteNoResponse'])
    expect(bob.news()).toEqual([])
  })

  test('tells both sides of an acceptance that the caller cannot confirm', async () => {
    const { alice, bob, call, incoming, after, pass, network } = await ringing()
    alice.news()
    network.refusal = () => 'No path'
    for (const cable of network.openCables) cable.break('silent')
    await after(21_000, bob.calls.acceptRemoteInvitation(incoming))
    expect(bob.news().at(-1)).toBe('failed with alice: AcceptFailure')
    network.refusal = () => undefined
    await pass(20_000)
    expect(alice.news()).toEqual(['failed: RemoteNoResponse'])
    expect([call.state, incoming.state]).toEqual([LocalState.Failure, RemoteState.Failure])
  })

  test('answers Ok, then tells of the failure, when nobody is logged in', async () => {
    const { kit, pass } = setup()
    const { log, delegate } = ears()
    const calls = kit('alice').kit.getRtmCallKit()
    calls.callDelegate = delegate
    const call = LocalInvitation.initWithCalleeId('bob')
    const answers: number[] = []
    void calls.sendLocalInvitation(call, (code) => answers.push(code, log.length))
    await pass(10)
    expect(answers).toEqual([Code.Ok, 0])
    expect(log).toEqual(['failed: NotLoggedIn'])
    expect(call.state).toBe(LocalState.Failure)
  })

  test('ends what lives at the logout, and keeps its delegate for the next login', async () => {
    const { alice, bob, call, incoming, after, invite } = await ringing()
    alice.news()
    bob.news()
    await after(100, alice.kit.logoutWithCompletion())
    expect(alice.news()).toEqual(['failed: NotLoggedIn'])
    expect(bob.news()).toEqual(['failed with alice: LocalOffline'])
    expect([call.state, incoming.state]).toEqual([LocalState.Failure, RemoteState.Failure])
    await after(100, alice.kit.loginByToken(null, 'alice'))
    await after(200, alice.calls.sendLocalInvitation(invite()))
    expect(alice.news()).toEqual(['bob has it'])
  })

  test('ends what lives when its kit is destroyed, and knows no invitation any more', async () => {
    const { alice, bob, call, after, pass, invite } = await ringing()
    alice.kit.destroy()
    await pass(100)
    expect(alice.log).toEqual(['bob has it', 'failed: NotLoggedIn'])
    expect(bob.log.at(-1)).toBe('failed with alice: LocalOffline')
    expect(await after(10, alice.calls.cancelLocalInvitation(call))).toBe(Code.InvalidAugment)
    expect(await after(10, alice.calls.sendLocalInvitation(invite()))).toBe(Code.InvalidAugment)
  })

  test('does without a delegate, and with one that listens to nothing', async () => {
    const { alice, bob, after, invite, pass } = await pair()
    alice.calls.callDelegate = null
    bob.calls.callDelegate = {}
    const call = invite()
    expect(await after(200, alice.calls.sendLocalInvitation(call))).toBe(Code.Ok)
    expect(call.state).toBe(LocalState.ReceivedByRemote)
    expect(await after(10, alice.calls.cancelLocalInvitation(call))).toBe(Code.Ok)
    await pass(100)
  })

  test('lets a user call itself', async () => {
    const { alice, after } = await pair()
    const call = LocalInvitation.initWithCalleeId('alice')
    await after(50, alice.calls.sendLocalInvitation(call))
    expect([...alice.news()].sort()).toEqual(['alice calls: null (null)', 'alice has it'])
    const [incoming] = alice.incoming
    if (incoming) await after(50, alice.calls.acceptRemoteInvitation(incoming))
    expect(alice.news()).toEqual(['accepted alice', 'accepted: null'])
  })
})

describe('The codes of the calls', () => {
  test.each([null, undefined, {}, 'invitation', 7])('InvalidAugment: %s is no invitation', async (thing) => {
    const { alice, after } = await pair()
    const calls = alice.calls as unknown as Record<string, (thing: unknown) => Promise<number>>
    for (const method of [
      'sendLocalInvitation',
      'cancelLocalInvitation',
      'acceptRemoteInvitation',
      'refuseRemoteInvitation',
    ])
      expect(await after(10, calls[method]?.call(calls, thing) ?? Promise.resolve(-1))).toBe(
        Code.InvalidAugment,
      )
  })

  test('InvalidAugment: an invitation of another kit, or of the other kind', async () => {
    const { alice, bob, call, incoming, after } = await ringing()
    expect(await after(10, bob.calls.sendLocalInvitation(call))).toBe(Code.InvalidAugment)
    expect(await after(10, bob.calls.cancelLocalInvitation(call))).toBe(Code.InvalidAugment)
    expect(await after(10, alice.calls.acceptRemoteInvitation(incoming))).toBe(Code.InvalidAugment)
    expect(await after(10, alice.calls.refuseRemoteInvitation(incoming))).toBe(Code.InvalidAugment)
    const mixed = bob.calls.acceptRemoteInvitation(call as unknown as AgoraRtmRemoteInvitation)
    expect(await after(10, mixed)).toBe(Code.InvalidAugment)
  })

  test('InvalidAugment: content over 8 KB, a channel id over 64 bytes, a callee id that is none; it may be mended', async () => {
    const { alice, after, invite } = await pair()
    const send = (one: AgoraRtmLocalInvitation) => after(10, alice.calls.sendLocalInvitation(one))
    const call = invite('é'.repeat(4_097))
    expect(await send(call)).toBe(Code.InvalidAugment)
    expect(call.state).toBe(LocalState.Idle)
    call.content = 'é'.repeat(4_096)
    call.channelId = 'c'.repeat(65)
    expect(await send(call)).toBe(Code.InvalidAugment)
    call.channelId = 'c'.repeat(64)
    expect(await send(call)).toBe(Code.Ok)
    for (const id of ['', 'null', 'a'.repeat(65), 'é'])
      expect(await send(LocalInvitation.initWithCalleeId(id))).toBe(Code.InvalidAugment)
  })

  test('InvalidAugment: a response over 8 KB', async () => {
    const { bob, incoming, after } = await ringing()
    incoming.response = 'é'.repeat(4_097)
    expect(await after(10, bob.calls.acceptRemoteInvitation(incoming))).toBe(Code.InvalidAugment)
    expect(await after(10, bob.calls.refuseRemoteInvitation(incoming))).toBe(Code.InvalidAugment)
    incoming.response = 'é'.repeat(4_096)
    expect(await after(10, bob.calls.refuseRemoteInvitation(incoming))).toBe(Code.Ok)
  })

  test('NotStarted, AlreadySent, AlreadyEnd', async () => {
    const { alice, after, invite } = await pair()
    const call = invite()
    const [send, cancel] = [
      () => after(50, alice.calls.sendLocalInvitation(call)),
      () => after(50, alice.calls.cancelLocalInvitation(call)),
    ]
    expect(await cancel()).toBe(Code.NotStarted)
    expect(await send()).toBe(Code.Ok)
    expect(await send()).toBe(Code.AlreadySent)
    expect(await cancel()).toBe(Code.Ok)
    expect(await cancel()).toBe(Code.AlreadyEnd)
    expect(await send()).toBe(Code.AlreadyEnd)
  })

  test('AlreadyAccept, AlreadyEnd', async () => {
    const { bob, incoming, after, network } = await ringing()
    network.delayMs = 100
    const [accept, refuse] = [
      () => after(10, bob.calls.acceptRemoteInvitation(incoming)),
      () => after(10, bob.calls.refuseRemoteInvitation(incoming)),
    ]
    expect(await accept()).toBe(Code.Ok)
    expect(incoming.state).toBe(RemoteState.AcceptSentToLocal)
    expect(await accept()).toBe(Code.AlreadyAccept)
    expect(await refuse()).toBe(Code.AlreadyAccept)
    await after(500, Promise.resolve())
    expect(await accept()).toBe(Code.AlreadyEnd)
    expect(await refuse()).toBe(Code.AlreadyEnd)
  })
})

describe('Objects that a framework has wrapped', () => {
  const wrapped = <T extends object>(thing: T): T => new Proxy(thing, {})

  test('are the same invitations, and their own kit knows them', async () => {
    const { alice, bob, after, invite } = await pair()
    const [raw, calls] = [invite('hello'), wrapped(alice.calls)]
    const call = wrapped(raw)
    expect(await after(200, calls.sendLocalInvitation(call))).toBe(Code.Ok)
    expect(await after(10, alice.calls.sendLocalInvitation(raw))).toBe(Code.AlreadySent)
    expect([call.state, raw.state]).toEqual([LocalState.ReceivedByRemote, LocalState.ReceivedByRemote])
    expect(alice.outgoing).toEqual([call])
    const [incoming] = bob.incoming
    if (!incoming) throw new Error('Bob was not called')
    const theirs = wrapped(incoming)
    theirs.response = 'yes'
    expect(await after(200, wrapped(bob.calls).acceptRemoteInvitation(theirs))).toBe(Code.Ok)
    expect([theirs.state, incoming.state]).toEqual([RemoteState.Accepted, RemoteState.Accepted])
    expect(call.response).toBe('yes')
    expect(alice.log).toEqual(['bob has it', 'accepted: yes'])
  })
})

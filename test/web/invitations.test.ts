import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'

import type { LocalInvitation, RemoteInvitation, RtmClient } from '../../src/web.ts'
import { setup } from './setup.ts'

const { RtmError } = await import('../../src/web.ts')

beforeEach(() => {
  for (const method of ['error', 'warn'] as const)
    vi.spyOn(console, method).mockImplementation(() => undefined)
})
afterEach(() => {
  vi.restoreAllMocks()
})

/** What a void method throws: kind and code. */
function thrown(run: () => void): string {
  try {
    run()
  } catch (error) {
    return error instanceof RtmError ? `${error.name} ${error.code}` : String(error)
  }
  return 'nothing'
}

function listenToLocal(invitation: LocalInvitation, log: string[]): void {
  invitation.on('LocalInvitationReceivedByPeer', () => log.push('received'))
  invitation.on('LocalInvitationAccepted', (response) => log.push(`accepted: ${response}`))
  invitation.on('LocalInvitationRefused', (response) => log.push(`refused: ${response}`))
  invitation.on('LocalInvitationCanceled', () => log.push('canceled'))
  invitation.on('LocalInvitationFailure', (reason) => log.push(`failed: ${reason}`))
}

function listenToRemote(client: RtmClient, log: string[]): RemoteInvitation[] {
  const invitations: RemoteInvitation[] = []
  client.on('RemoteInvitationReceived', (invitation) => {
    invitations.push(invitation)
    const { callerId, content, channelId } = invitation
    log.push(`${callerId} calls: ${content} (${channelId})`)
    invitation.on('RemoteInvitationAccepted', () => log.push('accepted'))
    invitation.on('RemoteInvitationRefused', () => log.push('refused'))
    invitation.on('RemoteInvitationCanceled', (words) => log.push(`canceled: ${words}`))
    invitation.on('RemoteInvitationFailure', (reason) => log.push(`failed: ${reason}`))
  })
  return invitations
}

async function calling() {
  const world = setup()
  const [alice, bob] = [await world.loggedIn('alice'), await world.loggedIn('bob')]
  const incoming = listenToRemote(bob.client, bob.log)
  const invitation = alice.client.createLocalInvitation('bob')
  listenToLocal(invitation, alice.log)
  invitation.content = 'lunch?'
  invitation.channelId = 'room 7'
  const ringing = async () => {
    invitation.send()
    await world.pass(200)
    const [first] = incoming
    if (!first) throw new Error('nobody calls')
    return first
  }
  return { ...world, alice, bob, invitation, ringing }
}

describe('An invitation', () => {
  test('rings, is accepted with a response, and both sides know', async () => {
    const { alice, bob, invitation, ringing, pass } = await calling()
    expect(invitation.state).toBe('IDLE')
    const incoming = await ringing()
    expect([invitation.state, incoming.state]).toEqual(['RECEIVED_BY_REMOTE', 'INVITATION_RECEIVED'])
    incoming.response = 'yes'
    incoming.accept()
    expect(incoming.state).toBe('ACCEPT_SENT_TO_LOCAL')
    expect(thrown(() => incoming.accept())).toBe('RtmInvalidStatusError 4')
    expect(thrown(() => incoming.refuse())).toBe('RtmInvalidStatusError 4')
    await pass(200)
    expect(alice.news()).toEqual(['received', 'accepted: yes'])
    expect(bob.news()).toEqual(['alice calls: lunch? (room 7)', 'accepted'])
    expect([invitation.state, invitation.response, incoming.state]).toEqual([
      'ACCEPTED_BY_REMOTE',
      'yes',
      'ACCEPTED',
    ])
    for (const late of [() => invitation.send(), () => invitation.cancel(), () => incoming.accept()])
      expect(thrown(late)).toBe('RtmInvalidStatusError 3')
  })

  test('is refused without a response', async () => {
    const { alice, bob, ringing, pass } = await calling()
    const incoming = await ringing()
    incoming.refuse()
    await pass(200)
    expect(alice.news()).toEqual(['received', 'refused: '])
    expect(bob.news()).toEqual(['alice calls: lunch? (room 7)', 'refused'])
    expect(thrown(() => incoming.refuse())).toBe('RtmInvalidStatusError 3')
  })

  test('is taken back, and the callee is told what it said', async () => {
    const { alice, bob, invitation, ringing, pass } = await calling()
    const incoming = await ringing()
    expect(thrown(() => invitation.send())).toBe('RtmInvalidStatusError 5')
    invitation.cancel()
    await pass(200)
    expect(alice.news()).toEqual(['received', 'canceled'])
    expect(bob.news()).toEqual(['alice calls: lunch? (room 7)', 'canceled: lunch?'])
    expect([invitation.state, incoming.state]).toEqual(['CANCELED', 'CANCELED'])
  })

  test('may be taken back in the tick in which it was sent', async () => {
    const { alice, bob, invitation, pass } = await calling()
    invitation.send()
    invitation.cancel()
    await pass(200)
    expect([alice.news(), bob.news()]).toEqual([['canceled'], []])
  })

  test('that is idle cannot be canceled; one that says too much is not sent', async () => {
    const { invitation, ringing } = await calling()
    expect(thrown(() => invitation.cancel())).toBe('RtmInvalidStatusError 2')
    invitation.content = 'ä'.repeat(4_097)
    expect(thrown(() => invitation.send())).toBe('RtmLimitExceededError 1')
    invitation.content = 7 as never
    expect(thrown(() => invitation.send())).toBe('RtmInvalidArgumentError 1')
    invitation.content = undefined as never
    invitation.channelId = 'x'.repeat(65)
    expect(thrown(() => invitation.send())).toBe('RtmLimitExceededError 1')
    invitation.channelId = 'x'.repeat(64)
    const incoming = await ringing()
    expect([incoming.content, incoming.channelId]).toEqual(['', 'x'.repeat(64)])
    incoming.response = 'x'.repeat(8_193)
    expect(thrown(() => incoming.accept())).toBe('RtmLimitExceededError 1')
    expect(incoming.state).toBe('INVITATION_RECEIVED')
  })

  test('fails by an event when nobody is logged in, before and after a login', async () => {
    const { client, pass } = setup()
    const alice = client('alice')
    const early = alice.client.createLocalInvitation('bob')
    early.send()
    // Also a listener that is added after the call.
    listenToLocal(early, alice.log)
    expect(alice.news()).toEqual([])
    await pass(10)
    expect(alice.news()).toEqual(['failed: NOT_LOGGEDIN'])
    expect(early.state).toBe('FAILURE')
    const late = alice.client.createLocalInvitation('bob')
    alice.client.destroy()
    late.send()
    listenToLocal(late, alice.log)
    await pass(10)
    expect(alice.news()).toEqual(['failed: NOT_LOGGEDIN'])
    expect(thrown(() => late.cancel())).toBe('RtmInvalidStatusError 3')
  })

  test('fails after 30 s without the callee, and after 60 s without an answer', async () => {
    const { alice, bob, ringing, pass } = await calling()
    const nobody = alice.client.createLocalInvitation('nobody')
    nobody.on('LocalInvitationFailure', (reason) => alice.log.push(`nobody: ${reason}`))
    nobody.send()
    await ringing()
    await pass(30_000)
    expect(alice.news()).toEqual(['received', 'nobody: PEER_OFFLINE'])
    await pass(41_000)
    expect(alice.news()).toEqual(['failed: INVITATION_EXPIRE'])
    expect(bob.news()).toEqual(['alice calls: lunch? (room 7)', 'failed: INVITATION_EXPIRE'])
  })

  test('fails when the callee is online and gives no sign for 30 s', async () => {
    const { alice, bob, invitation, network, pass } = await calling()
    network.refusal = () => 'No path'
    invitation.send()
    await pass(29_000)
    expect(alice.news()).toEqual([])
    await pass(2_000)
    expect(alice.news()).toEqual(['failed: PEER_NO_RESPONSE'])
    expect([invitation.state, bob.news()]).toEqual(['FAILURE', []])
  })

  test('fails when the part of the library that sends it cannot be loaded for 30 s', async () => {
    const { loggedIn, pass } = setup()
    const [alice, bob] = [await loggedIn('alice'), await loggedIn('bob')]
    listenToRemote(bob.client, bob.log)
    alice.surroundings.loadInvitations = () => Promise.reject(new TypeError('Failed to fetch'))
    const invitation = alice.client.createLocalInvitation('bob')
    listenToLocal(invitation, alice.log)
    invitation.send()
    await pass(29_000)
    expect(alice.news()).toEqual([])
    await pass(2_000)
    expect([alice.news(), bob.news()]).toEqual([['failed: PEER_NO_RESPONSE'], []])
  })

  test('fails with both when the caller cannot confirm that it was accepted', async () => {
    const { alice, bob, invitation, network, ringing, pass } = await calling()
    const incoming = await ringing()
    network.refusal = () => 'No path'
    for (const cable of network.openCables) cable.break('silent')
    incoming.accept()
    await pass(21_000)
    expect(bob.news()).toEqual(['alice calls: lunch? (room 7)', 'failed: ACCEPT_FAILURE'])
    network.refusal = () => undefined
    await pass(20_000)
    expect(alice.news()).toEqual(['received', 'failed: PEER_NO_RESPONSE'])
    expect([invitation.state, incoming.state]).toEqual(['FAILURE', 'FAILURE'])
  })

  test('fails with both when the caller logs out', async () => {
    const { alice, bob, ringing, after } = await calling()
    await ringing()
    await after(200, alice.client.logout())
    expect(alice.news()).toEqual(['received', 'failed: NOT_LOGGEDIN', 'DISCONNECTED (LOGOUT)'])
    expect(bob.news()).toEqual(['alice calls: lunch? (room 7)', 'failed: PEER_OFFLINE'])
  })
})

import type { Page } from 'playwright/test'

import type { AgoraRtmCallKit, AgoraRtmLocalInvitation, AgoraRtmRemoteInvitation } from '../../src/index.ts'
import surface from '../kit/fixtures/surface.json' with { type: 'json' }
import { APP_ID, crash, expect, test, type World } from './support/world.ts'

// The states and codes of call invitations, as they come out of the kit, and what each event of a call kit names.

declare global {
  interface Window {
    calls: AgoraRtmCallKit
    /** Invitations of this page in the order in which it made them or heard of them. */
    invitations: (AgoraRtmLocalInvitation | AgoraRtmRemoteInvitation)[]
    /** `event: state of #invitation`, and the response or code that came with it. */
    said: string[]
  }
}

const events = surface.events.flatMap(({ delegate, name }) =>
  delegate === 'AgoraRtmCallDelegate' ? name : [],
)

/** A user on a page whose clock can be moved, who hears of calls. */
async function user(world: World, name: string): Promise<Page> {
  const page = await world.page()
  await page.clock.install()
  await page.evaluate(listen, [APP_ID, events] as const)
  expect(await page.evaluate((userId) => window.user.login(userId), name)).toBe(0)
  return page
}

function listen([appId, names]: readonly [string, string[]]): void {
  const { rtm } = window
  window.user = new window.TestUser(appId)
  window.calls = window.user.kit.getRtmCallKit()
  window.invitations = []
  window.said = []
  const hear =
    (event: string) =>
    (of: unknown, invitation: AgoraRtmLocalInvitation | AgoraRtmRemoteInvitation, last?: string | number) => {
      const isNew = !window.invitations.includes(invitation)
      if (isNew && event === 'remoteInvitationReceived') window.invitations.push(invitation)
      const number = window.invitations.indexOf(invitation)
      const states =
        invitation instanceof rtm.AgoraRtmLocalInvitation
          ? rtm.AgoraRtmLocalInvitationState
          : rtm.AgoraRtmRemoteInvitationState
      const words = [`${event}:`, states[invitation.state], `of #${number}`, last ?? []].flat()
      window.said.push(of === window.calls ? words.join(' ') : `${event} of another call kit`)
    }
  window.calls.callDelegate = Object.fromEntries(names.map((event) => [event, hear(event)]))
}

/** Makes an invitation and sends it. */
const invite = (page: Page, calleeId: string): Promise<number> =>
  page.evaluate((id) => {
    const invitation = window.rtm.AgoraRtmLocalInvitation.initWithCalleeId(id)
    window.invitations.push(invitation)
    return window.calls.sendLocalInvitation(invitation)
  }, calleeId)

/** Until a page has heard just this. */
const heard = (page: Page, said: readonly string[]): Promise<void> =>
  expect.poll(() => page.evaluate(() => window.said)).toEqual(said)

/** Moves the clocks of these pages by so many seconds, all at the same pace. */
async function pass(seconds: number, ...pages: Page[]): Promise<void> {
  for (let second = 0; second < seconds; second++) {
    for (const page of pages) await page.clock.runFor(1_000)
  }
}

test('to somebody who is not there an invitation is Idle, SentToRemote and Canceled, and each call has its code', async ({
  world,
}) => {
  const page = await user(world, 'alice')

  const steps = await page.evaluate(async () => {
    const { calls, rtm } = window
    const [Code, State] = [rtm.AgoraRtmInvitationApiCallErrorCode, rtm.AgoraRtmLocalInvitationState]
    const invitation = rtm.AgoraRtmLocalInvitation.initWithCalleeId('carol')
    window.invitations.push(invitation)
    const inWords = async (code: Promise<number>) => `${Code[await code]}, ${State[invitation.state]}`
    const send = () => inWords(calls.sendLocalInvitation(invitation))
    const cancel = () => inWords(calls.cancelLocalInvitation(invitation))
    const before = await cancel()
    invitation.content = 'x'.repeat(8_193)
    const tooLong = await send()
    invitation.content = 'x'.repeat(8_192)
    const after = [await send(), await send(), await cancel(), await cancel(), await send()]
    return [before, tooLong, ...after, await inWords(calls.acceptRemoteInvitation(invitation as never))]
  })

  expect(steps).toEqual([
    'NotStarted, Idle',
    'InvalidAugment, Idle',
    'Ok, SentToRemote',
    'AlreadySent, SentToRemote',
    'Ok, Canceled',
    'AlreadyEnd, Canceled',
    'AlreadyEnd, Canceled',
    'InvalidAugment, Canceled',
  ])
  await heard(page, ['localInvitationCanceled: Canceled of #0'])
})

test('each event names the call kit and the invitation that it is about, in the state that it is in', async ({
  world,
}) => {
  const [alice, bob] = [await user(world, 'alice'), await user(world, 'bob')]
  /** Twice in a row: then once more. */
  const answer = (method: 'acceptRemoteInvitation' | 'refuseRemoteInvitation', number: number) =>
    bob.evaluate(
      async ([name, index]) => {
        const { calls, invitations, rtm } = window
        const invitation = invitations[index]
        if (!(invitation instanceof rtm.AgoraRtmRemoteInvitation)) throw new Error('nobody calls')
        invitation.response = name
        const answers = [calls[name](invitation), calls[name](invitation)]
        const state = rtm.AgoraRtmRemoteInvitationState[invitation.state]
        const codes = await Promise.all(answers)
        return [state, ...codes.map((code) => rtm.AgoraRtmInvitationApiCallErrorCode[code])]
      },
      [method, number] as const,
    )

  expect(await invite(alice, 'bob')).toBe(0)
  await heard(bob, ['remoteInvitationReceived: InvitationReceived of #0'])
  expect(await answer('acceptRemoteInvitation', 0)).toEqual(['AcceptSentToLocal', 'Ok', 'AlreadyAccept'])
  const acceptedHere = [
    'localInvitationReceivedByPeer: ReceivedByRemote of #0',
    'localInvitationAccepted: AcceptedByRemote of #0 acceptRemoteInvitation',
  ]
  const acceptedThere = [
    'remoteInvitationReceived: InvitationReceived of #0',
    'remoteInvitationAccepted: Accepted of #0',
  ]
  await heard(alice, acceptedHere)
  await heard(bob, acceptedThere)

  expect(await invite(alice, 'bob')).toBe(0)
  const received = [...acceptedThere, 'remoteInvitationReceived: InvitationReceived of #1']
  await heard(bob, received)
  expect(await answer('refuseRemoteInvitation', 1)).toEqual(['InvitationReceived', 'Ok', 'AlreadyEnd'])
  const refusedHere = [
    ...acceptedHere,
    'localInvitationReceivedByPeer: ReceivedByRemote of #1',
    'localInvitationRefused: RefusedByRemote of #1 refuseRemoteInvitation',
  ]
  const refusedThere = [...received, 'remoteInvitationRefused: Refused of #1']
  await heard(alice, refusedHere)
  await heard(bob, refusedThere)

  expect(await invite(alice, 'bob')).toBe(0)
  await heard(bob, [...refusedThere, 'remoteInvitationReceived: InvitationReceived of #2'])
  const cancel = () => window.calls.cancelLocalInvitation(window.invitations[2] as AgoraRtmLocalInvitation)
  expect(await alice.evaluate(cancel)).toBe(0)
  await heard(alice, [
    ...refusedHere,
    'localInvitationReceivedByPeer: ReceivedByRemote of #2',
    'localInvitationCanceled: Canceled of #2',
  ])
  await heard(bob, [
    ...refusedThere,
    'remoteInvitationReceived: InvitationReceived of #2',
    'remoteInvitationCanceled: Canceled of #2',
  ])
})

test('an invitation expires for both 60 s after the callee has it', async ({ world }) => {
  const [alice, bob] = [await user(world, 'alice'), await user(world, 'bob')]
  expect(await invite(alice, 'bob')).toBe(0)
  const [here, there] = [
    'localInvitationReceivedByPeer: ReceivedByRemote of #0',
    'remoteInvitationReceived: InvitationReceived of #0',
  ]
  await heard(alice, [here])
  await pass(50, alice, bob)
  expect(await bob.evaluate(() => window.said)).toEqual([there])
  await pass(12, alice, bob)
  await heard(alice, [here, 'localInvitationFailure: Failure of #0 3'])
  await heard(bob, [there, 'remoteInvitationFailure: Failure of #0 3'])
})

test('a callee who is offline for 30 s is RemoteOffline, and one whose page has died RemoteNoResponse', async ({
  world,
}) => {
  const [alice, bob] = [await user(world, 'alice'), await user(world, 'bob')]
  expect(await invite(alice, 'carol')).toBe(0)
  await pass(25, alice)
  expect(await alice.evaluate(() => window.said)).toEqual([])
  await pass(7, alice)
  await heard(alice, ['localInvitationFailure: Failure of #0 1'])

  // For the server he is there for another 30 s.
  await crash(bob)
  expect(await invite(alice, 'bob')).toBe(0)
  await pass(32, alice)
  await heard(alice, ['localInvitationFailure: Failure of #0 1', 'localInvitationFailure: Failure of #1 2'])
})

test('an acceptance that the caller does not confirm is an AcceptFailure', async ({ world }) => {
  const [alice, bob] = [await user(world, 'alice'), await user(world, 'bob')]
  expect(await invite(alice, 'bob')).toBe(0)
  const received = 'remoteInvitationReceived: InvitationReceived of #0'
  await heard(bob, [received])
  await crash(alice)
  const accept = () => window.calls.acceptRemoteInvitation(window.invitations[0] as AgoraRtmRemoteInvitation)
  expect(await bob.evaluate(accept)).toBe(0)
  await pass(21, bob)
  await heard(bob, [received, 'remoteInvitationFailure: Failure of #0 2'])
})

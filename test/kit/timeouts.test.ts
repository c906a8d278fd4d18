import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'

import { timeouts } from '../conformance/limits.mjs'
import { ask, callsOf, type User } from './calls.ts'
import { setup } from './setup.ts'

const calls = callsOf(await import('../../src/index.ts'))

beforeEach(() => {
  for (const method of ['error', 'warn'] as const)
    vi.spyOn(console, method).mockImplementation(() => undefined)
})
afterEach(() => {
  vi.restoreAllMocks()
})

type World = ReturnType<typeof setup>

/** Where no answer comes for another reason than a server that is gone. */
const silences: Readonly<
  Record<string, (world: World) => Promise<{ alice: User; asks?: () => Promise<number> }>>
> = {
  // Without a token the user would be logged in among the tabs of the browser.
  'AgoraRtmKit.loginByToken': ({ kit, realm }) => {
    realm.stop()
    const alice = kit('alice')
    return Promise.resolve({ alice, asks: () => alice.kit.loginByToken('a token', 'alice') })
  },
  // The server does not say who has joined.
  'AgoraRtmChannel.joinWithCompletion': async ({ loggedIn, realm }) => {
    realm.answersJoins = false
    return { alice: await loggedIn('alice') }
  },
  // Bob is in the channel, and his page takes nothing.
  'AgoraRtmChannel.sendMessage': async (world) => {
    const [alice, bob] = [await world.loggedIn('alice'), await world.loggedIn('bob')]
    for (const one of [alice, bob]) await world.after(50, one.channel('room 0').joinWithCompletion())
    for (const cable of world.network.openCables) cable.stall()
    return { alice }
  },
}

describe('A call without an answer ends', () => {
  test.each(Object.entries(timeouts))('%s: after %i ms, with Timeout', async (method, ms) => {
    const world = setup()
    const silence = silences[method]
    const { alice, asks } = silence ? await silence(world) : { alice: await world.loggedIn('alice') }
    if (!silence) world.realm.stop()
    const call = calls[method]
    if (!call) throw new Error(`test/kit/calls.ts does not know how to call ${method}`)
    const asked = ask(call.codes, asks ? asks() : call.good(alice))
    await world.pass(ms - 1)
    expect(asked.name).toBe('pending')
    await world.pass(1)
    expect(asked.name).toBe('Timeout')
  })

  test('with a code for it where the API has one that can be waited for', () => {
    // These answer by themselves: they have the code for the state Aborted alone.
    const byThemselves = [
      'AgoraRtmKit.unsubscribePeersOnlineStatus',
      'AgoraRtmKit.queryPeersBySubscriptionOption',
      'AgoraRtmKit.setLocalUserAttributes',
      'AgoraRtmKit.addOrUpdateLocalUserAttributes',
      'AgoraRtmKit.deleteLocalUserAttributesByKeys',
      'AgoraRtmKit.clearLocalUserAttributes',
      'AgoraRtmChannel.getMembersWithCompletion',
    ]
    const withCode = Object.entries(calls).filter(([, { codes }]) => Object.values(codes).includes('Timeout'))
    expect(withCode.map(([method]) => method).sort()).toEqual(
      [...Object.keys(timeouts), ...byThemselves].sort(),
    )
  })
})

import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'

import { setup } from './setup.ts'

const { AgoraRtmMessage, AgoraRtmSendChannelMessageErrorCode, AgoraRtmSendPeerMessageErrorCode } =
  await import('../../src/index.ts')

beforeEach(() => {
  vi.spyOn(console, 'warn').mockImplementation(() => undefined)
})
afterEach(() => {
  vi.restoreAllMocks()
})

/** What may wait for one user. */
const MAX_WAITING = 4_096

const hello = () => AgoraRtmMessage.initWithText('hello')

/** Alice and bob in a channel, linked; bob's page takes nothing any more. */
async function stalled() {
  const world = setup()
  const [alice, bob] = [await world.loggedIn('alice'), await world.loggedIn('bob')]
  alice.kit.setParameters('{"rateLimits":false}')
  const rooms = [alice, bob].map((one) => one.channel('room'))
  for (const room of rooms) await world.after(500, room.joinWithCompletion())
  for (const cable of world.network.openCables) cable.stall()
  const [room] = rooms
  if (!room) throw new Error('no room')
  return { ...world, alice, room }
}

async function firstFailure(send: () => Promise<number>, failure: number): Promise<number> {
  for (let i = 0; i < MAX_WAITING * 2; i++) {
    const answer = await Promise.race([send(), new Promise<undefined>(setImmediate)])
    if (answer === failure) return i
  }
  return Infinity
}

describe('Failure', () => {
  test('is the answer of a message to a peer for whom too much is waiting', async () => {
    const { alice } = await stalled()
    const { Failure } = AgoraRtmSendPeerMessageErrorCode
    const sent = await firstFailure(() => alice.kit.sendMessage(hello(), 'bob'), Failure)
    expect(sent).toBe(MAX_WAITING)
  })

  test('is the answer of a channel message for which a member has no room', async () => {
    const { room } = await stalled()
    const { Failure } = AgoraRtmSendChannelMessageErrorCode
    expect(await firstFailure(() => room.sendMessage(hello()), Failure)).toBe(MAX_WAITING)
  })

  test('is the answer of a message for an offline peer when 16 MB are kept', async () => {
    const { loggedIn, pass } = setup()
    const { kit } = await loggedIn('alice')
    kit.setParameters('{"rateLimits":false}')
    const large = AgoraRtmMessage.initWithText('x'.repeat(32_768))
    const codes: number[] = []
    for (let i = 0; i < 520; i++) {
      void kit
        .sendMessage(large, `user ${i}`, { enableOfflineMessaging: true })
        .then((code) => codes.push(code))
    }
    await pass(1_000)
    const { CachedByServer, Failure } = AgoraRtmSendPeerMessageErrorCode
    expect([...new Set(codes)]).toEqual([CachedByServer, Failure])
    expect(codes.lastIndexOf(CachedByServer)).toBeLessThan(codes.indexOf(Failure))
  })
})

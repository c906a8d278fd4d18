import { describe, expect, test, vi } from 'vitest'

import { setup } from './setup.ts'

const {
  AgoraRtmMessage,
  AgoraRtmRawMessage,
  AgoraRtmSendMessageOptions,
  AgoraRtmSendPeerMessageErrorCode: Send,
} = await import('../../src/index.ts')

const offline = Object.assign(new AgoraRtmSendMessageOptions(), { enableOfflineMessaging: true })
const hello = () => AgoraRtmMessage.initWithText('hello')

describe('A message to an offline peer', () => {
  test('is unreachable, unless the options say that it is kept; no line in the console says so', async () => {
    const warn = vi.spyOn(console, 'warn')
    const { loggedIn, after } = setup()
    const alice = await loggedIn('alice')
    const historical = Object.assign(new AgoraRtmSendMessageOptions(), { enableHistoricalMessaging: true })
    for (const options of [undefined, null, new AgoraRtmSendMessageOptions(), historical]) {
      expect(await after(50, alice.kit.sendMessage(hello(), 'bob', options))).toBe(Send.PeerUnreachable)
    }
    for (const options of [offline, { enableOfflineMessaging: true }]) {
      expect(await after(50, alice.kit.sendMessage(hello(), 'bob', options))).toBe(Send.CachedByServer)
    }
    expect(Send.CachedByServer).toBe(4)
    expect(warn).not.toHaveBeenCalled()
    warn.mockRestore()
  })

  test('that was kept is marked when it arrives, with the time at which it was sent', async () => {
    const { loggedIn, after, pass, kit, clock } = setup()
    const alice = await loggedIn('alice')
    const sentAt = clock.now()
    const raw = AgoraRtmRawMessage.initWithRawData(new Uint8Array([1, 2]), 'two')
    const calls = [alice.kit.sendMessage(hello(), 'bob', offline), alice.kit.sendMessage(raw, 'bob', offline)]
    await after(3_600_000, Promise.all(calls))
    const bob = kit('bob')
    const times: number[] = []
    const { messageReceived } = bob.kit.agoraRtmDelegate ?? {}
    Object.assign(bob.kit.agoraRtmDelegate ?? {}, {
      messageReceived: (...args: Parameters<NonNullable<typeof messageReceived>>) => {
        times.push(args[1].serverReceivedTs)
        messageReceived?.(...args)
      },
    })
    await after(50, bob.kit.loginByToken(null, 'bob'))
    await pass(6_000)
    expect(await after(200, alice.kit.sendMessage(hello(), 'bob', offline))).toBe(Send.Ok)
    const heard = bob.news().filter((line) => line.startsWith('alice'))
    expect(heard).toEqual(['alice: (offline) hello', 'alice: (offline) 1 2 (two)', 'alice: hello'])
    expect(times.slice(0, 2)).toEqual([sentAt, sentAt])
  })
})

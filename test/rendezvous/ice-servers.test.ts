import * as v from 'valibot'
import { describe, expect, onTestFinished, test } from 'vitest'

import { decodeServerMessage } from '../../src/protocol/server-messages.ts'
import type { Welcome } from '../../src/rendezvous/rendezvous.ts'
import { renewalDelayMs } from '../../src/rendezvous/server-login.ts'
import type { ServerRendezvous } from '../../src/rendezvous/server.ts'
import type { SignalingServerOptions } from '../../signaling/index.ts'
import { serverMeeting } from './server-meeting.ts'

const turn = { urls: ['turn:turn.example.org:3478'], secret: 'a secret shared with coturn' }
const HOUR = 3_600_000

async function setup(options: SignalingServerOptions = { turn }) {
  const meeting = await serverMeeting(options)
  onTestFinished(() => meeting.close())
  const alice = await meeting.arrive('alice')
  await alice.until(() => alice.rendezvous.isUp)
  await meeting.settle()
  alice.news()
  return {
    ...meeting,
    alice,
    /** Renewals after a machine has slept for so long. */
    async renewalsAfter(ms: number): Promise<number> {
      const before = alice.renewedIceServers.length
      meeting.clock.sleep(ms - 1)
      meeting.clock.advance(0)
      await meeting.settle()
      expect(alice.renewedIceServers).toHaveLength(before)
      meeting.clock.advance(3_000)
      await meeting.settle()
      return alice.renewedIceServers.length - before
    },
  }
}

/** Until when, in milliseconds. */
function expiryOf(iceServers: Welcome['iceServers']): number {
  return Number(/^\d+/.exec(iceServers?.at(-1)?.username ?? '')?.[0]) * 1_000
}

describe('TURN credentials of a session', () => {
  test('are renewed at half of their life where that is shorter than its own credential lives', async () => {
    const { alice, clock, renewalsAfter } = await setup({ turn: { ...turn, ttl: 3_600 } })
    expect(expiryOf(alice.welcomes[0]?.iceServers)).toBe(clock.now() + HOUR)
    for (let renewal = 1; renewal <= 3; renewal++) {
      expect(await renewalsAfter(HOUR / 2)).toBe(1)
      expect(expiryOf(alice.renewedIceServers.at(-1))).toBeGreaterThan(clock.now() + HOUR - 5_000)
    }
  })

  test('are renewed with its own credential where they live longer', async () => {
    const { clock, alice, renewalsAfter } = await setup({ turn: { ...turn, ttl: 24 * 3_600 } })
    expect(await renewalsAfter(6 * HOUR)).toBe(1)
    expect(expiryOf(alice.renewedIceServers.at(-1))).toBeGreaterThan(clock.now() + 11 * HOUR)
  })

  test('come with a renewed token as well', async () => {
    const { alice, settle } = await setup()
    const outcome = (alice.rendezvous as ServerRendezvous).renewToken('any, in an app without a certificate')
    await settle()
    expect(await outcome).toBe('ok')
    expect(alice.renewedIceServers.at(-1)).toMatchObject([{ urls: turn.urls }])
  })

  test('of a server that names none stay what they were', async () => {
    const { alice, renewalsAfter } = await setup({})
    expect(await renewalsAfter(6 * HOUR)).toBe(1)
    expect(alice.renewedIceServers).toEqual([undefined])
  })
})

test('A server that says of its ICE servers that they end at once is asked for others every 30 s, no more often', async () => {
  const { alice } = await setup({})
  const credential = alice.welcomes[0]?.credential ?? ''
  expect(renewalDelayMs({ type: 'credential', credential, iceServersLifeMs: 0 })).toBe(30_000)
  expect(renewalDelayMs({ type: 'credential', credential, iceServersLifeMs: 2 ** 50 })).toBe(6 * HOUR)
})

describe('What a server says of ICE servers', () => {
  const told = (offer: object) =>
    decodeServerMessage(JSON.stringify({ type: 'credential', credential: 'c', ...offer }))

  test.each<[what: string, offer: object]>([
    ['seventeen servers', { iceServers: Array(17).fill({ urls: 'turn:x' }) }],
    ['nine URLs of one', { iceServers: [{ urls: Array(9).fill('turn:x') }] }],
    ['a URL of 513 characters', { iceServers: [{ urls: `turn:${'x'.repeat(508)}` }] }],
    ['a user name of 513 characters', { iceServers: [{ urls: 'turn:x', username: 'x'.repeat(513) }] }],
    ['a password that is no text', { iceServers: [{ urls: 'turn:x', credential: 7 }] }],
    ['no URL', { iceServers: [{ username: 'u' }] }],
    ['a life below zero', { iceServersLifeMs: -1 }],
    ['a life that is no whole number', { iceServersLifeMs: 0.5 }],
    ['a life as text', { iceServersLifeMs: '60000' }],
  ])('is no message with %s', (_what, offer) => {
    expect(told(offer)).toBeUndefined()
  })

  test('is read without what a later version may add', () => {
    expect(told({ iceServers: [{ urls: 'turn:x', quota: 3 }], iceServersLifeMs: 1, mood: 'good' })).toEqual({
      type: 'credential',
      credential: 'c',
      iceServers: [{ urls: 'turn:x' }],
      iceServersLifeMs: 1,
    })
  })

  test('does not disturb clients from before there was any with a renewed credential', () => {
    const before = v.object({ type: v.literal('credential'), credential: v.string() })
    const message = {
      type: 'credential',
      credential: 'c',
      iceServers: [{ urls: 'turn:x' }],
      iceServersLifeMs: 1,
    }
    expect(v.parse(before, message)).toEqual({ type: 'credential', credential: 'c' })
  })
})

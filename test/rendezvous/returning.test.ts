import { describe, expect, onTestFinished, test } from 'vitest'

import type { AppId, ChannelId, UserId } from '../../src/base/ids.ts'
import { openCredential } from '../../src/protocol/credential.ts'
import { backOffMs } from '../../src/rendezvous/back-off.ts'
import { ServerRendezvous } from '../../src/rendezvous/server.ts'
import type { SignalingServerOptions } from '../../signaling/index.ts'
import { noLog } from '../support/no-log.ts'
import { sockets } from '../support/web-socket.ts'
import { Participant } from './participant.ts'
import { announcementOf, serverMeeting } from './server-meeting.ts'

const LOBBY = 'lobby' as ChannelId
const HOUR = 3_600_000

async function setup(options: SignalingServerOptions = {}) {
  const waits: number[] = []
  const meeting = await serverMeeting(options, (_, __, details) => {
    if (typeof details?.['delayMs'] === 'number') waits.push(details['delayMs'])
  })
  onTestFinished(() => meeting.close())
  return {
    ...meeting,
    waits,
    async up(user: string) {
      const one = await meeting.arrive(user)
      await one.until(() => one.rendezvous.isUp)
      await meeting.settle()
      one.news()
      return one
    },
    /** A session with its own list of servers. */
    async visitor(user: string, urls: readonly string[]) {
      const one = new Participant(
        await announcementOf(user),
        (announcement, events) =>
          new ServerRendezvous(
            { urls, announcement, clock: meeting.clock, random: () => 0.5, log: noLog },
            events,
          ),
      )
      meeting.participants.push(one)
      return one
    },
  }
}

/** Waits of real sockets that are refused: nothing but the operating system can tell when. */
async function untilClosed(): Promise<void> {
  while (sockets.size > 0) await new Promise((resolve) => setImmediate(resolve))
}

describe('The way back to a server', () => {
  test('takes ever longer while the server is away, 5 s at most, half of it by chance', () => {
    const waits = (random: number) =>
      [0, 1, 2, 3, 4, 5, 50].map((failures) => backOffMs(failures, () => random))
    expect(waits(0)).toEqual([250, 500, 1_000, 2_000, 2_500, 2_500, 2_500])
    expect(waits(1)).toEqual([500, 1_000, 2_000, 4_000, 5_000, 5_000, 5_000])
  })

  test('begins after a quarter to half a second when a connection that stood is lost', async () => {
    const { up, breakConnection, waits } = await setup()
    const alice = await up('alice')
    await breakConnection(alice)
    expect(waits).toEqual([375])
  })

  test('is spread over 2 s after an orderly restart', async () => {
    const { up, server, settle, waits } = await setup()
    await up('alice')
    await server.close()
    await settle()
    expect(waits[0]).toBe(1_000)
  })

  test('is tried for ever, ever more slowly', async () => {
    const { up, server, settle, clock, waits } = await setup()
    await up('alice')
    await server.close()
    await settle()
    for (let i = 0; i < 8; i++) {
      clock.advance(waits.at(-1) ?? 0)
      await untilClosed()
    }
    expect(waits.slice(1)).toEqual([750, 1_500, 3_000, 3_750, 3_750, 3_750, 3_750, 3_750])
  })

  test('leads to the next server at once when one does not answer, and stays there', async () => {
    const { visitor, server, clock, settle } = await setup()
    const alice = await visitor('alice', ['ws://127.0.0.1:1/rtm', server.url])
    await alice.until(() => alice.rendezvous.isUp)
    expect(alice.rendezvous.name).toBe(server.url)
    await settle()
    for (const socket of sockets) socket.terminate()
    await untilClosed()
    clock.advance(1_000)
    while (!alice.rendezvous.isUp) await settle()
    expect(alice.rendezvous.name).toBe(server.url)
  })

  test('survives a URL that no browser opens', async () => {
    const { visitor, server, clock } = await setup()
    const alice = await visitor('alice', ['nonsense', server.url])
    clock.advance(1_000)
    await alice.until(() => alice.rendezvous.isUp)
    expect(alice.news()).toEqual(['up'])
  })

  test('keeps the session when the server lost its keys, as a login of now', async () => {
    const { up, forgetEverybody, clock, settle } = await setup()
    const alice = await up('alice')
    const before = alice.peer
    await forgetEverybody()
    while (!alice.rendezvous.isUp) {
      clock.advance(100)
      await settle()
    }
    expect(alice.peer.sessionId).toBe(before.sessionId)
    expect(alice.peer.loginTime).toBeGreaterThan(before.loginTime)
    expect(alice.welcomes[1]?.serverKeys).not.toEqual(alice.welcomes[0]?.serverKeys)
  })
})

describe('A server that forgot everybody', () => {
  test('cannot tell for 10 s that somebody is not there, but that somebody is', async () => {
    const { up, forgetEverybody, settle, pass } = await setup()
    const [alice, bob] = [await up('alice'), await up('bob')]
    const found = async (...users: string[]) => {
      const peers = alice.rendezvous.find(users as UserId[])
      await settle()
      return (await peers)?.map(({ userId }) => userId)
    }
    expect(await found('bob', 'carol')).toEqual(['bob'])
    expect(await found('carol')).toEqual([])

    await forgetEverybody()
    while (!alice.rendezvous.isUp || !bob.rendezvous.isUp) await pass(100)
    expect(await found('carol')).toBeUndefined()
    expect(await found('bob', 'carol')).toEqual(['bob'])
    await pass(10_000)
    expect(await found('carol')).toEqual([])
  })
})

describe('A server that says nothing', () => {
  test('is given up after 12 s, whatever TCP thinks', async () => {
    const { up, clock, ownSocket } = await setup()
    const alice = await up('alice')
    const socket = ownSocket(alice)
    socket.pause()
    for (let i = 0; i < 12; i++) clock.advance(1_000)
    expect(alice.rendezvous.isUp).toBe(true)
    clock.advance(1_000)
    expect(alice.news()).toEqual(['down'])
    socket.resume()
  })

  test('is forgiven when this page slept', async () => {
    const { up, clock, pass } = await setup()
    const alice = await up('alice')
    clock.sleep(HOUR)
    await pass(3_000)
    expect(alice.rendezvous.isUp).toBe(true)
    expect(alice.news()).toEqual([])
  })

  test('does not keep a question waiting for more than 5 s', async () => {
    const { up, clock, ownSocket } = await setup()
    const alice = await up('alice')
    ownSocket(alice).pause()
    const found = alice.rendezvous.find([])
    clock.advance(5_000)
    expect(await found).toBeUndefined()
    ownSocket(alice).resume()
  })

  test('is not silent while it pings: a quiet hour changes nothing', async () => {
    const { up, pass } = await setup()
    const [alice, bob] = [await up('alice'), await up('bob')]
    await pass(120_000)
    expect([...alice.news(), ...bob.news()]).toEqual([])
  })
})

describe('A refused login', () => {
  test('says why, and is not tried again', async () => {
    const { arrive, pass } = await setup({ apps: { ['b'.repeat(32) as AppId]: {} } })
    const alice = await arrive('alice')
    await alice.until(() => alice.log.length > 0)
    await pass(30_000)
    expect(alice.news()).toEqual(['refused: invalid-app-id'])
    expect(sockets.size).toBe(0)
  })

  test('of somebody who was banned while logged in', async () => {
    const { up, server, settle } = await setup()
    const alice = await up('alice')
    void server.ban('a'.repeat(32) as AppId, 'alice')
    await settle()
    expect(alice.news()).toEqual(['ended: banned'])
  })
})

describe('A credential', () => {
  test('is renewed at half of its life, again and again, with the login time that it had', async () => {
    const { up, clock, settle } = await setup()
    const alice = await up('alice')
    const first = openCredential(alice.welcomes[0]?.credential ?? '')?.credential
    expect(first && first.expiresAt - first.issuedAt).toBe(12 * HOUR)
    for (let renewal = 1; renewal <= 3; renewal++) {
      // A machine that sleeps most of the day: no socket dies of it.
      clock.sleep(6 * HOUR - 1)
      clock.advance(0)
      await settle()
      alice.news()
      clock.advance(3_000)
      await settle()
      expect(alice.news()).toEqual(['renewed'])
    }
    expect(alice.peer.loginTime).toBe(first?.loginTime)
  })
})

describe('Joining', () => {
  test('while the server is away happens on return', async () => {
    const { up, breakConnection, clock, settle } = await setup()
    const alice = await up('alice')
    await breakConnection(alice)
    alice.rendezvous.join(LOBBY, 1)
    clock.advance(1_000)
    while (!alice.rendezvous.isUp) await settle()
    await settle()
    expect(alice.news()).toEqual(['down', 'up', 'lobby/1 has []'])
  })
})

describe('A visit', () => {
  test('while the server is away is said on return, and not answered to anybody', async () => {
    const { up, breakConnection, pass } = await setup()
    const [alice, bob] = [await up('alice'), await up('bob')]
    await breakConnection(alice)
    expect(await alice.rendezvous.visit(LOBBY)).toBeUndefined()
    await pass(1_000)
    await alice.until(() => alice.rendezvous.isUp)
    await pass(100)
    expect(alice.news()).toEqual(['down', 'up'])
    const holders = bob.rendezvous.visit(LOBBY)
    expect(await holders).toEqual([alice.peer])
  })

  test('does not wait for an answer for more than 5 s', async () => {
    const { up, clock, ownSocket } = await setup()
    const alice = await up('alice')
    ownSocket(alice).pause()
    const holders = alice.rendezvous.visit(LOBBY)
    clock.advance(5_000)
    expect(await holders).toBeUndefined()
    ownSocket(alice).resume()
  })

  test('is not waited for when the connection breaks', async () => {
    const { up, breakConnection, ownSocket } = await setup()
    const alice = await up('alice')
    ownSocket(alice).pause()
    const holders = alice.rendezvous.visit(LOBBY)
    await breakConnection(alice)
    expect(await holders).toBeUndefined()
  })

  test('of a 21st channel ends the oldest, also after a return', async () => {
    const { up, breakConnection, pass, settle } = await setup()
    const [alice, bob] = [await up('alice'), await up('bob')]
    const rooms = Array.from({ length: 21 }, (_, i) => `room${i}` as ChannelId)
    for (const room of rooms) void alice.rendezvous.visit(room)
    await settle()
    const visited = async (): Promise<number[]> => {
      const answers = rooms.map(async (room) => (await bob.rendezvous.visit(room))?.length ?? -1)
      await settle()
      for (const room of rooms) bob.rendezvous.endVisit(room)
      return Promise.all(answers)
    }
    expect(await visited()).toEqual([0, ...Array<number>(20).fill(1)])
    await breakConnection(alice)
    await pass(1_000)
    await alice.until(() => alice.rendezvous.isUp)
    await pass(100)
    expect(await visited()).toEqual([0, ...Array<number>(20).fill(1)])
  })
})

describe('A channel that was left over a connection that was dead already', () => {
  test('is left there after the return', async () => {
    const { up, settle, ownSocket, breakConnection, pass } = await setup()
    const [alice, bob] = [await up('alice'), await up('bob')]
    for (const one of [alice, bob]) one.rendezvous.join(LOBBY, 1)
    await settle()
    bob.news()
    // The network is gone, and nobody knows yet.
    const lost: unknown[] = []
    Object.assign(ownSocket(alice), { send: (message: unknown) => lost.push(message) })
    alice.rendezvous.leave(LOBBY, 1)
    expect(lost).toHaveLength(1)
    await breakConnection(alice)
    await pass(3_000)
    await alice.until(() => alice.rendezvous.isUp)
    await settle()

    await bob.until(() => bob.log.some((line) => line.endsWith('alice/1 left')))
    const carol = await up('carol')
    carol.rendezvous.join(LOBBY, 1)
    await settle()
    expect(carol.news()).toEqual([expect.stringContaining('has [bob/1]')])
  })
})

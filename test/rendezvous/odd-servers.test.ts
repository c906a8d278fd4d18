import type { AddressInfo } from 'node:net'

import { describe, expect, onTestFinished, test } from 'vitest'
import { type WebSocket, WebSocketServer } from 'ws'

import { noLog } from '../support/no-log.ts'
import { closeCodes } from '../../src/protocol/server-messages.ts'
import { ServerRendezvous } from '../../src/rendezvous/server.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { settle } from '../support/pass-time.ts'
import { installWebSocket, sockets } from '../support/web-socket.ts'
import { Participant } from './participant.ts'
import { announcementOf } from './server-meeting.ts'

/** A server that says what a test tells it to say. */
async function setup(greet: (socket: WebSocket, connection: number) => void) {
  const clock = new ManualClock()
  const restoreWebSocket = installWebSocket()
  let connectionCount = 0
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  server.on('connection', (socket) => greet(socket, ++connectionCount))
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as AddressInfo
  const url = `ws://127.0.0.1:${port}/rtm`
  const alice = new Participant(
    await announcementOf('alice'),
    (announcement, events) =>
      new ServerRendezvous({ urls: [url], announcement, clock, random: () => 0.5, log: noLog }, events),
  )
  onTestFinished(async () => {
    alice.rendezvous.goodbye()
    for (const socket of server.clients) socket.terminate()
    await new Promise((resolve) => server.close(resolve))
    restoreWebSocket()
    if (clock.pending > 0) throw new Error(`${clock.pending} timers are left`)
  })
  return {
    alice,
    clock,
    get connectionCount() {
      return connectionCount
    },
    async connected(count: number) {
      while (connectionCount < count) await settle()
      for (let i = 0; i < 3; i++) {
        await Promise.all([...sockets].map((socket) => socket.settled()))
        await settle()
      }
    },
    async closed() {
      while (sockets.size > 0) await settle()
    },
  }
}

const hello = (version = 1): string =>
  JSON.stringify({ type: 'hello', version, features: 0, nonce: 'A'.repeat(43), boot: 'x' })

describe('A server that is not as it should be', () => {
  test('speaks another version: the login is refused with a sentence for people', async () => {
    const { alice, connected, closed } = await setup((socket) => socket.send(hello(2)))
    await connected(1)
    await closed()
    expect(alice.news()).toEqual(['refused: unsupported-version'])
  })

  test('greets and never answers the login: after 6 s another connection is tried', async () => {
    const world = await setup((socket) => socket.send(hello()))
    await world.connected(1)
    world.clock.advance(6_000)
    await world.closed()
    world.clock.advance(1_000)
    await world.connected(2)
    expect(world.alice.news()).toEqual([])
    expect(world.connectionCount).toBe(2)
  })

  test('sends what is no message: it is ignored', async () => {
    const { alice, connected } = await setup((socket) => {
      for (const text of ['', '[]', 'null', '{"type":"news"}', 'x'.repeat(100_000), hello().slice(1)])
        socket.send(text)
      socket.send(new Uint8Array([1, 2, 3]))
      socket.send(JSON.stringify({ type: 'loggedIn', credential: '', serverKeys: [], loginTime: 0, time: 0 }))
    })
    await connected(1)
    expect(alice.news()).toEqual([])
    expect(alice.rendezvous.isUp).toBe(false)
  })

  test('welcomes before it greeted: that is no login', async () => {
    const key = 'A'.repeat(87)
    const welcome = { type: 'loggedIn', credential: 'x', serverKeys: [key], loginTime: 0, time: 0 }
    const { alice, connected } = await setup((socket) => socket.send(JSON.stringify(welcome)))
    await connected(1)
    expect(alice.news()).toEqual([])
  })

  test('is too busy: that is no refusal, another connection is tried', async () => {
    const world = await setup((socket) => {
      socket.send(JSON.stringify({ type: 'refused', reason: 'overload', message: 'Full' }))
      socket.close(closeCodes.refused)
    })
    await world.connected(1)
    await world.closed()
    world.clock.advance(5_000)
    await world.connected(2)
    expect(world.alice.news()).toEqual([])
  })

  test('ends a session that goes on to say things: nothing more is heard of it', async () => {
    const { alice, connected } = await setup((socket) => {
      socket.send(JSON.stringify({ type: 'ended', reason: 'kicked', message: 'Out' }))
      socket.send(JSON.stringify({ type: 'undeliverable', to: 'f'.repeat(32) }))
    })
    await connected(1)
    expect(alice.news()).toEqual(['ended: kicked'])
  })
})

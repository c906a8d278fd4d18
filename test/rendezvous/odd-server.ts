import type { AddressInfo } from 'node:net'

import { onTestFinished } from 'vitest'
import { type WebSocket, WebSocketServer } from 'ws'

import type { Log } from '../../src/base/logger.ts'
import { ServerRendezvous } from '../../src/rendezvous/server.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { noLog } from '../support/no-log.ts'
import { settle } from '../support/pass-time.ts'
import { installWebSocket, sockets } from '../support/web-socket.ts'
import { Participant } from './participant.ts'
import { announcementOf } from './server-meeting.ts'

/** A server that says what a test tells it to say. */
export async function oddServer(greet: (socket: WebSocket, connection: number) => void, log: Log = noLog) {
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
      new ServerRendezvous({ urls: [url], announcement, clock, random: () => 0.5, log }, events),
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

export const hello = (version = 1): string =>
  JSON.stringify({ type: 'hello', version, features: 0, nonce: 'A'.repeat(43), boot: 'x' })

/** The answer to a login; what it says of keys and credentials is nonsense. */
export const welcome = JSON.stringify({
  type: 'loggedIn',
  credential: 'x',
  serverKeys: ['A'.repeat(87)],
  loginTime: 0,
  time: 0,
})

import { webCrypto } from '../../src/base/crypto.ts'
import type { UserId } from '../../src/base/ids.ts'
import type { Log } from '../../src/base/logger.ts'
import { noLog } from '../support/no-log.ts'
import { sessionIdFromHash, sessionIdInput } from '../../src/protocol/credential.ts'
import type { Announcement } from '../../src/rendezvous/rendezvous.ts'
import { ServerRendezvous } from '../../src/rendezvous/server.ts'
import { createSignalingServer, type SignalingServerOptions } from '../../signaling/index.ts'
import { APP } from '../support/credentials.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { settle as settleNow } from '../support/pass-time.ts'
import { installWebSocket, sockets, type TestWebSocket } from '../support/web-socket.ts'
import { Participant, type ServedMeeting } from './participant.ts'

export async function announcementOf(user: string): Promise<Announcement> {
  const fingerprint = webCrypto.randomBytes(32)
  const signingKey = await webCrypto.generateSigningKey()
  const hash = await webCrypto.sha256(sessionIdInput({ fingerprint, signingKey: signingKey.publicKey }))
  return {
    appId: APP,
    userId: user as UserId,
    token: null,
    sessionId: sessionIdFromHash(hash),
    fingerprint,
    signingKey,
    agreementKey: await webCrypto.generateAgreementKey(),
  }
}

/** A real signaling server, real sockets, and one clock for all that stands still. */
export async function serverMeeting(options: SignalingServerOptions = {}, log: Log = noLog) {
  const clock = new ManualClock()
  const restoreWebSocket = installWebSocket()
  const start = (port: number) => createSignalingServer({ log: noLog, clock, ...options, port })
  let server = await start(0)
  const participants: Participant[] = []
  const socketOf = new Map<Participant, TestWebSocket>()

  const settle = async (): Promise<void> => {
    await Promise.all([...sockets].map((socket) => socket.answered))
    for (let round = 0; round < 3; round++) {
      await Promise.all([...sockets].map((socket) => socket.settled()))
      await settleNow()
    }
  }
  const pass = async (ms: number): Promise<void> => {
    for (let left = ms; left > 0; left -= 500) {
      clock.advance(Math.min(left, 500))
      await settle()
    }
  }
  const lose = async (participant: Participant): Promise<void> => {
    const mine = ownSocket(participant)
    const closed = new Promise<void>((resolve) => mine.once('close', () => resolve()))
    mine.terminate()
    await closed
    await settle()
  }
  function ownSocket(participant: Participant): TestWebSocket {
    const socket = socketOf.get(participant)
    if (!socket) throw new Error(`${participant.announcement.userId} has no socket`)
    return socket
  }

  const meeting: ServedMeeting = {
    async arrive(user) {
      const announcement = await announcementOf(user)
      const participant = new Participant(announcement, (who, events) => {
        const urls = [server.url]
        return new ServerRendezvous({ urls, announcement: who, clock, random: () => 0.5, log }, events)
      })
      participants.push(participant)
      const newest = [...sockets].at(-1)
      if (newest) socketOf.set(participant, newest)
      return participant
    },
    settle,
    pass,
    breakConnection: lose,
    async crash(participant) {
      await lose(participant)
      // It never says anything again, and its server does not hear why.
      participant.rendezvous.goodbye()
    },
    async forgetEverybody() {
      const { port } = server
      await server.close()
      server = await start(port)
      await settle()
    },
    kick: (user) => void server.kick(APP, user),
    async close() {
      for (const { rendezvous } of participants) rendezvous.goodbye()
      await settle()
      await server.close()
      restoreWebSocket()
      for (const socket of sockets) socket.terminate()
      clock.advance(1)
      if (clock.pending > 0) throw new Error(`${clock.pending} timers are left`)
    },
  }
  return {
    ...meeting,
    clock,
    participants,
    ownSocket,
    get server() {
      return server
    },
  }
}

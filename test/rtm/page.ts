import { toHex } from '../../src/base/bytes.ts'
import { portableCrypto } from '../../src/base/crypto-portable.ts'
import type { ChannelId, SessionId, UserId } from '../../src/base/ids.ts'
import * as documents from '../../src/documents/documents.ts'
import { noLog } from '../support/no-log.ts'
import type { LocalIdentity } from '../../src/mesh/local-identity.ts'
import type { Content } from '../../src/protocol/items.ts'
import type { Peer } from '../../src/protocol/peer.ts'
import { Engine } from '../../src/rtm/engine.ts'
import type { Environment } from '../../src/rtm/environment.ts'
import type { ReceivedContent } from '../../src/rtm/received.ts'
import type { RoomEvents } from '../../src/rtm/room.ts'
import { APP } from '../support/credentials.ts'
import type { ManualClock } from '../support/manual-clock.ts'
import type { MemoryNetwork } from '../support/memory-network.ts'
import type { MemoryRealm } from '../support/memory-realm.ts'
import { MemoryRendezvous } from '../support/memory-rendezvous.ts'
import { seededRandom } from '../support/random.ts'

export const LOBBY = 'lobby' as ChannelId
export const text = (value: string): Content => ({ type: 'text', text: value })

export interface Places {
  readonly clock: ManualClock
  readonly realm: MemoryRealm
  readonly network: MemoryNetwork
  nextSession(): number
}

export type Page = ReturnType<typeof makePage>

/** One user's page. */
export function makePage(userId: string, places: Places) {
  const { clock, realm, network } = places
  const log: string[] = []
  const received: ReceivedContent[] = []
  const self: { peer: Peer | undefined; rendezvous: MemoryRendezvous | undefined } = {
    peer: undefined,
    rendezvous: undefined,
  }
  const random = seededRandom(1)
  const environment: Environment = {
    clock,
    random,
    log: noLog,
    loadCrypto: () => Promise.resolve(portableCrypto),
    loadDocuments: () => Promise.resolve(documents),
    createIdentity: () => Promise.resolve(fakeIdentity(places.nextSession())),
    createRendezvous(announcement, events) {
      self.rendezvous = new MemoryRendezvous(realm, announcement, {
        ...events,
        up: (welcome) => {
          if (self.peer) Object.assign(self.peer, welcome.me)
          events.up(welcome)
        },
      })
      return self.rendezvous
    },
    createLinker({ identity, relay }, events) {
      self.peer = { userId: userId as UserId, sessionId: identity.sessionId, loginTime: 0 }
      return network.linker(self.peer, events, relay)
    },
  }
  const engine = new Engine(APP, environment, {
    connectionStateChanged: (state, reason) => log.push(`${state} (${reason})`),
    peerMessage: (message, from) => {
      received.push(message)
      log.push(`message from ${from}: ${describe(message.content)}`)
    },
  })
  const roomEvents = (channel: string): RoomEvents => ({
    memberJoined: (member) => log.push(`${channel}: ${member.userId} joined`),
    memberLeft: (member) => log.push(`${channel}: ${member.userId} left`),
    memberCount: (count) => log.push(`${channel}: ${count} members`),
    message: (message, from) => {
      received.push(message)
      log.push(`${channel}: ${from.userId}: ${describe(message.content)}`)
    },
    attributesUpdated: (attributes) => {
      const all = attributes.map(
        ({ key, value, lastUpdateUserId }) => `${key}=${value} of ${lastUpdateUserId}`,
      )
      log.push(`${channel}: attributes ${all.join(', ')}`)
    },
  })
  const answered = <T>(what: string, run: (done: (outcome: T) => void) => void): Call<T> => {
    const call: Call<T> = { outcome: 'pending' }
    run((outcome) => {
      call.outcome = outcome
      log.push(`${what}: ${String(outcome)}`)
    })
    return call
  }
  const page = {
    engine,
    environment,
    log,
    received,
    get peer(): Peer {
      if (!self.peer) throw new Error(`${userId} has never logged in`)
      return self.peer
    },
    get rendezvous(): MemoryRendezvous {
      if (!self.rendezvous) throw new Error(`${userId} has never logged in`)
      return self.rendezvous
    },
    login: (as: unknown = userId) =>
      answered('login', (done: Parameters<Engine['login']>[2]) => engine.login(null, as, done)),
    logout: () => answered('logout', (done: Parameters<Engine['logout']>[0]) => engine.logout(done)),
    join: (channel: string = LOBBY) =>
      answered(`join ${channel}`, (done: Parameters<Engine['join']>[2]) =>
        engine.join(channel as ChannelId, roomEvents(channel), done),
      ),
    send: (to: unknown, content: Content | string | undefined) =>
      answered('send', (done: Parameters<Engine['sendToPeer']>[2]) =>
        engine.sendToPeer(to, typeof content === 'string' ? text(content) : content, done),
      ),
    sendToChannel: (content: Content | string | undefined, channel: string = LOBBY) =>
      answered('send', (done: Parameters<Engine['sendToChannel']>[2]) =>
        engine.sendToChannel(
          channel as ChannelId,
          typeof content === 'string' ? text(content) : content,
          done,
        ),
      ),
    leave: (channel: string = LOBBY) => engine.leave(channel as ChannelId),
    members: (channel: string = LOBBY) => engine.members(channel as ChannelId),
    writeAttributes: (change: Parameters<Engine['writeUserAttributes']>[0]) =>
      answered('write attributes', (done: Parameters<Engine['writeUserAttributes']>[1]) =>
        engine.writeUserAttributes(change, done),
      ),
    readAttributes: (userId: unknown, keys?: readonly string[]) =>
      answered('read attributes', (done: Parameters<Engine['readUserAttributes']>[2]) =>
        engine.readUserAttributes(userId, keys, done),
      ),
    /** What was logged since the last look. */
    news: () => log.splice(0),
    /** The page is gone without a word; its engine is heard no more. */
    crash: () => {
      network.crash(page.peer)
      page.rendezvous.crash()
    },
  }
  return page
}

/** A call's outcome, as soon as there is one. */
export interface Call<T> {
  outcome: T | 'pending'
}

function describe(content: Content): string {
  return content.type === 'text' ? content.text : `${content.raw.byteLength} bytes (${content.description})`
}

/** Nothing that is made here is ever proven to anybody. */
function fakeIdentity(number: number): LocalIdentity {
  const fingerprint = new Uint8Array(32)
  new DataView(fingerprint.buffer).setUint32(0, number)
  const sessionId = toHex(fingerprint.subarray(0, 16)) as SessionId
  const publicKey = new Uint8Array(65)
  const nothing = (): Promise<Uint8Array<ArrayBuffer>> => Promise.resolve(new Uint8Array(64))
  return {
    certificate: {} as RTCCertificate,
    fingerprint,
    sessionId,
    signingKey: { publicKey, sign: nothing },
    agreementKey: { publicKey, agree: nothing },
  }
}

import type { Crypto } from '../../src/base/crypto.ts'
import { portableCrypto } from '../../src/base/crypto-portable.ts'
import type { ChannelId, UserId } from '../../src/base/ids.ts'
import type { Log } from '../../src/base/logger.ts'
import * as documents from '../../src/rtm/documents-file.ts'
import type { Content } from '../../src/protocol/items.ts'
import type { Peer } from '../../src/protocol/peer.ts'
import { Neighbours } from '../../src/rendezvous/neighbours.ts'
import { Places } from '../../src/rendezvous/places.ts'
import { realmOf } from '../../src/rendezvous/realm.ts'
import type { RendezvousEvents } from '../../src/rendezvous/rendezvous.ts'
import { TabsRendezvous } from '../../src/rendezvous/tabs.ts'
import { Engine } from '../../src/rtm/engine.ts'
import * as invitationFile from '../../src/rtm/invitations/invitation-file.ts'
import type { Environment } from '../../src/rtm/environment.ts'
import { OnlineSession } from '../../src/rtm/online-session.ts'
import type { PeerStatus } from '../../src/rtm/presence.ts'
import type { Surroundings as EngineSurroundings } from '../../src/rtm/surroundings.ts'
import type { ReceivedContent } from '../../src/rtm/received.ts'
import type { RoomEvents } from '../../src/rtm/room.ts'
import { Settling } from '../../src/rtm/settling.ts'
import { invitationInWords, TestInvitation, TestRemoteInvitation } from '../support/invitations.ts'
import { APP } from '../support/credentials.ts'
import type { ManualClock } from '../support/manual-clock.ts'
import type { MemoryBroadcast } from '../support/memory-broadcast.ts'
import { MemoryBrowser, PageDisk } from '../support/memory-browser.ts'
import type { MemoryNetwork } from '../support/memory-network.ts'
import type { MemoryRealm } from '../support/memory-realm.ts'
import { MemoryRendezvous } from '../support/memory-rendezvous.ts'
import { nodeCrypto } from '../support/node-crypto.ts'
import { provableIdentity } from '../support/provable-identity.ts'
import { seededRandom } from '../support/random.ts'

export const LOBBY = 'lobby' as ChannelId
export const text = (value: string): Content => ({ type: 'text', text: value })

export interface Surroundings {
  readonly clock: ManualClock
  readonly realm: MemoryRealm
  readonly network: MemoryNetwork
  nextSession(): number
}

export type Page = ReturnType<typeof makePage>

export interface PageOptions {
  /** False: no server is configured. */
  readonly hasServer?: boolean
  /** Whether it meets other tabs of its browser; without, nobody is logged in that no server has accepted. */
  readonly hasTabs?: boolean
  /** Is told everything, too. */
  readonly log?: Log
  /** What it leaves to chance follows from this; 1 if it is not given, so that pages choose alike. */
  readonly seed?: number
}

/** One user's page, in a browser of its own or in one where an earlier page has left something. */
export function makePage(
  userId: string,
  places: Surroundings,
  browser = new MemoryBrowser(places.clock),
  { hasServer = true, hasTabs = false, log: allLog, seed = 1 }: PageOptions = {},
) {
  const { clock, realm, network } = places
  const log: string[] = []
  const problems: string[] = []
  const disks = new Map<string, PageDisk>()
  const received: ReceivedContent[] = []
  const invited: TestRemoteInvitation[] = []
  const self: {
    peer?: Peer
    session?: OnlineSession
    rendezvous?: MemoryRendezvous
    broadcast?: MemoryBroadcast
    tabs?: TabsRendezvous
  } = {}
  const random = seededRandom(seed)
  const environment: Environment = {
    clock,
    random,
    log: (level, sentence, details) => {
      allLog?.(level, sentence, details)
      if (level !== 'info') problems.push(sentence)
    },
    realm: hasServer ? 'memory' : '',
    settling: new Settling(clock, 0),
    knowsIceServers: true,
    soon: queueMicrotask,
    loadCrypto: () => Promise.resolve(crypto),
    loadDocuments: () => Promise.resolve(documents),
    createIdentity: () => Promise.resolve(provableIdentity(places.nextSession())),
    createRendezvous(announcement, events, neighbourhood) {
      const { appId, token } = announcement
      const { sha256 } = portableCrypto
      const tabs = {
        announcement,
        clock,
        log: environment.log,
        sha256,
        realm: realmOf(appId, hasServer ? ['memory'] : []),
        openBroadcast: (name: string) => (self.broadcast = browser.broadcasts.open(name)),
      }
      const noteMe: RendezvousEvents = {
        ...events,
        up: (welcome) => {
          if (self.peer) Object.assign(self.peer, welcome.me)
          events.up(welcome)
        },
      }
      const options = {
        clock,
        log: environment.log,
        urls: hasServer ? ['memory'] : [],
        token,
        server: hasServer
          ? (own: RendezvousEvents) => (self.rendezvous = new MemoryRendezvous(realm, announcement, own))
          : undefined,
        tabs: hasTabs ? (own: RendezvousEvents) => (self.tabs = new TabsRendezvous(tabs, own)) : undefined,
        neighbours: () =>
          Promise.resolve(
            (own: RendezvousEvents) => new Neighbours({ clock, log: environment.log, neighbourhood }, own),
          ),
      }
      return new Places(options, noteMe)
    },
    createLinker({ identity, relay, relayToTab, isTab }, events) {
      self.peer = { userId: userId as UserId, sessionId: identity.sessionId, loginTime: 0 }
      return network.linker(self.peer, events, (to, signal) => (isTab(to) ? relayToTab : relay)(to, signal))
    },
    openStore(_, as) {
      const disk = disks.get(as) ?? new PageDisk(browser, as)
      disks.set(as, disk)
      return Promise.resolve(disk)
    },
  }
  class NotedSession extends OnlineSession {
    constructor(...made: ConstructorParameters<typeof OnlineSession>) {
      super(...made)
      self.session = this
    }
  }
  const surroundings: EngineSurroundings = {
    ...environment,
    loadLogin: () => Promise.resolve({ environment, OnlineSession: NotedSession }),
    loadInvitations: () => Promise.resolve(invitationFile),
  }
  const engine = new Engine(APP, surroundings, {
    connectionStateChanged: (state, reason) => log.push(`${state} (${reason})`),
    peerMessage: (message, from) => {
      received.push(message)
      log.push(`${message.isOffline ? 'offline ' : ''}message from ${from}: ${describe(message.content)}`)
    },
    peersChanged: (statuses) => void log.push(`status ${inWords(statuses)}`),
    tokenWillExpire: () => void log.push('token will expire'),
    tokenExpired: () => void log.push('token did expire'),
    invitation: (news) => {
      if (news.of === 'remote' && news.is === 'received')
        invited.push(new TestRemoteInvitation(engine, news.invitation))
      log.push(invitationInWords(news))
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
    surroundings,
    log,
    /** Sentences that a developer would see in the console. */
    problems,
    received,
    browser,
    get peer(): Peer {
      if (!self.peer) throw new Error(`${userId} has never logged in`)
      return self.peer
    },
    /** Its latest login: put away and shown again by `pause` and `resume`. */
    get session(): OnlineSession {
      if (!self.session) throw new Error(`${userId} has never logged in`)
      return self.session
    },
    get rendezvous(): MemoryRendezvous {
      if (!self.rendezvous) throw new Error(`${userId} has never logged in`)
      return self.rendezvous
    },
    get broadcast(): MemoryBroadcast {
      if (!self.broadcast) throw new Error(`${userId} meets no tabs`)
      return self.broadcast
    },
    login: (as: unknown = userId, token: string | null = null) =>
      answered('login', (done: Parameters<Engine['login']>[2]) => engine.login(token, as, done)),
    renewToken: (token: unknown) =>
      answered('renew', (done: Parameters<Engine['renewToken']>[1]) => engine.renewToken(token, done)),
    logout: () => answered('logout', (done: Parameters<Engine['logout']>[0]) => engine.logout(done)),
    join: (channel: string = LOBBY) =>
      answered(`join ${channel}`, (done: Parameters<Engine['join']>[2]) =>
        engine.join(channel as ChannelId, roomEvents(channel), done),
      ),
    send: (to: unknown, content: Content | string | undefined, options = { isKeptIfOffline: false }) =>
      answered('send', (done: Parameters<Engine['sendToPeer']>[3]) =>
        engine.sendToPeer(to, typeof content === 'string' ? text(content) : content, options, done),
      ),
    /** The same, to be kept if the receiver is offline. */
    keep: (to: string, content: Content | string) => page.send(to, content, { isKeptIfOffline: true }),
    sendToChannel: (content: Content | string | undefined, channel: string = LOBBY) =>
      answered('send', (done: Parameters<Engine['sendToChannel']>[2]) =>
        engine.sendToChannel(
          channel as ChannelId,
          typeof content === 'string' ? text(content) : content,
          done,
        ),
      ),
    invitation: (calleeId: unknown, content: unknown = null, channelId: unknown = null) =>
      new TestInvitation(engine, { calleeId, content, channelId }),
    /** Those that came, in order. */
    invited,
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
    subscribe: (...userIds: unknown[]) =>
      answered('subscribe', (done: Parameters<Engine['subscribePeers']>[1]) =>
        engine.subscribePeers(userIds, done),
      ),
    unsubscribe: (...userIds: unknown[]) => engine.unsubscribePeers(userIds),
    /** Who of these is online, in words. */
    query: (...userIds: unknown[]) =>
      answered<string>('query', (done) =>
        engine.queryPeers(userIds, (outcome) =>
          done(typeof outcome === 'string' ? outcome : inWords(outcome)),
        ),
      ),
    count: (...channels: unknown[]) =>
      answered<string | number[]>('count', (done) =>
        engine.countMembers(channels, (outcome) =>
          done(typeof outcome === 'string' ? outcome : outcome.map(({ count }) => count)),
        ),
      ),
    /** What was logged since the last look. */
    news: () => log.splice(0),
    /** The page is gone without a word; its engine is heard no more. */
    crash: () => {
      network.crash(page.peer)
      self.rendezvous?.crash()
      self.broadcast?.freeze()
      self.tabs?.goodbye()
      for (const disk of disks.values()) disk.close()
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

function inWords(statuses: readonly PeerStatus[]): string {
  return statuses.map(({ userId, state }) => `${userId} ${state}`).join(', ')
}

/** Real signatures, as fast as they can be had. */
const crypto: Crypto = { ...nodeCrypto(seededRandom(1)), randomBytes: portableCrypto.randomBytes }

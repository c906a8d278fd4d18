import { onTestFinished } from 'vitest'

import { portableCrypto } from '../../src/base/crypto-portable.ts'
import type { SessionId, UserId } from '../../src/base/ids.ts'
import type { Log } from '../../src/base/logger.ts'
import { Places } from '../../src/rendezvous/places.ts'
import { realmOf } from '../../src/rendezvous/realm.ts'
import type { Announcement, RendezvousEvents } from '../../src/rendezvous/rendezvous.ts'
import { TabsRendezvous } from '../../src/rendezvous/tabs.ts'
import { APP } from '../support/credentials.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { type MemoryBroadcast, MemoryBroadcasts } from '../support/memory-broadcast.ts'
import { MemoryRealm } from '../support/memory-realm.ts'
import { MemoryRendezvous } from '../support/memory-rendezvous.ts'
import { noLog } from '../support/no-log.ts'
import { pass } from '../support/pass-time.ts'
import { Participant } from './participant.ts'

export interface PageOptions {
  readonly token?: string | null
  /** Local: no server is configured. Remote: it is in another browser, without tabs. */
  readonly kind?: 'both' | 'local' | 'remote'
}

/** A participant, and its ways to others. */
export class PageOfPlaces extends Participant<Places> {
  constructor(
    announcement: Announcement,
    open: ConstructorParameters<typeof Participant<Places>>[1],
    /** As they are made. */
    private readonly ways: { server?: MemoryRendezvous; broadcast?: MemoryBroadcast },
  ) {
    super(announcement, open)
  }

  get sessionId(): SessionId {
    return this.announcement.sessionId
  }

  get server(): MemoryRendezvous {
    if (!this.ways.server) throw new Error('no server is configured')
    return this.ways.server
  }

  get broadcast(): MemoryBroadcast {
    if (!this.ways.broadcast) throw new Error('it is not among tabs')
    return this.ways.broadcast
  }
}

/** Pages of one browser, and of others, that meet at one server; its realm is also that of the pages without a server. */
export function setup(log: Log = noLog) {
  const clock = new ManualClock()
  const realm = new MemoryRealm(clock)
  const broadcasts = new MemoryBroadcasts(clock)
  const pages: PageOfPlaces[] = []
  let sessionCount = 0

  function page(user: string, { token = null, kind = 'both' }: PageOptions = {}): PageOfPlaces {
    const ways: { server?: MemoryRendezvous; broadcast?: MemoryBroadcast } = {}
    const announcement: Announcement = { ...nextAnnouncement(user, ++sessionCount), token }
    const { sha256 } = portableCrypto
    const one = new PageOfPlaces(
      announcement,
      (who, events) => {
        const tabs = {
          announcement: who,
          clock,
          log: noLog,
          sha256,
          realm: realmOf(APP, []),
          openBroadcast: (name: string) => (ways.broadcast = broadcasts.open(name)),
        }
        const server = (own: RendezvousEvents) => (ways.server = new MemoryRendezvous(realm, who, own))
        const options = {
          clock,
          log,
          urls: ['ws://one', 'ws://two'],
          token,
          server: kind === 'local' ? undefined : server,
          tabs: kind === 'remote' ? undefined : (own: RendezvousEvents) => new TabsRendezvous(tabs, own),
        }
        return new Places(options, events)
      },
      ways,
    )
    pages.push(one)
    return one
  }

  const world = {
    clock,
    realm,
    broadcasts,
    page,
    pass: (ms: number) => pass(clock, ms),
    /** Somebody who is logged in and knows who else is there. */
    async up(user: string, options?: PageOptions): Promise<PageOfPlaces> {
      const one = page(user, options)
      await world.pass(500)
      if (!one.rendezvous.isUp) throw new Error(`${user} is not logged in`)
      one.news()
      return one
    },
  }
  onTestFinished(async () => {
    for (const { rendezvous } of pages) rendezvous.goodbye()
    await world.pass(31_000)
    if (clock.pending > 0) throw new Error(`${clock.pending} timers are left`)
    if (realm.visitors.size > 0) throw new Error(`${realm.visitors.size} visitors are left`)
    if (broadcasts.openCount > 0) throw new Error(`${broadcasts.openCount} broadcast channels are left`)
  })
  return world
}

/** Nothing that is signed here is ever verified. */
function nextAnnouncement(user: string, number: number): Omit<Announcement, 'token'> {
  const publicKey = new Uint8Array(65)
  return {
    appId: APP,
    userId: user as UserId,
    sessionId: number.toString(16).padStart(32, '0') as SessionId,
    fingerprint: new Uint8Array(32),
    signingKey: { publicKey, sign: () => Promise.resolve(new Uint8Array(64)) },
    agreementKey: { publicKey, agree: () => Promise.resolve(new Uint8Array(32)) },
  }
}

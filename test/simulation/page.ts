import type { ChannelId, SessionId, UserId } from '../../src/base/ids.ts'
import * as documents from '../../src/rtm/documents-file.ts'
import { Neighbours } from '../../src/rendezvous/neighbours.ts'
import { Places } from '../../src/rendezvous/places.ts'
import { realmOf } from '../../src/rendezvous/realm.ts'
import type { Announcement, RendezvousEvents } from '../../src/rendezvous/rendezvous.ts'
import type { Broadcast } from '../../src/rendezvous/tabs-broadcast.ts'
import { TabsRendezvous } from '../../src/rendezvous/tabs.ts'
import { Engine } from '../../src/rtm/engine.ts'
import * as invitationFile from '../../src/rtm/invitations/invitation-file.ts'
import type { Environment } from '../../src/rtm/environment.ts'
import { OnlineSession } from '../../src/rtm/online-session.ts'
import type { RoomEvents } from '../../src/rtm/room.ts'
import { Settling } from '../../src/rtm/settling.ts'
import type { Peer } from '../../src/protocol/peer.ts'
import { APP } from '../support/credentials.ts'
import type { ManualClock } from '../support/manual-clock.ts'
import { type MemoryBrowser, PageDisk } from '../support/memory-browser.ts'
import type { MemoryNetwork } from '../support/memory-network.ts'
import type { MemoryRealm } from '../support/memory-realm.ts'
import type { MemoryRendezvous } from '../support/memory-rendezvous.ts'
import { PageProcess } from '../support/page-process.ts'
import { seededCrypto } from '../support/seeded-crypto.ts'
import { seededIdentity } from '../support/seeded-issuer.ts'
import type { SignalFaults } from '../support/signal-faults.ts'
import { noteKeys } from './keys.ts'
import { untoldIn } from './inside.ts'
import { Login, type LoginEnd } from './login.ts'
import { simulatedLinkers } from './linkers.ts'
import { PageBroadcasts } from './page-broadcasts.ts'
import { SimulatedPlaces } from './page-places.ts'
import type { RelayFaults } from './relay-faults.ts'
import { SimulatedRendezvous } from './rendezvous.ts'
import type { Witness } from './witness.ts'

/** What pages run in. */
export interface PageSurroundings {
  readonly clock: ManualClock
  readonly realm: MemoryRealm
  readonly network: MemoryNetwork
  readonly signals: SignalFaults
  readonly relays: RelayFaults
  /** Browsers without a network. */
  readonly offline: ReadonlySet<MemoryBrowser>
  /** Another session. */
  loggedIn(login: Login): void
  /** The page is about to do so, for good. */
  sayingGoodbye(page: SimulatedPage): void
}

/** A page with a whole engine in it, in a browser that may hold it back or end it. */
export class SimulatedPage {
  readonly process: PageProcess
  readonly engine: Engine
  login: Login | undefined
  session: OnlineSession | undefined
  rendezvous: MemoryRendezvous | undefined
  tabs: TabsRendezvous | undefined
  /** The page is put away, and may come back. */
  isPaused = false
  /** When it was last put away. */
  awaySince = -Infinity
  /** Since when it has run without a break. */
  awakeSince: number
  /** Where its browser tells it what happens to it. */
  readonly places: SimulatedPlaces
  private peer: Peer | undefined
  private readonly disks: PageDisk[] = []
  private readonly broadcasts: PageBroadcasts

  constructor(
    readonly name: string,
    readonly userId: UserId,
    readonly browser: MemoryBrowser,
    private readonly world: PageSurroundings,
    private readonly random: () => number,
    private readonly witness: Witness<SimulatedPage>,
  ) {
    this.process = new PageProcess(world.clock)
    this.awakeSince = world.clock.now()
    this.broadcasts = new PageBroadcasts(browser.broadcasts, this.process)
    this.places = new SimulatedPlaces(!world.offline.has(browser))
    const environment = this.environment()
    const page = this
    class NotedSession extends OnlineSession {
      constructor(...made: ConstructorParameters<typeof OnlineSession>) {
        super(...made)
        page.session = this
      }
    }
    this.engine = new Engine(
      APP,
      {
        ...environment,
        loadInvitations: () => Promise.resolve(invitationFile),
        loadLogin: () => Promise.resolve({ environment, OnlineSession: NotedSession }),
      },
      {
        connectionStateChanged: (state, reason) => {
          if (state === 'aborted') this.over('aborted')
          witness.stateChanged(this, state, reason)
        },
        peerMessage: (received, from) => witness.peerMessage(this, received, from),
        peersChanged: (statuses) => witness.peersChanged(this, statuses),
        tokenWillExpire: () => undefined,
        tokenExpired: () => undefined,
        invitation: () => undefined,
      },
    )
  }

  roomEvents(channelId: ChannelId): RoomEvents {
    const { witness } = this
    return {
      memberJoined: (member) => witness.memberJoined(this, channelId, member),
      memberLeft: (member) => witness.memberLeft(this, channelId, member),
      memberCount: (count) => witness.saw(this, `${channelId}: ${count} members`),
      message: (received, from) => witness.channelMessage(this, channelId, received, from),
      attributesUpdated: (attributes) =>
        witness.saw(this, `${channelId}: ${attributes.map(({ key, value }) => `${key}=${value}`).join(' ')}`),
    }
  }

  /** How much of it is open besides its engine, by what it is. */
  get leftovers(): Readonly<Record<string, number>> {
    return {
      timers: this.process.timerCount,
      listeners: this.places.listenerCount,
      'broadcast channels': this.broadcasts.openCount,
    }
  }

  /** Frozen, or its machine sleeps: nothing runs, and nobody is told. */
  freeze(): void {
    this.process.freeze()
    if (this.rendezvous) this.world.realm.lost(this.rendezvous)
  }

  /** A machine that slept tells its pages nothing: they find out by their clocks. */
  thaw(isTold: boolean): void {
    this.awakeSince = this.world.clock.now()
    // Its connection is found dead.
    const { rendezvous } = this
    this.process.thaw()
    if (rendezvous) this.process.run(() => rendezvous.lose())
    if (isTold) this.process.run(() => this.places.resume())
  }

  /** Nobody looks at it: its timers run at multiples of so many milliseconds only. */
  hide(throttleMs: number): void {
    this.process.throttleMs = throttleMs
    this.process.run(() => this.places.setVisible(false))
  }

  /** Its timers run on time again. */
  show(): void {
    this.process.throttleMs = 0
    this.awakeSince = this.world.clock.now()
    this.process.run(() => this.places.setVisible(true))
  }

  /** Whether its machine has a network, as its browser says; a page that sleeps hears of it when it wakes. */
  setOnline(isOnline: boolean): void {
    const { rendezvous } = this
    if (rendezvous) rendezvous.isCutOff = !isOnline
    if (!isOnline) rendezvous?.lose()
    this.process.run(() => this.places.setOnline(isOnline))
  }

  /** Put away for the back/forward cache. */
  pause(): void {
    this.awaySince = this.world.clock.now()
    this.login?.goodbyes.push(this.awaySince)
    this.isPaused = true
    this.places.hide(true)
    this.process.freeze()
  }

  resume(): void {
    if (!this.isPaused) return
    this.isPaused = false
    this.awakeSince = this.world.clock.now()
    this.process.thaw()
    this.process.run(() => this.places.showAgain())
  }

  /** The page is gone without a word. */
  crash(): void {
    if (this.login && this.session) this.login.untold = untoldIn(this.session)
    this.over('crash')
    this.process.end()
    if (this.peer) this.world.network.crash(this.peer)
    this.rendezvous?.crash()
    this.disconnect()
    // y-webrtc keeps its rooms in a variable of the module, which a page takes along when it goes.
    this.session?.channelAttributes.close()
  }

  /** The page goes away in order, as far as it can say goodbye. */
  unload(): void {
    this.over('reload')
    this.places.hide(false)
    this.process.end()
    this.disconnect()
    const { peer } = this
    const { clock, network } = this.world
    // What it said has arrived by then.
    if (peer) clock.after(1_000, () => network.crash(peer))
  }

  over(how: LoginEnd): void {
    if (how === 'logout' || how === 'reload') this.world.sayingGoodbye(this)
    if (this.login) this.login.end ??= { at: this.world.clock.now(), how }
  }

  private disconnect(): void {
    for (const disk of this.disks) disk.close()
    this.broadcasts.close()
  }

  private environment(): Environment {
    const { world, process, random, witness } = this
    const { clock } = world
    const crypto = seededCrypto(random)
    const log: Environment['log'] = (level, sentence, details) =>
      this.witness.saw(this, `(${level}: ${sentence}${details ? ` ${JSON.stringify(details)}` : ''})`)
    const openBroadcast = (name: string): Broadcast => this.broadcasts.open(name)
    return {
      clock: process,
      random,
      log,
      realm: 'memory',
      page: this.places,
      settling: new Settling(clock, 0),
      knowsIceServers: true,
      soon: queueMicrotask,
      loadCrypto: () => Promise.resolve(crypto),
      loadDocuments: () => Promise.resolve(documents),
      createIdentity: async () => {
        const identity = await seededIdentity(crypto)
        this.login = new Login(this.name, this.browser, this.userId, identity.sessionId, clock.now())
        world.loggedIn(this.login)
        return identity
      },
      createRendezvous: (announcement, events, neighbourhood) => {
        const realm = realmOf(announcement.appId, ['memory'])
        const tabs = { announcement, clock: process, log, sha256: crypto.sha256, realm, openBroadcast }
        const options = {
          clock: process,
          log,
          urls: ['memory'],
          token: announcement.token,
          server: (own: RendezvousEvents) => (this.rendezvous = this.serverRendezvous(announcement, own)),
          tabs: (own: RendezvousEvents) => (this.tabs = new TabsRendezvous(tabs, own)),
          neighbours: () =>
            Promise.resolve(
              (own: RendezvousEvents) =>
                new Neighbours({ clock: process, log, neighbourhood }, this.impaired(own)),
            ),
        }
        return new Places(options, this.noteMe(events))
      },
      createLinker: (wiring, events, carriers) => {
        const { sessionId } = wiring.identity
        this.peer = { userId: this.userId, sessionId, loginTime: 0 }
        const { network, relays } = world
        const met = (other: SessionId): void => witness.met(this, other)
        const parts = { network, self: this.peer, process, random, log, openBroadcast, relays, met }
        return simulatedLinkers(parts, wiring, events, carriers)
      },
      openStore: (_, as) => {
        const disk = new PageDisk(this.browser, as, process.outside)
        this.disks.push(disk)
        return Promise.resolve(disk)
      },
    }
  }

  /** Others learn the login time from the links, as it was when they met. */
  private noteMe(events: RendezvousEvents): RendezvousEvents {
    return {
      ...events,
      up: (welcome) => {
        if (this.peer) Object.assign(this.peer, welcome.me)
        if (this.login) noteKeys(this.login, welcome, this.world.clock.now())
        events.up(welcome)
      },
    }
  }

  private serverRendezvous(announcement: Announcement, events: RendezvousEvents): MemoryRendezvous {
    const gated = this.process.gated(events)
    const { realm, offline } = this.world
    const rendezvous = new SimulatedRendezvous(realm, announcement, this.impaired(gated), this.process)
    rendezvous.isCutOff = offline.has(this.browser)
    return rendezvous
  }

  /** Signals may be lost, doubled and late. */
  private impaired(events: RendezvousEvents): RendezvousEvents {
    const signal = this.world.signals.passing((...given) => this.process.run(() => events.signal(...given)))
    return { ...events, signal }
  }
}

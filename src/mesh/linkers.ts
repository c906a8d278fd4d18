import type { Clock } from '../base/clock.ts'
import type { SessionId } from '../base/ids.ts'
import type { Peer } from '../protocol/peer.ts'
import type { Via } from '../rendezvous/rendezvous.ts'
import type { Link } from './link.ts'
import type { Linker, LinkerEvents, MeshLinker } from './linker.ts'
import type { RelayLink } from './relay-link.ts'
import type { RelayLinkerEvents } from './relay-pair.ts'
import { Route } from './route.ts'

/** What makes links over somebody else, and passes on for others. */
export interface RelayedLinker extends Pick<
  MeshLinker,
  'relayed' | 'nearer' | 'farther' | 'abandon' | 'abandonAll' | 'close'
> {
  open(peer: Peer): void
}

/** One of each kind is made for the life of a session. */
export interface LinkerKinds {
  direct(events: LinkerEvents): Linker
  /** To tabs of this origin. */
  tabs(events: LinkerEvents): Linker
  relayed(events: RelayLinkerEvents): RelayedLinker
}

export interface LinkersOptions {
  readonly clock: Clock
  /** Whether this session lives in another tab of this origin. */
  isTab(sessionId: SessionId): boolean
}

/** A link of its own is there by then, or fails later at the end of its attempt: meanwhile a relay is looked for. */
const RELAY_AFTER_MS = 3_000
/**
 * The same where a link has just ended: one of its own, which is mostly there again sooner, or one over a relay,
 * perhaps because the other side has one of its own already.
 */
const RELAY_AGAIN_AFTER_MS = 1_000
/** Where there was none, as long as the attempt for a link of its own goes on. */
const RELAY_RETRY_MS = 2_000
/** A link of its own is tried again after these times, and then again and again after the last of them. */
const DIRECT_AGAIN_MS = [15_000, 30_000, 60_000, 120_000] as const
/** A page that wakes tries at once, but not all the time. */
const DIRECT_PAUSE_MS = 10_000
/** Of two links of a pair that open at about the same time, both sides keep the one of its own. */
const FRESH_MS = 3_000

/**
 * Links to tabs of this origin without a network, to all others over one, and where that does not work through somebody
 * who is linked to both. Each kind has its own signals.
 *
 *     open ──> its own ─────────────────────────────────> opened
 *                │ failed, or 3 s
 *                └──> over a relay ──> opened ──15 s, …──> its own again, which replaces it
 *                          │ failed, and its own too
 *                          └──> failed
 */
export class Linkers implements MeshLinker {
  private readonly direct: Linker
  private readonly tabs: Linker
  private readonly relays: RelayedLinker
  private readonly routes = new Map<SessionId, Route>()
  /** When the latest links that go over nobody were opened. */
  private fresh: { readonly sessionId: SessionId; readonly at: number }[] = []
  /** Whose own link ended last, and when: who needs it opens it again in that moment. */
  private unlinked: { readonly sessionId: SessionId; readonly at: number } | undefined

  constructor(
    private readonly options: LinkersOptions,
    kinds: LinkerKinds,
    private readonly events: LinkerEvents,
  ) {
    const own = {
      ...events,
      opened: (link: Link) => this.opened(link),
      failed: (peer: Peer, sentence: string) => this.directFailed(peer, sentence),
    }
    this.direct = kinds.direct(own)
    this.tabs = kinds.tabs(own)
    this.relays = kinds.relayed({
      ...events,
      opened: (link) => this.relayOpened(link),
      failed: (peer, sentence) => this.relayFailed(peer, sentence),
      closed: (link, why) => this.relayLost(link, why),
      over: (link, isLost) => this.relayOver(link, isLost),
      probed: (link) => this.probed(link),
      whyNotDirect: (sessionId) => this.routes.get(sessionId)?.directError,
    })
  }

  /** Of those that a page can have so many of. */
  get connectionCount(): number {
    return this.direct.connectionCount
  }

  open(peer: Peer, expected: boolean): void {
    const route = this.routes.get(peer.sessionId) ?? new Route(peer)
    if (route.isOpening) return
    this.routes.set(peer.sessionId, route)
    route.isOpening = true
    route.relayError = undefined
    // It was linked over a relay a moment ago: a link of its own was not possible.
    const isAgain = route.directError !== undefined
    if (isAgain && !route.isDirectTried) return this.seekAnother(route)
    const patienceMs = isAgain || this.hasJustLost(peer) ? RELAY_AGAIN_AFTER_MS : RELAY_AFTER_MS
    route.plan(this.options.clock.after(patienceMs, () => this.seekRelay(route)))
    if (!route.isDirectTried) this.tryDirect(route, expected)
  }

  prepare(): void {
    this.direct.prepare?.()
  }

  receive(from: Peer, signal: string, via: Via): void {
    const linker = via === 'tabs' ? this.tabs : this.direct
    linker.receive(from, signal, via)
  }

  undeliverable(to: SessionId): void {
    this.of(to).undeliverable(to)
  }

  abandon(sessionId: SessionId): void {
    this.drop(sessionId)
    this.direct.abandon(sessionId)
    this.tabs.abandon(sessionId)
    this.relays.abandon(sessionId)
  }

  abandonAll(): void {
    for (const sessionId of [...this.routes.keys()]) this.drop(sessionId)
    this.direct.abandonAll()
    this.tabs.abandonAll()
    this.relays.abandonAll()
  }

  relayed(by: Peer, message: Uint8Array): void {
    this.relays.relayed(by, message)
  }

  nearer(peer: Peer): void {
    this.relays.nearer(peer)
  }

  farther(peer: Peer): void {
    // Links over it end in here, and are farther themselves.
    this.relays.farther(peer)
    this.unlinked = { sessionId: peer.sessionId, at: this.options.clock.now() }
  }

  close(): void {
    for (const sessionId of [...this.routes.keys()]) this.drop(sessionId)
    this.direct.close()
    this.tabs.close()
    this.relays.close()
  }

  private hasJustLost({ sessionId }: Peer): boolean {
    return this.unlinked?.sessionId === sessionId && this.unlinked.at === this.options.clock.now()
  }

  private of(sessionId: SessionId): Linker {
    return this.options.isTab(sessionId) ? this.tabs : this.direct
  }

  /** A session may turn out to be a tab while a connection to it is being opened: one link is enough. */
  private opened(link: Link): void {
    const { sessionId } = link.peer
    this.abandon(sessionId)
    this.fresh = [
      ...this.fresh.filter(({ at }) => this.isFresh(at)),
      { sessionId, at: this.options.clock.now() },
    ]
    this.events.opened(link)
  }

  private tryDirect(route: Route, expected: boolean): void {
    route.isDirectTried = true
    route.directTriedAt = this.options.clock.now()
    this.of(route.peer.sessionId).open(route.peer, expected)
  }

  private directFailed(peer: Peer, sentence: string): void {
    const route = this.routes.get(peer.sessionId)
    // The other side began.
    if (!route) return this.events.failed(peer, sentence)
    route.isDirectTried = false
    route.directError = sentence
    if (route.link) return this.planDirect(route)
    if (route.relayError !== undefined) return this.fail(route)
    if (!route.isRelaySought) this.seekRelay(route)
  }

  private planDirect(route: Route): void {
    const delayMs = DIRECT_AGAIN_MS[route.directTries] ?? DIRECT_AGAIN_MS[3]
    route.plan(
      this.options.clock.after(delayMs, () => {
        route.directTries += 1
        this.tryDirect(route, true)
      }),
    )
  }

  /** The page woke, or its network is another: what was not possible may be possible now. */
  private probed(link: RelayLink): void {
    const route = this.routes.get(link.peer.sessionId)
    if (route?.link !== link || route.isDirectTried) return
    if (this.options.clock.now() - route.directTriedAt < DIRECT_PAUSE_MS) return
    route.unplan()
    this.tryDirect(route, true)
  }

  /** At once, unless the last one ended as soon as it was there: the other side may not want it yet. */
  private seekAnother(route: Route): void {
    const { clock } = this.options
    if (clock.now() - route.relayedAt >= RELAY_AGAIN_AFTER_MS) return this.seekRelay(route)
    route.plan(clock.after(RELAY_AGAIN_AFTER_MS, () => this.seekRelay(route)))
  }

  private seekRelay(route: Route): void {
    route.unplan()
    route.isRelaySought = true
    route.relayError = undefined
    this.relays.open(route.peer)
  }

  private relayOpened(link: Link): void {
    const { peer } = link
    const route = this.routes.get(peer.sessionId) ?? new Route(peer)
    const wasLinked = this.fresh.some(({ sessionId, at }) => sessionId === peer.sessionId && this.isFresh(at))
    // Whoever looks for a link has lost that one, and waits for this.
    if (wasLinked && !route.isOpening) {
      link.close()
      return this.events.missed(peer)
    }
    this.routes.set(peer.sessionId, route)
    route.isOpening = route.isRelaySought = false
    route.link = link
    route.relayedAt = this.options.clock.now()
    if (route.isDirectTried) route.unplan()
    else this.planDirect(route)
    this.events.opened(link)
  }

  private relayFailed(peer: Peer, sentence: string): void {
    const route = this.routes.get(peer.sessionId)
    if (!route) return
    route.isRelaySought = false
    route.relayError = sentence
    if (!route.isDirectTried) return this.fail(route)
    // Meanwhile somebody may be linked to both.
    route.plan(this.options.clock.after(RELAY_RETRY_MS, () => this.seekRelay(route)))
  }

  private fail(route: Route): void {
    const { peer, directError, relayError } = route
    this.drop(peer.sessionId)
    const sentences = [directError, relayError].filter((sentence) => sentence !== undefined)
    this.events.failed(peer, sentences.join('. '))
  }

  private relayOver(link: RelayLink, isLost: boolean): void {
    const route = this.routes.get(link.peer.sessionId)
    if (route?.link !== link) return
    route.link = undefined
    route.unplan()
    if (isLost) return
    // Nobody needs one.
    if (route.isDirectTried) this.of(link.peer.sessionId).abandon(link.peer.sessionId)
    this.drop(link.peer.sessionId)
  }

  /** Whoever needs the link opens it again while it hears of this: then another relay is looked for at once. */
  private relayLost(link: Link, why: string): void {
    this.events.closed(link, why)
    const { sessionId } = link.peer
    const route = this.routes.get(sessionId)
    if (route && !route.isOpening && !route.link) this.drop(sessionId)
  }

  private drop(sessionId: SessionId): void {
    this.routes.get(sessionId)?.unplan()
    this.routes.delete(sessionId)
  }

  private isFresh(at: number): boolean {
    return this.options.clock.now() - at < FRESH_MS
  }
}

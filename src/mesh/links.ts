import type { Cancel, Clock } from '../base/clock.ts'
import type { SessionId } from '../base/ids.ts'
import type { Log } from '../base/logger.ts'
import type { Wakefulness } from '../base/wakefulness.ts'
import type { Peer } from '../protocol/peer.ts'
import type { Via } from '../rendezvous/rendezvous.ts'
import type { Carriers } from './carriers.ts'
import type { Link } from './link.ts'
import { LinkPlaces } from './link-places.ts'
import type { LinkerEvents, MeshLinker } from './linker.ts'
import type { PeerSession } from './peer-session.ts'
import type { PeerSessions } from './peer-sessions.ts'
import { RetryAllowance } from './retry-allowance.ts'

export interface LinksOptions {
  readonly clock: Clock
  readonly wakefulness: Wakefulness
  readonly log: Log
  readonly random: () => number
  readonly linker: (events: LinkerEvents, carriers: Carriers) => MeshLinker
  /** Links at most; default 200. A page may have 500 connections, closed ones that are not collected yet included. */
  readonly maxLinks?: number
}

/** An answer takes two trips, each of 300 ms at most in practice; and what was dead is replaced within 2 s. */
const ANSWER_MS = 1_500
/** A browser that has lost the other side may find it again by itself, in less than a second if at all. */
const DISCONNECTED_MS = 2_000
/** The other side is said to have lost it, by somebody who may have made that up: a slow link has time to answer. */
const MISSED_MS = 2_000
/** Signals of an attempt that is older may have been lost with the network that was there before. */
const FRESH_ATTEMPT_MS = 1_000

/** The links to all sessions: opens those that are needed, replaces those that die, closes those that nobody uses. */
export class Links {
  private readonly linker: MeshLinker
  private readonly places: LinkPlaces
  private readonly cancels: readonly Cancel[]
  private readonly allowance = new RetryAllowance()
  /** Whether any attempt failed since the last one that led to a link. */
  private hasFailed = false
  private isOnline = true
  private isClosed = false
  private isAway = false

  constructor(
    private readonly options: LinksOptions,
    private readonly sessions: PeerSessions,
    /** There is nothing any more that this session should be remembered for. */
    private readonly forgotten: (sessionId: SessionId) => void,
  ) {
    this.linker = options.linker(
      {
        opened: (link) => this.opened(link),
        failed: (peer, sentence) => this.failed(peer, sentence),
        admit: (peer) => !this.isClosed && this.places.admit(peer),
        exhausted: () => void this.places.freeOne(),
        missed: ({ sessionId }) => this.sessions.get(sessionId)?.doubt(MISSED_MS),
        isWanted: ({ sessionId }) => this.sessions.get(sessionId)?.needsLink ?? false,
        packet: (link, packet) => this.isClosed || this.sessions.behind(link)?.receive(packet),
        beat: (link) => this.sessions.behind(link)?.contact.heard(),
        drained: (link) => this.sessions.behind(link)?.drained(),
        doubtful: (link) => this.sessions.behind(link)?.doubt(DISCONNECTED_MS),
        closed: (link, why) => this.lost(link, why),
        broken: (link, why) => {
          const session = this.sessions.behind(link)
          if (session) this.broken(session, why)
        },
      },
      sessions.carriers(),
    )
    const { clock, wakefulness, maxLinks } = options
    this.places = new LinkPlaces(clock, sessions, () => this.linker.connectionCount, maxLinks)
    this.cancels = [
      wakefulness.onOverslept(() => this.excuse()),
      wakefulness.onPulse((now) => this.sweep(now)),
    ]
  }

  /** `isMissed` says whether the other side knows that there is no link, as far as this one can tell. */
  openIfNeeded(session: PeerSession, isMissed = true): void {
    if (this.isClosed || this.isAway || session.link || session.openingSince !== undefined) return
    const now = this.options.clock.now()
    if (!session.needsLink || !session.retries.isDue(now)) return
    session.openingSince = now
    this.linker.open(session.peer, isMissed && session.mutualHolds > 0)
  }

  /** Nobody is to be linked to it any more. */
  abandon(sessionId: SessionId): void {
    this.linker.abandon(sessionId)
  }

  /** A first link is wanted soon, if it is one: who has links already has met most of those it will. */
  prepare(): void {
    if (!this.isClosed && !this.isAway && this.sessions.all.every(({ link }) => !link))
      this.linker.prepare?.()
  }

  receiveSignal(from: Peer, signal: string, via: Via): void {
    if (!this.isClosed) this.linker.receive(from, signal, via)
  }

  undeliverable(to: SessionId): void {
    this.linker.undeliverable(to)
  }

  relayed(by: Peer, message: Uint8Array): void {
    if (!this.isClosed) this.linker.relayed(by, message)
  }

  greeted({ peer, isNear }: PeerSession): void {
    if (isNear) this.linker.nearer(peer)
  }

  unlinked({ peer }: PeerSession): void {
    this.options.log('info', 'A link was closed', { to: peer.userId })
    this.linker.farther(peer)
  }

  /** The link is of no use any more. */
  lost(link: Link, why: string, isMissed = true): void {
    const session = this.sessions.behind(link)
    if (!session) return
    this.options.log('info', 'A link was lost', { to: link.peer.userId, why })
    session.lastError = why
    session.detach()
    this.openIfNeeded(session, isMissed)
  }

  /** The other side did what none does that keeps to the rules: it is tried ever more rarely. */
  broken(session: PeerSession, sentence: string): void {
    this.options.log('warn', 'A link was closed because of what it brought', {
      from: session.peer.userId,
      why: sentence,
    })
    session.detach()
    session.retries.broken()
    this.failed(session.peer, sentence)
  }

  /** Finds out which links are dead, and tries those at once that wait for one. */
  probe(): void {
    if (this.isClosed || this.isAway) return
    for (const session of this.sessions.all) {
      session.contact.waitAnew()
      session.doubt(ANSWER_MS)
    }
    this.retryNow()
  }

  /** Attempts that fail while there is no network do not make the waits longer. */
  setOnline(isOnline: boolean): void {
    this.isOnline = isOnline
  }

  /** The network may be back: whoever waits for a link is tried at once, those first that are owed something. */
  retryNow(): void {
    if (this.isClosed || this.isAway) return
    const now = this.options.clock.now()
    const waiting = this.sessions.all.filter(({ link, needsLink }) => !link && needsLink)
    for (const session of waiting.sort(byNeed)) this.retry(session, now)
  }

  /** Says goodbye on every link, at once. */
  pause(): void {
    this.isAway = true
    // An open broadcast channel or connection keeps a page from being put away for later.
    this.linker.abandonAll()
    for (const session of this.sessions.farthestFirst) {
      session.openingSince = undefined
      session.goodbye()
      // It has arrived.
      if (session.link?.path === 'tab') session.detach()
    }
  }

  /** The others have closed their ends meanwhile, and begin anew. */
  resume(): void {
    this.isAway = false
    for (const session of this.sessions.all) {
      session.detach()
      session.contact.wasAway()
    }
    this.retryNow()
  }

  /** Nothing more is opened or replaced; what is open stays until `close`. */
  stop(): void {
    this.isClosed = true
    for (const cancel of this.cancels) cancel()
  }

  close(): void {
    this.linker.close()
  }

  private opened(link: Link): void {
    if (this.isClosed) return link.close()
    const { peer, epoch, path, via } = link
    this.options.log('info', 'A link is open', { to: peer.userId, epoch, path, via: via?.userId })
    const isFirst = this.hasFailed && this.sessions.all.every((session) => !session.link)
    this.hasFailed = false
    this.sessions.of(link.peer).attach(link)
    if (isFirst) this.retryNow()
  }

  private failed(peer: Peer, sentence: string): void {
    const session = this.sessions.get(peer.sessionId)
    if (!session) return
    this.hasFailed = true
    session.openingSince = undefined
    session.lastError = sentence
    const { clock, random, log } = this.options
    const { retries } = session
    retries.failed(clock.now(), random, this.isOnline)
    log('warn', 'A link could not be opened', { to: peer.userId, why: sentence, failures: retries.failures })
  }

  /** Nobody is blamed for what this page did not hear. */
  private excuse(): void {
    for (const { contact } of this.sessions.all) contact.excuse()
  }

  /** An attempt that is under way is begun anew if it is not fresh. */
  private retry(session: PeerSession, now: number): void {
    const { retries, openingSince, peer } = session
    const allow = (): boolean => this.allowance.take(now)
    if (openingSince === undefined) {
      retries.hasten(now, allow)
      return this.openIfNeeded(session)
    }
    if (now - openingSince < FRESH_ATTEMPT_MS || !retries.mayRestart(now, allow)) return
    this.linker.abandon(peer.sessionId)
    session.openingSince = undefined
    // What was said so far may not have come.
    this.openIfNeeded(session, false)
  }

  private sweep(now: number): void {
    for (const session of this.sessions.all) this.tend(session, now)
  }

  private tend(session: PeerSession, now: number): void {
    const { contact, link } = session
    if (link) {
      session.keepAlive(now)
      contact.pulse()
      if (contact.isLinkSilent(now)) this.lost(link, 'Nothing came over it, though it was asked', false)
      else if (session.isIdle(now)) session.detach()
      return
    }
    if (contact.isStreamOver(now)) session.endStream()
    if (contact.isForgotten(now) && !session.needsLink) this.forgotten(session.peer.sessionId)
    else this.openIfNeeded(session)
  }
}

/** Those first that are owed something, then those that were used last. */
function byNeed(a: PeerSession, b: PeerSession): number {
  const isOwed = Number(b.owedCount > 0) - Number(a.owedCount > 0)
  return isOwed || b.contact.lastUsed - a.contact.lastUsed
}

import type { Cancel, Clock } from '../base/clock.ts'
import type { SessionId } from '../base/ids.ts'
import type { Log } from '../base/logger.ts'
import type { Peer } from '../protocol/peer.ts'
import type { Via } from '../rendezvous/rendezvous.ts'
import type { Carriers } from './carriers.ts'
import type { Link } from './link.ts'
import type { LinkerEvents, MeshLinker } from './linker.ts'
import type { PeerSession } from './peer-session.ts'
import type { PeerSessions } from './peer-sessions.ts'
import { startSweeping } from './sweep.ts'

export interface LinksOptions {
  readonly clock: Clock
  readonly log: Log
  readonly random: () => number
  readonly linker: (events: LinkerEvents, carriers: Carriers) => MeshLinker
  /** Links at most; default 200. A page may have 500 connections, closed ones that are not collected yet included. */
  readonly maxLinks?: number
}

const DEFAULT_MAX_LINKS = 200

/** The links to all sessions: opens those that are needed, replaces those that die, closes those that nobody uses. */
export class Links {
  private readonly linker: MeshLinker
  private readonly stopSweeping: Cancel
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
        admit: (peer) => this.admit(peer),
        isWanted: ({ sessionId }) => this.sessions.get(sessionId)?.needsLink ?? false,
        packet: (link, packet) => this.isClosed || this.sessions.behind(link)?.receive(packet),
        beat: (link) => this.sessions.behind(link)?.contact.heard(),
        drained: (link) => this.sessions.behind(link)?.drained(),
        closed: (link, why) => this.lost(link, why),
        broken: (link, why) => {
          const session = this.sessions.behind(link)
          if (session) this.broken(session, why)
        },
      },
      sessions.carriers(),
    )
    this.stopSweeping = startSweeping(options.clock, (...at) => this.sweep(...at))
  }

  openIfNeeded(session: PeerSession): void {
    const isDue = session.retries.isDue(this.options.clock.now())
    if (this.isClosed || this.isAway || session.link || session.isOpening) return
    if (!session.needsLink || !isDue) return
    session.isOpening = true
    this.linker.open(session.peer, session.mutualHolds > 0)
  }

  /** Nobody is to be linked to it any more. */
  abandon(sessionId: SessionId): void {
    this.linker.abandon(sessionId)
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
    this.linker.farther(peer)
  }

  /** The link is of no use any more. */
  lost(link: Link, why: string): void {
    const session = this.sessions.behind(link)
    if (!session) return
    this.options.log('info', 'A link was lost', { to: link.peer.userId, why })
    session.lastError = why
    session.detach()
    this.openIfNeeded(session)
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

  /** Whoever waits for a link is tried at once. */
  retryNow(): void {
    for (const session of this.sessions.all) {
      session.retries.retryNow()
      this.openIfNeeded(session)
    }
  }

  /** Says goodbye on every link, at once. */
  pause(): void {
    this.isAway = true
    // An open broadcast channel or connection keeps a page from being put away for later.
    this.linker.abandonAll()
    for (const session of this.sessions.all) {
      session.isOpening = false
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
    this.stopSweeping()
  }

  close(): void {
    this.linker.close()
  }

  private opened(link: Link): void {
    if (this.isClosed) return link.close()
    this.options.log('info', 'A link is open', { to: link.peer.userId, epoch: link.epoch, path: link.path })
    this.sessions.of(link.peer).attach(link)
  }

  private failed(peer: Peer, sentence: string): void {
    const session = this.sessions.get(peer.sessionId)
    if (!session) return
    session.isOpening = false
    session.lastError = sentence
    const { clock, random, log } = this.options
    const { retries } = session
    retries.failed(clock.now(), random)
    log('warn', 'A link could not be opened', { to: peer.userId, why: sentence, failures: retries.failures })
  }

  /** Makes room, where there is none, by closing the idlest link without a shared channel. */
  private admit(peer: Peer): boolean {
    if (this.isClosed) return false
    if (this.linker.connectionCount < (this.options.maxLinks ?? DEFAULT_MAX_LINKS)) return true
    const closable = this.sessions.all.filter(({ link, needsLink }) => link?.path === 'direct' && !needsLink)
    const idlest = closable.sort((a, b) => a.contact.lastUsed - b.contact.lastUsed)[0]
    idlest?.detach()
    return idlest !== undefined || this.sessions.get(peer.sessionId)?.link?.path === 'direct'
  }

  private sweep(now: number, overslept: boolean): void {
    for (const session of this.sessions.all) {
      if (overslept) session.contact.waitAnew()
      this.tend(session, now)
    }
  }

  private tend(session: PeerSession, now: number): void {
    const { contact, link } = session
    if (link) {
      session.beatIfQuiet(now)
      if (contact.isLinkSilent(now)) this.lost(link, 'Nothing came over it for 6 s')
      else if (session.isIdle(now)) session.detach()
      return
    }
    if (contact.isStreamOver(now)) session.endStream()
    if (contact.isForgotten(now) && !session.needsLink) this.forgotten(session.peer.sessionId)
    else this.openIfNeeded(session)
  }
}

import type { Bytes } from '../base/bytes.ts'
import type { Cancel } from '../base/clock.ts'
import type { SessionId } from '../base/ids.ts'
import { decodeItem, type Item } from '../protocol/items.ts'
import { writeNeighbour, writeRelay } from '../protocol/frames.ts'
import type { Peer } from '../protocol/peer.ts'
import type { Via } from '../rendezvous/rendezvous.ts'
import type { Carriers } from './carriers.ts'
import { IncomingStreams } from './incoming-streams.ts'
import { type Account, Ledger } from './ledger.ts'
import type { Link } from './link.ts'
import type { LinkerEvents, MeshLinker } from './linker.ts'
import type { Outcome, Owed } from './outgoing-stream.ts'
import { PeerSession, type PeerSessionOptions } from './peer-session.ts'
import type { OpeningEvents, SideChannel, SideChannelOffer } from './side-channel.ts'
import { startSweeping } from './sweep.ts'

export interface MeshEvents {
  /** The next item of this peer's stream. */
  item(from: Peer, item: Item): void
  /** The peer itself says that its session is over. */
  goodbye(from: Peer): void
  /** A link to it is open and greeted: it has side channels until `unlinked`. */
  linked(peer: Peer): void
  unlinked(peer: Peer): void
  /** If it is neither accepted nor refused by then, it is refused with an empty answer. */
  channelOffered(offer: SideChannelOffer): void
  /** A message between neighbours, of a peer with a link of its own. */
  neighbour(from: Peer, message: Uint8Array): void
}

export interface MeshOptions extends PeerSessionOptions {
  readonly random: () => number
  readonly linker: (events: LinkerEvents, carriers: Carriers) => MeshLinker
  /** Links at most; default 200. A page may have 500 connections, closed ones that are not collected yet included. */
  readonly maxLinks?: number
}

/** What a peer is owed that nothing was ever sent to. */
const NOTHING_OWED: Account = { owedCount: 0, owedBytes: 0 }

const DEFAULT_MAX_LINKS = 200
/** How long a closed mesh keeps its links so that the other side can read the goodbye and close first. */
const GOODBYE_MS = 1_000

/**
 * All sessions that this session has to do with. Opens links when somebody is owed something or a channel is
 * shared, replaces those that die, closes those that nobody uses.
 */
export class Mesh {
  private readonly sessions = new Map<SessionId, PeerSession>()
  private readonly incoming = new IncomingStreams((sessionId) => this.sessions.has(sessionId))
  private readonly linker: MeshLinker
  private readonly stopSweeping: Cancel
  private readonly ledger = new Ledger()
  private isClosed = false
  private isAway = false

  constructor(
    private readonly options: MeshOptions,
    private readonly events: MeshEvents,
  ) {
    this.linker = options.linker(
      {
        opened: (link) => this.opened(link),
        failed: (peer, sentence) => this.failed(peer, sentence),
        admit: (peer) => this.admit(peer),
        isWanted: ({ sessionId }) => this.sessions.get(sessionId)?.needsLink ?? false,
        packet: (link, packet) => this.isClosed || this.sessionOf(link)?.receive(packet),
        beat: (link) => this.sessionOf(link)?.contact.heard(),
        drained: (link) => this.sessionOf(link)?.drained(),
        closed: (link, why) => this.lost(link, why),
        broken: (link, why) => {
          const session = this.sessionOf(link)
          if (session) this.broken(session, why)
        },
      },
      this.carriers(),
    )
    this.stopSweeping = startSweeping(options.clock, (...at) => this.sweep(...at))
  }

  /** Queues an item for a peer; undefined if it is owed too much already. Opens a link if there is none. */
  send(peer: Peer, bytes: Bytes, settled: (outcome: Outcome) => void): Owed | undefined {
    if (this.isClosed || !this.makeRoomFor([peer], bytes.byteLength)) return undefined
    const session = this.session(peer)
    const owed: Owed = { bytes, settled, since: this.options.clock.now() }
    session.send(owed)
    this.openIfNeeded(session)
    return owed
  }

  /** Takes an item back that no link was given yet; its `settled` is told so. */
  withdraw(peer: Peer, owed: Owed): boolean {
    return this.sessions.get(peer.sessionId)?.withdraw(owed) ?? false
  }

  /**
   * A channel is shared with this peer: until cancelled its link is kept and opened again. `isMutual` is false where
   * the peer knows nothing of it, and will not open the link by itself.
   */
  hold(peer: Peer, isMutual = true): Cancel {
    const session = this.session(peer)
    const release = session.hold(isMutual)
    this.openIfNeeded(session)
    return release
  }

  /**
   * One more channel to a peer, beside its stream, on the present link. Undefined without a link, or if there is no
   * place on it. The label is what the users of side channels agree on, at most 1 KB.
   */
  openChannel(peer: Peer, label: Bytes, user: OpeningEvents): SideChannel | undefined {
    return this.isClosed ? undefined : this.sessions.get(peer.sessionId)?.openChannel(label, user)
  }

  /** The session is over, as somebody who knows says. */
  end(sessionId: SessionId): void {
    const session = this.sessions.get(sessionId)
    this.sessions.delete(sessionId)
    this.linker.abandon(sessionId)
    session?.end()
  }

  /** The peers with a link of their own, greeted: they can introduce others, and be introduced. */
  get neighbours(): readonly Peer[] {
    return [...this.sessions.values()].filter(({ isNear }) => isNear).map(({ peer }) => peer)
  }

  /** What such a peer showed of itself, found valid; undefined if it has shown nothing. */
  credentialOf(sessionId: SessionId): string | undefined {
    const session = this.sessions.get(sessionId)
    return session?.isNear ? session.credential : undefined
  }

  /** False if it has no link of its own. */
  tellNeighbour(to: SessionId, message: Bytes): boolean {
    return this.sessions.get(to)?.tell((packet) => writeNeighbour(packet, message)) ?? false
  }

  /** There is a new one of this session: whoever is linked may show it. */
  showCredential(): void {
    for (const session of this.sessions.values()) session.showCredential()
  }

  /** When the last packet or beat of this session came over a link; undefined if none ever did. */
  lastHeard(sessionId: SessionId): number | undefined {
    return this.sessions.get(sessionId)?.contact.lastHeard
  }

  peer(sessionId: SessionId): Peer | undefined {
    return this.sessions.get(sessionId)?.peer
  }

  isLinked(sessionId: SessionId): boolean {
    return this.sessions.get(sessionId)?.link !== undefined
  }

  /**
   * Whether each of these may be owed that much more. If not, what those are owed whose oldest item waits for long
   * is given up first.
   */
  makeRoomFor(peers: readonly Peer[], byteCount: number): boolean {
    const accounts = (): Account[] =>
      peers.map(({ sessionId }) => this.sessions.get(sessionId) ?? NOTHING_OWED)
    if (this.ledger.hasRoomFor(accounts(), byteCount)) return true
    const now = this.options.clock.now()
    for (const session of this.sessions.values()) if (session.isStalled(now)) this.giveUpOn(session)
    return this.ledger.hasRoomFor(accounts(), byteCount)
  }

  receiveSignal(from: Peer, signal: string, via: Via): void {
    if (!this.isClosed) this.linker.receive(from, signal, via)
  }

  undeliverable(to: SessionId): void {
    this.linker.undeliverable(to)
  }

  /** Signals can be passed on again: whoever waits for a link is tried at once. */
  retryNow(): void {
    for (const session of this.sessions.values()) {
      session.retries.retryNow()
      this.openIfNeeded(session)
    }
  }

  describe(): readonly PeerSession[] {
    return [...this.sessions.values()]
  }

  /**
   * The network may have changed, or this page slept: finds out which links are dead, and tries all that were given
   * up for a while at once.
   */
  probe(): void {
    this.retryNow()
  }

  /** Says goodbye on every link, at once, and goes on when it is woken: the page is put away and may come back. */
  pause(): void {
    this.isAway = true
    // An open broadcast channel or connection keeps a page from being put away for later.
    this.linker.abandonAll()
    for (const session of this.sessions.values()) {
      session.isOpening = false
      session.goodbye()
      // It has arrived.
      if (session.link?.path === 'tab') session.detach()
    }
  }

  /** The others have closed their ends meanwhile, and begin anew. */
  resume(): void {
    this.isAway = false
    for (const session of this.sessions.values()) {
      session.detach()
      session.contact.wasAway()
    }
    this.retryNow()
  }

  /** Says goodbye on every link at once, and closes. */
  close(): void {
    if (this.isClosed) return
    this.isClosed = true
    this.stopSweeping()
    for (const session of this.sessions.values()) {
      session.goodbye()
      session.closeChannels()
    }
    this.options.clock.after(GOODBYE_MS, () => {
      this.linker.close()
      for (const session of this.sessions.values()) session.end()
      this.sessions.clear()
    })
  }

  private session(peer: Peer): PeerSession {
    const known = this.sessions.get(peer.sessionId)
    if (known) return known
    const incoming = this.incoming.of(peer.sessionId)
    const session = new PeerSession(peer, incoming, this.ledger, this.options, {
      item: ({ peer: from }, bytes) => this.receiveItem(from, bytes),
      goodbye: ({ peer: from }) => this.receiveGoodbye(from),
      linked: (to) => {
        if (to.isNear) this.linker.nearer(to.peer)
        this.events.linked(to.peer)
      },
      unlinked: ({ peer: from }) => {
        if (this.isClosed) return
        this.linker.farther(from)
        this.events.unlinked(from)
      },
      neighbour: ({ peer: from }, message) => this.isClosed || this.events.neighbour(from, message),
      relay: ({ peer: by }, message) => this.isClosed || this.linker.relayed(by, message),
      channelOffered: (offer) => this.events.channelOffered(offer),
      usedUp: ({ link }) => link && this.lost(link, 'It had no number left for one more side channel'),
      broken: (from, sentence) => this.broken(from, sentence),
    })
    this.sessions.set(peer.sessionId, session)
    return session
  }

  private carriers(): Carriers {
    const bufferedBytes = (by: SessionId): number => {
      const session = this.sessions.get(by)
      return session?.isNear ? (session.link?.bufferedBytes ?? Infinity) : Infinity
    }
    const carry = (by: SessionId, message: Bytes): boolean =>
      this.sessions.get(by)?.tell((packet) => writeRelay(packet, message)) ?? false
    const near = (): readonly Peer[] => this.neighbours
    return {
      get near() {
        return near()
      },
      carry,
      bufferedBytes,
    }
  }

  private sessionOf(link: Link): PeerSession | undefined {
    const session = this.sessions.get(link.peer.sessionId)
    return session?.link === link ? session : undefined
  }

  private openIfNeeded(session: PeerSession): void {
    const isDue = session.retries.isDue(this.options.clock.now())
    if (this.isClosed || this.isAway || session.link || session.isOpening) return
    if (!session.needsLink || !isDue) return
    session.isOpening = true
    this.linker.open(session.peer, session.mutualHolds > 0)
  }

  private opened(link: Link): void {
    if (this.isClosed) return link.close()
    this.options.log('info', 'A link is open', { to: link.peer.userId, epoch: link.epoch, path: link.path })
    this.session(link.peer).attach(link)
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

  private lost(link: Link, why: string): void {
    const session = this.sessionOf(link)
    if (!session) return
    this.options.log('info', 'A link was lost', { to: link.peer.userId, why })
    session.lastError = why
    session.detach()
    this.openIfNeeded(session)
  }

  private broken(session: PeerSession, sentence: string): void {
    this.options.log('warn', 'A link was closed because of what it brought', {
      from: session.peer.userId,
      why: sentence,
    })
    session.detach()
    session.retries.broken()
    this.failed(session.peer, sentence)
  }

  private giveUpOn(session: PeerSession): void {
    const { owedCount } = session
    this.broken(session, 'It is owed all that it may be owed, some of it for over 30 s')
    session.endStream()
    this.options.log('warn', 'Messages to a peer that acknowledges too little were given up', {
      to: session.peer.userId,
      count: owedCount,
    })
  }

  private receiveItem(from: Peer, bytes: Uint8Array): void {
    if (this.isClosed) return
    const item = decodeItem(bytes)
    if (item) this.events.item(from, item)
    else this.options.log('warn', 'An item that cannot be decoded was ignored', { from: from.userId })
  }

  private receiveGoodbye(from: Peer): void {
    this.end(from.sessionId)
    if (!this.isClosed) this.events.goodbye(from)
  }

  /** Makes room, where there is none, by closing the idlest link without a shared channel. */
  private admit(peer: Peer): boolean {
    if (this.isClosed) return false
    if (this.linker.connectionCount < (this.options.maxLinks ?? DEFAULT_MAX_LINKS)) return true
    const closable = [...this.sessions.values()].filter(
      ({ link, needsLink }) => link?.path === 'direct' && !needsLink,
    )
    const idlest = closable.sort((a, b) => a.contact.lastUsed - b.contact.lastUsed)[0]
    idlest?.detach()
    return idlest !== undefined || this.sessions.get(peer.sessionId)?.link?.path === 'direct'
  }

  private sweep(now: number, overslept: boolean): void {
    for (const session of this.sessions.values()) {
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
    if (contact.isForgotten(now) && !session.needsLink) this.end(session.peer.sessionId)
    else this.openIfNeeded(session)
  }
}

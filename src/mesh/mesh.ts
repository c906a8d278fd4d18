import type { Bytes } from '../base/bytes.ts'
import type { Cancel } from '../base/clock.ts'
import type { SessionId } from '../base/ids.ts'
import type { Item } from '../protocol/items.ts'
import { writeNeighbour } from '../protocol/frames.ts'
import type { Peer } from '../protocol/peer.ts'
import type { Via } from '../rendezvous/rendezvous.ts'
import { Links, type LinksOptions } from './links.ts'
import type { Outcome, Owed } from './outgoing-stream.ts'
import type { PeerSession } from './peer-session.ts'
import type { PeerSessionOptions } from './peer-session-options.ts'
import { PeerSessions } from './peer-sessions.ts'
import type { OpeningEvents, SideChannel, SideChannelOffer } from './side-channel.ts'

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

export interface MeshOptions extends PeerSessionOptions, LinksOptions {}

/** How long a closed mesh keeps its links so that the other side can read the goodbye and close first. */
const GOODBYE_MS = 1_000

/** What this session has to do with others: what they are owed, and the links that bring it to them. */
export class Mesh {
  private readonly sessions: PeerSessions
  private readonly links: Links
  private isClosed = false

  constructor(
    private readonly options: MeshOptions,
    private readonly events: MeshEvents,
  ) {
    this.sessions = new PeerSessions(options, {
      item: (from, item) => this.isClosed || events.item(from, item),
      goodbye: ({ peer }) => this.receiveGoodbye(peer),
      linked: (session) => {
        this.links.greeted(session)
        events.linked(session.peer)
      },
      unlinked: (session) => {
        if (this.isClosed) return
        this.links.unlinked(session)
        events.unlinked(session.peer)
      },
      neighbour: ({ peer }, message) => this.isClosed || events.neighbour(peer, message),
      relay: ({ peer }, message) => this.links.relayed(peer, message),
      channelOffered: (offer) => events.channelOffered(offer),
      usedUp: ({ link }) => link && this.links.lost(link, 'It had no number left for one more side channel'),
      broken: (session, sentence) => this.links.broken(session, sentence),
    })
    this.links = new Links(options, this.sessions, (sessionId) => this.end(sessionId))
  }

  /** Queues an item for a peer; undefined if it is owed too much already. Opens a link if there is none. */
  send(peer: Peer, bytes: Bytes, settled: (outcome: Outcome) => void): Owed | undefined {
    if (this.isClosed || !this.makeRoomFor([peer], bytes.byteLength)) return undefined
    const owed: Owed = { bytes, settled, since: this.options.clock.now() }
    this.queue(peer, owed)
    return owed
  }

  /** The same item for each of these, or for nobody: false if one of them is owed too much already. `now` is the time. */
  sendToAll<P extends Peer>(
    peers: readonly P[],
    bytes: Bytes,
    settled: (peer: P, outcome: Outcome) => void,
    now: number,
  ): boolean {
    if (this.isClosed || !this.makeRoomFor(peers, bytes.byteLength)) return false
    for (const peer of peers)
      this.queue(peer, { bytes, settled: (outcome) => settled(peer, outcome), since: now })
    return true
  }

  /** A first link will be wanted in a moment, it is not known yet to whom. */
  prepare(): void {
    if (!this.isClosed) this.links.prepare()
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
    const session = this.sessions.of(peer)
    const release = session.hold(isMutual)
    this.links.openIfNeeded(session)
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
    const session = this.sessions.remove(sessionId)
    this.links.abandon(sessionId)
    session?.end()
  }

  /** The peers with a link of their own, greeted: they can introduce others, and be introduced. */
  get neighbours(): readonly Peer[] {
    return this.sessions.near
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
    for (const session of this.sessions.all) session.showCredential()
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

  receiveSignal(from: Peer, signal: string, via: Via): void {
    this.links.receiveSignal(from, signal, via)
  }

  undeliverable(to: SessionId): void {
    this.links.undeliverable(to)
  }

  /** Signals can be passed on again: whoever waits for a link is tried at once, at most 100 of them in a minute. */
  retryNow(): void {
    this.links.retryNow()
  }

  describe(): readonly PeerSession[] {
    return this.sessions.all
  }

  /**
   * The network may have changed, or this page slept: replaces the links that bring nothing within 1.5 s, and tries
   * at once those that wait, at most 100 of them in a minute. This page is heard on every link that is not dead.
   */
  probe(): void {
    this.links.probe()
  }

  /** Whether the browser says that there is a network. Nothing is given up while there is none. */
  setOnline(isOnline: boolean): void {
    this.links.setOnline(isOnline)
  }

  /** Says goodbye on every link, at once, and goes on when it is woken: the page is put away and may come back. */
  pause(): void {
    this.links.pause()
  }

  resume(): void {
    this.links.resume()
  }

  /** Says goodbye on every link at once, and closes. */
  close(): void {
    if (this.isClosed) return
    this.isClosed = true
    this.links.stop()
    for (const session of this.sessions.farthestFirst) {
      session.goodbye()
      session.closeChannels()
    }
    this.options.clock.after(GOODBYE_MS, () => {
      this.links.close()
      for (const { peer } of this.sessions.all) this.sessions.remove(peer.sessionId)?.end()
    })
  }

  private queue(peer: Peer, owed: Owed): void {
    const session = this.sessions.of(peer)
    session.send(owed)
    this.links.openIfNeeded(session)
  }

  /**
   * Whether each of these may be owed that much more. If not, what those are owed whose oldest item waits for long
   * is given up first.
   */
  private makeRoomFor(peers: readonly Peer[], byteCount: number): boolean {
    if (this.sessions.hasRoomFor(peers, byteCount)) return true
    const now = this.options.clock.now()
    for (const session of this.sessions.all) if (session.isStalled(now)) this.giveUpOn(session)
    return this.sessions.hasRoomFor(peers, byteCount)
  }

  private giveUpOn(session: PeerSession): void {
    const { owedCount } = session
    this.links.broken(session, 'It is owed all that it may be owed, some of it for over 30 s')
    session.endStream()
    this.options.log('warn', 'Messages to a peer that acknowledges too little were given up', {
      to: session.peer.userId,
      count: owedCount,
    })
  }

  private receiveGoodbye(from: Peer): void {
    this.end(from.sessionId)
    if (!this.isClosed) this.events.goodbye(from)
  }
}

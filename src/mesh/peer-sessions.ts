import type { Bytes } from '../base/bytes.ts'
import type { SessionId } from '../base/ids.ts'
import { decodeItem, type Item } from '../protocol/items.ts'
import { writeRelay } from '../protocol/frames.ts'
import type { Peer } from '../protocol/peer.ts'
import type { Carriers } from './carriers.ts'
import { IncomingStreams } from './incoming-streams.ts'
import { type Account, Ledger } from './ledger.ts'
import type { Link } from './link.ts'
import { PeerSession, type PeerSessionEvents } from './peer-session.ts'
import type { PeerSessionOptions } from './peer-session-options.ts'

/** What becomes of each of them; items are decoded. */
export interface PeerSessionsEvents extends Omit<PeerSessionEvents, 'item'> {
  item(from: Peer, item: Item): void
}

/** What a peer is owed that nothing was ever sent to. */
const NOTHING_OWED: Account = { owedCount: 0, owedBytes: 0 }

/** All sessions that this session has to do with, and what they have in common. */
export class PeerSessions {
  private readonly bySession = new Map<SessionId, PeerSession>()
  private readonly incoming = new IncomingStreams((sessionId) => this.bySession.has(sessionId))
  private readonly ledger = new Ledger()

  constructor(
    private readonly options: PeerSessionOptions,
    private readonly events: PeerSessionsEvents,
  ) {}

  get all(): readonly PeerSession[] {
    return [...this.bySession.values()]
  }

  /** Those first whose link goes over another: a goodbye to that one ends it. */
  get farthestFirst(): readonly PeerSession[] {
    const isFar = ({ link }: PeerSession): boolean => link?.path === 'relay'
    return [...this.all.filter(isFar), ...this.all.filter((session) => !isFar(session))]
  }

  /** Those with a link of their own, greeted. */
  get near(): readonly Peer[] {
    return this.all.filter(({ isNear }) => isNear).map(({ peer }) => peer)
  }

  get(sessionId: SessionId): PeerSession | undefined {
    return this.bySession.get(sessionId)
  }

  /** The one whose present link this is: late news of an earlier one are nobody's. */
  behind(link: Link): PeerSession | undefined {
    const session = this.bySession.get(link.peer.sessionId)
    return session?.link === link ? session : undefined
  }

  of(peer: Peer): PeerSession {
    const known = this.bySession.get(peer.sessionId)
    if (known) return known
    const incoming = this.incoming.of(peer.sessionId)
    const session = new PeerSession(peer, incoming, this.ledger, this.options, {
      ...this.events,
      item: ({ peer: from }, bytes) => this.receiveItem(from, bytes),
    })
    this.bySession.set(peer.sessionId, session)
    return session
  }

  /** It is not known any more from here on; what had arrived of it is remembered. */
  remove(sessionId: SessionId): PeerSession | undefined {
    const session = this.bySession.get(sessionId)
    this.bySession.delete(sessionId)
    return session
  }

  /** Whether each of these may be owed one item of this size more. */
  hasRoomFor(peers: readonly Peer[], byteCount: number): boolean {
    const accounts = peers.map(({ sessionId }) => this.bySession.get(sessionId) ?? NOTHING_OWED)
    return this.ledger.hasRoomFor(accounts, byteCount)
  }

  /** Those of them that can pass something on. */
  carriers(): Carriers {
    const near = (): readonly Peer[] => this.near
    return {
      get near() {
        return near()
      },
      carry: (by, message: Bytes) =>
        this.bySession.get(by)?.tell((packet) => writeRelay(packet, message)) ?? false,
      bufferedBytes: (by) => {
        const session = this.bySession.get(by)
        return session?.isNear ? (session.link?.bufferedBytes ?? Infinity) : Infinity
      },
    }
  }

  private receiveItem(from: Peer, bytes: Uint8Array): void {
    const item = decodeItem(bytes)
    if (item) this.events.item(from, item)
    else this.options.log('warn', 'An item that cannot be decoded was ignored', { from: from.userId })
  }
}

import type { SessionId } from '../base/ids.ts'
import type { Peer } from '../protocol/peer.ts'
import type { Via } from '../rendezvous/rendezvous.ts'
import type { Link, LinkEvents } from './link.ts'

/** Makes links of one kind. */
export interface Linker {
  /** Connections that are open or being opened, of the kind that a page can have only so many of. */
  readonly connectionCount: number
  /**
   * Tries to open a link; `opened` or `failed` follows, unless an attempt is under way already.
   * With `expected` the other side is known to want it too, so that it will offer by itself if it is its turn.
   */
  open(peer: Peer, expected: boolean): void
  /** A link will be wanted in a moment, it is not known yet to whom: what takes time is begun. */
  prepare?(): void
  /** A signal that a rendezvous of that kind passed on from this session. */
  receive(from: Peer, signal: string, via: Via): void
  /** The rendezvous could not deliver a signal to this session. */
  undeliverable(to: SessionId): void
  /** Ends a running attempt: the session is over. */
  abandon(sessionId: SessionId): void
  /** Ends every running attempt, whoever began it. */
  abandonAll(): void
  close(): void
}

/** Makes links of all kinds, those over somebody else included. */
export interface MeshLinker extends Linker {
  /** A message about relaying that a linked peer sent: its own, or somebody else's whom it serves. */
  relayed(by: Peer, message: Uint8Array): void
  /** A link that could carry for others is open and greeted. */
  nearer(peer: Peer): void
  /** That link is closed. */
  farther(peer: Peer): void
}

export interface LinkerEvents extends LinkEvents {
  opened(link: Link): void
  /** `sentence` says for people why; there is no link to this peer now. */
  failed(peer: Peer, sentence: string): void
  /** Whether one more connection, to this peer, is allowed. May make room by closing another. */
  admit(peer: Peer): boolean
  /** The browser makes no connection more; `failed` follows. One that nobody needs is closed, for later attempts. */
  exhausted(): void
  /** The peer is said to look for a link though it has one here: that one may be dead. */
  missed(peer: Peer): void
  /** Whether this side wants a link to the peer, whatever the peer wants. */
  isWanted(peer: Peer): boolean
}

import type { Bytes } from '../base/bytes.ts'
import type { UserId } from '../base/ids.ts'
import type { Peer } from '../protocol/peer.ts'
import type { SideChannel, SideChannelEvents } from './side-channel.ts'

/**
 * One open connection to one session, whose other end is known to be that session.
 * Packets arrive whole, once and in order, or the link closes.
 */
export interface Link {
  readonly peer: Peer
  /** Which attempt of this pair led to it; a later one replaces an earlier one. */
  readonly epoch: number
  readonly path: 'direct' | 'tab' | 'relay'
  /** Who passes on, where the two ends have no link of their own. */
  readonly via?: Peer
  /** Bytes that were sent and have not left yet. */
  readonly bufferedBytes: number
  send(packet: Bytes): void
  /** Says goodbye in this very turn, where `send` takes longer than a page may have that goes away. */
  goodbye?(): void
  /** A sign of life that may get lost. */
  beat(): void
  /** The same, and a question: the other side answers with a beat at once, whatever its timers do. */
  probe(): void
  /**
   * This end of one more channel. Both ends make the same number; what is sent to an end that does not exist is lost.
   * A number is used once on a link. Where the transport cannot make it, the link breaks a moment later.
   */
  openChannel(number: number, events: SideChannelEvents): SideChannel
  /** Closes at once. The owner hears nothing more of this link; the users of its side channels hear `closed`. */
  close(): void
  describe(): Promise<LinkDescription>
}

/** What is known of a link's transport, where the transport tells. */
export interface LinkDescription {
  readonly localCandidateType?: string
  readonly remoteCandidateType?: string
  readonly roundTripMs?: number
  /** Whose user passes on, where the two ends have no link of their own. */
  readonly via?: UserId
  /** Why there is no link of their own. */
  readonly lastError?: string
}

export interface LinkEvents {
  packet(link: Link, packet: Uint8Array): void
  /** A beat arrived. */
  beat(link: Link): void
  /** `bufferedBytes` fell below `LOW_WATER_BYTES`. */
  drained(link: Link): void
  /** The transport has lost the other side, perhaps for a moment only: it tells before beats are missing. */
  doubtful(link: Link): void
  closed(link: Link, why: string): void
  /** Closed because of what the other side did with a connection: a link to it is tried ever more rarely. */
  broken(link: Link, why: string): void
}

/** Above this much unsent data a link takes no more: 64 KB keep a ping behind bulk traffic under 10 ms, 8 MB make it 170 ms. */
export const HIGH_WATER_BYTES = 64 * 1024
/** Where it takes more again. */
export const LOW_WATER_BYTES = 32 * 1024

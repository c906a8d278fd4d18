import type { Bytes } from '../base/bytes.ts'
import type { Peer } from '../protocol/peer.ts'

/**
 * One more channel on a link beside its frames: reliable and ordered in itself, with a buffer of its own. It ends
 * with the link.
 */
export interface SideChannel {
  /** Bytes that were sent and have not left yet. */
  readonly bufferedBytes: number
  send(message: Bytes): void
  /** The other side hears of it; the owner hears nothing more. */
  close(): void
}

/** What the two ends of a side channel on one link hear. */
export interface SideChannelEvents {
  message(message: Uint8Array): void
  /** `bufferedBytes` fell below `LOW_WATER_BYTES`. */
  drained(): void
  /** Closed by the other side, or with the link. Nothing follows. */
  closed(): void
}

/** What who opens a side channel hears. */
export interface OpeningEvents extends SideChannelEvents {
  /** The other side has it too: what is sent from now on arrives. */
  opened(): void
  /** The other side does not want it, and says why in bytes of its own. Nothing follows. */
  refused(answer: Uint8Array): void
}

/** A side channel that a peer has opened. One of the two must be called, before the next one is told. */
export interface SideChannelOffer {
  readonly from: Peer
  /** What it is for, in bytes that the users of side channels agree on. */
  readonly label: Uint8Array
  accept(events: SideChannelEvents): SideChannel
  refuse(answer: Bytes): void
}

import type { Bytes } from '../base/bytes.ts'
import type { SessionId } from '../base/ids.ts'
import type { Peer } from '../protocol/peer.ts'

/** Peers with a link of their own, who can pass something on to each other: at most one stands between two sessions. */
export interface Carriers {
  /** Those whose link is open and greeted, and goes over nobody else. */
  readonly near: readonly Peer[]
  /** Hands a message about relaying to one of them; false if there is no such link. */
  carry(by: SessionId, message: Bytes): boolean
  /** What waits on the link to one of them; Infinity without one. */
  bufferedBytes(by: SessionId): number
}

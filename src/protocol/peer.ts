import type { SessionId, UserId } from '../base/ids.ts'

/** One login of one user. */
export interface Peer {
  readonly userId: UserId
  readonly sessionId: SessionId
  /** Server time of the login in milliseconds. */
  readonly loginTime: number
}

/** Of two logins of one user the later wins; equal times are decided by the session id, the same everywhere. */
export function isLaterLogin(a: Peer, b: Peer): boolean {
  return a.loginTime !== b.loginTime ? a.loginTime > b.loginTime : a.sessionId > b.sessionId
}

/** A peer in a channel. */
export interface Member extends Peer {
  /**
   * Which of this session's joins, counted from 1 over all its channels: news about an earlier
   * one that arrives late, by whatever path, is recognised.
   */
  readonly incarnation: number
}

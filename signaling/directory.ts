import type { AppId, ChannelId, SessionId, UserId } from '../src/base/ids.ts'
import type { Identity } from './identity.ts'
import type { Session } from './session.ts'

/** A login that has proven its identity. */
export interface Claim {
  readonly identity: Identity
  /** From a valid credential of the same identity, when it presented one. */
  readonly earlierLoginTime: number | undefined
}

export type ClaimOutcome =
  | {
      readonly outcome: 'admitted'
      readonly session: Session
      /** The user's session that had to make way, already removed. */
      readonly replaced?: Removal
    }
  /** The session was still known and keeps everything. */
  | { readonly outcome: 'returned'; readonly session: Session }
  | { readonly outcome: 'refused'; readonly reason: 'invalid-proof' | 'remote-login' | 'overload' }

/** A session that is no longer known, and its audience. */
export interface Removal {
  readonly session: Session
  readonly audience: ReadonlySet<Session>
}

/** Where logins are decided on: by this server's directory, or where all nodes of a cluster agree. */
export interface Claims {
  /** Decides between logins of one user and between holders of one session id, atomically. */
  claim(claim: Claim): Promise<ClaimOutcome>
}

/**
 * Who is logged in, who is in which channel or visits it, and who is subscribed to whom. The rest of the server asks
 * nothing else: the sessions of a cluster's other nodes are in here too, as they are there.
 */
export interface Directory extends Claims {
  /** When a login that comes now is: now, but always after the user's current one. */
  timeLogin(appId: AppId, userId: UserId): number
  /** One that another node has; its user must have none here. */
  put(session: Session): void
  /** Everybody who shares a channel or exchanged signals with the session, or is subscribed to its user. */
  audienceOf(session: Session): ReadonlySet<Session>
  /** Undefined if the session was removed before. */
  remove(session: Session): Removal | undefined
  /** Who was a visitor is a member now. */
  enter(session: Session, channelId: ChannelId, incarnation: number): void
  exit(session: Session, channelId: ChannelId): void
  membersOf(appId: AppId, channelId: ChannelId): ReadonlySet<Session>
  visit(session: Session, channelId: ChannelId): void
  endVisit(session: Session, channelId: ChannelId): void
  visitorsOf(appId: AppId, channelId: ChannelId): ReadonlySet<Session>
  /** False if the directory has no room for one more; `true` for one that stands already. */
  subscribe(session: Session, userId: UserId): boolean
  unsubscribe(session: Session, userId: UserId): void
  subscribersOf(appId: AppId, userId: UserId): ReadonlySet<Session>
  sessionById(sessionId: SessionId): Session | undefined
  sessionOf(appId: AppId, userId: UserId): Session | undefined
  /** How many there are. */
  readonly size: number
  sessions(): Iterable<Session>
}

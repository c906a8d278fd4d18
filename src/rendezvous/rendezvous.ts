import type { AppId, ChannelId, SessionId, UserId } from '../base/ids.ts'
import type { AgreementKey, SigningKey } from '../base/crypto.ts'
import type { Bytes } from '../base/bytes.ts'
import type { Member, Peer } from '../protocol/peer.ts'
import type { Departure, EndReason, LoginRefusal, TokenTerms } from '../protocol/server-messages.ts'
import type { TokenOutcome } from './server-token.ts'

/**
 * A place where users find each other: who is here, who is in which channel, and somebody who passes signals on.
 * It never carries messages. A rendezvous keeps itself up: it returns by itself after every loss, as the same
 * session, and joins again whatever was joined.
 */
export interface Rendezvous {
  /** Where it is, in words for people: a URL, or 'tabs of this browser'. */
  readonly name: string
  readonly isUp: boolean
  join(channelId: ChannelId, incarnation: number): void
  leave(channelId: ChannelId, incarnation: number): void
  /**
   * The online ones among these users; undefined when the rendezvous can tell of none of them now. One that names some
   * may be unable to tell of the others: only who is asked for without any of those, and not found, is nowhere.
   */
  find(userIds: readonly UserId[]): Promise<readonly Peer[] | undefined>
  /**
   * Who has this channel's shared document: its members, and those who visit it without having joined, at most
   * `MAX_HOLDERS` of each, this session excepted; undefined when the rendezvous cannot tell now. From now on, also
   * after a return, this session counts as a visitor, until `endVisit`, a join of the channel or the end of the
   * session.
   */
  visit(channelId: ChannelId): Promise<readonly Peer[] | undefined>
  endVisit(channelId: ChannelId): void
  /**
   * From now on, also after a return, this rendezvous tells when any of these users comes (`present`), falls silent,
   * is heard again or goes; and at once, and after each return, which of them are there (`presence`).
   * Of 512 users in all at most; those beyond are not told of.
   */
  subscribe(userIds: readonly UserId[]): void
  unsubscribe(userIds: readonly UserId[]): void
  /** How many are in each of these channels, 32 at most; undefined when the rendezvous cannot tell now. */
  count(channelIds: readonly ChannelId[]): Promise<readonly number[] | undefined>
  /** Passes a signal on; false when the rendezvous is down. It may still turn out to be undeliverable. */
  relay(to: SessionId, signal: string): boolean
  /** The network may have changed, or this page slept: finds out soon whether it is still up, or tries it at once. */
  probe(): void
  /** Says goodbye at once and stays away until `resume`: the page is put away and may come back. */
  pause(): void
  resume(): void
  /** Says goodbye and closes, at once: it also runs while a page goes away. */
  goodbye(): void
}

export { MAX_HOLDERS } from '../protocol/server-messages.ts'

/** A rendezvous that asks whether somebody may be found there at all: the only kind to which tokens mean something. */
export interface ServedRendezvous extends Rendezvous {
  /**
   * From now on this session shows this token there, and at once if it is on its way back. Resolves as soon as a server
   * has judged it; one that is refused is forgotten. Never, while none can be asked, unless a later token takes its place.
   */
  renewToken(token: string): Promise<TokenOutcome>
}

/** By which kind of rendezvous something came. */
export type Via = 'server' | 'tabs' | 'neighbours'

/** Who wants to be found, and what proves it. */
export interface Announcement {
  readonly appId: AppId
  readonly userId: UserId
  readonly token: string | null
  readonly sessionId: SessionId
  readonly fingerprint: Bytes
  readonly signingKey: SigningKey
  readonly agreementKey: AgreementKey
}

/** What a rendezvous tells a session that it has accepted, at the first time and after each return. */
export interface Welcome {
  readonly me: Peer
  /** Sealed; what this session shows to others. */
  readonly credential: string
  /** Public keys whose credentials are accepted, the rendezvous' own first. */
  readonly serverKeys: readonly Bytes[]
  /** Milliseconds to add to the own clock to get the rendezvous' time. */
  readonly clockOffsetMs: number
  readonly iceServers: readonly RTCIceServer[] | undefined
  /** Until when the session's token is good; undefined where none is needed. */
  readonly token?: TokenTerms | undefined
}

export interface RendezvousEvents {
  up(welcome: Welcome): void
  down(): void
  /** With `token`: the session has another one now. With `iceServers`: new links use these. */
  renewed(credential: string, token?: TokenTerms, iceServers?: Welcome['iceServers']): void
  /** The session may not return, or a local one not log in, with the token that it has; a later one helps. Said at each try. */
  tokenRefused(): void
  /** The login is not possible. Nothing follows. */
  refused(reason: LoginRefusal, sentence: string): void
  /** The session is over by somebody else's doing. Nothing follows. */
  ended(reason: EndReason, sentence: string): void
  /**
   * Everybody else in the channel. `mayRemove` is false when the rendezvous forgot everybody
   * a short time ago, so that who is missing here may only not be back yet.
   */
  roster(channelId: ChannelId, incarnation: number, members: readonly Member[], mayRemove: boolean): void
  joinRefused(channelId: ChannelId, incarnation: number, sentence: string): void
  joined(channelId: ChannelId, member: Member): void
  left(channelId: ChannelId, member: Member): void
  /**
   * Those who are linked to these sessions name them as members; each is who it says. Nobody will tell when they
   * leave: whether they are there they say themselves.
   */
  introduced(channelId: ChannelId, members: readonly Member[]): void
  /** A server's word that a session or a user is out; told before `gone` or `ended`. Not verified. */
  notice(notice: string): void
  /** `by`: not the server, which may not know of it yet. */
  gone(peer: Peer, why: Departure, by?: 'tabs'): void
  /**
   * Which of these users are there, of those that are subscribed to; who is missing is not. `mayRemove` as for rosters.
   * Of those that are silent `unreachable` tells after it.
   */
  presence(userIds: readonly UserId[], peers: readonly Peer[], mayRemove: boolean): void
  /** A session of a user that is subscribed to has come. */
  present(peer: Peer): void
  /** Nothing was heard of it for a while, on this path. It comes back (`reachable`), or is `gone` later. */
  unreachable(peer: Peer, silentMs: number): void
  reachable(peer: Peer): void
  signal(from: Peer, signal: string, via: Via): void
  /** A session in another tab of this origin and realm: it may be linked without a network, and is who it says. */
  tab(peer: Peer): void
  undeliverable(to: SessionId): void
}

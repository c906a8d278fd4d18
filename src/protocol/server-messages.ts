import * as v from 'valibot'

import { MAX_CREDENTIAL_TEXT } from './credential.ts'
import { MAX_NOTICE_TEXT } from './notice.ts'
import {
  base64Url,
  channelId,
  count,
  listUpTo,
  parseJson,
  sessionId,
  textUpTo,
  userId,
} from './signaling-parts.ts'

/**
 * What client and signaling server say to each other: JSON objects, one per WebSocket message.
 *
 *     client                              server
 *       |<------------- hello ---------------|   at once, with a nonce
 *       |-------------- login -------------->|   signed over the nonce
 *       |<-- loggedIn | refused (then 4001) -|
 *       |-- join, leave, find, signal, pong->|
 *       |-- visit, endVisit ---------------->|
 *       |-- subscribe, unsubscribe, count -->|
 *       |-- renew, renewToken -------------->|
 *       |<- roster, joined, left, gone, … ---|
 *       |<- present, unreachable, reachable -|
 *       |------------- goodbye ------------->|   the session ends; a mere close only starts a clock
 */

/** A WebSocket message above this closes the connection with 1009. */
export const MAX_SERVER_MESSAGE_BYTES = 64 * 1024

/** A session may be in this many channels (the API's limit). */
export const MAX_CHANNELS_PER_SESSION = 20

/** A session visits this many channels at once, as many as it may be in; one more, and its oldest visit ends. */
export const MAX_VISITS_PER_SESSION = 20

/** Users whose presence a session is told of (the API's limit); of those beyond it is not. */
export const MAX_SUBSCRIPTIONS_PER_SESSION = 512

/** Channels in one question of how many are in them (the API's limit). */
export const MAX_COUNTED_CHANNELS = 32

/** Members, and visitors, that the answer to a visit names at most: any one of them is enough to read from. */
export const MAX_HOLDERS = 16

/** Descriptions with all their candidates come to a few thousand. */
export const MAX_SIGNAL_CHARS = 60_000

/** A token is a few hundred characters; one that is longer than this is none. */
export const MAX_TOKEN_CHARS = 8 * 1024

/** The server asks this often for a sign of the page itself; WebSocket pings are answered by frozen pages too. */
export const SERVER_PING_PERIOD_MS = 5_000

/**
 * A session from which nothing was heard for this long is unreachable: the API page's 6 s, counted from the first beat
 * of 1 s that stayed away. Longer than a ping's period, so a page that answers pings never is.
 */
export const UNREACHABLE_AFTER_MS = 7_000

/** A session from which nothing was heard for this long (on an open socket: since its last message) is lost. */
export const OFFLINE_AFTER_MS = 31_000

/** Reasons in a close frame. Codes 4000 to 4999 are ours, the others are the protocol's own. */
export const closeCodes = {
  /** The server refused the login and said why in `refused`. */
  refused: 4001,
  /** The session was ended (another login of this user, kick, ban) and `ended` said so. */
  ended: 4002,
  /** No valid login within 10 s of the connection. */
  loginTimeout: 4003,
  /** Nothing heard for 31 s: come back with a new connection. */
  silent: 4004,
  normal: 1000,
  /** From the server: the same session goes on over a newer connection. */
  goingAway: 1001,
  /** Not a frame of a WebSocket. */
  protocolError: 1002,
  /** Not JSON, or not a message of this protocol. */
  malformed: 1007,
  /** More messages a second than allowed. */
  flood: 1008,
  tooLarge: 1009,
  /** The server failed, not the client: come back. */
  internalError: 1011,
  /** The server restarts: come back within a random 2 s. */
  restart: 1012,
  /** Too slow a reader, or the server is full. */
  overload: 1013,
} as const

const sentence = textUpTo(1_000)
/** Of an operator's decision, for those who meet the session without this server. */
const notice = v.optional(textUpTo(MAX_NOTICE_TEXT))
const subscribedUsers = listUpTo(userId, MAX_SUBSCRIPTIONS_PER_SESSION)
const peer = v.object({ userId, sessionId, loginTime: count })
const member = v.object({ ...peer.entries, incarnation: count })

/** What may be wrong with a token. */
export const tokenFaults = ['invalid-token', 'token-expired', 'not-authorized'] as const
export type TokenFault = (typeof tokenFaults)[number]

export const loginRefusals = [
  'invalid-app-id',
  'invalid-user-id',
  ...tokenFaults,
  /** The session id belongs to another user or key, or the signature is wrong. */
  'invalid-proof',
  /** A later login of this user is active: the session that returns is out. */
  'remote-login',
  'banned',
  /** An operator ended this session; the user may log in anew, as another one. */
  'kicked',
  'unsupported-version',
  'overload',
] as const
export type LoginRefusal = (typeof loginRefusals)[number]

/** Why a session is over for everybody who knew it. `lost` is the only one that is not certain: it may come back. */
export const departures = ['goodbye', 'replaced', 'kicked', 'banned', 'lost'] as const
export type Departure = (typeof departures)[number]

/** Why a server ends a session that is connected. */
export const endReasons = ['remote-login', 'kicked', 'banned', 'token-expired'] as const
export type EndReason = (typeof endReasons)[number]

/** ICE servers that are announced at once, the URLs of one of them, and the length of one of those. */
export const MAX_ICE_SERVERS = 16
export const MAX_ICE_URLS = 8
export const MAX_ICE_URL_CHARS = 512

const iceUrl = textUpTo(MAX_ICE_URL_CHARS)
const iceServer = v.object({
  urls: v.union([iceUrl, listUpTo(iceUrl, MAX_ICE_URLS)]),
  username: v.optional(textUpTo(512)),
  credential: v.optional(textUpTo(512)),
})

export interface IceServer {
  urls: string | string[]
  username?: string | undefined
  credential?: string | undefined
}

const iceServers = listUpTo(iceServer, MAX_ICE_SERVERS)

export function isIceServers(value: unknown): value is IceServer[] {
  return v.is(iceServers, value)
}

/** With each credential of a session; where they are left out, those before stay. */
const iceOffer = {
  iceServers: v.optional(iceServers),
  /** Milliseconds from now: for so long its user names and passwords are good, and at half of it they are renewed. */
  iceServersLifeMs: v.optional(count),
}

const tokenTerms = v.object({
  /** Server time in milliseconds: the first at which the token is no longer good. */
  expiresAt: count,
  /** Of its format: 6 or 7. */
  version: count,
})

/** What the server says of the token of a session; of a session that needs none, nothing. */
export type TokenTerms = v.InferOutput<typeof tokenTerms>

/** Tokens since 007 end the session with them; one of 006 matters at logins only. */
export function endsSession({ version }: TokenTerms): boolean {
  return version >= 7
}

const serverMessage = v.variant('type', [
  v.object({
    type: v.literal('hello'),
    version: count,
    features: count,
    nonce: base64Url(32),
    /** Random at each start of the server: another one means that it forgot everybody. */
    boot: textUpTo(64),
  }),
  v.object({
    type: v.literal('loggedIn'),
    credential: textUpTo(MAX_CREDENTIAL_TEXT),
    /** Public keys whose credentials this server accepts, its own first. */
    serverKeys: v.pipe(v.array(base64Url(65)), v.minLength(1), v.maxLength(8)),
    loginTime: count,
    /** Server time in milliseconds. */
    time: count,
    ...iceOffer,
    token: v.optional(tokenTerms),
  }),
  v.object({ type: v.literal('refused'), reason: v.picklist(loginRefusals), message: sentence }),
  /** The session is over: another login of this user, an operator's decision, or the end of its token. */
  v.object({
    type: v.literal('ended'),
    reason: v.picklist(endReasons),
    message: sentence,
    notice,
  }),
  v.object({
    type: v.literal('credential'),
    credential: textUpTo(MAX_CREDENTIAL_TEXT),
    ...iceOffer,
  }),
  /** Answer to `renewToken`: the session has that token now. */
  v.object({
    type: v.literal('tokenRenewed'),
    request: count,
    credential: textUpTo(MAX_CREDENTIAL_TEXT),
    ...iceOffer,
    token: v.optional(tokenTerms),
  }),
  /** The session has the token that it had. */
  v.object({
    type: v.literal('tokenRefused'),
    request: count,
    reason: v.picklist(tokenFaults),
    message: sentence,
  }),
  /** Answer to `join`: everybody in the channel but the joiner. */
  v.object({
    type: v.literal('roster'),
    channelId,
    incarnation: count,
    members: listUpTo(member, 10_000),
  }),
  v.object({
    type: v.literal('joinRefused'),
    channelId,
    incarnation: count,
    reason: v.picklist(['too-many-channels']),
    message: sentence,
  }),
  v.object({ type: v.literal('joined'), channelId, member }),
  v.object({ type: v.literal('left'), channelId, member }),
  /** To everybody who shared a channel or exchanged signals with the session, or is subscribed to its user. */
  v.object({ type: v.literal('gone'), peer, why: v.picklist(departures), notice }),
  /**
   * Nothing was heard from the session for `silentMs`, at least `UNREACHABLE_AFTER_MS`; it may come back. Once to
   * everybody who would be told that it is gone, and after each `roster` and `subscribed` with such a peer.
   */
  v.object({ type: v.literal('unreachable'), peer, silentMs: count }),
  /** It was heard again. */
  v.object({ type: v.literal('reachable'), peer }),
  /** Answer to `find`: the online ones among the users asked for. */
  v.object({ type: v.literal('found'), request: count, peers: listUpTo(peer, 256) }),
  /** Answer to `visit`: members, then visitors, but the one who asks. */
  v.object({
    type: v.literal('visited'),
    request: count,
    holders: listUpTo(peer, 2 * MAX_HOLDERS),
  }),
  /** Answer to `subscribe`: who is subscribed to now, of those named there, and which of them are there. */
  v.object({
    type: v.literal('subscribed'),
    userIds: subscribedUsers,
    peers: listUpTo(peer, MAX_SUBSCRIPTIONS_PER_SESSION),
  }),
  /** To subscribers: a session of this user has come. */
  v.object({ type: v.literal('present'), peer }),
  /** Answer to `count`: how many are in each channel, in the order of the question. */
  v.object({
    type: v.literal('counted'),
    request: count,
    counts: listUpTo(count, MAX_COUNTED_CHANNELS),
  }),
  v.object({ type: v.literal('signal'), from: peer, signal: textUpTo(MAX_SIGNAL_CHARS) }),
  /** No such session here, or none of this app. */
  v.object({ type: v.literal('undeliverable'), to: sessionId }),
  v.object({ type: v.literal('ping') }),
])

export type ServerMessage = v.InferOutput<typeof serverMessage>

/** Those that bring a credential, and what else belongs to it. */
export type CredentialMessage = Extract<ServerMessage, { type: 'loggedIn' | 'credential' | 'tokenRenewed' }>

export function decodeServerMessage(text: string): ServerMessage | undefined {
  return parseJson(serverMessage, text)
}

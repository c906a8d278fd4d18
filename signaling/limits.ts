/** What one client, and all of them together, may cost the server. Each has a default with its reason. */
export interface Limits {
  /** WebSockets open at once; further ones are closed with 1013. */
  readonly maxSockets: number
  /** Sessions known at once, those that lost their socket and may return included; further logins are refused. */
  readonly maxSessions: number
  /** Subscriptions of all sessions together; those beyond are not taken. */
  readonly maxSubscriptions: number
  /** Bytes waiting for one slow reader before its socket is closed with 1013. */
  readonly maxQueuedBytes: number
  /** Messages a second that one socket may send in the long run … */
  readonly messagesPerSecond: number
  /** … and how many of them at once; beyond, the socket is closed with 1008. */
  readonly messageBurst: number
}

export const defaultLimits: Limits = {
  // About 11 KB of memory each (measured): 110 MB, and below the usual limit of 16,384 or more file descriptors.
  maxSockets: 10_000,
  // The client's decoder takes rosters of 10,000, so nobody can be in a larger one.
  maxSessions: 10_000,
  // 436 bytes of memory each (measured) if no two are to the same user: 220 MB; 50 a session if all have as many.
  maxSubscriptions: 500_000,
  // The largest roster is about 1.5 MB and may exceed it alone: what counts is what waited before it.
  maxQueuedBytes: 1024 * 1024,
  // A pair needs 3 to 12 signals: 200 a second set up a session with more peers than it may have links.
  messagesPerSecond: 200,
  // A return with 20 channels and 200 links that all negotiate anew sends about 600 messages at once.
  messageBurst: 1_000,
}

/** Time from connecting to a complete login; a phone on a bad network needs 2 to 3 s for it. */
export const LOGIN_WITHIN_MS = 10_000

/** Messages that arrive while a login is being decided wait for it; an honest client sends at most a goodbye. */
export const MAX_WAITING_MESSAGES = 32

/** WebSocket pings without any answer before a socket counts as dead, one a `SERVER_PING_PERIOD_MS`. */
export const MAX_UNANSWERED_PINGS = 2

/** All clocks of all sockets are looked at in one round, this often: 20,000 comparisons at most. */
export const ROUND_PERIOD_MS = 250

/**
 * A round that comes this late means that this process slept: silence meanwhile proves nothing. A ping that is late by
 * less is answered before its page would seem unreachable: 5 s + one round + this leaves 0.75 s for the way.
 */
export const LATE_ROUND_MS = 1_000

/** After a close frame a client gets this long to answer it; then its socket is destroyed. */
export const CLOSE_GRACE_MS = 2_000

/** Sessions that one session exchanged signals with and whose end it will be told, the latest ones. */
export const MAX_ACQUAINTANCES = 512

/** Past sessions whose ids stay reserved for their holders, the latest ones: about 300 bytes each. */
export const MAX_REMEMBERED_HOLDERS = 20_000

/** Sessions that operators ended and that may not return, the latest ones: about 100 bytes each. */
export const MAX_REMEMBERED_KICKS = 20_000

/** Credentials are valid this long; clients renew them at half of it. */
export const CREDENTIAL_LIFE_MS = 12 * 60 * 60 * 1_000

/**
 * A session whose 006 token has expired stays while it is connected, as the API has it, and may not return. Peers
 * believe its credential without this server, so it gets one for a short while at a time only.
 */
export const LIFE_AFTER_TOKEN_MS = 60 * 60 * 1_000

/** Clocks of servers and clients may differ by this much. */
export const CLOCK_TOLERANCE_MS = 5 * 60 * 1_000

/** Keys for rotation: the client's decoder takes this many. */
export const MAX_SERVER_KEYS = 8

import {
  MAX_CHANNELS_PER_SESSION,
  MAX_SERVER_MESSAGE_BYTES,
  MAX_SUBSCRIPTIONS_PER_SESSION,
} from '../src/protocol/server-messages.ts'

/**
 * What one client, one address, and all of them together may cost the server. Each has a default with its reason
 * (docs/HOSTING.md has both). An address is an IPv4 address or an IPv6 network of 64 bits, as a household has; those
 * of this machine itself are not counted.
 */
export interface Limits {
  /** WebSockets open at once; further ones are closed with 1013. */
  readonly maxSockets: number
  /** Of them, those of one address; further ones are closed with 1013. In a cluster, at each server. */
  readonly maxSocketsPerAddress: number
  /** WebSockets begun in a second, in the long run; at once as many as `maxSockets`. Beyond: HTTP 503. */
  readonly connectionsPerSecond: number
  /** Requests of one address in a minute, whatever becomes of them; beyond: HTTP 429 until the minute is over. */
  readonly connectionsPerMinutePerAddress: number
  /** Of them, those that were ended for what no honest client does; beyond: HTTP 429 until the minute is over. */
  readonly misdeedsPerMinutePerAddress: number
  /** Time from connecting to a login, in milliseconds; then the socket is closed with 4003. */
  readonly loginWithinMs: number
  /** Logins of one address with a wrong proof or token in a minute; a tenth of them are answered at once. */
  readonly failedLoginsPerMinutePerAddress: number
  /** For so many seconds more logins of that address are refused, but for sessions that return. */
  readonly failedLoginBlockSeconds: number
  /** Logins whose proof and token are looked at at one time; further ones wait, and of each address one comes in turn. */
  readonly proofsAtOnce: number
  /** Of them, those of one address. */
  readonly proofsAtOncePerAddress: number
  /** Sessions known at once, those that lost their socket and may return included; further logins are refused. */
  readonly maxSessions: number
  /** Bytes of one message; a larger one closes its socket with 1009. */
  readonly maxMessageBytes: number
  /** Messages a second that one socket may send in the long run … */
  readonly messagesPerSecond: number
  /** … and how many of them at once; beyond, the socket is closed with 1008. */
  readonly messageBurst: number
  /** Messages a second that all sockets of one address may send in the long run … */
  readonly messagesPerSecondPerAddress: number
  /** … and how many of them at once; beyond, the socket that sent one is closed with 1008. */
  readonly messageBurstPerAddress: number
  /** Channels that a session is in; joins beyond are refused. */
  readonly maxChannelsPerSession: number
  /** Users that a session is subscribed to; those beyond are not taken. */
  readonly maxSubscriptionsPerSession: number
  /** Subscriptions of all sessions together; those beyond are not taken. */
  readonly maxSubscriptions: number
  /** Bytes waiting for one slow reader before its socket is closed with 1013. */
  readonly maxQueuedBytes: number
}

export const defaultLimits: Limits = {
  // About 10 KB of memory each (measured): 100 MB, and below the usual limit of 16,384 or more file descriptors.
  maxSockets: 10_000,
  // A school or an office of a thousand behind one address; ten such addresses fill the server, not one.
  maxSocketsPerAddress: 1_000,
  // A fifth of what one process on one core takes (5,000 in 0.94 s, measured): the rest is for those who are there.
  connectionsPerSecond: 1_000,
  // That school loads its pages, loads them again, and comes back after a restart, all in one minute.
  connectionsPerMinutePerAddress: 3_000,
  // Pages of this library never do it; a few broken programs among a thousand honest pages keep out nobody.
  misdeedsPerMinutePerAddress: 30,
  // A phone on a bad network needs 2 to 3 s for it.
  loginWithinMs: 10_000,
  // Nobody guesses a token in any number of tries; a hundred pages that all have an old one are an honest mistake.
  failedLoginsPerMinutePerAddress: 100,
  // A mistake that was repaired is forgiven before people give up; 100 tries in 5 minutes are of no use to anybody.
  failedLoginBlockSeconds: 300,
  // Node checks four at a time, by its threads: with as many waiting it is never idle, and nobody is behind more of them.
  proofsAtOnce: 16,
  // Half of them: whoever sends logins without end leaves the other half to everybody else.
  proofsAtOncePerAddress: 8,
  // The client's decoder takes rosters of 10,000, so nobody can be in a larger one.
  maxSessions: 10_000,
  // The largest signal, 60,000 characters; a description with all its candidates has a few thousand.
  maxMessageBytes: MAX_SERVER_MESSAGE_BYTES,
  // A pair needs 3 to 12 signals: 200 a second set up a session with more peers than it may have links.
  messagesPerSecond: 200,
  // A return with 20 channels and 200 links that all negotiate anew sends about 600 messages at once.
  messageBurst: 1_000,
  // A tenth of what one process relays (37,500 a second, measured); a thousand pages that are idle send 200.
  messagesPerSecondPerAddress: 4_000,
  // 40 classes of 25, each linked to each at three signals a pair, that all begin at once: 36,000.
  messageBurstPerAddress: 40_000,
  // The API's limit, which clients keep by themselves.
  maxChannelsPerSession: MAX_CHANNELS_PER_SESSION,
  // The API's limit, which clients keep by themselves.
  maxSubscriptionsPerSession: MAX_SUBSCRIPTIONS_PER_SESSION,
  // 436 bytes of memory each (measured) if no two are to the same user: 220 MB; 50 a session if all have as many.
  maxSubscriptions: 500_000,
  // The largest roster is about 1.5 MB and may exceed it alone: what counts is what waited before it.
  maxQueuedBytes: 1024 * 1024,
}

export function limitsOf(given: Partial<Limits> = {}): Limits {
  const named = Object.entries(given).filter(([, value]) => value !== undefined)
  return { ...defaultLimits, ...Object.fromEntries(named) }
}

/** What is wrong with these limits, in one sentence. */
export function complaintAbout(limits: Readonly<Partial<Record<string, unknown>>>): string | undefined {
  for (const [name, value] of Object.entries(limits)) {
    if (!Object.hasOwn(defaultLimits, name)) {
      return `There is no limit ${JSON.stringify(name)}: they are ${Object.keys(defaultLimits).join(', ')}`
    }
    if (value === undefined || (typeof value === 'number' && Number.isInteger(value) && value > 0)) continue
    return `The limit ${name} must be a whole number above 0, and not ${JSON.stringify(value)}`
  }
  return undefined
}

/** Failed logins of one address are answered this much later for each beyond the first tenth, up to the longest. */
export const FAILED_LOGIN_DELAY_MS = 100
/** Below the 6 s after which a client gives an attempt up. */
export const LONGEST_FAILED_LOGIN_DELAY_MS = 5_000

/** Addresses that are counted by themselves in one minute, about 400 bytes each; those beyond share one count. */
export const MAX_COUNTED_ADDRESSES = 100_000

/** Redis answers in a millisecond; who waits for it longer is counted by this server alone. */
export const SHARED_COUNT_WITHIN_MS = 500

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

/** Past sessions whose ids stay reserved for their holders, the latest ones: about 200 bytes each. */
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

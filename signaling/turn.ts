import { createHmac } from 'node:crypto'

import type { Clock } from '../src/base/clock.ts'
import {
  type IceServer,
  MAX_ICE_SERVERS,
  MAX_ICE_URL_CHARS,
  MAX_ICE_URLS,
} from '../src/protocol/server-messages.ts'
import { credentialLifeMs } from './credential-office.ts'
import type { Session } from './session.ts'

/** TURN servers that share a secret with this server, as coturn does with `use-auth-secret`. */
export interface TurnOptions {
  /** Such as `turn:turn.example.org:3478` or `turns:turn.example.org:443?transport=tcp`; 1 to 8. */
  readonly urls: readonly string[]
  /** coturn's `static-auth-secret`: whoever has it can use the TURN servers. */
  readonly secret: string
  /** Seconds for which a credential is good, 60 to 604,800; 43,200 (12 h) unless given. Clients renew at half of it. */
  readonly ttl?: number | undefined
}

/** As long as the credential of a session, so that links can be made as long without this server. */
const DEFAULT_TTL_S = 12 * 60 * 60
/** Clients renew no more often than every 30 s. */
const MIN_TTL_S = 60
/** A week. There is no list of those that were withdrawn. */
const MAX_TTL_S = 7 * 24 * 60 * 60

/** What a client is told of ICE servers; nothing where there are none. */
export interface IceOffer {
  readonly iceServers?: IceServer[]
  /** Milliseconds for which it is good, where that has an end. */
  readonly iceServersLifeMs?: number
}

/**
 * Hands out ICE servers, those with short-lived credentials among them: at each login and return, and whenever a
 * session's own credential is renewed.
 */
export class TurnOffice {
  constructor(
    private readonly iceServers: readonly IceServer[] | undefined,
    private readonly turn: TurnOptions | undefined,
    private readonly clock: Clock,
  ) {}

  /** Not for longer than this session may do without this server. */
  offer({ sessionId, token }: Pick<Session, 'sessionId' | 'token'>): IceOffer {
    const { iceServers, turn } = this
    if (!turn) return iceServers ? { iceServers: [...iceServers] } : {}
    const now = this.clock.now()
    const lifeMs = Math.min((turn.ttl ?? DEFAULT_TTL_S) * 1_000, credentialLifeMs(token, now))
    return {
      iceServers: [...(iceServers ?? []), turnServer(turn, sessionId, now + lifeMs)],
      iceServersLifeMs: lifeMs,
    }
  }
}

/**
 * By the REST convention of TURN (draft-uberti-behave-turn-rest-00): the user name says until when, in seconds, and for
 * whom; the password is an HMAC of it. For a session, as user ids may have spaces, which coturn refuses, and are nothing
 * that the TURN server needs to know.
 */
export function turnServer({ urls, secret }: TurnOptions, name: string, expiresAt: number): IceServer {
  const username = `${Math.floor(expiresAt / 1_000)}:${name}`
  const credential = createHmac('sha1', secret).update(username).digest('base64')
  return { urls: [...urls], username, credential }
}

/** Throws one sentence about the first thing that is wrong. */
export function checkTurnOptions({ urls, secret, ttl }: TurnOptions, otherIceServers: number): void {
  if (!Array.isArray(urls) || urls.length === 0 || urls.length > MAX_ICE_URLS) {
    throw new TypeError(`The TURN servers must be 1 to ${MAX_ICE_URLS} URLs like turn:turn.example.org:3478`)
  }
  for (const url of urls) {
    if (isTurnUrl(url)) continue
    throw new TypeError(`The TURN server ${JSON.stringify(url)} must look like turn:turn.example.org:3478`)
  }
  if (typeof secret !== 'string' || secret === '') {
    throw new TypeError('The secret of the TURN servers is missing: it is their static-auth-secret')
  }
  if (ttl !== undefined && !(Number.isInteger(ttl) && ttl >= MIN_TTL_S && ttl <= MAX_TTL_S)) {
    throw new TypeError(`The ttl of TURN credentials must be ${MIN_TTL_S} to ${MAX_TTL_S} seconds`)
  }
  if (otherIceServers >= MAX_ICE_SERVERS) {
    throw new TypeError(`With the TURN servers there are more than ${MAX_ICE_SERVERS} ICE servers`)
  }
}

function isTurnUrl(url: unknown): boolean {
  const isOne = typeof url === 'string' && url.length <= MAX_ICE_URL_CHARS
  return isOne && /^turns?:[^\s?/@]+(\?transport=(udp|tcp))?$/i.test(url)
}

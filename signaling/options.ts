import type { Server } from 'node:net'

import type { Clock } from '../src/base/clock.ts'
import { isAppId } from '../src/base/ids.ts'
import type { Log } from '../src/base/logger.ts'
import { type IceServer, isIceServers } from '../src/protocol/server-messages.ts'
import { ClientAddresses } from './client-address.ts'
import type { Bus } from './cluster/bus.ts'
import { complaintAbout, type Limits, MAX_SERVER_KEYS } from './limits.ts'
import type { MetricsOptions } from './metrics-server.ts'
import { type Apps, isCertificate } from './token-check.ts'
import { checkTurnOptions, type TurnOptions } from './turn.ts'

export interface SignalingServerOptions {
  /** Address to listen on; `127.0.0.1` unless given, so that nobody else reaches it by accident. */
  host?: string | undefined
  /** 8787 unless given; 0 takes a free one. */
  port?: number | undefined
  /** Where WebSockets connect; `/rtm` unless given. */
  path?: string | undefined
  /** An http, https or http2 server to share instead of listening: only upgrades of `path` are taken (others are refused where nobody else listens for them), and it is never closed. */
  server?: Server | undefined
  /**
   * The app ids to serve; any 32 visible ASCII characters unless given. In an app with a certificate (32 hexadecimal
   * digits, secret) every login needs a token that was made with it (AccessToken 006 or 007); in others none.
   */
  apps?: Apps | undefined
  /**
   * What credentials are signed with: the same on every server of a cluster and after a restart. Several for a
   * rotation: the first signs, credentials of all are accepted. A random one unless given. Use 32 or more random
   * characters: whoever guesses it can impersonate anybody.
   */
  secret?: string | readonly string[] | undefined
  /** Origins whose pages may connect (`https://example.com`; `null` for pages from files); all unless given. */
  origins?: readonly string[] | undefined
  /**
   * Proxies that are believed whom they connect, by `X-Forwarded-For`, or `Forwarded` where there is none: addresses,
   * networks such as `10.0.0.0/8`, `loopback` or `private`. None unless given. A proxy must set the header, or append
   * to it.
   */
  trustedProxies?: readonly string[] | undefined
  /** STUN and TURN servers to announce to clients, as `RTCPeerConnection` takes them. */
  iceServers?: readonly IceServer[] | undefined
  /** TURN servers for which this server makes short-lived credentials; announced behind `iceServers`. */
  turn?: TurnOptions | undefined
  /** Serves `/metrics`, with `/healthz` and `/readyz`, on a port of its own; unless given there are no metrics to fetch. */
  metrics?: MetricsOptions | undefined
  /** Problems go to the console unless given. */
  log?: Log | undefined
  /** What one client, one address, and all of them together may cost the server. */
  limits?: Partial<Limits> | undefined
  /**
   * Makes this server a node of a cluster: all that are given the same Redis or Valkey (`redis://host:6379`,
   * `rediss://user:password@host:6379/1`) and the same `secret` are as one. A server whose Redis is away serves those who
   * are connected to it.
   */
  redis?: string | undefined
  /** @internal For tests. */
  clock?: Clock | undefined
  /** @internal Instead of `redis`, for several servers in one process. */
  bus?: Bus | undefined
}

/** Throws one sentence about the first thing that is wrong. */
export function checkOptions(options: SignalingServerOptions): void {
  const { port, path, apps, secret, iceServers, turn, origins } = options
  checkRedis(options)
  for (const each of [port, options.metrics?.port]) {
    if (each !== undefined && !isPort(each)) {
      throw new TypeError(`The port ${each} is not between 0 and 65535`)
    }
  }
  if (path !== undefined && !/^\/[\x21-\x7e]*$/.test(path)) {
    throw new TypeError(`The path ${JSON.stringify(path)} must begin with a slash and contain no space`)
  }
  for (const [appId, { certificate }] of Object.entries(apps ?? {})) {
    if (!isAppId(appId)) {
      throw new TypeError(`The app id ${JSON.stringify(appId)} must be 32 visible ASCII characters`)
    }
    if (certificate !== undefined && !isCertificate(certificate)) {
      throw new TypeError(
        `The certificate of the app ${appId} must be 32 hexadecimal digits; an app without one takes any login`,
      )
    }
  }
  const secrets = secretsOf(secret)
  if (secret !== undefined && (secrets.length === 0 || secrets.includes(''))) {
    throw new TypeError('A secret is empty: leave it out for a random one')
  }
  if (secrets.length > MAX_SERVER_KEYS) {
    throw new TypeError(`At most ${MAX_SERVER_KEYS} secrets can be in use at once`)
  }
  if (iceServers !== undefined && !isIceServers(iceServers)) {
    throw new TypeError('The ICE servers must be a list like [{ "urls": "stun:stun.example.com" }]')
  }
  if (turn) checkTurnOptions(turn, iceServers?.length ?? 0)
  origins?.forEach(normalizeOrigin)
  // Its constructor knows.
  new ClientAddresses(options.trustedProxies ?? [])
  const complaint = complaintAbout({ ...options.limits })
  if (complaint !== undefined) throw new TypeError(complaint)
}

/** Of the URL no sentence says more than its form, as it may have a password. */
function checkRedis({ redis, secret }: SignalingServerOptions): void {
  if (redis === undefined) return
  if (!isRedisUrl(redis)) {
    throw new TypeError('The URL of Redis must look like redis://localhost:6379, with rediss: for TLS')
  }
  if (secret === undefined) {
    throw new TypeError(
      'The nodes of a cluster need one secret: give each of them the same, or their users do not believe each other',
    )
  }
}

function isRedisUrl(redis: unknown): boolean {
  const url = typeof redis === 'string' && URL.canParse(redis) ? new URL(redis) : undefined
  if (!url || !/^rediss?:$/.test(url.protocol) || url.hostname === '') return false
  return /^(\/\d{0,9})?$/.test(url.pathname)
}

export function secretsOf(secret: SignalingServerOptions['secret']): readonly string[] {
  if (secret === undefined) return []
  return typeof secret === 'string' ? [secret] : secret
}

/** What browsers send for pages that have no origin: from `file:`, or in a sandboxed frame. */
const NO_ORIGIN = 'null'

/** The origin as browsers send it. */
export function normalizeOrigin(text: string): string {
  if (text === NO_ORIGIN) return text
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (!url || url.origin === NO_ORIGIN || url.pathname !== '/') {
    throw new TypeError(`The origin ${JSON.stringify(text)} must look like https://example.com`)
  }
  return url.origin
}

function isPort(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= 65_535
}

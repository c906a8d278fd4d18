import { createServer } from 'node:http'
import { Server as TlsServer } from 'node:tls'

import { systemClock } from '../src/base/clock.ts'
import type { Cluster } from './cluster/cluster.ts'
import { openDoorway } from './doorway.ts'
import { listen, portOf, reachable, stopListening } from './listening.ts'
import type { Metrics } from './metrics.ts'
import { MetricsServer } from './metrics-server.ts'
import { checkOptions, normalizeOrigin, type SignalingServerOptions } from './options.ts'
import { answerPlainHttp } from './plain-http.ts'
import type { ReadinessReport } from './readiness.ts'
import { logOf, Reception } from './reception.ts'
import type { Stats } from './stats.ts'

export interface SignalingServer {
  /** Where clients connect; with a shared `server` known once that one listens. */
  readonly url: string
  /** 0 while a shared `server` does not listen. */
  readonly port: number
  /** Where Prometheus finds the metrics; undefined unless the option `metrics` is given. */
  readonly metricsUrl: string | undefined
  /** Ends every socket with 1012, frees the port unless it is shared, then resolves. May be called twice. */
  close(): Promise<void>
  /**
   * Ends the user's session; logging in again, as another session, is allowed. Those who knew the session are given a
   * signed notice, and refuse it also when no server is there.
   */
  kick(appId: string, userId: string): Promise<void>
  /**
   * Ends the user's session and refuses further logins until this server restarts; in a cluster until no node has run
   * for ten minutes. The notice, as for a kick, is about every session of the user that logged in until now.
   */
  ban(appId: string, userId: string): Promise<void>
  /** As of now; after `close` as of then. */
  stats(): Stats
  /** Whether this server should be given new users, for a `/readyz` of your own where the http server is shared. */
  readiness(): ReadinessReport
  /** In the text format of Prometheus (0.0.4), for a `/metrics` of your own where the http server is shared. */
  metrics(): Promise<string>
}

/** Starts a signaling server. Rejects with a sentence if an option is wrong or the port is taken. */
export async function createSignalingServer(options: SignalingServerOptions = {}): Promise<SignalingServer> {
  checkOptions(options)
  const { host = '127.0.0.1', port = 8787, path = '/rtm', origins } = options
  const sharedServer = options.server
  const reception = new Reception(options, await clusterFor(options))
  await reception.open()
  const { readiness, limits } = reception
  const server =
    sharedServer ??
    createServer(
      // Who has not even asked for anything has no longer than who has, and is looked for every second.
      {
        headersTimeout: limits.loginWithinMs,
        requestTimeout: limits.loginWithinMs,
        connectionsCheckingInterval: 1_000,
      },
      answerPlainHttp(path, readiness),
    )
  const closeDoorway = openDoorway(
    {
      server,
      path,
      origins: origins && new Set(origins.map(normalizeOrigin)),
      ownsServer: !sharedServer,
      maxMessageBytes: limits.maxMessageBytes,
    },
    reception.gate,
    (socket, stream, address) => reception.receive(socket, stream, address),
  )

  let metrics: Promise<Metrics> | undefined
  // Only now: who wants none, as most of those who develop a page, need not load what counts.
  const openMetrics = async () => new (await import('./metrics.ts')).Metrics(reception.metricSources)
  const readMetrics = async () => (await (metrics ??= openMetrics())).text()
  let metricsServer: MetricsServer | undefined

  async function shutDown(): Promise<void> {
    const isEmpty = reception.close()
    closeDoorway()
    await isEmpty
    if (!sharedServer && server.listening) await stopListening(server)
    await metricsServer?.close()
    const opened = await metrics
    opened?.close()
  }
  let closed: Promise<void> | undefined
  const close = () => (closed ??= shutDown())
  // A shared server that is closed takes this one with it, or its timer would keep the process alive.
  server.once('close', () => void close())

  try {
    if (!sharedServer) await listen(server, host, port)
    if (options.metrics) {
      metrics = openMetrics()
      metricsServer = await MetricsServer.open(options.metrics, readiness, readMetrics, reception.log)
    }
  } catch (error) {
    await close()
    throw error
  }

  return {
    get port() {
      return portOf(server)
    },
    get url() {
      const scheme = server instanceof TlsServer ? 'wss' : 'ws'
      return `${scheme}://${sharedServer ? 'localhost' : reachable(host)}:${portOf(server)}${path}`
    },
    get metricsUrl() {
      return metricsServer?.url
    },
    close,
    kick: async (appId, userId) => reception.moderation.kick(appId, userId),
    ban: async (appId, userId) => reception.moderation.ban(appId, userId),
    stats: () => reception.stats(),
    readiness: () => readiness.current,
    metrics: readMetrics,
  }
}

/** What it takes is loaded by who wants it. */
async function clusterFor(options: SignalingServerOptions): Promise<Cluster | undefined> {
  const { redis, bus, clock = systemClock } = options
  const meetingPlace = redis ?? bus
  if (meetingPlace === undefined) return undefined
  const { clusterAt } = await import('./cluster/join.ts')
  return clusterAt(meetingPlace, clock, logOf(options))
}

import { createServer, Server as HttpServer } from 'node:http'
import type { Server } from 'node:net'
import { Server as TlsServer } from 'node:tls'

import { openDoorway } from './doorway.ts'
import { checkOptions, normalizeOrigin, type SignalingServerOptions } from './options.ts'
import { answerPlainHttp } from './plain-http.ts'
import type { ReadinessReport } from './readiness.ts'
import { Reception } from './reception.ts'
import type { Stats } from './stats.ts'

export interface SignalingServer {
  /** Where clients connect; with a shared `server` known once that one listens. */
  readonly url: string
  /** 0 while a shared `server` does not listen. */
  readonly port: number
  /** Ends every socket with 1012, frees the port unless it is shared, then resolves. May be called twice. */
  close(): Promise<void>
  /**
   * Ends the user's session; logging in again, as another session, is allowed. Those who knew the session are given a
   * signed notice, and refuse it also when no server is there.
   */
  kick(appId: string, userId: string): Promise<void>
  /**
   * Ends the user's session and refuses further logins until this server restarts. The notice, as for a kick, is about
   * every session of the user that logged in until now.
   */
  ban(appId: string, userId: string): Promise<void>
  /** As of now; after `close` as of then. */
  stats(): Stats
  /** Whether this server should be given new users, for a `/readyz` of your own where the http server is shared. */
  readiness(): ReadinessReport
}

/** Starts a signaling server. Rejects with a sentence if an option is wrong or the port is taken. */
export async function createSignalingServer(options: SignalingServerOptions = {}): Promise<SignalingServer> {
  checkOptions(options)
  const { host = '127.0.0.1', port = 8787, path = '/rtm', origins } = options
  const sharedServer = options.server
  const reception = new Reception(options)
  const server = sharedServer ?? createServer(answerPlainHttp(path, reception.readiness))
  const closeDoorway = openDoorway(
    { server, path, origins: origins && new Set(origins.map(normalizeOrigin)), ownsServer: !sharedServer },
    (socket) => reception.receive(socket),
  )
  if (!sharedServer) {
    await listen(server, host, port).catch(async (error: unknown) => {
      await reception.close()
      throw error
    })
  }

  async function shutDown(): Promise<void> {
    const closed = reception.close()
    closeDoorway()
    await closed
    if (!sharedServer) await stopListening(server)
  }
  let closed: Promise<void> | undefined
  const close = () => (closed ??= shutDown())
  // A shared server that is closed takes this one with it, or its timer would keep the process alive.
  server.once('close', () => void close())

  return {
    get port() {
      return portOf(server)
    },
    get url() {
      const scheme = server instanceof TlsServer ? 'wss' : 'ws'
      return `${scheme}://${sharedServer ? 'localhost' : reachable(host)}:${portOf(server)}${path}`
    },
    close,
    kick: async (appId, userId) => reception.moderation.kick(appId, userId),
    ban: async (appId, userId) => reception.moderation.ban(appId, userId),
    stats: () => reception.stats(),
    readiness: () => reception.readiness.current,
  }
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    // Stays: a server without a listener for later errors would end the process.
    server.on('error', (error: NodeJS.ErrnoException) => reject(new Error(whyNot(error, host, port))))
    server.listen(port, host, () => resolve())
  })
}

function whyNot(error: NodeJS.ErrnoException, host: string, port: number): string {
  switch (error.code) {
    case 'EADDRINUSE':
      return `Port ${port} on ${host} is taken: stop the other program or choose another port`
    case 'EACCES':
      return `Port ${port} on ${host} needs more rights: choose one above 1023`
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return `${host} is not an address of this machine: choose 127.0.0.1, or 0.0.0.0 for all of them`
    default:
      return `Listening on ${host}, port ${port} failed: ${error.message}`
  }
}

function stopListening(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    // Monitors that keep their connection open must not keep the port.
    if (server instanceof HttpServer) server.closeAllConnections()
  })
}

function portOf(server: Server): number {
  const address = server.address()
  return typeof address === 'object' && address ? address.port : 0
}

/** All addresses of a machine are no address to connect to; IPv6 needs brackets in a URL. */
function reachable(host: string): string {
  if (host === '0.0.0.0' || host === '::') return 'localhost'
  return host.includes(':') ? `[${host}]` : host
}

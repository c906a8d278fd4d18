import { parseArgs } from 'node:util'

import { describeError } from '../src/base/logger.ts'
import { type IceServer, isIceServers } from '../src/protocol/server-messages.ts'
import { type CliLogOptions, logFormats, logLevels } from './cli-log.ts'
import { complaintAbout, type Limits } from './limits.ts'
import type { MetricsOptions } from './metrics-server.ts'
import type { SignalingServerOptions } from './options.ts'
import type { TurnOptions } from './turn.ts'

export type Command =
  | {
      readonly kind: 'serve'
      readonly options: SignalingServerOptions
      readonly logging: CliLogOptions
    }
  | { readonly kind: 'help' }
  | { readonly kind: 'wrong'; readonly sentence: string }

export const usage = `Usage: rtm-mesh-signaling [options]

  --host HOST               address to listen on (127.0.0.1)         RTM_MESH_HOST
  --port PORT               port to listen on, 0 for a free one (8787)  RTM_MESH_PORT
  --app APPID[:CERTIFICATE] app id to serve, repeatable (any)        RTM_MESH_APPS, separated by commas
  --secret SECRET           what credentials are signed with (random), repeatable for a rotation:
                            the first signs, all are accepted        RTM_MESH_SECRET, separated by commas
  --origin ORIGIN           whose pages may connect, repeatable (all); null stands for pages
                            from files                               RTM_MESH_ORIGINS, separated by commas
  --ice JSON                STUN and TURN servers for the clients:
                            '[{"urls":"stun:stun.example.com"}]'     RTM_MESH_ICE
  --turn-url URL            TURN server for which clients get short-lived credentials, repeatable:
                            turn:turn.example.com:3478               RTM_MESH_TURN_URL, separated by commas
  --turn-secret SECRET      what these are made with: coturn's static-auth-secret  RTM_MESH_TURN_SECRET
  --trusted-proxy NETWORK   proxy to believe the addresses of clients, repeatable (none): an address,
                            10.0.0.0/8, loopback or private          RTM_MESH_TRUSTED_PROXIES, separated by commas
  --limit NAME=NUMBER       another limit than the default, repeatable: maxSocketsPerAddress=5000;
                            docs/HOSTING.md names them all           RTM_MESH_LIMITS, separated by commas
  --metrics-port PORT       port for /metrics, 0 for a free one (none)  RTM_MESH_METRICS_PORT
  --metrics-host HOST       address for it (127.0.0.1)               RTM_MESH_METRICS_HOST
  --log-level LEVEL         info, warn, error, critical or silent (info)  RTM_MESH_LOG_LEVEL
  --log-format FORMAT       json or text (text in a terminal, else json)  RTM_MESH_LOG_FORMAT
  --redis URL               Redis or Valkey in which servers meet that are to be one; they need one
                            secret: redis://redis.example.com:6379   RTM_MESH_REDIS
  --help                    this text

Flags win over the environment, which others on the machine do not see. SIGINT and SIGTERM end it gracefully.
`

/** What the command line and the environment ask for. */
export function readCommand(args: readonly string[], env: NodeJS.ProcessEnv): Command {
  try {
    const { values } = parseArgs({ args: [...args], options: flags, allowPositionals: false })
    if (values.help) return { kind: 'help' }
    const port = values.port ?? env['RTM_MESH_PORT']
    const apps = values.app ?? listIn(env['RTM_MESH_APPS'])
    const ice = values.ice ?? env['RTM_MESH_ICE']
    const limits = values.limit ?? listIn(env['RTM_MESH_LIMITS'])
    const level = values['log-level'] ?? (env['RTM_MESH_LOG_LEVEL'] || 'info')
    const format = values['log-format'] ?? (env['RTM_MESH_LOG_FORMAT'] || undefined)
    return {
      kind: 'serve',
      logging: {
        level: oneOf(logLevels, level, 'log level'),
        format: format === undefined ? undefined : oneOf(logFormats, format, 'log format'),
      },
      options: {
        host: values.host ?? (env['RTM_MESH_HOST'] || undefined),
        port: port ? readPort(port) : undefined,
        apps: apps && Object.fromEntries(apps.map(readApp)),
        secret: values.secret ?? listIn(env['RTM_MESH_SECRET']),
        origins: values.origin ?? listIn(env['RTM_MESH_ORIGINS']),
        iceServers: ice ? readIceServers(ice) : undefined,
        turn: readTurn(
          values['turn-url'] ?? listIn(env['RTM_MESH_TURN_URL']),
          values['turn-secret'] ?? (env['RTM_MESH_TURN_SECRET'] || undefined),
        ),
        redis: values.redis ?? (env['RTM_MESH_REDIS'] || undefined),
        trustedProxies: values['trusted-proxy'] ?? listIn(env['RTM_MESH_TRUSTED_PROXIES']),
        limits: limits && readLimits(limits),
        metrics: readMetrics(
          values['metrics-port'] ?? (env['RTM_MESH_METRICS_PORT'] || undefined),
          values['metrics-host'] ?? (env['RTM_MESH_METRICS_HOST'] || undefined),
        ),
      },
    }
  } catch (error) {
    if (error instanceof UsageError) return { kind: 'wrong', sentence: error.message }
    // parseArgs says what is wrong in its first sentence and gives general advice in the next.
    const [sentence = ''] = describeError(error)
      .replace(/^\w+: /, '')
      .split('. ')
    return { kind: 'wrong', sentence }
  }
}

class UsageError extends Error {
  override readonly name = 'UsageError'
}

const flags = {
  host: { type: 'string' },
  port: { type: 'string' },
  app: { type: 'string', multiple: true },
  secret: { type: 'string', multiple: true },
  origin: { type: 'string', multiple: true },
  ice: { type: 'string' },
  'turn-url': { type: 'string', multiple: true },
  'turn-secret': { type: 'string' },
  'trusted-proxy': { type: 'string', multiple: true },
  limit: { type: 'string', multiple: true },
  'metrics-port': { type: 'string' },
  'metrics-host': { type: 'string' },
  'log-level': { type: 'string' },
  'log-format': { type: 'string' },
  redis: { type: 'string' },
  help: { type: 'boolean' },
} as const

const APP_ID_LENGTH = 32

function readPort(text: string): number {
  const port = Number(text)
  if (/^\d+$/.test(text) && port <= 65_535) return port
  throw new UsageError(`The port ${JSON.stringify(text)} is not a number between 0 and 65535`)
}

/** An app id may itself contain a colon; its length is what ends it. */
function readApp(text: string): [string, { certificate?: string }] {
  const appId = text.slice(0, APP_ID_LENGTH)
  const rest = text.slice(APP_ID_LENGTH)
  if (rest === '') return [appId, {}]
  if (rest.startsWith(':') && rest.length > 1) return [appId, { certificate: rest.slice(1) }]
  throw new UsageError(
    `An app must be given as a 32-character app id, or as that, a colon and its certificate`,
  )
}

function readIceServers(text: string): IceServer[] {
  const value = parseJson(text)
  if (isIceServers(value)) return value
  throw new UsageError(`The ICE servers must be JSON like [{"urls":"stun:stun.example.com"}]`)
}

function readTurn(urls: string[] | undefined, secret: string | undefined): TurnOptions | undefined {
  if (urls && secret !== undefined) return { urls, secret }
  if (urls) throw new UsageError('A TURN URL needs the secret of its server: --turn-secret')
  if (secret !== undefined) throw new UsageError('A TURN secret needs the URL of its server: --turn-url')
  return undefined
}

function readLimits(texts: readonly string[]): Partial<Limits> {
  const limits = Object.fromEntries(
    texts.map((text) => {
      const [, name = '', number] = /^(\w+)=(\d{1,15})$/.exec(text) ?? []
      if (number !== undefined) return [name, Number(number)]
      throw new UsageError(`The limit ${JSON.stringify(text)} must look like maxSocketsPerAddress=5000`)
    }),
  ) as Partial<Limits>
  const complaint = complaintAbout({ ...limits })
  if (complaint === undefined) return limits
  throw new UsageError(complaint)
}

function readMetrics(port: string | undefined, host: string | undefined): MetricsOptions | undefined {
  if (port !== undefined) return { port: readPort(port), host }
  if (host === undefined) return undefined
  throw new UsageError('A host for metrics needs a port for them: --metrics-port')
}

function oneOf<Name extends string>(names: readonly Name[], text: string, what: string): Name {
  const found = names.find((name) => name === text)
  if (found !== undefined) return found
  throw new UsageError(`The ${what} ${JSON.stringify(text)} is none of ${names.join(', ')}`)
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // Not JSON is one way of not being a list of ICE servers.
    return undefined
  }
}

function listIn(text: string | undefined): string[] | undefined {
  const items = text
    ?.split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '')
  return items && items.length > 0 ? items : undefined
}

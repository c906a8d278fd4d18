import type { RedisClientType } from 'redis'

import type { Log } from '../../src/base/logger.ts'

/** A connection over which nothing came for this long is dead; nodes beat every 2 s. */
const SILENT_MS = 6_000
const CONNECT_TIMEOUT_MS = 3_000
/** First wait after a failure, and longest: nodes are back within a second of Redis. */
const FIRST_DELAY_MS = 100
const LONGEST_DELAY_MS = 1_000
/** Commands that wait for Redis; a full queue refuses further ones. */
const MAX_WAITING_COMMANDS = 20_000

export interface RedisConnectionEvents {
  /** Both connections stand, maybe again. */
  ready(): Promise<void>
  lost(reason: string): void
}

/** The two connections of a node to Redis, as one that listens can say nothing else. They come back by themselves. */
export class RedisConnection {
  private isReady = false
  private isSubscribed = false
  private isClosed = false

  private constructor(
    /** For commands, of whoever has any; they are refused while it is away. */
    readonly client: RedisClientType,
    private readonly listening: RedisClientType,
    private readonly where: string,
    private readonly log: Log,
  ) {}

  /** The package is loaded here, by who wants a cluster. Throws if this is no URL of Redis. */
  static async to(url: string, log: Log): Promise<RedisConnection> {
    const { createClient } = await import('redis')
    const options = {
      url,
      disableOfflineQueue: true,
      commandsQueueMaxLength: MAX_WAITING_COMMANDS,
      socket: {
        connectTimeout: CONNECT_TIMEOUT_MS,
        socketTimeout: SILENT_MS,
        reconnectStrategy: (retries: number) =>
          Math.min(FIRST_DELAY_MS * 2 ** Math.min(retries, 10), LONGEST_DELAY_MS),
      },
    }
    const [client, listening] = [createClient(options), createClient(options)]
    return new RedisConnection(client as RedisClientType, listening as RedisClientType, placeOf(url), log)
  }

  /** Both connections stand. */
  get stands(): boolean {
    return this.isSubscribed && this.client.isReady && this.listening.isReady
  }

  /** Resolves when it is ready, or when the first attempt failed. */
  open(
    channels: readonly string[],
    hear: (channel: string, text: string) => void,
    events: RedisConnectionEvents,
  ) {
    return new Promise<void>((resolve) => {
      const look = (): void => {
        if (!this.stands || this.isReady || this.isClosed) return
        this.isReady = true
        this.log('info', 'Connected to Redis', { at: this.where })
        void events.ready().then(resolve)
      }
      const lose = (error: unknown): void => {
        if (this.isClosed) return
        this.isReady = false
        events.lost(inWords(error))
        resolve()
      }
      const subscribe = async (): Promise<void> => {
        // The client does it by itself after each return.
        if (!this.isSubscribed)
          await this.listening.subscribe([...channels], (text, from) => hear(from, text))
        this.isSubscribed = true
        look()
      }
      this.client.on('error', lose).on('ready', look)
      this.listening.on('error', lose).on('ready', () => void subscribe().catch(lose))
      for (const client of [this.client, this.listening]) client.connect().catch(lose)
    })
  }

  /** What is under way is not waited for. */
  close(): void {
    this.isClosed = true
    for (const client of [this.client, this.listening]) if (client.isOpen) client.destroy()
  }
}

/** Which of Redis' databases a URL names. */
export function databaseOf(url: string): number {
  const [, digits = '0'] = /^\/(\d+)$/.exec(new URL(url).pathname) ?? []
  return Number(digits)
}

/** Without what gives access. */
function placeOf(url: string): string {
  const { hostname, port } = new URL(url)
  return `${hostname}:${port || '6379'}`
}

/** A connection that is refused at all addresses of a name has no sentence of its own. */
function inWords(error: unknown): string {
  if (!(error instanceof Error)) return 'it did not answer'
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  return error.message || code || error.name
}

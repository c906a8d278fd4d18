import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { createClient, type RedisClientType } from 'redis'

import { NO_REDIS, provideRedis } from '../../scripts/find-redis.mjs'

/** A real Redis that keeps nothing on the disk: it is empty after each start. On loopback. */
export class RedisServer {
  private constructor(
    private readonly program: string,
    private readonly folder: string,
    readonly port: number,
    private child: ChildProcess,
  ) {}

  static async start(): Promise<RedisServer> {
    const program = provideRedis()
    if (program === undefined) throw new Error(NO_REDIS)
    const folder = mkdtempSync(join(tmpdir(), 'rtm-mesh-redis-'))
    const port = await freePort()
    return new RedisServer(program, folder, port, await run(program, folder, port))
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`
  }

  /** All databases. */
  async empty(): Promise<void> {
    await this.ask((client) => client.flushAll())
  }

  /** All keys of the first database, and for how many milliseconds they stay; -1 stands for ever. */
  lives(): Promise<Map<string, number>> {
    return this.ask(async (client) => {
      const lives = new Map<string, number>()
      for (const key of await client.keys('*')) lives.set(key, await client.pTTL(key))
      return lives
    })
  }

  async kill(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return
    const ended = once(this.child, 'exit')
    // A process that stands still takes this signal only.
    this.child.kill('SIGKILL')
    await ended
  }

  /** Another one in its place. */
  async startAgain(): Promise<void> {
    this.child = await run(this.program, this.folder, this.port)
  }

  /** It stands still: connections stay, and nothing is answered. */
  freeze(): void {
    this.child.kill('SIGSTOP')
  }

  thaw(): void {
    this.child.kill('SIGCONT')
  }

  private async ask<Answer>(question: (client: RedisClientType) => Promise<Answer>): Promise<Answer> {
    const client = createClient({ url: this.url }) as RedisClientType
    await client.connect()
    try {
      return await question(client)
    } finally {
      client.destroy()
    }
  }

  async close(): Promise<void> {
    await this.kill()
    rmSync(this.folder, { recursive: true, force: true })
  }
}

async function run(program: string, folder: string, port: number): Promise<ChildProcess> {
  const options = [
    '--bind',
    '127.0.0.1',
    '--port',
    String(port),
    '--save',
    '',
    '--appendonly',
    'no',
    '--dir',
    folder,
  ]
  const child = spawn(program, options, { stdio: ['ignore', 'pipe', 'ignore'] })
  let output = ''
  const ready = new Promise<void>((resolve) => {
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString()
      if (/[Rr]eady to accept connections/.test(output)) resolve()
    })
  })
  const ended = once(child, 'exit').then(() => {
    throw new Error(`Redis ended: ${output}`)
  })
  await Promise.race([ready, ended])
  ended.catch(() => undefined)
  return child
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo
      server.close(() => resolve(port))
    })
  })
}

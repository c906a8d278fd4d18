import { createServer, type Server } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'

import { createSignalingServer, type SignalingServer } from '../../../signaling/index.ts'
import type { ReadinessReport } from '../../../signaling/readiness.ts'
import type { Stats } from '../../../signaling/stats.ts'
import { test as withWorld, World } from './world.ts'

export const SECRET = 'the secret of the tests'

/** A signaling server that can be killed: without a word on its sockets, and with everything that it knew. */
export class MortalServer implements SignalingServer {
  private constructor(
    private present: {
      readonly http: Server
      readonly sockets: Set<Socket>
      readonly signaling: SignalingServer
    },
    readonly port: number,
  ) {}

  static async start(secret: string): Promise<MortalServer> {
    const present = await start(0, secret)
    const { port } = present.http.address() as AddressInfo
    return new MortalServer(present, port)
  }

  get url(): string {
    return `ws://127.0.0.1:${this.port}/rtm`
  }

  /** As if its process had been ended. */
  async kill(): Promise<void> {
    const { http, sockets, signaling } = this.present
    const portIsFree = new Promise((resolve) => http.close(resolve))
    for (const socket of sockets) socket.resetAndDestroy()
    await portIsFree
    await signaling.close()
  }

  /** Another one in its place, which knows nobody. */
  async startAgain(secret: string): Promise<void> {
    this.present = await start(this.port, secret)
  }

  async close(): Promise<void> {
    await this.kill()
  }

  kick(appId: string, userId: string): Promise<void> {
    return this.present.signaling.kick(appId, userId)
  }

  ban(appId: string, userId: string): Promise<void> {
    return this.present.signaling.ban(appId, userId)
  }

  stats(): Stats {
    return this.present.signaling.stats()
  }

  readonly metricsUrl = undefined

  metrics(): Promise<string> {
    return this.present.signaling.metrics()
  }

  readiness(): ReadinessReport {
    return this.present.signaling.readiness()
  }
}

async function start(port: number, secret: string) {
  const sockets = new Set<Socket>()
  const http = createServer()
  http.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve) => http.listen(port, '127.0.0.1', resolve))
  const signaling = await createSignalingServer({ server: http, secret })
  return { http, sockets, signaling }
}

/** A world whose server can be killed. */
export const test = withWorld.extend<{ server: MortalServer }>({
  server: async ({}, use) => {
    await use(await MortalServer.start(SECRET))
  },
  world: async ({ browser, testPages, server }, use) => {
    const world = new World(browser, testPages.resolvedUrls?.local[0] ?? '', server)
    await use(world)
    await world.close()
  },
})

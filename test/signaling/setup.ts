import { onTestFinished } from 'vitest'
import type { ClientOptions } from 'ws'

import type { AppId } from '../../src/base/ids.ts'
import { noLog } from '../support/no-log.ts'
import { createSignalingServer, type SignalingServerOptions } from '../../signaling/index.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { createIdentity, LOBBY, TestClient, type TestIdentity, TestPage } from './client.ts'

export type World = Awaited<ReturnType<typeof setup>>

/** A real server on a free port with a clock that stands still, and pages that come and go. */
export async function setup(options: SignalingServerOptions = {}) {
  const clock = new ManualClock()
  const clients = new Set<TestClient>()
  const start = (more: SignalingServerOptions = {}) =>
    createSignalingServer({ port: 0, log: noLog, clock, ...options, ...more })
  const world = {
    clock,
    server: await start(),

    client: (clientOptions?: ClientOptions): TestClient =>
      keep(new TestClient(world.server.url, clientOptions)),

    /** A page of this user, or of this identity, that has connected and said nothing. */
    page: async (
      who: string | TestIdentity,
      appId?: AppId,
      clientOptions?: ClientOptions,
    ): Promise<TestPage> => {
      const identity = typeof who === 'string' ? await createIdentity(who, appId) : who
      return keep(new TestPage(world.server.url, identity, clientOptions))
    },

    logIn: async (who: string | TestIdentity, credential?: string, appId?: AppId): Promise<TestPage> => {
      const page = await world.page(who, appId)
      await page.logIn(credential)
      return page
    },

    /** Users in the lobby, each knowing that all are there. */
    lobby: async <Names extends readonly string[]>(
      ...names: Names
    ): Promise<{ [K in keyof Names]: TestPage }> => {
      const pages: TestPage[] = []
      for (const name of names) {
        const page = await world.logIn(name)
        await page.join(LOBBY, 1)
        pages.push(page)
      }
      for (const page of pages) await page.news()
      return pages as { [K in keyof Names]: TestPage }
    },

    /** Time passes while all open sockets are served. */
    pass: async (ms: number): Promise<void> => {
      for (let left = ms; left > 0; left -= 1_000) {
        clock.advance(Math.min(left, 1_000))
        for (const client of clients)
          if (client.socket.readyState === client.socket.OPEN) await client.settled()
      }
    },

    /** Until the server has noticed that the page's socket is closed. */
    untilLingering: async (page: TestPage): Promise<void> => {
      const watcher = await world.logIn('watcher', undefined, page.identity.appId)
      for (;;) {
        watcher.send({ type: 'signal', to: page.sessionId, signal: '' })
        if ((await watcher.news()).length > 0) break
      }
      watcher.send({ type: 'goodbye' })
      await watcher.closed
    },

    /** Another process takes over: it knows nothing. */
    restart: async (more: SignalingServerOptions = {}): Promise<void> => {
      await world.server.close()
      world.server = await start(more)
    },
  }
  function keep<Client extends TestClient>(client: Client): Client {
    clients.add(client)
    void client.closed.then(() => clients.delete(client))
    return client
  }
  onTestFinished(async () => {
    await world.server.close()
    for (const client of clients) client.socket.terminate()
    if (clock.pending > 0) throw new Error(`${clock.pending} timers are left after the server was closed`)
  })
  return world
}

import { onTestFinished } from 'vitest'

import {
  createSignalingServer,
  type SignalingServer,
  type SignalingServerOptions,
} from '../../signaling/index.ts'
import { type InProcessBus, InProcessHub } from '../../signaling/cluster/in-process-bus.ts'
import type { ServerMessage } from '../../src/protocol/server-messages.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { noLog } from '../support/no-log.ts'
import { createIdentity, LOBBY, type TestIdentity, TestPage } from './client.ts'

export const SECRET = 'the secret of all nodes of the tests'

/** A node that a test can kill. */
export interface TestNode {
  readonly server: SignalingServer
  readonly bus: InProcessBus
}

/** Several servers in one process that are one, with one clock that stands still. */
export async function setupCluster(count = 2, options: SignalingServerOptions = {}) {
  const clock = new ManualClock()
  const hub = new InProcessHub(clock)
  const pages = new Set<TestPage>()
  const nodes: TestNode[] = []

  const world = {
    clock,
    hub,
    nodes,

    start: async (): Promise<TestNode> => {
      const bus = hub.bus()
      const common = { port: 0, log: noLog, clock, secret: SECRET }
      const node = { bus, server: await createSignalingServer({ ...common, ...options, bus }) }
      nodes.push(node)
      return node
    },

    page: async (node: TestNode, who: string | TestIdentity): Promise<TestPage> => {
      const identity = typeof who === 'string' ? await createIdentity(who) : who
      const page = new TestPage(node.server.url, identity)
      pages.add(page)
      void page.closed.then(() => pages.delete(page))
      return page
    },

    logIn: async (node: TestNode, who: string | TestIdentity, credential?: string): Promise<TestPage> => {
      const page = await world.page(node, who)
      await page.logIn(credential)
      return page
    },

    /** In the lobby, and all who are there know it. */
    enter: async (node: TestNode, who: string): Promise<TestPage> => {
      const page = await world.logIn(node, who)
      await page.join(LOBBY, 1)
      await world.settle()
      for (const each of pages) await each.news()
      return page
    },

    /** What pages said has been handled, what nodes have to tell each other is told, and pages have heard of it. */
    settle: async (): Promise<void> => {
      for (let round = 0; round < 2; round++) {
        for (const page of pages) await page.settled()
        await new Promise(setImmediate)
        await new Promise(setImmediate)
      }
      for (const page of pages) await page.settled()
    },

    /** Time passes while all open sockets are served. */
    pass: async (ms: number): Promise<void> => {
      for (let left = ms; left > 0; left -= 1_000) {
        clock.advance(Math.min(left, 1_000))
        await world.settle()
      }
    },

    news: async (page: TestPage): Promise<ServerMessage[]> => {
      await world.settle()
      return page.news()
    },

    /** As if its process had been killed: it says nothing to anybody. */
    kill: async ({ bus, server }: TestNode): Promise<void> => {
      bus.crash()
      await server.close()
    },
  }
  for (let i = 0; i < count; i++) await world.start()

  onTestFinished(async () => {
    for (const { server } of nodes) await server.close()
    for (const page of pages) page.socket.terminate()
    if (clock.pending > 0) throw new Error(`${clock.pending} timers are left after the servers were closed`)
  })
  return world
}

/** The nodes of a cluster that has so many. */
export function nodeOf(world: { nodes: readonly TestNode[] }, index: number): TestNode {
  const node = world.nodes[index]
  if (!node) throw new Error(`There is no node ${index}`)
  return node
}

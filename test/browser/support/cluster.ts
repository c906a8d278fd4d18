import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import type { Page } from 'playwright/test'
import { build } from 'vite'

import { project } from '../../../scripts/tools.mjs'
import { RedisServer } from '../../support/redis.ts'
import { join as joinRoom, linked, logIn, test as withWorld, type World } from './world.ts'

const SECRET = 'the secret of all nodes of the tests'

/** One signaling server in a process of its own, as operators start it. */
export class ClusterNode {
  private constructor(
    readonly url: string,
    private readonly child: ChildProcess,
  ) {}

  static async start(cli: string, redis: string): Promise<ClusterNode> {
    const args = [cli, '--port', '0', '--log-level', 'error']
    const env = { PATH: process.env['PATH'], RTM_MESH_SECRET: SECRET, RTM_MESH_REDIS: redis }
    const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'inherit'] })
    const [line] = (await once(child.stdout, 'data')) as [Buffer]
    return new ClusterNode(/ws:\S+/.exec(line.toString())?.[0] ?? '', child)
  }

  /** What `/readyz` answers. */
  async isReady(): Promise<boolean> {
    return (await fetch(this.url.replace(/^ws(.*)rtm$/, 'http$1readyz'))).ok
  }

  async kill(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return
    const ended = once(this.child, 'exit')
    this.child.kill('SIGKILL')
    await ended
  }
}

/** Two nodes with a real Redis, and pages that know both. */
export class Cluster {
  private constructor(
    readonly redis: RedisServer,
    readonly one: ClusterNode,
    readonly two: ClusterNode,
    private readonly folder: string,
  ) {}

  static async start(): Promise<Cluster> {
    const folder = mkdtempSync(join(tmpdir(), 'rtm-mesh-cluster-'))
    const redis = await RedisServer.start()
    const cli = await buildCli(folder)
    const one = await ClusterNode.start(cli, redis.url)
    return new Cluster(redis, one, await ClusterNode.start(cli, redis.url), folder)
  }

  /** A user who takes this node first, without rate limits. */
  async arrive(world: World, name: string, first: ClusterNode): Promise<Page> {
    const page = await world.page()
    const urls = first === this.one ? [this.one.url, this.two.url] : [this.two.url, this.one.url]
    await page.evaluate((signaling) => {
      window.rtm.AgoraRtmKit.setRtmServiceContext({ signaling, iceServers: [] })
    }, urls)
    await logIn(page, name, { rateLimits: false })
    return page
  }

  /** In #room and linked to each other; half of them at each node. */
  async inRoom(world: World, ...names: readonly string[]): Promise<Map<string, Page>> {
    const pages = new Map<string, Page>()
    for (const [i, name] of names.entries()) {
      const page = await this.arrive(world, name, i % 2 === 0 ? this.one : this.two)
      await joinRoom(page)
      pages.set(name, page)
    }
    await linked(names, [...pages.values()])
    return pages
  }

  async close(): Promise<void> {
    for (const node of [this.one, this.two]) await node.kill()
    await this.redis.close()
    rmSync(this.folder, { recursive: true })
  }
}

/** As the package has it. */
async function buildCli(folder: string): Promise<string> {
  const external = ['pino', 'prom-client', 'rate-limiter-flexible', 'redis', 'ws']
  await build({
    configFile: false,
    root: project,
    logLevel: 'silent',
    build: {
      ssr: 'signaling/cli.ts',
      outDir: folder,
      rollupOptions: { output: { entryFileNames: 'cli.mjs', chunkFileNames: '[name].mjs' } },
    },
    ssr: { noExternal: true, external },
  })
  symlinkSync(join(project, 'node_modules'), join(folder, 'node_modules'), 'junction')
  return join(folder, 'cli.mjs')
}

export const test = withWorld.extend<{ cluster: Cluster }>({
  cluster: async ({}, use) => {
    const cluster = await Cluster.start()
    await use(cluster)
    await cluster.close()
  },
})

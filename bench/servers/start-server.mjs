import { fork } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'

/** @import { ChildProcess } from 'node:child_process' */
/** @typedef {keyof typeof servers} ServerName */
/** @typedef {{ url: string, port: number, process: ChildProcess, stop(): Promise<void> }} RunningServer */

const project = join(import.meta.dirname, '../..')

/** Each as its package ships it; but for Trystero, whose packages with a server we have not installed. */
export const servers = {
  raw: { script: 'bench/servers/relay.mjs', scheme: 'ws', path: '' },
  'rtm-mesh': { script: 'dist/cli.js', scheme: 'ws', path: '/rtm' },
  trystero: { script: 'bench/servers/topics.mjs', scheme: 'ws', path: '' },
  peerjs: { script: 'bench/servers/peer-server.mjs', scheme: 'http', path: '/' },
  'y-webrtc': { script: 'node_modules/y-webrtc/bin/server.js', scheme: 'ws', path: '' },
}

/** None of them takes a second. */
const START_WITHIN_MS = 20_000

/**
 * Starts a server as a process of its own, on a free port, and resolves when it takes connections.
 *
 * @param {ServerName} name
 * @param {{ execArgv?: string[], args?: string[] }} [options] for Node, and for the server
 * @returns {Promise<RunningServer>}
 */
export async function startServer(name, { execArgv = [], args = [] } = {}) {
  const { script, scheme, path } = servers[name]
  const file = join(project, script)
  if (!existsSync(file)) throw new Error(`${script} is missing: run npm run build first`)
  const port = await freePort()
  const child = fork(file, args, {
    env: {
      ...process.env,
      PORT: String(port),
      RTM_MESH_PORT: String(port),
      RTM_MESH_SECRET: 'of the benchmark',
    },
    execArgv,
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const ended = once(child, 'exit')
  // Whoever started it may end by an error.
  const end = () => child.kill('SIGKILL')
  process.once('exit', end)
  void ended.then(() => process.off('exit', end))
  try {
    await untilItListens(port, child)
  } catch (error) {
    end()
    throw error
  }
  return {
    url: `${scheme}://127.0.0.1:${port}${path}`,
    port,
    process: child,
    async stop() {
      // Some end gracefully, which takes as long as their clients let it take.
      end()
      await ended
    },
  }
}

/** @returns {Promise<number>} */
export async function freePort() {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const address = probe.address()
  probe.close()
  await once(probe, 'close')
  if (typeof address !== 'object' || !address) throw new Error('There is no free port')
  return address.port
}

/**
 * Asks again and again: not all of these servers say when they listen.
 *
 * @param {number} port
 * @param {ChildProcess} child
 */
async function untilItListens(port, child) {
  const until = Date.now() + START_WITHIN_MS
  while (Date.now() < until) {
    if (child.exitCode !== null) throw new Error(`The server ended with exit code ${child.exitCode}`)
    if (await accepts(port)) return
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  throw new Error(`Nothing listens on port ${port} after ${START_WITHIN_MS / 1_000} s`)
}

/** @param {number} port @returns {Promise<boolean>} */
function accepts(port) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}

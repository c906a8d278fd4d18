import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { project } from '../../../scripts/tools.mjs'

/** Why there is no TURN server to test with; undefined where there is one. Debian's package is installed where that works. */
export function whyNoTurnServer(): string | undefined {
  if (isThere()) return undefined
  if (process.platform !== 'linux' || process.getuid?.() !== 0)
    return 'coturn (the command turnserver) is not installed'
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  for (const args of [['update'], ['install', '-y', '--no-install-recommends', 'coturn']])
    spawnSync('apt-get', args, { stdio: 'ignore', env, timeout: 180_000 })
  return isThere() ? undefined : 'coturn is not installed, and apt-get could not install it'
}

function isThere(): boolean {
  // It says its version and ends with an error code.
  return spawnSync('turnserver', ['--version'], { stdio: 'ignore' }).error === undefined
}

/** A real coturn that knows no users, but whom credentials were made for with its secret. On loopback. */
export class TurnServer {
  private constructor(
    readonly url: string,
    private readonly child: ChildProcess,
    private readonly folder: string,
    private readonly printed: () => string,
  ) {}

  static async start(secret: string): Promise<TurnServer> {
    const folder = mkdtempSync(join(tmpdir(), 'rtm-mesh-turn-'))
    const port = await freePort()
    const child = spawn(
      'turnserver',
      [
        // As operators are told to run it, but for addresses, secret and ports.
        ['-c', join(project, 'deploy/turnserver.conf'), '--log-file', 'stdout', '--verbose'],
        ['--static-auth-secret', secret, '--allow-loopback-peers', '--no-dtls'],
        ['--listening-ip', '127.0.0.1', '--relay-ip', '127.0.0.1', '--listening-port', String(port)],
        ['--pidfile', join(folder, 'pid'), '--userdb', join(folder, 'users')],
      ].flat(),
      { stdio: ['ignore', 'pipe', 'ignore'] },
    )
    let output = ''
    const ready = new Promise<void>((resolve) => {
      child.stdout.on('data', (chunk: Buffer) => {
        output += chunk.toString()
        if (/UDP listener opened/.test(output)) resolve()
      })
    })
    const ended = once(child, 'exit').then(() => {
      throw new Error(`coturn ended: ${output}`)
    })
    await Promise.race([ready, ended])
    ended.catch(() => undefined)
    return new TurnServer(`turn:127.0.0.1:${port}`, child, folder, () => output)
  }

  /** The user names for which it has relayed, as it says in its log. */
  get users(): ReadonlySet<string> {
    return new Set(
      [...this.printed().matchAll(/user <(\d+:[^>]+)>.*ALLOCATE processed, success/g)].map(
        ([, name = '']) => name,
      ),
    )
  }

  async close(): Promise<void> {
    const ended = once(this.child, 'exit')
    this.child.kill('SIGKILL')
    await ended
    rmSync(this.folder, { recursive: true, force: true })
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo
      server.close(() => resolve(port))
    })
  })
}

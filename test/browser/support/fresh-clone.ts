import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { mkdtemp, realpath, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const project = join(import.meta.dirname, '../../..')

/** Installing with an empty cache takes 10 to 40 s here. */
const START_WITHIN_MS = 150_000
const CLONE_WITHIN_MS = 30_000
/** npm ends within milliseconds; an installation that is just unpacking may need longer. */
const STOP_WITHIN_MS = 10_000

/** A clone of what is committed, in a folder of its own, in which `npm start` runs. Always `remove` it. */
export class FreshClone {
  private npm: ChildProcess | undefined
  private printed = ''
  private readonly killWithWorker = (): void => this.kill('SIGKILL')

  private constructor(private readonly folder: string) {}

  static async inTemporaryFolder(): Promise<FreshClone> {
    return new FreshClone(await realpath(await mkdtemp(join(tmpdir(), 'rtm-mesh-clone-'))))
  }

  get path(): string {
    return join(this.folder, 'clone')
  }

  /** `npm start` with an empty npm cache. Resolves with the address that it prints. */
  async start(): Promise<string> {
    const clone = ['clone', '--quiet', '--depth=1', `file://${project}`, this.path]
    await promisify(execFile)('git', clone, { timeout: CLONE_WITHIN_MS })
    const env = {
      ...process.env,
      PORT: String(await freePort()),
      npm_config_cache: join(this.folder, 'cache'),
    }
    // A group of its own, so that npm and what it started end together.
    const npm = spawn('npm', ['start'], { cwd: this.path, env, detached: true })
    this.npm = npm
    process.once('exit', this.killWithWorker)
    return new Promise((resolve, reject) => {
      const fail = (what: string): void => reject(new Error(`${what}; it printed:\n${this.printed}`))
      const deadline = setTimeout(fail, START_WITHIN_MS, `npm start took over ${START_WITHIN_MS} ms`)
      const read = (chunk: Buffer): void => {
        this.printed += chunk.toString()
        const url = /http:\/\/localhost:\d+\//.exec(this.printed)?.[0]
        if (url === undefined) return
        clearTimeout(deadline)
        resolve(url)
      }
      npm.stdout.on('data', read)
      npm.stderr.on('data', read)
      npm.once('error', (error) => fail(`npm could not be started: ${error.message}`))
      npm.once('exit', () => {
        clearTimeout(deadline)
        fail('npm start ended')
      })
    })
  }

  /** Ends whatever runs in the clone and removes it. */
  async remove(): Promise<void> {
    const { npm } = this
    if (npm?.pid !== undefined && npm.exitCode === null && npm.signalCode === null) {
      const ended = new Promise((resolve) => npm.once('exit', resolve))
      const insist = setTimeout(() => this.kill('SIGKILL'), STOP_WITHIN_MS)
      this.kill('SIGTERM')
      await ended
      clearTimeout(insist)
    }
    // npm may be gone before what it started is.
    this.kill('SIGKILL')
    process.off('exit', this.killWithWorker)
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5 })
  }

  private kill(signal: NodeJS.Signals): void {
    if (this.npm?.pid === undefined) return
    try {
      process.kill(-this.npm.pid, signal)
    } catch (error) {
      // Nobody is left in the group.
      if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
    }
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}

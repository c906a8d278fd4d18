import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { build } from 'vite'

/** Programs as they are built for Node, in a folder of their own, each to be run as a process of its own. */
export class BuiltPrograms {
  private constructor(private readonly directory: string) {}

  /** Name → source. */
  static async build(sources: Readonly<Record<string, string>>): Promise<BuiltPrograms> {
    const directory = await mkdtemp(join(tmpdir(), 'rtm-mesh-programs-'))
    await build({
      configFile: false,
      logLevel: 'silent',
      build: {
        ssr: true,
        outDir: directory,
        emptyOutDir: true,
        rollupOptions: { input: sources, output: { entryFileNames: '[name].mjs' } },
      },
      ssr: { noExternal: true, external: ['ws', 'pino', 'prom-client', 'rate-limiter-flexible'] },
    })
    const modules = join(import.meta.dirname, '../../node_modules')
    await symlink(modules, join(directory, 'node_modules'), 'junction')
    return new BuiltPrograms(directory)
  }

  /** The program, with its output as it grows and its end. */
  run(name: string, args: readonly string[], env: Record<string, string> = {}) {
    const child = spawn(process.execPath, [this.pathOf(name), ...args], {
      env: { PATH: process.env['PATH'], ...env },
    })
    const output = { out: '', error: '' }
    child.stdout.on('data', (chunk: Buffer) => (output.out += chunk.toString()))
    child.stderr.on('data', (chunk: Buffer) => (output.error += chunk.toString()))
    const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, ...output }))
    const listening = once(child.stdout, 'data').then(() => /ws:\S+/.exec(output.out)?.[0] ?? '')
    return { child, output, ended, listening }
  }

  /** With a channel to talk to it. */
  fork(name: string, args: readonly string[]): ChildProcess {
    return spawn(process.execPath, [this.pathOf(name), ...args], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    })
  }

  remove(): Promise<void> {
    return rm(this.directory, { recursive: true })
  }

  private pathOf(name: string): string {
    return join(this.directory, `${name}.mjs`)
  }
}

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { build } from 'vite'

import { closeCodes } from '../../src/protocol/server-messages.ts'
import { readCommand } from '../../signaling/cli-options.ts'
import { APP, createIdentity, OTHER_APP, TestPage } from './client.ts'

let directory: string
let cli: string

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'rtm-mesh-cli-'))
  await build({
    configFile: false,
    logLevel: 'silent',
    build: {
      ssr: 'signaling/cli.ts',
      outDir: directory,
      emptyOutDir: true,
      rollupOptions: { output: { entryFileNames: 'cli.mjs' } },
    },
    ssr: { noExternal: true, external: ['pino', 'prom-client', 'rate-limiter-flexible'] },
  })
  await symlink(join(import.meta.dirname, '../../node_modules'), join(directory, 'node_modules'), 'junction')
  cli = join(directory, 'cli.mjs')
})

afterAll(() => rm(directory, { recursive: true }))

/** The program, with its output as it grows and its end. */
function run(args: string[], env: Record<string, string> = {}) {
  const child = spawn(process.execPath, [cli, ...args], { env: { PATH: process.env['PATH'], ...env } })
  const output = { out: '', error: '' }
  child.stdout.on('data', (chunk: Buffer) => (output.out += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (output.error += chunk.toString()))
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, ...output }))
  const listening = once(child.stdout, 'data').then(() => /ws:\S+/.exec(output.out)?.[0] ?? '')
  return { child, ended, listening }
}

describe('rtm-mesh-signaling', () => {
  it('prints one line with its URL, serves, and on SIGTERM and SIGINT sends its clients away and ends with 0', async () => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      const { child, ended, listening } = run(['--port', '0', '--app', APP])
      const alice = new TestPage(await listening, await createIdentity('alice'))
      await alice.logIn()
      child.kill(signal)
      expect(await alice.closed).toMatchObject({ code: closeCodes.restart })
      const { code, out } = await ended
      expect(code).toBe(0)
      expect(out).toMatch(/^[^\n]*ws:\/\/127\.0\.0\.1:\d+\/rtm\n$/)
    }
  })

  it('takes its options from the environment too', async () => {
    const secret = 'one secret for this and for the next'
    const { child, ended, listening } = run([], {
      RTM_MESH_PORT: '0',
      RTM_MESH_SECRET: secret,
      RTM_MESH_APPS: OTHER_APP,
      RTM_MESH_ICE: '[{"urls":"stun:stun.example.com"}]',
    })
    const alice = new TestPage(await listening, await createIdentity('alice', OTHER_APP))
    const welcome = await alice.logIn()
    expect(welcome.iceServers).toEqual([{ urls: 'stun:stun.example.com' }])
    child.kill('SIGTERM')
    expect(await ended).toMatchObject({ code: 0, error: '' })
  })

  it.each([
    ['a flag that does not exist', ['--prot', '1'], /Unknown option '--prot'/],
    ['a word that belongs to no flag', ['serve'], /Unexpected argument 'serve'/],
    ['a flag without its value', ['--port'], /--port/],
    ['a port that is none', ['--port', 'http'], /"http" is not a number between/],
    ['an app that is none', ['--port', '0', '--app', 'short'], /32 visible/],
    ['an app with something behind it', ['--app', `${APP}x`], /a colon and its certificate/],
    ['a certificate that is none', ['--port', '0', '--app', `${APP}:cert`], /32 hexadecimal digits/],
    ['ICE servers that are no JSON', ['--ice', 'stun:x'], /ICE servers must be JSON/],
    ['a TURN server without its secret', ['--turn-url', 'turn:x'], /needs the secret of its server/],
    ['a TURN secret without a server', ['--turn-secret', 'x'], /needs the URL of its server/],
    [
      'a TURN URL that is none',
      ['--turn-url', 'stun:x', '--turn-secret', 'x'],
      /"stun:x" must look like turn:/,
    ],
    ['an origin that is none', ['--port', '0', '--origin', 'x'], /origin "x"/],
    ['Redis', ['--redis', 'redis://localhost'], /not available in this release/],
  ])('answers %s with a sentence and ends with 1', async (_case, args, sentence) => {
    const { code, out, error } = await run(args).ended
    expect(code).toBe(1)
    expect(out).toBe('')
    expect(error.split('\n')[0]).toMatch(/^rtm-mesh-signaling: /)
    expect(error).toMatch(sentence)
    expect(error).not.toMatch(/ {4}at /)
  })

  it('shows its options with --help', async () => {
    const { code, out } = await run(['--help']).ended
    expect(code).toBe(0)
    for (const flag of [
      '--host',
      '--port',
      '--app',
      '--secret',
      '--origin',
      '--ice',
      '--turn-url',
      '--turn-secret',
    ])
      expect(out).toContain(flag)
  })

  it('is a program that a shell can start', async () => {
    expect(await readFile('signaling/cli.ts', 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/)
  })
})

describe('the options of the command line', () => {
  it('win over the environment, one by one', () => {
    const env = {
      RTM_MESH_HOST: '::',
      RTM_MESH_PORT: '1',
      RTM_MESH_ORIGINS: 'https://a.com, https://b.com',
      RTM_MESH_SECRET: '',
    }
    expect(readCommand(['--port', '2', '--secret', 'new', '--secret', 'old'], env)).toEqual({
      kind: 'serve',
      options: {
        host: '::',
        port: 2,
        apps: undefined,
        secret: ['new', 'old'],
        origins: ['https://a.com', 'https://b.com'],
        iceServers: undefined,
        turn: undefined,
        trustedProxies: undefined,
        limits: undefined,
        metrics: undefined,
      },
      logging: { level: 'info', format: undefined },
    })
  })

  it('know an app id with a colon in it from an app id with a certificate', () => {
    const appId = 'a:'.repeat(16)
    expect(readCommand(['--app', appId, '--app', `${APP}:c:d`], {})).toMatchObject({
      options: { apps: { [appId]: {}, [APP]: { certificate: 'c:d' } } },
    })
  })

  it('name Redis in the environment as well', () => {
    expect(readCommand([], { RTM_MESH_REDIS: 'redis://x' })).toMatchObject({ kind: 'wrong' })
  })
})

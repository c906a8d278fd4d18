import { readFile } from 'node:fs/promises'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { closeCodes } from '../../src/protocol/server-messages.ts'
import { readCommand } from '../../signaling/cli-options.ts'
import { BuiltPrograms } from './built-programs.ts'
import { APP, createIdentity, OTHER_APP, TestPage } from './client.ts'

let programs: BuiltPrograms

beforeAll(async () => {
  programs = await BuiltPrograms.build({ cli: 'signaling/cli.ts' })
})

afterAll(() => programs.remove())

const run = (args: readonly string[], env?: Record<string, string>) => programs.run('cli', args, env)

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

  it('is not ready from SIGTERM on, and ends within seconds though a client does not answer', async () => {
    const { child, ended, listening } = run(['--port', '0', '--metrics-port', '0'])
    const url = await listening
    const ready = url.replace('ws:', 'http:').replace('/rtm', '/readyz')
    const alice = new TestPage(url, await createIdentity('alice'))
    await alice.logIn()
    expect((await fetch(ready)).status).toBe(200)
    alice.socket.pause()
    child.kill('SIGTERM')
    // Until the signal has come there: the next answer but one, at the latest.
    let response = await fetch(ready)
    while (response.status === 200) response = await fetch(ready)
    expect(await response.json()).toEqual({
      ready: false,
      reasons: { shutdown: 'This server shuts down' },
    })
    const begun = performance.now()
    expect(await ended).toMatchObject({ code: 0 })
    expect(performance.now() - begun).toBeLessThan(8_000)
    alice.socket.resume()
    await alice.closed
  })

  it('logs lines of JSON for programs, and lines of text where that is asked for', async () => {
    const json = run(['--port', '0', '--metrics-port', '0'])
    await json.listening
    json.child.kill('SIGTERM')
    const { error } = await json.ended
    const lines = error
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>)
    expect(lines).toEqual([
      { level: 'info', time: expect.any(String), msg: expect.stringContaining('No secret is given') },
      {
        level: 'info',
        time: expect.any(String),
        url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/metrics$/),
        msg: 'Metrics are served',
      },
    ])

    const text = run(['--port', '0'], { RTM_MESH_LOG_FORMAT: 'text' })
    await text.listening
    text.child.kill('SIGTERM')
    expect((await text.ended).error).toMatch(/^\d{4}-\S+Z info: No secret is given[^\n]*\n$/)
  })

  it.each(['info', 'warn', 'error', 'critical', 'silent'])(
    'logs no token, no credential, nothing that users say and nobody by name at the level %s',
    async (level) => {
      const certificate = '5ec4e7'.padEnd(32, '0')
      const { child, ended, listening } = run(
        ['--port', '0', '--secret', 'the-secret', '--log-level', level, '--trusted-proxy', 'loopback'],
        {
          RTM_MESH_APPS: `${OTHER_APP},${APP}:${certificate}`,
          RTM_MESH_TURN_SECRET: 'turn-secret',
          RTM_MESH_TURN_URL: 'turn:x',
        },
      )
      const url = await listening
      const from = { headers: { 'x-forwarded-for': '198.51.100.7', cookie: 'session=a-cookie' } }
      const identity = await createIdentity('alice-in-wonderland', OTHER_APP)
      const alice = new TestPage(`${url}?key=a-key-in-the-url`, identity, from)
      await alice.logIn(undefined, 'a-token-nobody-asked-for')
      await alice.join('secret-channel', 1)
      alice.send({ type: 'signal', to: alice.sessionId, signal: 'what alice says' })
      alice.socket.send('nonsense that alice says')
      await alice.closed
      const refused = new TestPage(url, await createIdentity('mallory-the-mole'), from)
      await refused.tryLogin(refused.identity, { token: 'a-wrong-token' })
      await refused.closed
      const broken = new TestPage(url, await createIdentity('trent-the-third', OTHER_APP), from)
      await broken.logIn()
      broken.socket.send(Buffer.from('what trent says'))
      await broken.closed
      child.kill('SIGTERM')
      const { out, error } = await ended
      expect(out + error).not.toMatch(/alice|mallory|trent|token|says|cookie|a-key|secret-channel|198\.51/)
      for (const secret of ['the-secret', certificate, 'turn-secret', alice.credential, alice.sessionId]) {
        expect(out + error).not.toContain(secret)
      }
      if (level === 'silent') expect(error).toBe('')
    },
  )

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
    ['a limit that does not exist', ['--limit', 'maxUsers=5'], /no limit "maxUsers": they are maxSockets, /],
    ['a limit that is no number', ['--limit', 'maxSockets=many'], /must look like/],
    ['a limit of nothing', ['--limit', 'maxSockets=0'], /maxSockets must be a whole number above 0/],
    ['a proxy that is none', ['--port', '0', '--trusted-proxy', 'nginx'], /proxy "nginx" must be/],
    [
      'a log level that does not exist',
      ['--log-level', 'loud'],
      /none of info, warn, error, critical, silent/,
    ],
    ['a log format that does not exist', ['--log-format', 'xml'], /none of json, text/],
    ['a host for metrics without their port', ['--metrics-host', '::'], /needs a port/],
    ['a port for metrics that is none', ['--metrics-port', 'x'], /"x" is not a number between/],
    ['Redis without a secret', ['--redis', 'redis://localhost'], /need one secret/],
    ['a Redis that is none', ['--secret', 'x'.repeat(32), '--redis', 'x'], /URL of Redis must look like/],
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
      '--trusted-proxy',
      '--limit',
      '--metrics-port',
      '--metrics-host',
      '--log-level',
      '--log-format',
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

  it('name limits, proxies and metrics, in the environment too', () => {
    const env = {
      RTM_MESH_LIMITS: 'maxSockets=5, messageBurst=7',
      RTM_MESH_TRUSTED_PROXIES: 'loopback,10.0.0.0/8',
      RTM_MESH_METRICS_PORT: '9464',
      RTM_MESH_METRICS_HOST: '0.0.0.0',
      RTM_MESH_LOG_LEVEL: 'warn',
    }
    expect(readCommand([], env)).toMatchObject({
      options: {
        limits: { maxSockets: 5, messageBurst: 7 },
        trustedProxies: ['loopback', '10.0.0.0/8'],
        metrics: { port: 9464, host: '0.0.0.0' },
      },
      logging: { level: 'warn' },
    })
    expect(readCommand(['--limit', 'maxSockets=6'], env)).toMatchObject({
      options: { limits: { maxSockets: 6 } },
    })
  })

  it('know an app id with a colon in it from an app id with a certificate', () => {
    const appId = 'a:'.repeat(16)
    expect(readCommand(['--app', appId, '--app', `${APP}:c:d`], {})).toMatchObject({
      options: { apps: { [appId]: {}, [APP]: { certificate: 'c:d' } } },
    })
  })

  it('name Redis in the environment as well', () => {
    expect(readCommand([], { RTM_MESH_REDIS: 'redis://x' })).toMatchObject({
      options: { redis: 'redis://x' },
    })
  })
})

import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseEnv } from 'node:util'

import { describe, expect, onTestFinished, test } from 'vitest'
import { WebSocket } from 'ws'

import { readCommand, usage } from '../../signaling/cli-options.ts'
import { createSignalingServer } from '../../signaling/index.ts'
import { defaultLimits } from '../../signaling/limits.ts'
import { checkOptions } from '../../signaling/options.ts'
import { refusalReasons, refusals } from '../../signaling/refusals.ts'
import { noLog } from '../support/no-log.ts'

const project = join(import.meta.dirname, '../..')
const read = (path: string): string => readFileSync(join(project, path), 'utf8')
const manifest: { bin: Record<string, string>; engines: { node: string } } = JSON.parse(read('package.json'))

const unit = read('deploy/rtm-mesh-signaling.service')
const envFile = read('deploy/signaling.env')
const dockerfile = read('deploy/Dockerfile')
const nginx = read('deploy/nginx.conf')
const caddyfile = read('deploy/Caddyfile')
const turn = read('deploy/turnserver.conf')

/** With what is commented out because not everybody needs it. */
const everything = (text: string): string => text.replace(/^#(?=\w+[= -])/gm, '')

const canRun = (program: string, ...args: string[]): boolean =>
  spawnSync(program, args, { stdio: 'ignore' }).error === undefined

test('every variable that the files in deploy/ and the docs set is one that the command reads', () => {
  const docs = ['docs/HOSTING.md', 'docs/TURN.md'].map(read)
  const named = [envFile, dockerfile, unit, turn, ...docs].join('\n').match(/RTM_MESH_[A-Z_]+/g)
  expect(named?.length).toBeGreaterThan(10)
  const unknown = new Set(named?.filter((name) => !usage.includes(name)))
  expect([...unknown]).toEqual([])
})

test('every flag of the command that the docs name is there', () => {
  const docs = ['README.md', 'docs/HOSTING.md', 'docs/TURN.md', 'docs/SECURITY.md'].map(read).join('\n')
  const flags = [...docs.matchAll(/rtm-mesh-signaling((?:\s+\\?\s*--[a-z-]+ [^\s`]+)+)/g)].flatMap(
    ([, text = '']) => text.match(/--[a-z-]+/g) ?? [],
  )
  expect(flags.length).toBeGreaterThan(2)
  expect(flags.filter((flag) => !usage.includes(`  ${flag} `))).toEqual([])
})

test('the environment file is taken by the command, once its secrets are filled in', () => {
  const env = parseEnv(everything(envFile).replaceAll(/(_SECRET)=$/gm, `$1=${'5e'.repeat(32)}`))
  const command = readCommand([], env)
  expect(command).toMatchObject({
    kind: 'serve',
    options: { host: '127.0.0.1', port: 8787, turn: { urls: ['turn:turn.example.org:3478'] } },
  })
  if (command.kind === 'serve') checkOptions(command.options)
})

describe('The systemd unit', () => {
  test('starts the command of the package with the environment file', () => {
    const [, program = ''] = /^ExecStart=\/usr\/bin\/env (\S+)$/m.exec(unit) ?? []
    expect(Object.keys(manifest.bin)).toEqual([program])
    expect(unit).toContain(`EnvironmentFile=${/^# (\S+)/.exec(envFile)?.[1]}`)
  })

  test('is well-formed for systemd, where there is one', () => {
    if (!canRun('systemd-analyze', '--version'))
      return console.log('Not asked: systemd what it says of the unit, as it is not installed')
    const { status, stderr } = spawnSync(
      'systemd-analyze',
      ['verify', join(project, 'deploy/rtm-mesh-signaling.service')],
      { encoding: 'utf8' },
    )
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  })
})

test('the Docker file starts the command of the package, on a Node that it runs on and at a port that it says', () => {
  const [, major = ''] = /^FROM node:(\d+)/m.exec(dockerfile) ?? []
  expect(Number(major)).toBeGreaterThan(Number(/\d+/.exec(manifest.engines.node)?.[0]))
  const command: string[] = JSON.parse(/^CMD (\[.*\])$/m.exec(dockerfile)?.[1] ?? '')
  expect(command).toEqual(Object.keys(manifest.bin))
  const [, port = ''] = /^EXPOSE (\d+)$/m.exec(dockerfile) ?? []
  expect(dockerfile).toContain(`ENV RTM_MESH_PORT=${port}`)
  expect(dockerfile).toContain(`http://127.0.0.1:${port}/healthz`)
})

test('each option of the coturn configuration is one that coturn knows, where it is installed', () => {
  const options = [...everything(turn).matchAll(/^([a-z-]+)(?:=.*)?$/gm)].map(([, name = '']) => name)
  expect(options).toContain('use-auth-secret')
  if (!canRun('turnserver', '--version'))
    return console.log('Not asked: coturn what it says of the configuration, as it is not installed')
  const { stdout, stderr } = spawnSync('turnserver', ['--help'], { encoding: 'utf8' })
  expect(options.filter((name) => !(stdout + stderr).includes(`--${name}`))).toEqual([])
})

test('users connect to the server through nginx with TLS, as configured, where nginx is installed', async () => {
  expect(nginx).toMatch(/location = \/rtm \{\s+proxy_pass http:\/\/127\.0\.0\.1:8787;/)
  if (!canRun('nginx', '-v') || !canRun('openssl', 'version'))
    return console.log('Not run: the way through nginx, as nginx or openssl is not installed')
  const server = await createSignalingServer({
    port: 0,
    log: noLog,
    origins: ['https://www.example.org'],
    trustedProxies: ['loopback'],
  })
  onTestFinished(() => server.close())
  const port = await startNginx(server.port)
  const origin = 'https://www.example.org'
  const socket = new WebSocket(`wss://127.0.0.1:${port}/rtm`, { rejectUnauthorized: false, origin })
  const [hello] = (await once(socket, 'message')) as [Buffer]
  expect(JSON.parse(hello.toString())).toMatchObject({ type: 'hello' })
  socket.terminate()

  const stranger = new WebSocket(`wss://127.0.0.1:${port}/rtm`, {
    rejectUnauthorized: false,
    origin: 'https://x.org',
  })
  const [error] = (await once(stranger, 'error')) as [Error]
  expect(error.message).toContain('403')
})

/** An nginx with the configuration of deploy/, but for the port, the certificate and where the signaling server is. */
async function startNginx(signalingPort: number): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'rtm-mesh-nginx-'))
  const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')]
  const forDays = ['-days', '1', '-nodes', '-subj', '/CN=localhost']
  const request = ['req', '-x509', '-newkey', 'rsa:2048', '-keyout', key, '-out', certificate, ...forDays]
  execFileSync('openssl', request, { stdio: 'ignore' })
  const port = await freePort()
  const site = nginx
    .replace(/listen 443 ssl;/, `listen 127.0.0.1:${port} ssl;`)
    .replace(/^ *listen \[::\]:443 ssl;\n/m, '')
    .replace(/ssl_certificate +\S+;/, `ssl_certificate ${certificate};`)
    .replace(/ssl_certificate_key +\S+;/, `ssl_certificate_key ${key};`)
    .replace('127.0.0.1:8787', `127.0.0.1:${signalingPort}`)
  const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `${name}_temp_path ${folder}/${name};`)
    .join(' ')
  writeFileSync(
    join(folder, 'nginx.conf'),
    `daemon off; pid ${folder}/pid; error_log stderr notice; events {} http { access_log off; ${paths} ${site} }`,
  )
  const child = spawn('nginx', ['-p', folder, '-c', join(folder, 'nginx.conf'), '-e', 'stderr'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  onTestFinished(async () => {
    const ended = once(child, 'exit')
    child.kill('SIGQUIT')
    await ended
    rmSync(folder, { recursive: true, force: true })
  })
  await ready(child)
  return port
}

function ready(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = ''
    child.stderr?.on('data', (chunk: Buffer) => {
      said += chunk.toString()
      if (said.includes('start worker process')) resolve()
    })
    child.once('exit', () => reject(new Error(`nginx ended: ${said}`)))
  })
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo
      server.close(() => resolve(port))
    })
  })
}

describe('The limits in docs/HOSTING.md', () => {
  const hosting = read('docs/HOSTING.md')
  const rows = [...hosting.matchAll(/^\| `(\w+)` \| ([\d,]+) \| (.*?) \| (.+) \|$/gm)]

  test('are all that there are, with their defaults and a reason for each', () => {
    const documented = Object.fromEntries(
      rows.map(([, name = '', value = '']) => [name, Number(value.replaceAll(',', ''))]),
    )
    expect(documented).toEqual(defaultLimits)
    for (const [, name, , , reason = ''] of rows) expect(reason.length, name).toBeGreaterThan(20)
  })

  test('are told by the codes with which they are refused', () => {
    const consequences = rows.map(([, , , consequence = '']) => consequence)
    const codes = new Set<number>(refusalReasons.map((reason) => refusals[reason].code))
    for (const code of consequences.flatMap((text) => text.match(/\d+/g) ?? [])) {
      expect([...codes]).toContain(Number(code))
    }
  })
})

test('the Caddyfile leads to the server, and nginx and Caddy are proxies that the environment file trusts', () => {
  expect(caddyfile).toMatch(/handle \/rtm \{[^}]*reverse_proxy 127\.0\.0\.1:8787 \{/)
  expect(nginx).toContain('proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;')
  const command = readCommand([], parseEnv(envFile.replace(/(_SECRET)=$/m, `$1=${'5e'.repeat(32)}`)))
  expect(command).toMatchObject({ options: { trustedProxies: ['loopback'], metrics: { port: 9464 } } })
  if (!canRun('caddy', 'version')) {
    return console.log('Not asked: Caddy what it says of the configuration, as it is not installed')
  }
  const path = join(project, 'deploy/Caddyfile')
  execFileSync('caddy', ['validate', '--config', path, '--adapter', 'caddyfile'])
})

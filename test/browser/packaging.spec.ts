import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect, test } from 'playwright/test'
import { createServer } from 'vite'

import { project } from '../../scripts/tools.mjs'
import type {
  createSignalingServer as CreateSignalingServer,
  SignalingServer,
} from '../../signaling/index.ts'
import { BareApp, type Face, makeStaticSite, readmeExample } from './packaging/bare-app.ts'
import { expectConversation, openPage } from './packaging/conversation.ts'
import { serveFolder } from './packaging/static-server.ts'

let app: BareApp
let signaling: SignalingServer

test.beforeAll(async () => {
  test.setTimeout(120_000)
  app = new BareApp()
  // By a name that the compiler does not look up: it need not be built to be checked.
  const built: string = join(project, 'dist/signaling.js')
  const { createSignalingServer } = (await import(built)) as {
    createSignalingServer: typeof CreateSignalingServer
  }
  signaling = await createSignalingServer({ port: 0 })
})

test.afterAll(async () => {
  await signaling.close()
  app.remove()
})

test('the package, installed into a bare app and built by Vite, carries messages', async ({ browser }) => {
  // As a program of its own: a build inside this process would leave it with NODE_ENV=production.
  const vite = join(project, 'node_modules/vite/bin/vite.js')
  execFileSync(process.execPath, [vite, 'build', '--logLevel', 'warn'], { cwd: app.folder, stdio: 'inherit' })
  const server = await serveFolder(join(app.folder, 'dist'))
  await expectConversation(browser, `${server.url}?server=${signaling.url}`)
  await server.close()
})

test("Vite's dev server with the plugin of the package needs no address of a server", async ({ browser }) => {
  const vite = await createServer({
    root: app.folder,
    logLevel: 'warn',
    server: { host: '127.0.0.1', port: 0 },
  })
  await vite.listen()
  await expectConversation(browser, `${vite.resolvedUrls?.local[0] ?? ''}?`)
  await vite.close()
})

test('dist/ on a plain web server and a page without a build carry messages', async ({ browser }) => {
  const site = makeStaticSite()
  const server = await serveFolder(site.folder)
  await expectConversation(browser, `${server.url}?server=${signaling.url}`)
  await server.close()
  site.remove()
})

/** What bob's page says: to itself, last of all, and of alice. */
const heardByBob = {
  kit: ['bob: hello bob', '#lobby alice: hello everybody', 'alice: hello bob'],
  web: ['bob: hello bob', 'alice: hello bob'],
} satisfies Record<Face, string[]>

for (const face of ['kit', 'web'] as const) {
  test(`the example of the README with the names of the ${face} works as pasted`, async ({ browser }) => {
    app.writeReadmeExample(face, signaling.url)
    const vite = await createServer({
      root: app.folder,
      configFile: false,
      logLevel: 'warn',
      server: { host: '127.0.0.1', port: 0 },
    })
    await vite.listen()
    const url = vite.resolvedUrls?.local[0] ?? ''
    const [ownWord = '', ...words] = heardByBob[face]
    const bob = await openPage(browser, `${url}${face}-bob.html`)
    await expect.poll(() => bob.said).toContain(ownWord)
    const alice = await openPage(browser, `${url}${face}-alice.html`)
    for (const word of words) await expect.poll(() => bob.said).toContain(word)
    expect([...alice.complaints, ...bob.complaints]).toEqual([])
    await vite.close()
    for (const { page } of [alice, bob]) await page.context().close()
  })

  test(`the example of the README with the names of the ${face} is strict TypeScript too`, () => {
    app.write('example.ts', readmeExample(face))
    expect(complaintsAbout('example.ts')).toBe('')
  })
}

test('the command of the package starts a signaling server', async ({ browser }) => {
  const command = spawn(process.execPath, [
    join(app.folder, 'node_modules/.bin/rtm-mesh-signaling'),
    '--port',
    '0',
  ])
  const url = await firstLine(command)
  expect(url).toMatch(/ws:\/\/127\.0\.0\.1:\d+\/rtm$/)
  const site = makeStaticSite()
  const server = await serveFolder(site.folder)
  await expectConversation(browser, `${server.url}?server=${url.split(' ').at(-1) ?? ''}`)
  const ended = new Promise((resolve) => command.once('exit', resolve))
  command.kill('SIGTERM')
  expect(await ended).toBe(0)
  await server.close()
  site.remove()
})

/** As programs name them. */
function entries(): string[] {
  const { exports } = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8')) as { exports: object }
  const names = Object.keys(exports).filter((name) => !name.endsWith('.json'))
  return names.map((name) => name.replace('.', 'rtm-mesh'))
}

/** What Node says, errors and warnings included, when it runs a file of the bare app. */
function run(file: string): string {
  const { stdout, stderr } = spawnSync(process.execPath, [file], { cwd: app.folder, encoding: 'utf8' })
  return stdout + stderr
}

test('every entry can be imported in Node, as by a server that renders pages', () => {
  app.write(
    'import-all.mjs',
    entries()
      .map((name) => `await import('${name}')`)
      .join('\n'),
  )
  expect(run('import-all.mjs')).toBe('')
})

test('every entry can be required in Node by a program in CommonJS, and is the same as if imported', () => {
  const checks = entries().map(
    (name) => `{
  const required = require('${name}')
  const same = (imported) => Object.keys(imported).every((key) => required[key] === imported[key])
  import('${name}').then((imported) => assert(same(imported), '${name}'))
}`,
  )
  app.write('require-all.cjs', ["const assert = require('node:assert')", ...checks].join('\n'))
  expect(run('require-all.cjs')).toBe('')
})

test('a program in CommonJS has both faces and a server by `require`', () => {
  app.write(
    'required.cjs',
    `const { AgoraRtmKit } = require('rtm-mesh')
const { default: AgoraRTM } = require('rtm-mesh/web')
const { createSignalingServer } = require('rtm-mesh/signaling')
const appId = '0123456789abcdef0123456789abcdef'
const main = async () => {
  const server = await createSignalingServer({ port: 0, secret: 'the secret of the tests' })
  const kit = AgoraRtmKit.initWithAppId(appId)
  const client = AgoraRTM.createInstance(appId)
  const refused = await client.createChannel('room').join().catch(({ code }) => code)
  console.log([server.port > 0, await kit.logoutWithCompletion(), refused].join())
  kit.destroy()
  client.destroy()
  await server.close()
}
main()
`,
  )
  const notLoggedIn = 102
  expect(run('required.cjs').split('\n')[0]).toBe(`true,${notLoggedIn},${notLoggedIn}`)
})

test('the declarations are whole for a strict compiler that checks them too', () => {
  app.write(
    'typed.ts',
    `import { AgoraRtmKit, AgoraRtmMessage, AgoraRtmLoginErrorCode } from 'rtm-mesh'
const kit = AgoraRtmKit.initWithAppId('0123456789abcdef0123456789abcdef', {
  messageReceived: (_, message, peerId) => console.log(peerId.toUpperCase(), message.text.length),
})
const code: AgoraRtmLoginErrorCode | undefined = await kit?.loginByToken(null, 'alice')
await kit?.sendMessage(AgoraRtmMessage.initWithText('hi'), 'bob')
console.log(code)
// @ts-expect-error: a user id is a string
await kit?.loginByToken(null, 7)
`,
  )
  app.write(
    'typed-server.ts',
    `import rtmMesh from 'rtm-mesh/vite'
import { createSignalingServer } from 'rtm-mesh/signaling'
const { url, port, close } = await createSignalingServer({ port: 0 })
console.log(url.length, port + 1, close, rtmMesh({ path: '/rtm' }).name)
`,
  )
  expect(complaintsAbout('typed.ts')).toBe('')
  // Vite's own declarations are not checked here: they are those of the user's version.
  const options = {
    skipLibCheck: true,
    types: ['node'],
    typeRoots: [join(project, 'node_modules/@types')],
    paths: { vite: [join(project, 'node_modules/vite/dist/node/index.d.ts')] },
  }
  expect(complaintsAbout('typed-server.ts', options)).toBe('')
})

test('the declarations are found by programs that are compiled as of old, with a bundler that is not', () => {
  app.write(
    'older.ts',
    `import AgoraRTM, { RtmClient, RtmMessage, RtmStatusCode } from 'rtm-mesh/web'
import * as All from 'rtm-mesh/web'
import { AgoraRtmKit } from 'rtm-mesh'
const client: RtmClient = All.default.createInstance('0123456789abcdef0123456789abcdef')
client.on('MessageFromPeer', (message: RtmMessage, peerId) => console.log(message.text.length, peerId.length))
const state: RtmStatusCode.ConnectionState = AgoraRTM.ConnectionState.CONNECTED
console.log(state, AgoraRtmKit)
// @ts-expect-error: a user id is a string
client.login({ uid: 7 })
`,
  )
  // Neither exports maps nor strictness.
  const older = { strict: false, moduleResolution: 'node10', ignoreDeprecations: '6.0' }
  expect(complaintsAbout('older.ts', older)).toBe('')
})

/** What a strict compiler with nothing but the package says about a file of the bare app. */
function complaintsAbout(file: string, options: object = {}): string {
  const compilerOptions = {
    target: 'ES2022',
    module: 'ESNext',
    moduleResolution: 'bundler',
    lib: ['ES2022', 'DOM'],
    types: [],
    strict: true,
    skipLibCheck: false,
    noEmit: true,
    ...options,
  }
  app.write('tsconfig.json', JSON.stringify({ compilerOptions, files: [file] }))
  return execFileSyncOrOutput(process.execPath, [
    join(project, 'node_modules/typescript/bin/tsc'),
    '-p',
    app.folder,
  ])
}

async function firstLine(command: ChildProcess): Promise<string> {
  if (!command.stdout) throw new Error('The command has no output')
  for await (const line of createInterface(command.stdout)) return line
  throw new Error('The command ended without a line')
}

/** What the program printed, whether it failed or not. */
function execFileSyncOrOutput(file: string, args: string[]): string {
  try {
    return execFileSync(file, args, { encoding: 'utf8' })
  } catch (error) {
    if (error instanceof Error && 'stdout' in error) return String(error.stdout)
    throw error
  }
}

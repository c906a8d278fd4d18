import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

import { describe, expect, test } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** Loads the entry as a server that renders pages does, where there are no browser globals. */
const script = `
import { createServer } from 'vite'
const server = await createServer({ configFile: false, root: ${JSON.stringify(root)}, logLevel: 'error', server: { middlewareMode: true, ws: false }, optimizeDeps: { noDiscovery: true } })
delete globalThis.WebSocket
for (const name of ['window', 'document', 'location', 'localStorage', 'indexedDB', 'RTCPeerConnection', 'WebSocket'])
  if (name in globalThis) throw new Error(name + ' is here')
const { AgoraRtmKit, AgoraRtmMessage } = await server.ssrLoadModule('/src/index.ts')
const kit = AgoraRtmKit.initWithAppId('a'.repeat(32))
const channel = kit.createChannelWithId('lobby')
const code = await channel.joinWithCompletion()
const login = await kit.loginByToken(null, 'alice')
console.log(JSON.stringify({ code, login, text: AgoraRtmMessage.initWithText('hello').text }))
kit.destroy()
await server.close()
`

describe('The entry, imported in plain Node', () => {
  test('needs no browser global; its objects can be made, and a login fails with a code', () => {
    const { stdout, stderr, status } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
      cwd: root,
      encoding: 'utf8',
    })
    expect(status, stderr).toBe(0)
    expect(JSON.parse(stdout.trim().split('\n').at(-1) ?? '')).toEqual({ code: 102, login: 1, text: 'hello' })
  })
})

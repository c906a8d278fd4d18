import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

import { describe, expect, test } from 'vitest'

import * as web from '../../src/web.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const { default: AgoraRTM, ...named } = web

describe('The Web entry', () => {
  test('has under its own name what the default export has', () => {
    for (const [name, value] of Object.entries(AgoraRTM))
      expect([name, Reflect.get(named, name)]).toEqual([name, value])
  })

  test('has values for the names of types that programs import', () => {
    for (const name of ['RtmMessage', 'RtmTextMessage', 'RtmRawMessage', 'RtmEvents'])
      expect(Object.keys(named)).toContain(name)
  })

  test('has states and reasons as texts that are their own names, and codes as numbers', () => {
    for (const states of Object.values(AgoraRTM.RtmStatusCode))
      for (const [name, value] of Object.entries(states)) expect(value).toBe(name)
    expect(AgoraRTM.RtmStatusCode.ConnectionState).toBe(AgoraRTM.ConnectionState)
    const { LoginError, JoinChannelError, InvitationApiCallError } = AgoraRTM.RtmErrorCode
    expect(LoginError.LOGIN_ERR_TOO_OFTEN).toBe(10)
    expect(JoinChannelError.JOIN_CHANNEL_ERR_ALREADY_JOINED_CHANNEL_OF_SAME_ID).toBe(202)
    expect(InvitationApiCallError[2]).toBe('INVITATION_API_CALL_ERR_NOT_STARTED')
  })

  test('names its version, its build and the prefix of calls that end', () => {
    expect(AgoraRTM.VERSION).toMatch(/^\d+\.\d+\.\d+/)
    expect(AgoraRTM.BUILD).toContain('agora-rtm-sdk 1.5.1')
    expect(AgoraRTM.END_CALL_PREFIX).toBe('AgoraRTMLegacyEndcallCompatibleMessagePrefix')
  })

  test('has classes that objects are instances of', () => {
    const client = AgoraRTM.createInstance('a'.repeat(32), {
      signaling: [],
      logFilter: AgoraRTM.LOG_FILTER_OFF,
    })
    expect(client).toBeInstanceOf(web.RtmClient)
    expect(client.createChannel('room')).toBeInstanceOf(web.RtmChannel)
    expect(client.createLocalInvitation('bob')).toBeInstanceOf(web.LocalInvitation)
    for (const id of ['', 'null', 'ä', 'x'.repeat(65), undefined, 7] as string[])
      for (const make of [() => client.createChannel(id), () => client.createLocalInvitation(id)])
        expect(make).toThrow(expect.objectContaining({ code: 1, name: 'RtmInvalidArgumentError' }))
    client.destroy()
  })
})

/** Loads the entry as a server that renders pages does, where there are no browser globals. */
const script = `
import { createServer } from 'vite'
const server = await createServer({ configFile: false, root: ${JSON.stringify(root)}, logLevel: 'error', server: { middlewareMode: true, ws: false }, optimizeDeps: { noDiscovery: true } })
delete globalThis.WebSocket
for (const name of ['window', 'document', 'location', 'localStorage', 'indexedDB', 'RTCPeerConnection', 'WebSocket'])
  if (name in globalThis) throw new Error(name + ' is here')
const { default: AgoraRTM } = await server.ssrLoadModule('/src/web.ts')
const client = AgoraRTM.createInstance('a'.repeat(32))
const codes = []
for (const call of [client.createChannel('lobby').join(), client.login({ uid: 'alice' })])
  await call.catch(({ code }) => codes.push(code))
console.log(JSON.stringify(codes))
client.destroy()
await server.close()
`

describe('The Web entry, imported in plain Node', () => {
  test('needs no browser global; its objects can be made, and calls reject with codes', () => {
    const { stdout, stderr, status } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
      cwd: root,
      encoding: 'utf8',
    })
    expect(status, stderr).toBe(0)
    expect(JSON.parse(stdout.trim().split('\n').at(-1) ?? '')).toEqual([102, 1])
  })
})

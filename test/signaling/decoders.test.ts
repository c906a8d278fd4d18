import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { toBase64Url } from '../../src/base/bytes.ts'
import { webCrypto } from '../../src/base/crypto.ts'
import type { UserId } from '../../src/base/ids.ts'
import { encodeCredential, openCredential, sealCredential } from '../../src/protocol/credential.ts'
import { decodeClientMessage } from '../../src/protocol/client-messages.ts'
import { decodeServerMessage } from '../../src/protocol/server-messages.ts'
import { APP } from './client.ts'

const RUNS = 100_000
const session = '0123456789abcdef0123456789abcdef'
const peer = { userId: 'alice', sessionId: session, loginTime: 1 }
const member = { ...peer, incarnation: 1 }
const text32 = toBase64Url(new Uint8Array(32))
const text64 = toBase64Url(new Uint8Array(64))
const text65 = toBase64Url(new Uint8Array(65))

const clientMessages = [
  {
    type: 'login',
    version: 1,
    features: 0,
    appId: APP,
    userId: 'alice',
    token: 't',
    credential: 'c',
    fingerprint: text32,
    signingKey: text65,
    agreementKey: text65,
    signature: text64,
  },
  { type: 'join', channelId: 'lobby', incarnation: 1 },
  { type: 'leave', channelId: 'lobby', incarnation: 1 },
  { type: 'find', request: 1, userIds: ['alice', 'bob'] },
  { type: 'visit', request: 1, channelId: 'lobby' },
  { type: 'endVisit', channelId: 'lobby' },
  { type: 'subscribe', userIds: ['bob', 'carol'] },
  { type: 'unsubscribe', userIds: ['bob'] },
  { type: 'count', request: 1, channelIds: ['lobby'] },
  { type: 'signal', to: session, signal: 'x' },
  { type: 'pong' },
  { type: 'goodbye' },
  { type: 'renew' },
  { type: 'renewToken', request: 1, token: 't' },
]

const serverMessages = [
  { type: 'hello', version: 1, features: 0, nonce: text32, boot: 'boot' },
  {
    type: 'loggedIn',
    credential: 'c',
    serverKeys: [text65],
    loginTime: 1,
    time: 1,
    iceServers: [{ urls: ['stun:x'], username: 'u', credential: 'c' }],
    iceServersLifeMs: 60_000,
    token: { expiresAt: 1, version: 7 },
  },
  { type: 'credential', credential: 'c', iceServers: [{ urls: 'turn:x' }], iceServersLifeMs: 1 },
  { type: 'tokenRenewed', request: 1, credential: 'c', iceServers: [], iceServersLifeMs: 1 },
  { type: 'refused', reason: 'banned', message: 'no' },
  { type: 'ended', reason: 'kicked', message: 'no' },
  { type: 'ended', reason: 'kicked', message: 'no', notice: 'n' },
  { type: 'ended', reason: 'token-expired', message: 'no' },
  { type: 'tokenRenewed', request: 1, credential: 'c', token: { expiresAt: 1, version: 7 } },
  { type: 'tokenRenewed', request: 1, credential: 'c' },
  { type: 'tokenRefused', request: 1, reason: 'token-expired', message: 'no' },
  { type: 'gone', peer, why: 'banned', notice: 'n' },
  { type: 'subscribed', userIds: ['alice'], peers: [peer] },
  { type: 'present', peer },
  { type: 'counted', request: 1, counts: [2] },
  { type: 'credential', credential: 'c' },
  { type: 'roster', channelId: 'lobby', incarnation: 1, members: [member] },
  { type: 'joinRefused', channelId: 'lobby', incarnation: 1, reason: 'too-many-channels', message: 'no' },
  { type: 'joined', channelId: 'lobby', member },
  { type: 'left', channelId: 'lobby', member },
  { type: 'gone', peer, why: 'lost' },
  { type: 'unreachable', peer, silentMs: 7_000 },
  { type: 'reachable', peer },
  { type: 'found', request: 1, peers: [peer] },
  { type: 'visited', request: 1, holders: [peer] },
  { type: 'signal', from: peer, signal: 'x' },
  { type: 'undeliverable', to: session },
  { type: 'ping' },
]

const odd = fc.oneof(
  fc.constantFrom(null, true, -1, 0.5, 1e300, '', '__proto__', [], {}, 'x'.repeat(5_000)),
  fc.string(),
  fc.integer(),
)

/** Random text, random JSON, and valid messages with characters or fields exchanged. */
function messagesLike(valid: readonly object[]): fc.Arbitrary<string> {
  const texts = valid.map((message) => JSON.stringify(message))
  const torn = fc
    .tuple(fc.constantFrom(...texts), fc.nat(), fc.string({ maxLength: 3 }), fc.nat({ max: 5 }))
    .map(([text, at, insert, cut]) => {
      const position = at % text.length
      return text.slice(0, position) + insert + text.slice(position + cut)
    })
  const exchanged = fc.tuple(fc.constantFrom(...valid), fc.nat(), odd).map(([message, at, value]) => {
    const names = Object.keys(message)
    return JSON.stringify({ ...message, [names[at % names.length] ?? '']: value })
  })
  return fc.oneof(fc.string(), fc.json({ maxDepth: 3 }), torn, exchanged)
}

describe('the decoder of', () => {
  it.each([
    ['client messages', decodeClientMessage, clientMessages],
    ['server messages', decodeServerMessage, serverMessages],
  ] as const)('%s takes every kind of message as it is', (_name, decode, valid) => {
    for (const message of valid) expect(decode(JSON.stringify(message))).toEqual(message)
  })

  it('server messages takes 16 members and 16 visitors in the answer to a visit, and no more', () => {
    const visited = (count: number): string =>
      JSON.stringify({ type: 'visited', request: 1, holders: Array(count).fill(peer) })
    expect(decodeServerMessage(visited(32))).toBeDefined()
    expect(decodeServerMessage(visited(33))).toBeUndefined()
  })

  it('client messages takes 512 users and 32 channels in a question, and no more', () => {
    const subscribe = (count: number): string =>
      JSON.stringify({ type: 'subscribe', userIds: Array(count).fill('alice') })
    const counting = (count: number): string =>
      JSON.stringify({ type: 'count', request: 1, channelIds: Array(count).fill('lobby') })
    expect(decodeClientMessage(subscribe(512))).toBeDefined()
    expect(decodeClientMessage(subscribe(513))).toBeUndefined()
    expect(decodeClientMessage(counting(32))).toBeDefined()
    expect(decodeClientMessage(counting(33))).toBeUndefined()
  })

  it.each([
    ['client messages', decodeClientMessage, clientMessages],
    ['server messages', decodeServerMessage, serverMessages],
  ] as const)('%s never throws', { timeout: 120_000 }, (_name, decode, valid) => {
    const types = new Set<string>(valid.map((message) => message.type))
    fc.assert(
      fc.property(messagesLike(valid), (text) => {
        const message = decode(text)
        return message === undefined || types.has(message.type)
      }),
      { numRuns: RUNS, seed: 1 },
    )
  })

  it(
    'credentials never throws, and gives nothing that it would not encode again',
    { timeout: 120_000 },
    () => {
      const body = encodeCredential({
        appId: APP,
        userId: 'alice' as UserId,
        keyId: webCrypto.randomBytes(8),
        fingerprint: webCrypto.randomBytes(32),
        signingKey: webCrypto.randomBytes(65),
        agreementKey: webCrypto.randomBytes(65),
        loginTime: 1e12,
        issuedAt: 1e12,
        expiresAt: 2e12,
      })
      const sealed = sealCredential(body, webCrypto.randomBytes(64))
      const torn = fc
        .tuple(fc.nat(), fc.base64String({ maxLength: 8 }), fc.nat({ max: 8 }))
        .map(([at, insert, cut]) => {
          const position = at % sealed.length
          return sealed.slice(0, position) + insert + sealed.slice(position + cut)
        })
      const bytes = fc.uint8Array({ maxLength: 600 }).map(toBase64Url)
      fc.assert(
        fc.property(fc.oneof(fc.string(), bytes, torn, fc.constant(sealed)), (text) => {
          const opened = openCredential(text)
          if (!opened) return true
          return opened.signature.byteLength === 64 && encodeCredential(opened.credential).byteLength > 0
        }),
        { numRuns: RUNS, seed: 1 },
      )
      expect(openCredential(sealed)?.body).toEqual(body)
    },
  )
})

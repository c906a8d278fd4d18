import { subtle } from 'node:crypto'

import { describe, expect, it } from 'vitest'

import { createSignalingServer, type SignalingServerOptions } from '../../signaling/index.ts'
import { turnServer } from '../../signaling/turn.ts'
import type { IceServer } from '../../src/protocol/server-messages.ts'
import { CERTIFICATE, token006, token007 } from '../support/tokens.ts'
import { noLog } from '../support/no-log.ts'
import { APP, createIdentity, type TestPage } from './client.ts'
import { setup } from './setup.ts'

const turn = {
  urls: ['turn:turn.example.org:3478', 'turns:turn.example.org:443?transport=tcp'],
  secret: 'a secret shared with coturn',
}
const HOUR = 3_600_000

/** By another implementation than the server's. */
async function hmacSha1(secret: string, text: string): Promise<string> {
  const encode = (part: string) => new TextEncoder().encode(part)
  const algorithm = { name: 'HMAC', hash: 'SHA-1' }
  const key = await subtle.importKey('raw', encode(secret), algorithm, false, ['sign'])
  return Buffer.from(await subtle.sign('HMAC', key, encode(text))).toString('base64')
}

const expiryOf = (server: IceServer | undefined): number =>
  Number(/^(\d+):/.exec(server?.username ?? '')?.[1]) * 1_000

const turnIn = ({ iceServers }: { iceServers?: IceServer[] | undefined }): IceServer | undefined =>
  iceServers?.at(-1)

describe('A TURN credential', () => {
  it('is what openssl makes of the same user name and secret', () => {
    const server = turnServer(turn, 'session', Date.UTC(2025, 0, 1, 12))
    expect(server.username).toBe('1735732800:session')
    expect(server.credential).toBe('SWS6TghsMcJqNtGP+w0Z1BcsTTI=')
  })

  it('comes with the login, for this session, and is good as long as the credential of the session', async () => {
    const { logIn, clock } = await setup({ turn })
    const alice = await logIn('alice')
    const server = turnIn(alice.welcome ?? {})
    expect(server).toEqual({
      urls: turn.urls,
      username: `${Math.floor(clock.now() / 1_000) + 12 * 3_600}:${alice.sessionId}`,
      credential: await hmacSha1(turn.secret, server?.username ?? ''),
    })
    expect(alice.welcome?.iceServersLifeMs).toBe(12 * HOUR)
  })

  it('has no character that coturn refuses, whoever the user is', async () => {
    const { logIn } = await setup({ turn })
    const alice = await logIn(`a 'name' with "quotes"`.replaceAll(/['"]/g, '~'))
    expect(turnIn(alice.welcome ?? {})?.username).toMatch(/^\d+:[\w-]+$/)
  })

  it('is good for the seconds that the operator says', async () => {
    const { logIn, clock } = await setup({ turn: { ...turn, ttl: 600 } })
    const alice = await logIn('alice')
    expect(expiryOf(turnIn(alice.welcome ?? {}))).toBe(clock.now() + 600_000)
    expect(alice.welcome?.iceServersLifeMs).toBe(600_000)
  })

  it('comes behind the ICE servers that are always the same', async () => {
    const iceServers = [{ urls: 'stun:stun.example.org' }]
    const { logIn } = await setup({ turn, iceServers })
    const alice = await logIn('alice')
    expect(alice.welcome?.iceServers).toMatchObject([...iceServers, { urls: turn.urls }])
  })

  it('is a new one at each return', async () => {
    const { logIn, pass, untilLingering } = await setup({ turn })
    const alice = await logIn('alice')
    alice.socket.terminate()
    await untilLingering(alice)
    await pass(10_000)
    const again = await logIn(alice.identity, alice.credential)
    expect(expiryOf(turnIn(again.welcome ?? {})) - expiryOf(turnIn(alice.welcome ?? {}))).toBe(10_000)
  })

  it('is renewed with the credential of the session', async () => {
    const { logIn, clock } = await setup({ turn })
    const alice = await logIn('alice')
    clock.advance(6_000)
    alice.send({ type: 'renew' })
    const renewed = await alice.next('credential')
    expect(expiryOf(turnIn(renewed))).toBe(clock.now() + 12 * HOUR)
    expect(renewed.iceServersLifeMs).toBe(12 * HOUR)
    expect(turnIn(renewed)?.credential).toBe(await hmacSha1(turn.secret, turnIn(renewed)?.username ?? ''))
  })

  it('is for no longer than the token of the session, and is renewed with that', async () => {
    const { page, clock } = await setup({ turn, apps: { [APP]: { certificate: CERTIFICATE } } })
    const token = (lifeS: number) => token007({ appId: APP, userId: 'alice' }, clock.now(), lifeS)
    const alice: TestPage = await page(await createIdentity('alice'))
    const welcome = await alice.logIn(undefined, token(60))
    expect(expiryOf(turnIn(welcome))).toBe(clock.now() + 60_000)
    expect(welcome.iceServersLifeMs).toBe(60_000)
    clock.advance(3_000)
    alice.send({ type: 'renewToken', request: 1, token: token(300) })
    expect(expiryOf(turnIn(await alice.next('tokenRenewed')))).toBe(clock.now() + 300_000)
  })

  it('is one for an hour where a token of version 006 has expired meanwhile', async () => {
    const { page, clock, pass } = await setup({ turn, apps: { [APP]: { certificate: CERTIFICATE } } })
    const alice = await page(await createIdentity('alice'))
    const welcome = await alice.logIn(undefined, token006({ appId: APP, userId: 'alice' }, clock.now()))
    clock.sleep((welcome.token?.expiresAt ?? 0) - clock.now() + 1_000)
    await pass(1_000)
    alice.send({ type: 'renew' })
    const renewed = await alice.next('credential')
    expect(renewed.iceServersLifeMs).toBe(HOUR)
  })
})

describe('Without a TURN secret', () => {
  it('nothing is said of ICE servers, or only what the operator named, without an end', async () => {
    const { logIn, restart } = await setup()
    const alice = await logIn('alice')
    expect(alice.welcome).not.toHaveProperty('iceServers')
    expect(alice.welcome).not.toHaveProperty('iceServersLifeMs')
    alice.send({ type: 'renew' })
    expect(Object.keys(await alice.next('credential')).sort()).toEqual(['credential', 'type'])

    await restart({ iceServers: [{ urls: 'stun:stun.example.org' }] })
    const bob = await logIn('bob')
    expect(bob.welcome?.iceServers).toEqual([{ urls: 'stun:stun.example.org' }])
    expect(bob.welcome).not.toHaveProperty('iceServersLifeMs')
  })
})

describe('createSignalingServer rejects with a sentence', () => {
  it.each<[string, SignalingServerOptions, RegExp]>([
    ['no TURN URL', { turn: { ...turn, urls: [] } }, /1 to 8 URLs/],
    ['nine TURN URLs', { turn: { ...turn, urls: Array<string>(9).fill('turn:x') } }, /1 to 8 URLs/],
    ['a text in place of the list', { turn: { ...turn, urls: 'turn:x' as never } }, /1 to 8 URLs/],
    [
      'a STUN URL among them',
      { turn: { ...turn, urls: ['turn:x', 'stun:x'] } },
      /"stun:x" must look like turn:/,
    ],
    ['a TURN URL with a user', { turn: { ...turn, urls: ['turn:me@x'] } }, /must look like/],
    [
      'a TURN URL over another transport',
      { turn: { ...turn, urls: ['turn:x?transport=quic'] } },
      /must look like/,
    ],
    ['an empty TURN secret', { turn: { ...turn, secret: '' } }, /static-auth-secret/],
    ['a ttl below a minute', { turn: { ...turn, ttl: 59 } }, /60 to 604800 seconds/],
    ['a ttl above a week', { turn: { ...turn, ttl: 604_801 } }, /60 to 604800 seconds/],
    ['a ttl that is no whole number', { turn: { ...turn, ttl: 60.5 } }, /60 to 604800 seconds/],
    [
      'more ICE servers with the TURN servers than clients take',
      { turn, iceServers: Array<IceServer>(16).fill({ urls: 'stun:x' }) },
      /more than 16 ICE servers/,
    ],
  ])('%s', async (_case, options, sentence) => {
    await expect(createSignalingServer({ port: 0, log: noLog, ...options })).rejects.toThrow(sentence)
  })
})

describe('The log', () => {
  it('warns of a TURN secret that can be guessed, without showing it', async () => {
    const lines: string[] = []
    const log = (...line: unknown[]): number => lines.push(JSON.stringify(line))
    const server = await createSignalingServer({ port: 0, log, turn: { ...turn, secret: 'shortsecret' } })
    await server.close()
    expect(lines.filter((line) => line.includes('TURN secret has fewer than 16'))).toHaveLength(1)
    expect(lines.join()).not.toContain('shortsecret')
  })
})

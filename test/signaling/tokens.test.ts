import { deflateSync, inflateSync } from 'node:zlib'

import { describe, expect, it } from 'vitest'

import type { Clock } from '../../src/base/clock.ts'
import type { AppId, UserId } from '../../src/base/ids.ts'
import { type TokenVerdict, tokenCheckFor } from '../../signaling/token-check.ts'
import {
  Builder006,
  Builder007,
  builder007,
  CERTIFICATE,
  LOGIN_007,
  RtmRole,
  token006,
  token007,
} from '../support/tokens.ts'

const APP = '970CA35de60c44645bbae8a215061b33' as AppId
const OTHER_APP = 'f'.repeat(32) as AppId
const ALICE = 'test_user' as UserId
const BOB = 'bob' as UserId
const NOW = Date.UTC(2025, 0, 1)
const alice = { appId: APP, userId: ALICE }

const clockAt = (now: number): Clock => ({ now: () => now, after: () => () => undefined })
const apps = { [APP]: { certificate: CERTIFICATE }, [OTHER_APP]: { certificate: CERTIFICATE } }

function check(token: string | undefined, now = NOW, userId = ALICE, appId = APP): TokenVerdict {
  return tokenCheckFor(apps, clockAt(now))(appId, userId, token)
}

/** Why not, or `ok` and until when, in seconds after `NOW`. */
function verdictOn(...asked: Parameters<typeof check>): string {
  const verdict = check(...asked)
  if (!verdict.ok) return verdict.reason
  return verdict.terms ? `ok until ${(verdict.terms.expiresAt - NOW) / 1_000}` : 'ok'
}

/** A 007 token with this content instead. */
function repacked(token: string, change: (content: Buffer) => Buffer): string {
  const content = inflateSync(Buffer.from(token.slice(3), 'base64'))
  return `007${deflateSync(change(content)).toString('base64')}`
}

describe('the published test vectors', () => {
  const ISSUED = 1_111_111_000
  it.each([
    [
      '006',
      '006970CA35de60c44645bbae8a215061b33IAAsR0qgiCxv0vrpRcpkz5BrbfEWCBZ6kvR6t7qG/wJIQob86ogAAAAAEAABAAAAR/QQAAEA6AOvKDdW',
      ISSUED,
    ],
    [
      '006 with another privilege time',
      '006970CA35de60c44645bbae8a215061b33IABR8ywaENKv6kia6iUU6P54g017Bi6Ym9sIGdt9f3sLLYb86ogAAAAAEAABAAAAR/QQAAEA6ANkAAAA',
      ISSUED,
    ],
    [
      '007',
      '007eJxTYOCdJftjyTM2zxW6Xhm/5T0j5LdcUt/xYVt48fb5Mp3PX9coMFiaGzg7GpumpJoZJJuYmJmYJiUlplokGhmaGpgZJhkbu38RYIhgYmBgZABhJgZGBkYwn5OhJLW4JL60OLUIAFlWHoA=',
      ISSUED + 600_000,
    ],
  ])('%s: good until its time, and expired at it', (_name, token, end) => {
    expect(check(token, end - 1)).toMatchObject({ ok: true, terms: { expiresAt: end } })
    expect(verdictOn(token, end)).toBe('token-expired')
    expect(verdictOn(token, NOW)).toBe('token-expired')
    expect(verdictOn(token, end - 1, BOB)).toBe('invalid-token')
  })
})

describe('a token of the published builders, made now, is good for its user', () => {
  it('006, for a day', () => {
    const now = Date.now()
    const token = Builder006.buildToken(APP, CERTIFICATE, ALICE, RtmRole.Rtm_User, 0)
    expect(check(token, now)).toMatchObject({ ok: true, terms: { version: 6 } })
    expect(verdictOn(token, now + 86_390_000)).toMatch(/^ok/)
    expect(verdictOn(token, now + 86_410_000)).toBe('token-expired')
  })

  it('007, for the time that was asked for', () => {
    const now = Date.now()
    const token = Builder007.buildToken(APP, CERTIFICATE, ALICE, 600)
    expect(check(token, now)).toMatchObject({ ok: true, terms: { version: 7 } })
    expect(verdictOn(token, now + 590_000)).toMatch(/^ok/)
    expect(verdictOn(token, now + 610_000)).toBe('token-expired')
  })
})

describe('a 007 token is good for the least of', () => {
  it.each([
    ['its own time', 600, 3_600, 'ok until 600'],
    ['that of the privilege', 3_600, 600, 'ok until 600'],
    ['a day', 1_000_000_000, 2_000_000_000, 'ok until 86400'],
    ['no time, of the token', 0, 600, 'token-expired'],
    ['no time, of the privilege', 600, 0, 'token-expired'],
  ])('%s', (_what, expireS, privilegeS, verdict) => {
    expect(verdictOn(token007(alice, NOW, expireS, { privilegeS }))).toBe(verdict)
  })
})

describe('a token is refused as', () => {
  const good006 = token006(alice, NOW)
  const good007 = token007(alice, NOW, 600)

  it.each([
    ['no token', undefined],
    ['an empty one', ''],
    ['another text', 'open sesame'],
    ['of another version', `008${good007.slice(3)}`],
    ['006 of another user', token006({ appId: APP, userId: BOB }, NOW)],
    ['007 of another user', token007({ appId: APP, userId: BOB }, NOW, 600)],
    ['006 of another app', token006({ appId: OTHER_APP, userId: ALICE }, NOW)],
    [
      '006 with its app exchanged',
      `006${APP}${token006({ appId: OTHER_APP, userId: ALICE }, NOW).slice(35)}`,
    ],
    ['007 of another app', token007({ appId: OTHER_APP, userId: ALICE }, NOW, 600)],
    ['006 with another certificate', token006({ ...alice, certificate: 'e'.repeat(32) }, NOW)],
    ['007 with another certificate', token007({ ...alice, certificate: 'e'.repeat(32) }, NOW, 600)],
    ['006 for a channel of RTC', token006(alice, NOW, { uid: '7' })],
    ['006 cut off', good006.slice(0, -4)],
    ['007 cut off', good007.slice(0, -4)],
    ['006 with something behind', `${good006}AAAA`],
    ['007 with something behind', `${good007}AAAA`],
    [
      '007 with something behind its zlib stream',
      `007${Buffer.concat([Buffer.from(good007.slice(3), 'base64'), Buffer.from([0])]).toString('base64')}`,
    ],
    [
      '007 with something behind what is signed',
      repacked(good007, (content) => Buffer.concat([content, content])),
    ],
    ['base64 without its padding', good007.replace(/=*$/, '') + (good007.endsWith('=') ? '' : '=')],
    ['base64 for URLs', `006${APP}${good006.slice(35).replaceAll('A', '-')}`],
    ['base64 with a space', `${good006.slice(0, 40)} ${good006.slice(40)}`],
    ['of a day that is to come', token007(alice, NOW + 301_000, 600)],
    ['006 of a day that is to come', token006(alice, NOW + 301_000)],
    ['a bomb', `007${deflateSync(Buffer.alloc(6_000_000)).toString('base64')}`],
  ])('invalid: %s', (_what, token) => {
    expect(verdictOn(token)).toBe('invalid-token')
  })

  it('expired, to the second', () => {
    expect(verdictOn(good006, NOW + 86_399_999)).toBe('ok until 86400')
    expect(verdictOn(good006, NOW + 86_400_000)).toBe('token-expired')
    expect(verdictOn(good007, NOW + 599_999)).toBe('ok until 600')
    expect(verdictOn(good007, NOW + 600_000)).toBe('token-expired')
  })

  it('not authorized: well made, without the privilege to log in', () => {
    expect(verdictOn(token006(alice, NOW, { privilege: 1 }))).toBe('not-authorized')
    expect(verdictOn(token007(alice, NOW, 600, { privilege: 2 }))).toBe('not-authorized')
    const rtc = new builder007.AccessToken2(APP, CERTIFICATE, NOW / 1_000, 600)
    rtc.add_service(new builder007.ServiceRtc('channel', ALICE))
    expect(verdictOn(rtc.build())).toBe('not-authorized')
  })

  it('invalid, and nothing else, while its signature is wrong: nobody learns what would be good', () => {
    const certificate = 'e'.repeat(32)
    expect(verdictOn(token007({ ...alice, certificate }, NOW - 7_200_000, 600))).toBe('invalid-token')
    expect(verdictOn(token007({ ...alice, certificate }, NOW, 600, { privilege: 2 }))).toBe('invalid-token')
  })
})

describe('the clock of who makes tokens', () => {
  it('may be ahead of the server by 5 minutes', () => {
    expect(verdictOn(token007(alice, NOW + 299_000, 600))).toBe('ok until 899')
    expect(verdictOn(token006(alice, NOW + 299_000))).toBe('ok until 86699')
  })
})

describe('a 007 token for several services', () => {
  /** With a service of every kind there is. */
  function forAll(userIds: readonly string[], more: InstanceType<typeof builder007.Service>[] = []): string {
    const token = new builder007.AccessToken2(APP, CERTIFICATE, NOW / 1_000, 600)
    const permissions = new builder007.Rtm2Permissions()
    permissions.add(0, 0, ['a', 'b'])
    permissions.add(0, 1, [])
    permissions.add(4, 1, ['c'])
    const others = [
      new builder007.ServiceRtc('channel', 'user'),
      new builder007.ServiceStreaming('channel', 'account'),
      new builder007.ServiceFpa(),
      new builder007.ServiceChat('user'),
      new builder007.ServiceFCdn('channel', 'account'),
      new builder007.ServiceApaas('room', 'user', 1),
      new builder007.ServiceRtm2('user', permissions),
    ]
    for (const service of [...others, ...more]) token.add_service(service)
    for (const userId of userIds) {
      const service = new builder007.ServiceRtm(userId)
      service.add_privilege(LOGIN_007, 600)
      token.add_service(service)
    }
    return token.build()
  }

  it('is good if RTM is among them', () => {
    expect(verdictOn(forAll([ALICE]))).toBe('ok until 600')
    expect(verdictOn(forAll([]))).toBe('not-authorized')
  })

  it('is good for each of its users, and for nobody else', () => {
    expect(verdictOn(forAll([ALICE, BOB]))).toBe('ok until 600')
    expect(verdictOn(forAll([ALICE, BOB]), NOW, BOB)).toBe('ok until 600')
    expect(verdictOn(forAll([BOB]))).toBe('invalid-token')
  })

  it('has 64 KB of them at most, however well it is signed and however small it is packed', () => {
    const channels = (count: number) =>
      Array.from({ length: count }, () => new builder007.ServiceStreaming('c'.repeat(1_000), 'account'))
    expect(verdictOn(forAll([ALICE], channels(60)))).toBe('ok until 600')
    const large = forAll([ALICE], channels(70))
    expect(large.length).toBeLessThan(8_192)
    expect(verdictOn(large)).toBe('invalid-token')
  })

  it('may have later ones that nobody knows yet', () => {
    expect(verdictOn(forAll([ALICE], [new builder007.Service(99), new builder007.ServiceConvoAI()]))).toBe(
      'ok until 600',
    )
  })
})

describe('an app without a certificate', () => {
  it('takes any token, and none', () => {
    const anything = tokenCheckFor({ [APP]: {} }, clockAt(NOW))
    for (const token of [undefined, '', 'open sesame', token006(alice, 0)])
      expect(anything(APP, ALICE, token)).toEqual({ ok: true, terms: undefined })
  })
})

describe('what is said of a token', () => {
  it('never has the token in it', () => {
    for (const token of ['open sesame', token006(alice, 0), token007(alice, NOW, 600, { privilege: 2 })]) {
      const verdict = check(token)
      expect(verdict.ok).toBe(false)
      expect(JSON.stringify(verdict)).not.toContain(token.slice(0, 12))
    }
  })
})

import { describe, expect, onTestFinished, test } from 'vitest'

import { fromBase64Url, toBase64Url } from '../../src/base/bytes.ts'
import { portableCrypto } from '../../src/base/crypto-portable.ts'
import type { UserId } from '../../src/base/ids.ts'
import { NoticeBook } from '../../src/mesh/notice-book.ts'
import { Trust } from '../../src/mesh/trust.ts'
import { type Credential, sessionIdFromHash, sessionIdInput } from '../../src/protocol/credential.ts'
import type { Peer } from '../../src/protocol/peer.ts'
import { APP, createIssuer, fingerprintOf, OTHER_APP, sessionIdOf } from '../support/credentials.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { pass, settle } from '../support/pass-time.ts'

const HOUR = 3_600_000

const peer = (name: string): Peer => ({
  userId: name as UserId,
  sessionId: sessionIdOf(name),
  loginTime: 1,
})

async function setup() {
  const clock = new ManualClock()
  let verifications = 0
  const crypto: typeof portableCrypto = {
    ...portableCrypto,
    verify: (...of) => {
      verifications += 1
      return portableCrypto.verify(...of)
    },
  }
  const trust = new Trust(APP, crypto, clock)
  const server = await createIssuer()
  await trust.addServerKeys([server.publicKey])
  onTestFinished(async () => {
    await pass(clock, 10_000)
    expect(clock.pending).toBe(0)
  })
  return {
    clock,
    trust,
    server,
    get verifications() {
      return verifications
    },
    credential: (user: string, statement: Partial<Credential> = {}, issuer = server) =>
      issuer.issue(user, { issuedAt: clock.now(), expiresAt: clock.now() + HOUR, ...statement }),
  }
}

describe('A credential is accepted', () => {
  test('when a server that this session logged in to has signed it for this peer', async () => {
    const { trust, credential } = await setup()
    const verified = await trust.verify(await credential('alice'), peer('alice'))
    expect(verified?.fingerprint).toEqual(fingerprintOf('alice'))
  })

  test('a second time without a second look at its signature', async () => {
    const world = await setup()
    const text = await world.credential('alice')
    await world.trust.verify(text, peer('alice'))
    await world.trust.verify(text, peer('alice'))
    expect(world.verifications).toBe(1)
  })

  test('until 5 minutes past its end, by the clock of the server', async () => {
    const { trust, clock, credential } = await setup()
    const text = await credential('alice')
    clock.advance(HOUR + 5 * 60_000)
    expect(await trust.verify(text, peer('alice'))).toBeDefined()
    clock.advance(1)
    expect(await trust.verify(text, peer('alice'))).toBeUndefined()
    trust.clockOffsetMs = -10
    expect(await trust.verify(text, peer('alice'))).toBeDefined()
  })

  test('when its key arrives within 10 s', async () => {
    const { trust, clock, credential } = await setup()
    const restarted = await createIssuer()
    const verified = trust.verify(await credential('alice', {}, restarted), peer('alice'))
    await pass(clock, 9_999)
    await trust.addServerKeys([restarted.publicKey])
    expect(await verified).toBeDefined()
    expect(clock.pending).toBe(0)
  })
})

describe('A credential is refused', () => {
  test('when its key stays unknown for 10 s', async () => {
    const { trust, clock, credential } = await setup()
    const stranger = await createIssuer()
    let answer: unknown = 'none yet'
    const text = await credential('alice', {}, stranger)
    void trust.verify(text, peer('alice')).then((verified) => (answer = verified))
    await pass(clock, 9_999)
    expect(answer).toBe('none yet')
    await pass(clock, 1)
    expect(answer).toBeUndefined()
  })

  test('at once when a session that no server has accepted vouches for itself', async () => {
    const { trust, credential, clock } = await setup()
    const self = await createIssuer()
    const text = await credential('alice', { signingKey: self.publicKey }, self)
    const input = sessionIdInput({ fingerprint: fingerprintOf('alice'), signingKey: self.publicKey })
    const sessionId = sessionIdFromHash(await portableCrypto.sha256(input))
    trust.addTab(sessionId)
    expect(await trust.verify(text, { ...peer('alice'), sessionId })).toBeUndefined()
    expect(clock.pending).toBe(0)
  })

  test('at once when its key is unknown and the same peer shows another one', async () => {
    const { trust, clock, credential } = await setup()
    const stranger = await createIssuer()
    const shown = []
    for (let i = 0; i < 100; i++) {
      shown.push(trust.verify(await credential('mallory', { loginTime: i }, stranger), peer('mallory')))
      await settle()
    }
    expect(await Promise.all(shown.slice(0, -1))).toEqual(Array(99).fill(undefined))
    expect(clock.pending).toBe(1)
    await trust.addServerKeys([stranger.publicKey])
    expect(await shown.at(-1)).toMatchObject({ loginTime: 99 })
  })

  test('at once when the login is over, and nothing waits for its key any more', async () => {
    const { trust, clock, credential } = await setup()
    const other = await createIssuer()
    const waiting = trust.verify(await credential('bob', {}, other), peer('bob'))
    await settle()
    expect(clock.pending).toBe(1)
    trust.close()
    expect(clock.pending).toBe(0)
    expect(await waiting).toBeUndefined()
    expect(await trust.verify(await credential('carol', {}, other), peer('carol'))).toBeUndefined()
    expect(clock.pending).toBe(0)
  })

  test('when 64 others came after it under unknown keys', async () => {
    const { trust, clock, credential } = await setup()
    const restarted = await createIssuer()
    const names = Array.from({ length: 66 }, (_, i) => `user-${i}`)
    const shown = []
    for (const name of names) {
      shown.push(trust.verify(await credential(name, {}, restarted), peer(name)))
      await settle()
    }
    expect(await Promise.all(shown.slice(0, 2))).toEqual([undefined, undefined])
    expect(clock.pending).toBe(64)
    await trust.addServerKeys([restarted.publicKey])
    const accepted = await Promise.all(shown)
    expect(accepted.flatMap((verified) => verified?.userId ?? [])).toEqual(names.slice(2))
  })

  test('when another key signed it than the one it names', async () => {
    const { trust, server, credential } = await setup()
    const stranger = await createIssuer()
    const forged = await credential('alice', { keyId: server.keyId }, stranger)
    expect(await trust.verify(forged, peer('alice'))).toBeUndefined()
  })

  test.each(['user', 'session', 'app'] as const)('when it is for another %s', async (what) => {
    const { trust, credential } = await setup()
    const text = await credential('alice', {
      ...(what === 'app' && { appId: OTHER_APP }),
      ...(what === 'session' && { fingerprint: fingerprintOf('mallory') }),
      ...(what === 'user' && { userId: 'mallory' as UserId }),
    })
    expect(await trust.verify(text, peer('alice'))).toBeUndefined()
  })

  test('also from memory, when somebody else shows it', async () => {
    const { trust, credential } = await setup()
    const text = await credential('alice')
    await trust.verify(text, peer('alice'))
    expect(await trust.verify(text, peer('mallory'))).toBeUndefined()
    expect(await trust.verify(text, { ...peer('alice'), sessionId: peer('bob').sessionId })).toBeUndefined()
  })

  test('whatever single byte of it was changed', async () => {
    const { trust, clock, credential } = await setup()
    const bytes = fromBase64Url(await credential('alice')) ?? new Uint8Array()
    const accepted: number[] = []
    for (let i = 0; i < bytes.length; i += 3) {
      const changed = bytes.slice()
      changed[i] = (changed[i] ?? 0) ^ 1
      const verified = trust.verify(toBase64Url(changed), peer('alice'))
      await settle()
      clock.advance(10_000)
      if (await verified) accepted.push(i)
    }
    expect(accepted).toEqual([])
  })

  test.each(['', 'AAAA', 'not base64!', 'A'.repeat(801)])('when it is no credential: %j', async (text) => {
    const { trust } = await setup()
    expect(await trust.verify(text, peer('alice'))).toBeUndefined()
  })
})

describe('Server keys', () => {
  test('count, all eight that one server may announce', async () => {
    const { trust, credential } = await setup()
    const announced = await Promise.all(Array.from({ length: 8 }, createIssuer))
    await trust.addServerKeys(announced.map(({ publicKey }) => publicKey))
    for (const issuer of announced) {
      expect(await trust.verify(await credential('alice', {}, issuer), peer('alice'))).toBeDefined()
    }
  })

  test('are remembered, the newest eight; a server names its own first', async () => {
    const { trust, clock, credential } = await setup()
    const servers = await Promise.all(Array.from({ length: 8 }, createIssuer))
    const [newest, previous, ...older] = servers.map(({ publicKey }) => publicKey)
    if (!newest || !previous) throw new Error('two are needed')
    for (const key of older) await trust.addServerKeys([key])
    await trust.addServerKeys([newest, previous])
    for (const issuer of servers) {
      expect(await trust.verify(await credential('alice', {}, issuer), peer('alice'))).toBeDefined()
    }
    const forgotten = trust.verify(await credential('alice'), peer('alice'))
    await pass(clock, 10_000)
    expect(await forgotten).toBeUndefined()
  })

  test('that are heard of again count as new', async () => {
    const { trust, server, credential } = await setup()
    for (let i = 0; i < 10; i++) {
      await trust.addServerKeys([(await createIssuer()).publicKey])
      await trust.addServerKeys([server.publicKey])
    }
    expect(await trust.verify(await credential('alice'), peer('alice'))).toBeDefined()
  })

  test('that are gone do not take back what was verified by them', async () => {
    const { trust, credential } = await setup()
    const text = await credential('alice')
    await trust.verify(text, peer('alice'))
    for (let i = 0; i < 9; i++) await trust.addServerKeys([(await createIssuer()).publicKey])
    expect(await trust.verify(text, peer('alice'))).toBeDefined()
  })
})

describe('Sessions of other tabs', () => {
  test('are known as such, the latest 1,024', async () => {
    const { trust } = await setup()
    const ids = Array.from({ length: 1_025 }, (_, i) => sessionIdOf(`tab ${i}`))
    for (const id of ids) trust.addTab(id)
    expect(ids.filter((id) => !trust.isTab(id))).toEqual([sessionIdOf('tab 0')])
  })
})

describe('A notice', () => {
  const at = (clock: ManualClock, lifeMs = HOUR) => ({
    issuedAt: clock.now(),
    expiresAt: clock.now() + lifeMs,
  })

  test('that a session was kicked: its credential counts no more, also one that was accepted before', async () => {
    const { trust, server, clock, credential } = await setup()
    const text = await credential('alice')
    expect(await trust.verify(text, peer('alice'))).toBeDefined()
    const notice = await server.notice('alice', { sessionId: sessionIdOf('alice'), ...at(clock) })
    expect(await trust.addNotice(notice)).toMatchObject({ kind: 'kick', userId: 'alice' })
    expect(await trust.verify(text, peer('alice'))).toBeUndefined()
    expect(await trust.introduce(text)).toBeUndefined()
    expect(await trust.verify(await credential('alice'), peer('alice'))).toBeUndefined()
  })

  test('of a kick does not concern another session of this user, nor another user', async () => {
    const { trust, server, clock, credential } = await setup()
    await trust.addNotice(await server.notice('alice', { sessionId: sessionIdOf('alice'), ...at(clock) }))
    const other = await credential('alice', { fingerprint: fingerprintOf('another') })
    expect(await trust.verify(other, { ...peer('alice'), sessionId: sessionIdOf('another') })).toBeDefined()
    expect(await trust.verify(await credential('bob'), peer('bob'))).toBeDefined()
  })

  test('that a user was banned: every session that logged in until then is out, a later login is in', async () => {
    const { trust, server, clock, credential } = await setup()
    const before = await credential('alice')
    await trust.addNotice(await server.notice('alice', at(clock)))
    expect(await trust.verify(before, peer('alice'))).toBeUndefined()
    clock.advance(1)
    expect(await trust.verify(await credential('alice'), peer('alice'))).toBeDefined()
    expect(await trust.verify(before, peer('alice'))).toBeUndefined()
  })

  test('counts while the credential that it is about waits for its key', async () => {
    const { trust, clock, credential, server } = await setup()
    const restarted = await createIssuer()
    const verified = trust.verify(await credential('alice', {}, restarted), peer('alice'))
    await settle()
    await trust.addNotice(await server.notice('alice', at(clock)))
    await trust.addServerKeys([restarted.publicKey])
    expect(await verified).toBeUndefined()
  })

  test('counts until 5 minutes past its end, as credentials do', async () => {
    const { trust, server, clock, credential } = await setup()
    const text = await credential('alice', { expiresAt: clock.now() + 9 * HOUR })
    await trust.addNotice(await server.notice('alice', at(clock)))
    expect(trust.noticeTexts).toHaveLength(1)
    clock.advance(HOUR + 5 * 60_000)
    expect(await trust.verify(text, peer('alice'))).toBeUndefined()
    clock.advance(1)
    expect(await trust.verify(text, peer('alice'))).toBeDefined()
    expect(trust.noticeTexts).toEqual([])
  })

  test('is news once, whatever form its text has', async () => {
    const { trust, server, clock } = await setup()
    const notice = await server.notice('alice', at(clock))
    expect(await trust.addNotice(notice)).toBeDefined()
    expect(await trust.addNotice(notice)).toBeUndefined()
    expect(await trust.addNotice(await server.notice('alice', at(clock)))).toBeUndefined()
    expect(trust.noticeTexts).toEqual([notice])
    clock.advance(1)
    expect(await trust.addNotice(await server.notice('alice', at(clock)))).toBeDefined()
    expect(trust.noticeTexts).toHaveLength(1)
  })

  test('of a key that nobody announced does nothing', async () => {
    const { trust, clock, credential } = await setup()
    const forger = await createIssuer()
    expect(await trust.addNotice(await forger.notice('alice', at(clock)))).toBeUndefined()
    expect(await trust.verify(await credential('alice'), peer('alice'))).toBeDefined()
  })

  test('of another app does nothing', async () => {
    const { trust, server, clock, credential } = await setup()
    const notice = await server.notice('alice', { ...at(clock), appId: OTHER_APP })
    expect(await trust.addNotice(notice)).toBeUndefined()
    expect(await trust.verify(await credential('alice'), peer('alice'))).toBeDefined()
  })

  test('that has expired does nothing', async () => {
    const { trust, server, clock, credential } = await setup()
    const notice = await server.notice('alice', at(clock, -6 * 60_000))
    expect(await trust.addNotice(notice)).toBeUndefined()
    expect(await trust.verify(await credential('alice'), peer('alice'))).toBeDefined()
    expect(trust.noticeTexts).toEqual([])
  })

  test('of which any bit was changed does nothing', async () => {
    const { trust, server, clock } = await setup()
    const genuine = fromBase64Url(await server.notice('alice', at(clock))) ?? new Uint8Array()
    for (let i = 0; i < genuine.length; i++) {
      const forged = genuine.slice()
      forged[i] = (genuine[i] ?? 0) ^ 1
      expect(await trust.addNotice(toBase64Url(forged))).toBeUndefined()
    }
  })

  test('is remembered with 1,023 others; of more the oldest is forgotten', () => {
    const book = new NoticeBook(() => false)
    const issuedAt = 1
    const out = (i: number): boolean =>
      book.excludes(sessionIdOf('any'), { userId: `user${i}` as UserId, loginTime: issuedAt })
    for (let i = 0; i < 1_025; i++) {
      const times = { issuedAt, expiresAt: 2, keyId: new Uint8Array(8) }
      book.add({ kind: 'ban', appId: APP, userId: `user${i}` as UserId, ...times }, `text ${i}`)
    }
    expect(book.texts).toHaveLength(1_024)
    expect([out(0), out(1), out(1_024)]).toEqual([false, true, true])
  })
})

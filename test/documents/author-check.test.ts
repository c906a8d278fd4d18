import { describe, expect, test } from 'vitest'

import { type Bytes, toHex } from '../../src/base/bytes.ts'
import type { ChannelId, UserId } from '../../src/base/ids.ts'
import { AuthorCheck } from '../../src/documents/author-check.ts'
import { MAX_AHEAD_MS } from '../../src/documents/shown.ts'
import { Trust } from '../../src/mesh/trust.ts'
import {
  type AttributeRecord,
  recordSigningInput,
  type SignedRecord,
} from '../../src/protocol/attribute-record.ts'
import {
  credentialSigningInput,
  encodeCredential,
  openCredential,
  sealCredential,
} from '../../src/protocol/credential.ts'
import { APP, createIssuer, OTHER_APP } from '../support/credentials.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { nodeCrypto } from '../support/node-crypto.ts'
import { seededRandom } from '../support/random.ts'
import { HOUR_MS, Identity, LOBBY } from './holder.ts'

async function setup() {
  const clock = new ManualClock()
  const crypto = nodeCrypto(seededRandom(1))
  const issuer = await createIssuer()
  const trust = new Trust(APP, crypto, clock)
  await trust.addServerKeys([issuer.publicKey])
  const alice = await Identity.create('alice', clock, crypto)
  const mallory = await Identity.create('mallory', clock, crypto)
  const credential = await alice.issue(issuer)
  const options = {
    appId: APP,
    channelId: LOBBY,
    crypto,
    verifyAuthor: (text: string, keys: ReadonlyMap<string, Bytes>) => trust.verifyAuthor(text, keys),
  }
  const authorOf = (record: SignedRecord, text: string, change: Partial<typeof options> = {}) =>
    new AuthorCheck({ ...options, ...change }).authorOf(record, text)

  /** A record of Alice, signed by whom it says. */
  async function signed(change: Partial<AttributeRecord> = {}, by = alice): Promise<SignedRecord> {
    const { userId, sessionId } = alice.peer
    const record = { key: 'topic', value: 'tea', userId, sessionId, clock: clock.now(), ...change }
    const signature = await by.signingKey.sign(recordSigningInput(APP, LOBBY, record))
    return { ...record, signature }
  }

  /** A credential by nobody's leave: of the session's own key, as in a page without a server. */
  async function selfSigned(who: Identity): Promise<string> {
    const opened = openCredential(await who.issue(issuer))
    if (!opened) throw new Error('It is a good one')
    const keyId = (await crypto.sha256(who.signingKey.publicKey)).slice(0, 8)
    const body = encodeCredential({ ...opened.credential, keyId })
    return sealCredential(body, await who.signingKey.sign(credentialSigningInput(body)))
  }

  return { authorOf, clock, crypto, issuer, trust, alice, mallory, credential, options, signed, selfSigned }
}

describe("A record is its author's", () => {
  test('with the signature of the session whose credential stands beside it', async () => {
    const { alice, credential, authorOf, signed } = await setup()
    expect(await authorOf(await signed(), credential)).toMatchObject({
      sessionId: alice.peer.sessionId,
    })
  })

  test('also long after the credential has expired', async () => {
    const { clock, credential, authorOf, signed } = await setup()
    const record = await signed()
    clock.advance(1_000 * HOUR_MS)
    expect(await authorOf(record, credential)).toBeDefined()
  })

  test('also as a deletion', async () => {
    const { credential, authorOf, signed } = await setup()
    expect(await authorOf(await signed({ value: undefined }), credential)).toBeDefined()
  })

  test('under the key of a server that becomes known', async () => {
    const { authorOf, crypto, clock, alice, options, signed, trust } = await setup()
    const other = await createIssuer()
    const credential = await alice.issue(other)
    const record = await signed()
    expect(await authorOf(record, credential)).toBeUndefined()
    const check = new AuthorCheck(options)
    check.accept(new Map([[toHex(other.keyId), other.publicKey]]))
    expect(await check.authorOf(record, credential)).toBeDefined()
    const later = new Trust(APP, crypto, clock)
    await later.addServerKeys([other.publicKey])
    const verifyAuthor = (text: string) => later.verifyAuthor(text, new Map())
    expect(await authorOf(record, credential, { verifyAuthor })).toBeDefined()
    await trust.addServerKeys([other.publicKey])
    expect(await authorOf(record, credential)).toBeDefined()
  })

  test('under a credential of its own, only if it is a tab of this origin', async () => {
    const { alice, mallory, authorOf, signed, selfSigned, trust } = await setup()
    trust.addTab(alice.peer.sessionId)
    expect(await authorOf(await signed(), await selfSigned(alice))).toBeDefined()
    const { userId, sessionId } = mallory.peer
    const hers = await signed({ userId, sessionId }, mallory)
    expect(await authorOf(hers, await selfSigned(mallory))).toBeUndefined()
  })
})

describe("A record is nobody's", () => {
  test('if somebody else signed it', async () => {
    const { mallory, credential, issuer, authorOf, signed } = await setup()
    expect(await authorOf(await signed({}, mallory), credential)).toBeUndefined()
    expect(await authorOf(await signed({}, mallory), await mallory.issue(issuer))).toBeUndefined()
  })

  test("if its session is another user's", async () => {
    const { mallory, issuer, authorOf, signed } = await setup()
    const { sessionId } = mallory.peer
    const record = await signed({ sessionId }, mallory)
    expect(await authorOf(record, await mallory.issue(issuer))).toBeUndefined()
  })

  test.each([
    ['key', { key: 'other' }],
    ['value', { value: 'coffee' }],
    ['deletion', { value: undefined }],
    ['user', { userId: 'bob' as UserId }],
    ['clock', { clock: 5 }],
  ])('if its %s is another one than was signed', async (_, change) => {
    const { credential, authorOf, signed } = await setup()
    expect(await authorOf({ ...(await signed()), ...change }, credential)).toBeUndefined()
  })

  test('in another channel, or another app', async () => {
    const { credential, authorOf, signed } = await setup()
    const elsewhere = { channelId: 'kitchen' as ChannelId }
    expect(await authorOf(await signed(), credential, elsewhere)).toBeUndefined()
    expect(await authorOf(await signed(), credential, { appId: OTHER_APP })).toBeUndefined()
  })

  test('with a credential of another app', async () => {
    const { alice, clock, issuer, authorOf, signed } = await setup()
    const credential = await issuer.issue('alice', {
      appId: OTHER_APP,
      fingerprint: openCredential(await alice.issue(issuer))?.credential.fingerprint ?? new Uint8Array(),
      signingKey: alice.signingKey.publicKey,
      issuedAt: clock.now(),
      expiresAt: clock.now() + HOUR_MS,
    })
    expect(await authorOf(await signed(), credential)).toBeUndefined()
  })

  test('if it was written more than 5 minutes after the credential had expired', async () => {
    const { clock, credential, authorOf, signed } = await setup()
    const end = clock.now() + 12 * HOUR_MS
    expect(await authorOf(await signed({ clock: end + MAX_AHEAD_MS }), credential)).toBeDefined()
    expect(await authorOf(await signed({ clock: end + MAX_AHEAD_MS + 1 }), credential)).toBeUndefined()
  })

  test('with a credential that is none', async () => {
    const { credential, authorOf, signed } = await setup()
    expect(await authorOf(await signed(), '')).toBeUndefined()
    expect(await authorOf(await signed(), credential.slice(1))).toBeUndefined()
  })
})

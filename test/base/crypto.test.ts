import { describe, expect, test, vi } from 'vitest'

import { type Bytes, fromHex, toHex, utf8 } from '../../src/base/bytes.ts'
import { portableCrypto } from '../../src/base/crypto-portable.ts'
import {
  type Crypto,
  loadCrypto,
  PUBLIC_KEY_BYTES,
  SHA256_BYTES,
  SIGNATURE_BYTES,
  webCrypto,
} from '../../src/base/crypto.ts'

const implementations: readonly (readonly [name: string, crypto: Crypto])[] = [
  ['WebCrypto', webCrypto],
  ['the portable one', portableCrypto],
]
const pairs = implementations.flatMap(([a, mine]) =>
  implementations.map(([b, theirs]) => [a, b, mine, theirs] as const),
)
const message = utf8('what is signed')

/** Keys that are none, made of one that is. */
function malformed(publicKey: Bytes): Record<string, Bytes> {
  const changed = (change: (copy: Bytes) => void): Bytes => {
    const copy = new Uint8Array(publicKey)
    change(copy)
    return copy
  }
  return {
    'a point that is not on the curve': changed((copy) => (copy[64] = (copy[64] ?? 0) ^ 1)),
    'the point at infinity': new Uint8Array(PUBLIC_KEY_BYTES),
    'coordinates beyond the field': changed((copy) => copy.fill(0xff, 1)),
    'another first byte': changed((copy) => (copy[0] = 5)),
    'a compressed point': publicKey.slice(0, 33),
    'a hybrid point': changed((copy) => (copy[0] = 6 + ((copy[64] ?? 0) & 1))),
    'a byte too few': publicKey.slice(0, 64),
    'a byte too many': new Uint8Array([...publicKey, 0]),
    nothing: new Uint8Array(),
  }
}

describe.each(implementations)('Crypto by %s', (_, crypto) => {
  test('hashes with SHA-256', async () => {
    const empty = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'
    expect(toHex(await crypto.sha256(new Uint8Array()))).toBe(empty)
    expect(await crypto.sha256(message)).toHaveLength(SHA256_BYTES)
  })

  test('makes random bytes, others each time', () => {
    expect(crypto.randomBytes(32)).toHaveLength(32)
    expect(crypto.randomBytes(32)).not.toEqual(crypto.randomBytes(32))
  })

  test('gives keys and signatures their sizes', async () => {
    const key = await crypto.generateSigningKey()
    expect(key.publicKey).toHaveLength(PUBLIC_KEY_BYTES)
    expect(key.publicKey[0]).toBe(4)
    expect(await key.sign(message)).toHaveLength(SIGNATURE_BYTES)
    expect((await crypto.generateAgreementKey()).publicKey).toHaveLength(PUBLIC_KEY_BYTES)
  })

  test('accepts no signature of another message, another key, or with another byte', async () => {
    const key = await crypto.generateSigningKey()
    const other = await crypto.generateSigningKey()
    const signature = await key.sign(message)
    expect(await crypto.verify(key.publicKey, message, signature)).toBe(true)
    expect(await crypto.verify(key.publicKey, utf8('another'), signature)).toBe(false)
    expect(await crypto.verify(other.publicKey, message, signature)).toBe(false)
    for (const at of [0, 31, 32, 63]) {
      const changed = new Uint8Array(signature)
      changed[at] = (changed[at] ?? 0) ^ 1
      expect(await crypto.verify(key.publicKey, message, changed)).toBe(false)
    }
  })

  test('answers false, and throws nothing, for malformed keys and signatures', async () => {
    const key = await crypto.generateSigningKey()
    const signature = await key.sign(message)
    for (const [what, bad] of Object.entries(malformed(key.publicKey)))
      expect(await crypto.verify(bad, message, signature), what).toBe(false)
    const signatures = [
      new Uint8Array(),
      signature.slice(1),
      new Uint8Array(64),
      new Uint8Array(64).fill(255),
    ]
    for (const bad of [...signatures, new Uint8Array([...signature, 0])])
      expect(await crypto.verify(key.publicKey, message, bad)).toBe(false)
  })

  test('agrees with nobody whose key is malformed', async () => {
    const key = await crypto.generateAgreementKey()
    const wrong = Object.entries(malformed((await crypto.generateAgreementKey()).publicKey))
    for (const [what, bad] of wrong) await expect(key.agree(bad), what).rejects.toThrow()
  })
})

describe.each(pairs)('Between %s and %s', (_, __, mine, theirs) => {
  test('signatures are good', async () => {
    for (let i = 0; i < 10; i++) {
      const key = await mine.generateSigningKey()
      const data = utf8(`message ${i}`)
      expect(await theirs.verify(key.publicKey, data, await key.sign(data))).toBe(true)
    }
  })

  test('secrets are equal', async () => {
    for (let i = 0; i < 10; i++) {
      const [alice, bob] = [await mine.generateAgreementKey(), await theirs.generateAgreementKey()]
      const secret = await alice.agree(bob.publicKey)
      expect(secret).toHaveLength(32)
      expect(await bob.agree(alice.publicKey)).toEqual(secret)
    }
  })
})

describe('A signature of somebody else', () => {
  test('of the same message is accepted by both: RFC 6979, P-256, SHA-256, "sample"', async () => {
    const publicKey = fromHex(
      '0460fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb67903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299',
    )
    const signature = fromHex(
      'efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8',
    )
    if (!publicKey || !signature) throw new Error('the vector is mistyped')
    for (const [, crypto] of implementations)
      expect(await crypto.verify(publicKey, utf8('sample'), signature)).toBe(true)
  })
})

describe('A page', () => {
  test('with crypto.subtle uses WebCrypto, one without it the portable operations', async () => {
    expect(await loadCrypto()).toBe(webCrypto)
    vi.stubGlobal('crypto', { getRandomValues: globalThis.crypto.getRandomValues.bind(globalThis.crypto) })
    try {
      expect(await loadCrypto()).toBe(portableCrypto)
    } finally {
      vi.unstubAllGlobals()
    }
  })
})

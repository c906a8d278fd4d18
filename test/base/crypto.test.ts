import { describe, expect, test, vi } from 'vitest'

import { type Bytes, fromHex, toHex, utf8 } from '../../src/base/bytes.ts'
import { portableCrypto } from '../../src/base/crypto-portable.ts'
import {
  AES_KEY_BYTES,
  type Crypto,
  GCM_NONCE_BYTES,
  GCM_TAG_BYTES,
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

/** RFC 5869, appendix A, cases 1 to 3; of each the first 32 bytes. */
const hkdfVectors = [
  {
    secret: '0b'.repeat(22),
    salt: '000102030405060708090a0b0c',
    info: 'f0f1f2f3f4f5f6f7f8f9',
    key: '3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf',
  },
  {
    secret: hexOfRange(0x00, 0x4f),
    salt: hexOfRange(0x60, 0xaf),
    info: hexOfRange(0xb0, 0xff),
    key: 'b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c',
  },
  {
    secret: '0b'.repeat(22),
    salt: '',
    info: '',
    key: '8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d',
  },
]

/** The proposal of GCM to NIST (McGrew, Viega), cases 13, 14 and 16: those with 256 bits and a nonce of 96. */
const gcmVectors = [
  {
    key: '00'.repeat(32),
    nonce: '00'.repeat(12),
    data: '',
    associated: '',
    sealed: '530f8afbc74536b9a963b4f1c4cb738b',
  },
  {
    key: '00'.repeat(32),
    nonce: '00'.repeat(12),
    data: '00'.repeat(16),
    associated: '',
    sealed: 'cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919',
  },
  {
    key: 'feffe9928665731c6d6a8f9467308308'.repeat(2),
    nonce: 'cafebabefacedbaddecaf888',
    data: 'd9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39',
    associated: 'feedfacedeadbeeffeedfacedeadbeefabaddad2',
    sealed:
      '522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f66276fc6ece0f4e1768cddf8853bb2d551b',
  },
]

describe.each(implementations)('Keys and encryption by %s', (_, crypto) => {
  test.each(hkdfVectors)('derive what RFC 5869 derives: $key', async ({ secret, salt, info, key }) => {
    expect(toHex(await crypto.hkdfSha256(bytes(secret), bytes(salt), bytes(info)))).toBe(key)
  })

  test.each(gcmVectors)('seal and open as NIST was told: $sealed', async (vector) => {
    const cipher = await crypto.aesGcm(bytes(vector.key))
    const [nonce, data, associated] = [bytes(vector.nonce), bytes(vector.data), bytes(vector.associated)]
    expect(toHex(await cipher.seal(nonce, data, associated))).toBe(vector.sealed)
    expect(await cipher.open(nonce, bytes(vector.sealed), associated)).toEqual(data)
  })

  test('open nothing that was changed, cut or sealed for something else', async () => {
    const [key, nonce] = [crypto.randomBytes(AES_KEY_BYTES), crypto.randomBytes(GCM_NONCE_BYTES)]
    const cipher = await crypto.aesGcm(key)
    const sealed = await cipher.seal(nonce, message, utf8('to bob'))
    expect(sealed).toHaveLength(message.byteLength + GCM_TAG_BYTES)
    const other = await crypto.aesGcm(crypto.randomBytes(AES_KEY_BYTES))
    const otherNonce = crypto.randomBytes(GCM_NONCE_BYTES)
    expect(await other.open(nonce, sealed, utf8('to bob'))).toBeUndefined()
    expect(await cipher.open(otherNonce, sealed, utf8('to bob'))).toBeUndefined()
    expect(await cipher.open(nonce, sealed, utf8('to carol'))).toBeUndefined()
    for (const at of [0, message.byteLength, sealed.byteLength - 1]) {
      const changed = new Uint8Array(sealed)
      changed[at] = (changed[at] ?? 0) ^ 1
      expect(await cipher.open(nonce, changed, utf8('to bob'))).toBeUndefined()
    }
    for (const length of [0, 1, GCM_TAG_BYTES, sealed.byteLength - 1])
      expect(await cipher.open(nonce, sealed.slice(0, length), utf8('to bob'))).toBeUndefined()
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

  test('what one has sealed the other opens', async () => {
    const [key, nonce] = [mine.randomBytes(AES_KEY_BYTES), mine.randomBytes(GCM_NONCE_BYTES)]
    const [sealing, opening] = [await mine.aesGcm(key), await theirs.aesGcm(key)]
    for (const size of [0, 1, 15, 16, 17, 16_384]) {
      const data = mine.randomBytes(size)
      const sealed = await sealing.seal(nonce, data, utf8('associated'))
      expect(await opening.open(nonce, sealed, utf8('associated'))).toEqual(data)
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

function bytes(hex: string): Bytes {
  const value = fromHex(hex)
  if (!value) throw new Error('the vector is mistyped')
  return value
}

function hexOfRange(first: number, last: number): string {
  return toHex(Uint8Array.from({ length: last - first + 1 }, (_, i) => first + i))
}

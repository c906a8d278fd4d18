import {
  createECDH,
  createHash,
  createPrivateKey,
  createPublicKey,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto'

import { type Bytes, toBase64Url, toHex } from '../../src/base/bytes.ts'
import { portableCrypto } from '../../src/base/crypto-portable.ts'
import { type Crypto, isUncompressed, SIGNATURE_BYTES } from '../../src/base/crypto.ts'

/** Node's own: real signatures, done when the call returns, and many times faster than the portable ones. */
export function nodeCrypto(random: () => number): Crypto {
  const randomBytes = (count: number): Bytes => {
    const bytes = new Uint8Array(count)
    for (let i = 0; i < count; i++) bytes[i] = Math.floor(random() * 256)
    return bytes
  }
  return {
    ...portableCrypto,
    randomBytes,
    sha256: (data) => Promise.resolve(new Uint8Array(createHash('sha256').update(data).digest())),
    generateSigningKey() {
      // Below the order of the curve.
      const secret = Uint8Array.from([0, ...randomBytes(31)])
      const ecdh = createECDH('prime256v1')
      ecdh.setPrivateKey(secret)
      const publicKey = new Uint8Array(ecdh.getPublicKey())
      const key = createPrivateKey({ format: 'jwk', key: { ...jwkOf(publicKey), d: toBase64Url(secret) } })
      const privateKey = { key, dsaEncoding: 'ieee-p1363' } as const
      return Promise.resolve({
        publicKey,
        sign: (data) => Promise.resolve(new Uint8Array(sign('sha256', data, privateKey))),
      })
    },
    verify(publicKey, data, signature) {
      if (!isUncompressed(publicKey) || signature.byteLength !== SIGNATURE_BYTES)
        return Promise.resolve(false)
      const key = publicKeyOf(publicKey)
      if (!key) return Promise.resolve(false)
      return Promise.resolve(verify('sha256', data, { key, dsaEncoding: 'ieee-p1363' }, signature))
    },
  }
}

const keyByHex = new Map<string, KeyObject | undefined>()

function publicKeyOf(publicKey: Bytes): KeyObject | undefined {
  const hex = toHex(publicKey)
  if (!keyByHex.has(hex)) keyByHex.set(hex, readPublicKey(publicKey))
  return keyByHex.get(hex)
}

function readPublicKey(publicKey: Bytes): KeyObject | undefined {
  try {
    return createPublicKey({ format: 'jwk', key: jwkOf(publicKey) })
  } catch {
    // No point of the curve.
    return undefined
  }
}

function jwkOf(publicKey: Bytes) {
  const x = toBase64Url(publicKey.subarray(1, 33))
  return { kty: 'EC', crv: 'P-256', x, y: toBase64Url(publicKey.subarray(33)) }
}

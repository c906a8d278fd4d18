import { createCipheriv, createDecipheriv, createHash, hkdfSync } from 'node:crypto'

import { type Bytes, concatBytes } from '../../src/base/bytes.ts'
import {
  AES_KEY_BYTES,
  type AesGcm,
  type Crypto,
  GCM_TAG_BYTES,
  isUncompressed,
  PUBLIC_KEY_BYTES,
  SIGNATURE_BYTES,
} from '../../src/base/crypto.ts'

/**
 * Keys and signatures that are the same for the same seed, and are there when the call returns. A signature is a hash
 * of key and data: whoever wants to could forge it, so this is for tests in which nobody does.
 */
export function seededCrypto(random: () => number): Crypto {
  const randomBytes = (count: number): Bytes => {
    const bytes = new Uint8Array(count)
    for (let i = 0; i < count; i++) bytes[i] = Math.floor(random() * 256)
    return bytes
  }
  const publicKey = (): Bytes => concatBytes(Uint8Array.of(4), randomBytes(PUBLIC_KEY_BYTES - 1))
  return {
    randomBytes,
    sha256: (data) => Promise.resolve(sha256(data)),
    generateSigningKey() {
      const own = publicKey()
      return Promise.resolve({ publicKey: own, sign: (data) => Promise.resolve(seededSignature(own, data)) })
    },
    generateAgreementKey() {
      const own = publicKey()
      return Promise.resolve({
        publicKey: own,
        // The same for both, whoever asks.
        agree: (theirs) => Promise.resolve(sha256(sum(own, theirs))),
      })
    },
    verify: (key, data, signature) =>
      Promise.resolve(
        isUncompressed(key) &&
          signature.byteLength === SIGNATURE_BYTES &&
          Buffer.compare(seededSignature(key, data), signature) === 0,
      ),
    hkdfSha256: (secret, salt, info) =>
      Promise.resolve(new Uint8Array(hkdfSync('sha256', secret, salt, info, AES_KEY_BYTES))),
    aesGcm: (key) => Promise.resolve(aesGcm(key)),
  }
}

/** What the holder of this key signs, for who needs it in the same moment. */
export function seededSignature(publicKey: Bytes, data: Bytes): Bytes {
  return new Uint8Array(createHash('sha512').update(publicKey).update(data).digest())
}

export function sha256(data: Bytes): Bytes {
  return new Uint8Array(createHash('sha256').update(data).digest())
}

function sum(a: Bytes, b: Bytes): Bytes {
  return a.map((byte, i) => byte ^ (b[i] ?? 0))
}

function aesGcm(key: Bytes): AesGcm {
  return {
    seal(nonce, data, associated) {
      const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(associated)
      return Promise.resolve(concatBytes(cipher.update(data), cipher.final(), cipher.getAuthTag()))
    },
    open(nonce, sealed, associated) {
      if (sealed.byteLength < GCM_TAG_BYTES) return Promise.resolve(undefined)
      const decipher = createDecipheriv('aes-256-gcm', key, nonce).setAAD(associated)
      decipher.setAuthTag(sealed.slice(-GCM_TAG_BYTES))
      const data = decipher.update(sealed.slice(0, -GCM_TAG_BYTES))
      try {
        return Promise.resolve(concatBytes(data, decipher.final()))
      } catch {
        // The tag is not of this text.
        return Promise.resolve(undefined)
      }
    },
  }
}

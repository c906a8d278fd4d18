import { gcm } from '@noble/ciphers/aes.js'
import { p256 } from '@noble/curves/nist.js'
import { hkdf } from '@noble/hashes/hkdf.js'
import { sha256 } from '@noble/hashes/sha2.js'

import type { Bytes } from './bytes.ts'
import { AES_KEY_BYTES, type Crypto, isUncompressed, SIGNATURE_BYTES } from './crypto.ts'

const SIGNING = { lowS: false, prehash: true } as const

/** The operations of `Crypto` without `crypto.subtle`, for pages that are no secure context. */
export const portableCrypto: Crypto = {
  randomBytes: (count) => crypto.getRandomValues(new Uint8Array(count)),

  sha256: async (data) => own(sha256(data)),

  async generateSigningKey() {
    const { secretKey, publicKey } = p256.keygen()
    return {
      publicKey: own(p256.Point.fromBytes(publicKey).toBytes(false)),
      sign: async (data) => own(p256.sign(data, secretKey, SIGNING)),
    }
  },

  async generateAgreementKey() {
    const { secretKey, publicKey } = p256.keygen()
    return {
      publicKey: own(p256.Point.fromBytes(publicKey).toBytes(false)),
      async agree(theirPublicKey) {
        if (!isUncompressed(theirPublicKey)) throw new Error('This is no uncompressed point')
        // The first byte of the shared point tells its sign; the secret is the x coordinate alone, as in WebCrypto.
        return own(p256.getSharedSecret(secretKey, theirPublicKey).slice(1))
      },
    }
  },

  async verify(publicKey, data, signature) {
    if (!isUncompressed(publicKey) || signature.byteLength !== SIGNATURE_BYTES) return false
    if (!p256.utils.isValidPublicKey(publicKey)) return false
    return p256.verify(signature, data, publicKey, SIGNING)
  },

  hkdfSha256: async (secret, salt, info) => own(hkdf(sha256, secret, salt, info, AES_KEY_BYTES)),

  aesGcm: async (key) => ({
    seal: async (nonce, data, associated) => own(gcm(key, nonce, associated).encrypt(data)),
    async open(nonce, sealed, associated) {
      try {
        return own(gcm(key, nonce, associated).decrypt(sealed))
      } catch {
        // Its one failure with a good key: it was not sealed so.
        return undefined
      }
    },
  }),
}

/** A copy whose buffer is a plain ArrayBuffer, as the interface promises. */
function own(bytes: Uint8Array): Bytes {
  return new Uint8Array(bytes)
}

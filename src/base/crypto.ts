import type { Bytes } from './bytes.ts'
import { LazyFile } from './lazy-file.ts'

/**
 * The few operations that identity and relayed links need: ECDSA and ECDH on P-256, SHA-256, HKDF, AES-256-GCM, random
 * bytes. Public keys are 65 bytes (uncompressed point), signatures 64 bytes (r ‖ s, SHA-256).
 */
export interface Crypto {
  randomBytes(count: number): Bytes
  sha256(data: Bytes): Promise<Bytes>
  generateSigningKey(): Promise<SigningKey>
  generateAgreementKey(): Promise<AgreementKey>
  /** False for anything that is not a valid signature, malformed keys included. */
  verify(publicKey: Bytes, data: Bytes, signature: Bytes): Promise<boolean>
  /** HKDF (RFC 5869) with SHA-256: 32 bytes for one use, of a secret with much else in it. */
  hkdfSha256(secret: Bytes, salt: Bytes, info: Bytes): Promise<Bytes>
  /** AES-256-GCM under a key of 32 bytes. */
  aesGcm(key: Bytes): Promise<AesGcm>
}

export interface SigningKey {
  readonly publicKey: Bytes
  sign(data: Bytes): Promise<Bytes>
}

export interface AgreementKey {
  readonly publicKey: Bytes
  /** The 32-byte shared secret with the holder of the other key; rejects for anything but a point of the curve. */
  agree(theirPublicKey: Bytes): Promise<Bytes>
}

/** Authenticated encryption under one key. A nonce has 12 bytes and is used once: twice gives both texts away. */
export interface AesGcm {
  /** The ciphertext and a tag of 16 bytes; `associated` is covered by the tag and not sent. */
  seal(nonce: Bytes, data: Bytes, associated: Bytes): Promise<Bytes>
  /** Undefined for what was not sealed under this key with the same nonce and associated bytes. */
  open(nonce: Bytes, sealed: Bytes, associated: Bytes): Promise<Bytes | undefined>
}

const portableFile = new LazyFile(
  () => import('./crypto-portable.ts'),
  (file) => 'portableCrypto' in file,
)

export const PUBLIC_KEY_BYTES = 65
export const SIGNATURE_BYTES = 64
export const SHA256_BYTES = 32
export const AES_KEY_BYTES = 32
export const GCM_NONCE_BYTES = 12
export const GCM_TAG_BYTES = 16

/** Compressed and hybrid points are other texts for the same key; not every library takes them, so none may. */
export function isUncompressed(publicKey: Bytes): boolean {
  return publicKey.byteLength === PUBLIC_KEY_BYTES && publicKey[0] === 4
}

/**
 * WebCrypto where the page has it. Pages from plain http other than localhost have no `crypto.subtle`;
 * they load a portable implementation of the same operations as a file of its own.
 */
export async function loadCrypto(): Promise<Crypto> {
  if (typeof globalThis.crypto.subtle !== 'undefined') return webCrypto
  return (await portableFile.load()).portableCrypto
}

const ECDSA = { name: 'ECDSA', namedCurve: 'P-256' } as const
const ECDSA_SHA256 = { name: 'ECDSA', hash: 'SHA-256' } as const
const ECDH = { name: 'ECDH', namedCurve: 'P-256' } as const

export const webCrypto: Crypto = {
  randomBytes: (count) => crypto.getRandomValues(new Uint8Array(count)),

  async sha256(data) {
    return new Uint8Array(await crypto.subtle.digest('SHA-256', data))
  },

  async generateSigningKey() {
    const pair = await crypto.subtle.generateKey(ECDSA, false, ['sign', 'verify'])
    return {
      publicKey: new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey)),
      async sign(data) {
        return new Uint8Array(await crypto.subtle.sign(ECDSA_SHA256, pair.privateKey, data))
      },
    }
  },

  async generateAgreementKey() {
    const pair = await crypto.subtle.generateKey(ECDH, false, ['deriveBits'])
    return {
      publicKey: new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey)),
      async agree(theirPublicKey) {
        if (!isUncompressed(theirPublicKey)) throw new Error('This is no uncompressed point')
        const theirs = await crypto.subtle.importKey('raw', theirPublicKey, ECDH, false, [])
        return new Uint8Array(
          await crypto.subtle.deriveBits({ name: 'ECDH', public: theirs }, pair.privateKey, 256),
        )
      },
    }
  },

  async verify(publicKey, data, signature) {
    if (!isUncompressed(publicKey) || signature.byteLength !== SIGNATURE_BYTES) return false
    const key = await importedKey(publicKey)
    return key !== undefined && crypto.subtle.verify(ECDSA_SHA256, key, signature, data)
  },

  async hkdfSha256(secret, salt, info) {
    const key = await crypto.subtle.importKey('raw', secret, 'HKDF', false, ['deriveBits'])
    const algorithm = { name: 'HKDF', hash: 'SHA-256', salt, info }
    return new Uint8Array(await crypto.subtle.deriveBits(algorithm, key, AES_KEY_BYTES * 8))
  },

  async aesGcm(bytes) {
    const key = await crypto.subtle.importKey('raw', bytes, 'AES-GCM', false, ['encrypt', 'decrypt'])
    const algorithm = (iv: Bytes, additionalData: Bytes) => ({ name: 'AES-GCM', iv, additionalData })
    return {
      async seal(nonce, data, associated) {
        return new Uint8Array(await crypto.subtle.encrypt(algorithm(nonce, associated), key, data))
      },
      async open(nonce, sealed, associated) {
        const opened = crypto.subtle.decrypt(algorithm(nonce, associated), key, sealed)
        const data = await opened.catch(notGenuine)
        return data && new Uint8Array(data)
      },
    }
  },
}

/** The one failure of decryption with a good key: it was not sealed so. */
function notGenuine(): undefined {
  return undefined
}

/** A server's key verifies many credentials: by the very array that holds it, for as long as somebody has that. */
const importedKeys = new WeakMap<Bytes, Promise<CryptoKey | undefined>>()

function importedKey(publicKey: Bytes): Promise<CryptoKey | undefined> {
  const known = importedKeys.get(publicKey)
  if (known) return known
  const key = crypto.subtle.importKey('raw', publicKey, ECDSA, false, ['verify']).catch(invalidKey)
  importedKeys.set(publicKey, key)
  return key
}

/** The one failure of importing 65 bytes as a P-256 key: they are no point of the curve. */
function invalidKey(): undefined {
  return undefined
}

import type { Bytes } from './bytes.ts'
import { LazyFile } from './lazy-file.ts'

/**
 * The few operations that identity needs: ECDSA and ECDH on P-256, SHA-256, random bytes.
 * Public keys are 65 bytes (uncompressed point), signatures 64 bytes (r ‖ s, SHA-256).
 */
export interface Crypto {
  randomBytes(count: number): Bytes
  sha256(data: Bytes): Promise<Bytes>
  generateSigningKey(): Promise<SigningKey>
  generateAgreementKey(): Promise<AgreementKey>
  /** False for anything that is not a valid signature, malformed keys included. */
  verify(publicKey: Bytes, data: Bytes, signature: Bytes): Promise<boolean>
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

const portableFile = new LazyFile(
  () => import('./crypto-portable.ts'),
  (file) => 'portableCrypto' in file,
)

export const PUBLIC_KEY_BYTES = 65
export const SIGNATURE_BYTES = 64
export const SHA256_BYTES = 32

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
    const key = await crypto.subtle.importKey('raw', publicKey, ECDSA, false, ['verify']).catch(invalidKey)
    return key !== undefined && crypto.subtle.verify(ECDSA_SHA256, key, signature, data)
  },
}

/** The one failure of importing 65 bytes as a P-256 key: they are no point of the curve. */
function invalidKey(): undefined {
  return undefined
}

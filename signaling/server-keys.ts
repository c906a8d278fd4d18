import {
  createECDH,
  createPrivateKey,
  createPublicKey,
  hash,
  hkdfSync,
  KeyObject,
  randomBytes,
  sign,
  verify,
  webcrypto,
} from 'node:crypto'

import { type Bytes, equalBytes, toBase64Url } from '../src/base/bytes.ts'
import { PUBLIC_KEY_BYTES, SIGNATURE_BYTES } from '../src/base/crypto.ts'
import { KEY_ID_BYTES } from '../src/protocol/credential.ts'

/** A P-256 key pair that signs credentials. */
export interface ServerKey {
  readonly publicKey: Bytes
  /** First 8 bytes of the SHA-256 of the public key. */
  readonly keyId: Bytes
  sign(data: Bytes): Bytes
  hasSigned(data: Bytes, signature: Bytes): boolean
}

/** Servers with the same secret have the same key, so that a credential outlives a restart and is good in a cluster. */
export function serverKeyOf(secret: string): ServerKey {
  return keyFromScalar(scalarFrom(secret))
}

/** For a server without a secret: its credentials are worth nothing to the next one. */
export function randomServerKey(): ServerKey {
  return serverKeyOf(randomBytes(32).toString('hex'))
}

/** Signatures of 64 bytes (r ‖ s) over SHA-256, as browsers make them. False for malformed keys too. */
export async function isSignedBy(publicKey: Bytes, data: Bytes, signature: Bytes): Promise<boolean> {
  if (!isPublicKey(publicKey) || signature.byteLength !== SIGNATURE_BYTES) return false
  const key = await importPublicKey(publicKey)
  // By one of Node's threads: it takes as long as to relay five signals, and those need not wait for it.
  return new Promise((resolve, reject) => {
    verify('sha256', data, { key, dsaEncoding: SIGNATURE_ENCODING }, signature, (error, isGood) => {
      if (error) reject(error)
      else resolve(isGood)
    })
  })
}

function isSignature(key: KeyObject, data: Bytes, signature: Bytes): boolean {
  if (signature.byteLength !== SIGNATURE_BYTES) return false
  return verify('sha256', data, { key, dsaEncoding: SIGNATURE_ENCODING }, signature)
}

/**
 * Whether these are 65 bytes that name a point of the curve: y² = x³ − 3x + b (FIPS 186-4, D.1.2.3). That is all that
 * there is to check, as the curve has no other points of a small order; to import the key takes thirty times as long.
 */
export function isPublicKey(bytes: Bytes): boolean {
  if (bytes.byteLength !== PUBLIC_KEY_BYTES || bytes[0] !== UNCOMPRESSED_POINT) return false
  const hex = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex')
  const x = BigInt(`0x${hex.slice(2, 66)}`)
  const y = BigInt(`0x${hex.slice(66)}`)
  return x < FIELD && y < FIELD && (y * y - x * x * x + 3n * x - CURVE_B) % FIELD === 0n
}

const KEY_INFO = 'rtm-mesh/1 credential key'
const SIGNATURE_ENCODING = 'ieee-p1363'
const SCALAR_BYTES = 32
const UNCOMPRESSED_POINT = 4

/** The prime of P-256, and the coefficient of its equation (FIPS 186-4, D.1.2.3). */
const FIELD = 0xffffffff00000001000000000000000000000000ffffffffffffffffffffffffn
const CURVE_B = 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn

/** The order of P-256 (FIPS 186-4, D.1.2.3): private scalars lie between 1 and this, exclusively. */
const CURVE_ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n

function scalarFrom(secret: string): Uint8Array {
  for (let attempt = 0; ; attempt++) {
    const info = attempt === 0 ? KEY_INFO : `${KEY_INFO} ${attempt}`
    const scalar = new Uint8Array(hkdfSync('sha256', secret, '', info, SCALAR_BYTES))
    // One in 2^32 is out of range.
    if (isScalar(scalar)) return scalar
  }
}

function isScalar(bytes: Uint8Array): boolean {
  const value = BigInt(`0x${Buffer.from(bytes).toString('hex')}`)
  return value > 0n && value < CURVE_ORDER
}

function keyFromScalar(scalar: Uint8Array): ServerKey {
  const pair = createECDH('prime256v1')
  pair.setPrivateKey(scalar)
  const publicKey = new Uint8Array(pair.getPublicKey())
  const x = toBase64Url(publicKey.subarray(1, 33))
  const y = toBase64Url(publicKey.subarray(33))
  const jwk = { kty: 'EC', crv: 'P-256', x, y, d: toBase64Url(scalar) }
  const key = createPrivateKey({ key: jwk, format: 'jwk' })
  const opposite = createPublicKey(key)
  return {
    publicKey,
    hasSigned: (data, signature) => isSignature(opposite, data, signature),
    keyId: new Uint8Array(sha256(publicKey).subarray(0, KEY_ID_BYTES)),
    sign: (data) => new Uint8Array(sign('sha256', data, { key, dsaEncoding: SIGNATURE_ENCODING })),
  }
}

/** Of a point of the curve. WebCrypto takes it as it is; as JWK or DER, Node would check a second time that it is one.
 * Extractable, as later versions of Node make no key object of one that is not. */
async function importPublicKey(point: Bytes): Promise<KeyObject> {
  return KeyObject.from(await webcrypto.subtle.importKey('raw', point, ECDSA, true, ['verify']))
}

const ECDSA = { name: 'ECDSA', namedCurve: 'P-256' }

function sha256(bytes: Uint8Array): Buffer {
  return hash('sha256', bytes, 'buffer')
}

/** The keys whose credentials a server accepts; the first signs. */
export class KeyRing {
  /** As clients are told of them. */
  readonly publicKeys: readonly string[]

  constructor(
    readonly signing: ServerKey,
    private readonly others: readonly ServerKey[] = [],
  ) {
    this.publicKeys = [signing, ...others].map((key) => toBase64Url(key.publicKey))
  }

  byId(keyId: Uint8Array): ServerKey | undefined {
    return [this.signing, ...this.others].find((key) => equalBytes(key.keyId, keyId))
  }
}

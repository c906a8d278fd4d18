import { writeUint8Array, writeVarString, writeVarUint, writeVarUint8Array } from 'lib0/encoding'

import { type Bytes, concatBytes, fromBase64Url, toBase64Url, toHex } from '../base/bytes.ts'
import { PUBLIC_KEY_BYTES, SHA256_BYTES, SIGNATURE_BYTES } from '../base/crypto.ts'
import { type AppId, isAppId, isUserId, type SessionId, type UserId } from '../base/ids.ts'
import { decode, encodeBytes, type Reader } from './codec.ts'
import { PROTOCOL_VERSION, SIGNING_DOMAIN } from './version.ts'

/**
 * What a signaling server states about a session: this user of this app holds this certificate and these keys.
 * The session id follows from the fingerprint and the signing key, so it is not stated beside them.
 */
export interface Credential {
  readonly appId: AppId
  readonly userId: UserId
  /** SHA-256 of the DTLS certificate, 32 bytes. */
  readonly fingerprint: Bytes
  /** ECDSA P-256, 65 bytes. */
  readonly signingKey: Bytes
  /** ECDH P-256, 65 bytes. */
  readonly agreementKey: Bytes
  /** Server time of the login in milliseconds; kept by renewals. Decides which of two logins of a user is the later. */
  readonly loginTime: number
  readonly issuedAt: number
  readonly expiresAt: number
  /** First 8 bytes of the SHA-256 of the server's public key. */
  readonly keyId: Bytes
}

export const KEY_ID_BYTES = 8

/** Longer texts are refused before they are decoded: the parts have fixed sizes but for two ids. */
export const MAX_CREDENTIAL_TEXT = 800

/** The part of a credential that the server signs. */
export function encodeCredential(credential: Credential): Bytes {
  return encodeBytes((encoder) => {
    writeVarUint(encoder, PROTOCOL_VERSION)
    writeVarString(encoder, credential.appId)
    writeVarString(encoder, credential.userId)
    writeUint8Array(encoder, credential.fingerprint)
    writeUint8Array(encoder, credential.signingKey)
    writeUint8Array(encoder, credential.agreementKey)
    writeVarUint(encoder, credential.loginTime)
    writeVarUint(encoder, credential.issuedAt)
    writeVarUint(encoder, credential.expiresAt)
    writeUint8Array(encoder, credential.keyId)
  })
}

/** What the server's key signs for a credential. */
export function credentialSigningInput(body: Bytes): Bytes {
  return signingInput('credential', (encoder) => writeVarUint8Array(encoder, body))
}

/** What a client's signing key signs to log in: nonce of the server's hello, user and certificate. */
export function loginSigningInput(login: {
  appId: AppId
  userId: UserId
  nonce: Bytes
  fingerprint: Bytes
  agreementKey: Bytes
}): Bytes {
  return signingInput('login', (encoder) => {
    writeVarString(encoder, login.appId)
    writeVarString(encoder, login.userId)
    writeVarUint8Array(encoder, login.nonce)
    writeVarUint8Array(encoder, login.fingerprint)
    writeVarUint8Array(encoder, login.agreementKey)
  })
}

/** The credential as it travels: base64url of body and signature. */
export function sealCredential(body: Bytes, signature: Bytes): string {
  return toBase64Url(concatBytes(body, signature))
}

export interface SealedCredential {
  readonly credential: Credential
  readonly body: Bytes
  readonly signature: Bytes
}

/** Takes a sealed credential apart; whether the signature is good is the caller's question. */
export function openCredential(text: string): SealedCredential | undefined {
  if (text.length > MAX_CREDENTIAL_TEXT) return undefined
  const bytes = fromBase64Url(text)
  if (!bytes || bytes.byteLength <= SIGNATURE_BYTES) return undefined
  const body = bytes.slice(0, -SIGNATURE_BYTES)
  const credential = decode(body, readCredential)
  return credential && { credential, body, signature: bytes.slice(-SIGNATURE_BYTES) }
}

/**
 * What a session id is made of: certificate and signing key. A login proves that it has the key, so nobody else can
 * log in under the id, also where the server forgot whose it was; and a link proves that it has the certificate.
 */
export function sessionIdInput(of: { readonly fingerprint: Bytes; readonly signingKey: Bytes }): Bytes {
  return concatBytes(of.fingerprint, of.signingKey)
}

/** The first 128 bits of the SHA-256 of `sessionIdInput`, in hexadecimal. */
export function sessionIdFromHash(sha256: Uint8Array): SessionId {
  return toHex(sha256.subarray(0, 16)) as SessionId
}

function readCredential(reader: Reader): Credential | undefined {
  if (reader.varUint() !== PROTOCOL_VERSION) return undefined
  const appId = reader.varText()
  const userId = reader.varText()
  const credential = {
    fingerprint: copy(reader.bytes(SHA256_BYTES)),
    signingKey: copy(reader.bytes(PUBLIC_KEY_BYTES)),
    agreementKey: copy(reader.bytes(PUBLIC_KEY_BYTES)),
    loginTime: reader.varUint(),
    issuedAt: reader.varUint(),
    expiresAt: reader.varUint(),
    keyId: copy(reader.bytes(KEY_ID_BYTES)),
  }
  if (!reader.isAtEnd || !isAppId(appId) || !isUserId(userId)) return undefined
  return { appId, userId, ...credential }
}

function signingInput(purpose: string, write: Parameters<typeof encodeBytes>[0]): Bytes {
  return encodeBytes((encoder) => {
    writeVarString(encoder, SIGNING_DOMAIN)
    writeVarString(encoder, purpose)
    write(encoder)
  })
}

function copy(bytes: Uint8Array): Bytes {
  return new Uint8Array(bytes)
}

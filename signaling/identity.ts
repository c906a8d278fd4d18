import { hash } from 'node:crypto'

import type { Bytes } from '../src/base/bytes.ts'
import { PUBLIC_KEY_BYTES, SHA256_BYTES } from '../src/base/crypto.ts'
import type { AppId, SessionId, UserId } from '../src/base/ids.ts'

/** What an identity is made of. */
export interface IdentityParts {
  readonly appId: AppId
  readonly userId: UserId
  /** SHA-256 of the DTLS certificate, 32 bytes. */
  readonly fingerprint: Uint8Array
  /** 65 bytes. */
  readonly signingKey: Uint8Array
  /** 65 bytes. */
  readonly agreementKey: Uint8Array
}

const SIGNING_KEY_AT = SHA256_BYTES
const AGREEMENT_KEY_AT = SIGNING_KEY_AT + PUBLIC_KEY_BYTES
/** Half of a SHA-256: nobody finds two that have it in common, nor one that has another's. */
const SESSION_ID_BYTES = 16

/**
 * Who a session is: fixed for its life, and what its credential states. There are thousands, of which few are looked
 * into again before their credential is renewed: so the keys are in one text of 162 characters, a byte each, which takes
 * 180 bytes of memory and not the 700 of three arrays.
 */
export class Identity {
  readonly sessionId: SessionId
  readonly appId: AppId
  readonly userId: UserId
  private readonly keys: string

  constructor({ appId, userId, fingerprint, signingKey, agreementKey }: IdentityParts) {
    const keys = Buffer.concat([fingerprint, signingKey, agreementKey])
    this.sessionId = sessionIdIn(keys)
    this.appId = known(appId)
    this.userId = userId
    this.keys = keys.toString('latin1')
  }

  get fingerprint(): Bytes {
    return this.bytes(0, SIGNING_KEY_AT)
  }

  get signingKey(): Bytes {
    return this.bytes(SIGNING_KEY_AT, AGREEMENT_KEY_AT)
  }

  get agreementKey(): Bytes {
    return this.bytes(AGREEMENT_KEY_AT, this.keys.length)
  }

  equals(other: Identity): boolean {
    return this.keys === other.keys && this.userId === other.userId && this.appId === other.appId
  }

  /** 32 characters that stand for all of it, where only to compare it is needed. App ids have one length. */
  get digest(): string {
    return hash('sha256', Buffer.from(this.keys + this.appId + this.userId, 'latin1'), 'binary')
  }

  private bytes(from: number, to: number): Bytes {
    return new Uint8Array(Buffer.from(this.keys.slice(from, to), 'latin1'))
  }
}

/** As `sessionIdFromHash` of `sessionIdInput` has it, which are for browsers. */
function sessionIdIn(keys: Buffer): SessionId {
  const sha256 = hash('sha256', keys.subarray(0, AGREEMENT_KEY_AT), 'buffer')
  return sha256.toString('hex', 0, SESSION_ID_BYTES) as SessionId
}

let latestAppId: AppId | undefined

/** A text of its own in each login would take 50 bytes of memory; most servers have one app, or few. */
function known(appId: AppId): AppId {
  if (latestAppId !== appId) latestAppId = appId
  return latestAppId
}

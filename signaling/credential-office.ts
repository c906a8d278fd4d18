import { createHash } from 'node:crypto'

import { type Bytes, equalBytes } from '../src/base/bytes.ts'
import type { Clock } from '../src/base/clock.ts'
import type { AppId, SessionId, UserId } from '../src/base/ids.ts'
import {
  credentialSigningInput,
  encodeCredential,
  openCredential,
  sealCredential,
  sessionIdFromHash,
  sessionIdInput,
} from '../src/protocol/credential.ts'
import { endsSession, type TokenTerms } from '../src/protocol/server-messages.ts'
import { CLOCK_TOLERANCE_MS, CREDENTIAL_LIFE_MS, LIFE_AFTER_TOKEN_MS } from './limits.ts'
import { isSignedBy, type KeyRing } from './server-keys.ts'

/** Who a session is: fixed for its life, and what its credential states. */
export interface Identity {
  readonly appId: AppId
  readonly userId: UserId
  readonly fingerprint: Bytes
  readonly signingKey: Bytes
  readonly agreementKey: Bytes
}

/** What a credential is about. */
export interface CredentialSubject {
  readonly identity: Identity
  readonly loginTime: number
  /** Of its token, if its app needs one. */
  readonly token: TokenTerms | undefined
}

export function isSameIdentity(a: Identity, b: Identity): boolean {
  return (
    a.appId === b.appId &&
    a.userId === b.userId &&
    equalBytes(a.fingerprint, b.fingerprint) &&
    equalBytes(a.signingKey, b.signingKey) &&
    equalBytes(a.agreementKey, b.agreementKey)
  )
}

export function sessionIdOf(identity: Identity): SessionId {
  return sessionIdFromHash(createHash('sha256').update(sessionIdInput(identity)).digest())
}

/** Issues credentials and recognises the ones that a server with one of these keys issued. */
export class CredentialOffice {
  constructor(
    private readonly keys: KeyRing,
    private readonly clock: Clock,
  ) {}

  issue({ identity, loginTime, token }: CredentialSubject): string {
    const { signing } = this.keys
    const issuedAt = this.clock.now()
    const expiresAt = issuedAt + credentialLifeMs(token, issuedAt)
    const body = encodeCredential({ ...identity, loginTime, issuedAt, expiresAt, keyId: signing.keyId })
    return sealCredential(body, signing.sign(credentialSigningInput(body)))
  }

  /** The login time that a valid credential of this very identity states, else undefined. */
  loginTimeOf(text: string, identity: Identity): number | undefined {
    const sealed = openCredential(text)
    if (!sealed || !isSameIdentity(sealed.credential, identity)) return undefined
    const { credential, body, signature } = sealed
    if (this.clock.now() > credential.expiresAt + CLOCK_TOLERANCE_MS) return undefined
    const key = this.keys.byId(credential.keyId)
    if (!key || !isSignedBy(key.publicKey, credentialSigningInput(body), signature)) return undefined
    return credential.loginTime
  }
}

/** Never beyond the token, which is what the app's own server has said about this user. */
export function credentialLifeMs(token: TokenTerms | undefined, now: number): number {
  if (!token) return CREDENTIAL_LIFE_MS
  const leftMs = Math.min(CREDENTIAL_LIFE_MS, Math.max(0, token.expiresAt - now))
  return leftMs > 0 || endsSession(token) ? leftMs : LIFE_AFTER_TOKEN_MS
}

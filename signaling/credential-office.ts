import type { Clock } from '../src/base/clock.ts'
import { credentialSigningInput, encodeCredential, openCredential } from '../src/protocol/credential.ts'
import { endsSession, type TokenTerms } from '../src/protocol/server-messages.ts'
import { CLOCK_TOLERANCE_MS, CREDENTIAL_LIFE_MS, LIFE_AFTER_TOKEN_MS } from './limits.ts'
import { Identity } from './identity.ts'
import type { KeyRing } from './server-keys.ts'

/** What a credential is about. */
export interface CredentialSubject {
  readonly identity: Identity
  readonly loginTime: number
  /** Of its token, if its app needs one. */
  readonly token: TokenTerms | undefined
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
    const { appId, userId, fingerprint, signingKey, agreementKey } = identity
    const body = encodeCredential({
      appId,
      userId,
      fingerprint,
      signingKey,
      agreementKey,
      loginTime,
      issuedAt,
      expiresAt,
      keyId: signing.keyId,
    })
    // As `sealCredential` does it, which is for browsers and slower.
    return Buffer.concat([body, signing.sign(credentialSigningInput(body))]).toString('base64url')
  }

  /** The login time that a valid credential of this very identity states, else undefined. */
  loginTimeOf(text: string, identity: Identity): number | undefined {
    const sealed = openCredential(text)
    if (!sealed || !identity.equals(new Identity(sealed.credential))) return undefined
    const { credential, body, signature } = sealed
    if (this.clock.now() > credential.expiresAt + CLOCK_TOLERANCE_MS) return undefined
    const key = this.keys.byId(credential.keyId)
    return key?.hasSigned(credentialSigningInput(body), signature) ? credential.loginTime : undefined
  }
}

/** Never beyond the token, which is what the app's own server has said about this user. */
export function credentialLifeMs(token: TokenTerms | undefined, now: number): number {
  if (!token) return CREDENTIAL_LIFE_MS
  const leftMs = Math.min(CREDENTIAL_LIFE_MS, Math.max(0, token.expiresAt - now))
  return leftMs > 0 || endsSession(token) ? leftMs : LIFE_AFTER_TOKEN_MS
}

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
  /** The latest ones, the oldest first. */
  private readonly issued = new Map<Identity, Issued>()

  constructor(
    private readonly keys: KeyRing,
    private readonly clock: Clock,
  ) {}

  /** Who asks again in the same second gets the same once more: a signature takes as long as to relay three signals. */
  issue(subject: CredentialSubject): string {
    const { identity, loginTime, token } = subject
    const now = this.clock.now()
    const expiresAt = now + credentialLifeMs(token, now)
    const latest = this.issued.get(identity)
    if (latest?.loginTime === loginTime && isAsGood(latest, now, expiresAt)) return latest.text
    const text = this.sign(subject, now, expiresAt)
    this.issued.delete(identity)
    this.issued.set(identity, { text, loginTime, issuedAt: now, expiresAt })
    if (this.issued.size > MAX_REMEMBERED_CREDENTIALS) {
      for (const oldest of this.issued.keys()) {
        this.issued.delete(oldest)
        break
      }
    }
    return text
  }

  private sign({ identity, loginTime }: CredentialSubject, issuedAt: number, expiresAt: number): string {
    const { signing } = this.keys
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

interface Issued {
  readonly text: string
  readonly loginTime: number
  readonly issuedAt: number
  readonly expiresAt: number
}

/** A session renews its credential after hours. */
const SAME_WITHIN_MS = 1_000

/** Half a megabyte: beyond, who asks again is given a new one. */
const MAX_REMEMBERED_CREDENTIALS = 512

/** Neither valid for longer than a new one, nor for noticeably less. A clock that was set back makes a new one. */
function isAsGood(latest: Issued, now: number, expiresAt: number): boolean {
  const [ageMs, lostMs] = [now - latest.issuedAt, expiresAt - latest.expiresAt]
  return ageMs >= 0 && ageMs < SAME_WITHIN_MS && lostMs >= 0 && lostMs < SAME_WITHIN_MS
}

/** Never beyond the token, which is what the app's own server has said about this user. */
export function credentialLifeMs(token: TokenTerms | undefined, now: number): number {
  if (!token) return CREDENTIAL_LIFE_MS
  const leftMs = Math.min(CREDENTIAL_LIFE_MS, Math.max(0, token.expiresAt - now))
  return leftMs > 0 || endsSession(token) ? leftMs : LIFE_AFTER_TOKEN_MS
}

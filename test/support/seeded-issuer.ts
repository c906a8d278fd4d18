import type { Bytes } from '../../src/base/bytes.ts'
import { PUBLIC_KEY_BYTES } from '../../src/base/crypto.ts'
import type { SessionId } from '../../src/base/ids.ts'
import type { LocalIdentity } from '../../src/mesh/local-identity.ts'
import {
  credentialSigningInput,
  encodeCredential,
  KEY_ID_BYTES,
  sealCredential,
  sessionIdFromHash,
  sessionIdInput,
} from '../../src/protocol/credential.ts'
import type { Announcement } from '../../src/rendezvous/rendezvous.ts'
import { type seededCrypto, seededSignature, sha256 } from './seeded-crypto.ts'

const CREDENTIAL_LIFE_MS = 12 * 60 * 60_000

/** A server that signs who is who, with another key in each of its lives. */
export class SeededIssuer {
  readonly publicKey = new Uint8Array(PUBLIC_KEY_BYTES)
  private readonly keyId: Bytes

  constructor(life: number) {
    this.publicKey[0] = 4
    new DataView(this.publicKey.buffer).setUint32(1, life)
    this.keyId = sha256(this.publicKey).slice(0, KEY_ID_BYTES)
  }

  issue(
    { appId, userId, fingerprint, signingKey, agreementKey }: Announcement,
    loginTime: number,
    now: number,
  ): string {
    const body = encodeCredential({
      appId,
      userId,
      fingerprint,
      signingKey: signingKey.publicKey,
      agreementKey: agreementKey.publicKey,
      loginTime,
      issuedAt: now,
      expiresAt: now + CREDENTIAL_LIFE_MS,
      keyId: this.keyId,
    })
    return sealCredential(body, seededSignature(this.publicKey, credentialSigningInput(body)))
  }
}

/** An identity that proves what it says, as far as seeded cryptography proves anything. */
export async function seededIdentity(crypto: ReturnType<typeof seededCrypto>): Promise<LocalIdentity> {
  const fingerprint = crypto.randomBytes(32)
  const signingKey = await crypto.generateSigningKey()
  const agreementKey = await crypto.generateAgreementKey()
  const input = sessionIdInput({ fingerprint, signingKey: signingKey.publicKey })
  const sessionId: SessionId = sessionIdFromHash(sha256(input))
  return { certificate: {} as RTCCertificate, fingerprint, sessionId, signingKey, agreementKey }
}

import type { Crypto } from '../base/crypto.ts'
import {
  credentialSigningInput,
  encodeCredential,
  KEY_ID_BYTES,
  sealCredential,
} from '../protocol/credential.ts'
import type { Announcement } from './rendezvous.ts'

/** It stands beside what the session writes, which is kept longer than the session lasts. */
const LIFE_MS = 365 * 24 * 3_600_000

/**
 * What a session says of itself while no server has accepted it: a credential whose server key is its own signing
 * key. It proves who wrote what to those who know the session by another way, and to nobody else.
 */
export async function localCredential(
  { appId, userId, fingerprint, signingKey, agreementKey }: Announcement,
  loginTime: number,
  sha256: Crypto['sha256'],
): Promise<string> {
  const body = encodeCredential({
    appId,
    userId,
    fingerprint,
    signingKey: signingKey.publicKey,
    agreementKey: agreementKey.publicKey,
    loginTime,
    issuedAt: loginTime,
    expiresAt: loginTime + LIFE_MS,
    keyId: (await sha256(signingKey.publicKey)).slice(0, KEY_ID_BYTES),
  })
  return sealCredential(body, await signingKey.sign(credentialSigningInput(body)))
}

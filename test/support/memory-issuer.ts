import { p256 } from '@noble/curves/nist.js'
import { createHash } from 'node:crypto'

import type { Bytes } from '../../src/base/bytes.ts'
import {
  credentialSigningInput,
  encodeCredential,
  KEY_ID_BYTES,
  sealCredential,
} from '../../src/protocol/credential.ts'
import type { Announcement } from '../../src/rendezvous/rendezvous.ts'

const LIFE_MS = 12 * 3_600_000

/** What a server says who is who with: real signatures, made while the call lasts, and the same in every run. */
export class MemoryIssuer {
  readonly publicKey: Bytes
  private readonly secretKey: Bytes
  private readonly keyId: Bytes

  constructor(secret: string) {
    this.secretKey = sha256(new TextEncoder().encode(secret))
    this.publicKey = new Uint8Array(p256.getPublicKey(this.secretKey, false))
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
      expiresAt: now + LIFE_MS,
      keyId: this.keyId,
    })
    const signature = p256.sign(credentialSigningInput(body), this.secretKey, { lowS: false, prehash: true })
    return sealCredential(body, new Uint8Array(signature))
  }
}

function sha256(data: Bytes): Bytes {
  return new Uint8Array(createHash('sha256').update(data).digest())
}

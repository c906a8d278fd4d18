import { p256 } from '@noble/curves/nist.js'
import { createHash } from 'node:crypto'

import { type Bytes, toHex } from '../../src/base/bytes.ts'
import type { LocalIdentity } from '../../src/mesh/local-identity.ts'
import { sessionIdFromHash, sessionIdInput } from '../../src/protocol/credential.ts'

/**
 * The identity of the session of this number, the same in every run: real keys, and the session id that follows from
 * them. Of the first 255 a later one has a higher id: its certificate is one of many that were tried.
 */
export function provableIdentity(number: number): LocalIdentity {
  const signingSecret = secretOf(`signing ${number}`)
  const agreementSecret = secretOf(`agreement ${number}`)
  const publicKey = new Uint8Array(p256.getPublicKey(signingSecret, false))
  const begin = toHex(Uint8Array.of(number % 256))
  for (let attempt = 0; ; attempt++) {
    const fingerprint = secretOf(`certificate ${number} ${attempt}`)
    const sessionId = sessionIdFromHash(sha256(sessionIdInput({ fingerprint, signingKey: publicKey })))
    if (!sessionId.startsWith(begin)) continue
    return {
      certificate: {} as RTCCertificate,
      fingerprint,
      sessionId,
      signingKey: {
        publicKey,
        sign: (data) =>
          Promise.resolve(new Uint8Array(p256.sign(data, signingSecret, { lowS: false, prehash: true }))),
      },
      agreementKey: {
        publicKey: new Uint8Array(p256.getPublicKey(agreementSecret, false)),
        agree: (theirs) =>
          Promise.resolve(new Uint8Array(p256.getSharedSecret(agreementSecret, theirs).slice(1))),
      },
    }
  }
}

function secretOf(name: string): Bytes {
  return sha256(new TextEncoder().encode(name))
}

function sha256(data: Bytes): Bytes {
  return new Uint8Array(createHash('sha256').update(data).digest())
}

import type { Bytes } from '../../src/base/bytes.ts'
import type { LocalIdentity } from '../../src/mesh/local-identity.ts'
import { sessionIdFromHash, sessionIdInput } from '../../src/protocol/credential.ts'
import { MemoryIssuer } from './memory-issuer.ts'
import { type seededCrypto, seededSignature, sha256 } from './seeded-crypto.ts'

/** A server that signs who is who as fast as `seededCrypto` checks it, with another key in each of its lives. */
export class SeededIssuer extends MemoryIssuer {
  constructor(life: number) {
    super(`life ${life}`)
  }

  protected override sign(data: Bytes): Bytes {
    return seededSignature(this.publicKey, data)
  }
}

/** An identity that proves what it says, as far as seeded cryptography proves anything. */
export async function seededIdentity(crypto: ReturnType<typeof seededCrypto>): Promise<LocalIdentity> {
  const fingerprint = crypto.randomBytes(32)
  const signingKey = await crypto.generateSigningKey()
  const agreementKey = await crypto.generateAgreementKey()
  const input = sessionIdInput({ fingerprint, signingKey: signingKey.publicKey })
  const sessionId = sessionIdFromHash(sha256(input))
  return { certificate: {} as RTCCertificate, fingerprint, sessionId, signingKey, agreementKey }
}

import { toHex } from '../../src/base/bytes.ts'
import { KEY_ID_BYTES } from '../../src/protocol/credential.ts'
import type { MemoryIssuer } from '../support/memory-issuer.ts'
import { sha256 } from '../support/seeded-crypto.ts'
import type { SimulatedPage } from './page.ts'

/** Whose keys vouch for others: those that servers had, and nobody else's. */
export class TrustWatch {
  private readonly keyIds = new Set<string>()
  private lastIssuer: MemoryIssuer | undefined

  constructor(private readonly broken: (sentence: string) => void) {}

  look(pages: readonly SimulatedPage[], issuer: MemoryIssuer): void {
    if (issuer !== this.lastIssuer) this.keyIds.add(toHex(sha256(issuer.publicKey).subarray(0, KEY_ID_BYTES)))
    this.lastIssuer = issuer
    for (const { name, session } of pages)
      for (const keyId of session?.trust.serverKeyIds ?? [])
        if (!this.keyIds.has(keyId)) this.broken(`${name} trusts the key ${keyId}, which no server has had`)
  }
}

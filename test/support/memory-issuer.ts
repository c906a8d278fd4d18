import { p256 } from '@noble/curves/nist.js'
import { createHash } from 'node:crypto'

import type { Bytes } from '../../src/base/bytes.ts'
import type { AppId } from '../../src/base/ids.ts'
import {
  credentialSigningInput,
  encodeCredential,
  KEY_ID_BYTES,
  sealCredential,
} from '../../src/protocol/credential.ts'
import { encodeNotice, type Notice, noticeSigningInput, sealNotice } from '../../src/protocol/notice.ts'
import type { Peer } from '../../src/protocol/peer.ts'
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
    return sealCredential(body, this.sign(credentialSigningInput(body)))
  }

  /** An operator's decision about this session, or this user. */
  notice(kind: Notice['kind'], appId: AppId, { userId, sessionId }: Peer, now: number): string {
    const times = { issuedAt: now, expiresAt: now + LIFE_MS, keyId: this.keyId }
    const about = kind === 'kick' ? { kind, sessionId } : { kind }
    const body = encodeNotice({ ...about, appId, userId, ...times })
    return sealNotice(body, this.sign(noticeSigningInput(body)))
  }

  protected sign(data: Bytes): Bytes {
    return new Uint8Array(p256.sign(data, this.secretKey, { lowS: false, prehash: true }))
  }
}

function sha256(data: Bytes): Bytes {
  return new Uint8Array(createHash('sha256').update(data).digest())
}

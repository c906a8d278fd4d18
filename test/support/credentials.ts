import { createHash } from 'node:crypto'

import type { Bytes } from '../../src/base/bytes.ts'
import { portableCrypto } from '../../src/base/crypto-portable.ts'
import { PUBLIC_KEY_BYTES, type SigningKey } from '../../src/base/crypto.ts'
import type { AppId, SessionId, UserId } from '../../src/base/ids.ts'
import { encodeNotice, type Notice, noticeSigningInput, sealNotice } from '../../src/protocol/notice.ts'
import {
  type Credential,
  credentialSigningInput,
  encodeCredential,
  KEY_ID_BYTES,
  sealCredential,
  sessionIdFromHash,
  sessionIdInput,
} from '../../src/protocol/credential.ts'

export const APP = 'a'.repeat(32) as AppId
export const OTHER_APP = 'b'.repeat(32) as AppId

/** Whatever was made of this name: 32 bytes that are the same for the same name. */
export function fingerprintOf(name: string): Bytes {
  const bytes = new Uint8Array(32)
  for (let i = 0; i < bytes.length; i++) bytes[i] = (name.charCodeAt(i % name.length) * (i + 1)) & 0xff
  return bytes
}

/** The signing key of everybody whose credential says nothing else. */
const SIGNING_KEY = new Uint8Array(PUBLIC_KEY_BYTES)

/** The session id of who has the certificate of this name. */
export function sessionIdOf(name: string): SessionId {
  const input = sessionIdInput({ fingerprint: fingerprintOf(name), signingKey: SIGNING_KEY })
  return sessionIdFromHash(createHash('sha256').update(input).digest())
}

/** A server that says who is who. Its crypto needs no more than promises, so that a test can wait for all of it. */
export async function createIssuer() {
  const key: SigningKey = await portableCrypto.generateSigningKey()
  const keyId = (await portableCrypto.sha256(key.publicKey)).slice(0, KEY_ID_BYTES)
  return {
    publicKey: key.publicKey,
    keyId,
    async issue(
      user: string,
      statement: Partial<Credential> & Pick<Credential, 'issuedAt' | 'expiresAt'>,
    ): Promise<string> {
      const body = encodeCredential({
        appId: APP,
        userId: user as UserId,
        fingerprint: fingerprintOf(user),
        signingKey: SIGNING_KEY,
        agreementKey: new Uint8Array(PUBLIC_KEY_BYTES),
        loginTime: statement.issuedAt,
        keyId,
        ...statement,
      })
      return sealCredential(body, await key.sign(credentialSigningInput(body)))
    },
    /** An operator's decision about a user: a ban, unless a session is named. */
    async notice(
      user: string,
      statement: { sessionId?: SessionId; appId?: AppId } & Pick<Notice, 'issuedAt' | 'expiresAt'>,
    ): Promise<string> {
      const { sessionId, ...rest } = statement
      const common = { appId: APP, userId: user as UserId, keyId, ...rest }
      const body = encodeNotice(
        sessionId === undefined ? { kind: 'ban', ...common } : { kind: 'kick', sessionId, ...common },
      )
      return sealNotice(body, await key.sign(noticeSigningInput(body)))
    },
  }
}

import { describe, expect, test } from 'vitest'

import { webCrypto } from '../../src/base/crypto.ts'
import { equalBytes } from '../../src/base/bytes.ts'
import {
  credentialSigningInput,
  openCredential,
  sessionIdFromHash,
  sessionIdInput,
} from '../../src/protocol/credential.ts'
import { localCredential } from '../../src/rendezvous/local-credential.ts'
import { announcementOf } from './server-meeting.ts'

describe('The credential of a session that no server has accepted', () => {
  test('states what a server would, signed by the session itself, for a year', async () => {
    const announcement = await announcementOf('alice')
    const loginTime = Date.UTC(2025, 0, 1)
    const text = await localCredential(announcement, loginTime, webCrypto.sha256)
    const opened = openCredential(text)
    if (!opened) throw new Error('it cannot be opened')
    const { credential, body, signature } = opened
    expect(credential).toMatchObject({
      appId: announcement.appId,
      userId: 'alice',
      loginTime,
      issuedAt: loginTime,
    })
    expect(credential.expiresAt).toBe(Date.UTC(2026, 0, 1))
    const ownKey = announcement.signingKey.publicKey
    expect(equalBytes(credential.signingKey, ownKey)).toBe(true)
    expect(await webCrypto.verify(ownKey, credentialSigningInput(body), signature)).toBe(true)
    expect(equalBytes(credential.keyId, (await webCrypto.sha256(ownKey)).slice(0, 8))).toBe(true)
    const sessionId = sessionIdFromHash(await webCrypto.sha256(sessionIdInput(credential)))
    expect(sessionId).toBe(announcement.sessionId)
  })
})

import { describe, expect, it } from 'vitest'

import { toHex, utf8 } from '../../src/base/bytes.ts'
import { webCrypto } from '../../src/base/crypto.ts'
import { isPublicKey, isSignedBy, randomServerKey, serverKeyOf } from '../../signaling/server-keys.ts'

const SECRET = 'correct horse battery staple, and more'

describe("a server's key", () => {
  it('follows from the secret, the same in every release: a cluster may run two of them', () => {
    expect(toHex(serverKeyOf(SECRET).keyId)).toBe('89b077163899f217')
    expect(serverKeyOf(SECRET).publicKey).toEqual(serverKeyOf(SECRET).publicKey)
    expect(serverKeyOf(`${SECRET}.`).publicKey).not.toEqual(serverKeyOf(SECRET).publicKey)
    expect(randomServerKey().publicKey).not.toEqual(randomServerKey().publicKey)
  })

  it('makes signatures that browsers accept, and takes theirs', async () => {
    const data = utf8('data')
    const server = serverKeyOf(SECRET)
    expect(await webCrypto.verify(server.publicKey, data, server.sign(data))).toBe(true)
    const page = await webCrypto.generateSigningKey()
    const signature = await page.sign(data)
    expect(isSignedBy(page.publicKey, data, signature)).toBe(true)
    expect(isSignedBy(page.publicKey, utf8('date'), signature)).toBe(false)
    expect(isSignedBy(server.publicKey, data, signature)).toBe(false)
    expect(isSignedBy(page.publicKey, data, signature.slice(1))).toBe(false)
  })

  it('is never made of bytes that name no point of the curve', () => {
    const { publicKey } = serverKeyOf(SECRET)
    const offCurve = new Uint8Array(publicKey)
    offCurve.set([(offCurve[64] ?? 0) ^ 1], 64)
    expect(isPublicKey(publicKey)).toBe(true)
    for (const bytes of [offCurve, publicKey.slice(1), new Uint8Array(65), new Uint8Array(0)]) {
      expect(isPublicKey(bytes)).toBe(false)
    }
  })
})

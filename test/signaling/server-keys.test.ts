import { createPublicKey } from 'node:crypto'

import { describe, expect, it } from 'vitest'

import { type Bytes, toHex, utf8 } from '../../src/base/bytes.ts'
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
    expect(await isSignedBy(page.publicKey, data, signature)).toBe(true)
    expect(await isSignedBy(page.publicKey, utf8('date'), signature)).toBe(false)
    expect(await isSignedBy(server.publicKey, data, signature)).toBe(false)
    expect(await isSignedBy(page.publicKey, data, signature.slice(1))).toBe(false)
  })

  it('is never made of bytes that name no point of the curve', () => {
    const { publicKey } = serverKeyOf(SECRET)
    const offCurve = new Uint8Array(publicKey)
    offCurve.set([(offCurve[64] ?? 0) ^ 1], 64)
    expect(isPublicKey(publicKey)).toBe(true)
    const compressed = Uint8Array.from([2, ...publicKey.slice(1)])
    for (const bytes of [offCurve, compressed, publicKey.slice(1), new Uint8Array(65), new Uint8Array(0)]) {
      expect(isPublicKey(bytes)).toBe(false)
    }
  })

  it('is never made of a coordinate that is beyond the field, though it is the same point', () => {
    const [x, y] = pointAbove(5n)
    expect(isPublicKey(pointBytes(x, y))).toBe(true)
    expect(isPublicKey(pointBytes(x, FIELD - y))).toBe(true)
    expect(isPublicKey(pointBytes(x + FIELD, y))).toBe(false)
  })

  it('is made of the same bytes as those that the platform takes', () => {
    for (let i = 0; i < 50; i++) {
      const { publicKey } = randomServerKey()
      expect(isPublicKey(publicKey)).toBe(true)
      publicKey.set([(publicKey[1 + i] ?? 0) ^ 4], 1 + i)
      expect(isPublicKey(publicKey)).toBe(isImported(publicKey))
    }
  })
})

const FIELD = 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n
const CURVE_B = 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn

/** A point with this x, which must be one of the half of all numbers that have one. */
function pointAbove(x: bigint): [bigint, bigint] {
  const square = (x ** 3n - 3n * x + CURVE_B) % FIELD
  let y = 1n
  for (
    let power = square, left = (FIELD + 1n) / 4n;
    left > 0n;
    left >>= 1n, power = (power * power) % FIELD
  ) {
    if (left & 1n) y = (y * power) % FIELD
  }
  return [x, y]
}

function pointBytes(x: bigint, y: bigint): Bytes {
  const hex = [x, y].map((coordinate) => coordinate.toString(16).padStart(64, '0')).join('')
  return new Uint8Array(Buffer.from(`04${hex}`, 'hex'))
}

function isImported(point: Bytes): boolean {
  const part = (from: number) => Buffer.from(point.subarray(from, from + 32)).toString('base64url')
  try {
    createPublicKey({ key: { kty: 'EC', crv: 'P-256', x: part(1), y: part(33) }, format: 'jwk' })
    return true
  } catch {
    // Node's only way of saying no.
    return false
  }
}

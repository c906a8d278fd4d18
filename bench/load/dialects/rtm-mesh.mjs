import { createPrivateKey, generateKeyPairSync, hash, randomBytes, sign } from 'node:crypto'

import { loadCredentialCodec } from '../protocol.mjs'
import { filled, MIN_SIGNAL_BYTES, SIGNAL_BYTES } from './dialect.mjs'

/** @import { AppId, UserId } from '../../../src/base/ids.ts' */
/** @import { Dialect } from './dialect.mjs' */

const APP = /** @type {AppId} */ ('b'.repeat(32))

/** The whole login of a page: `hello`, and a login that is signed over its nonce. Keys are made beforehand. @type {Dialect} */
export const rtmMesh = async (count, wave = 0) => {
  const { loginSigningInput, sessionIdFromHash, sessionIdInput } = await loadCredentialCodec()
  return Array.from({ length: count }, (_, index) => {
    const userId = /** @type {UserId} */ (
      `user-${String(wave).padStart(5, '0')}-${String(index).padStart(6, '0')}`
    )
    const fingerprint = new Uint8Array(randomBytes(32))
    const { privateKey, point: signingPoint } = newKey()
    const { point: agreementPoint } = newKey()
    const idInput = sessionIdInput({ fingerprint, signingKey: signingPoint })
    const login = {
      type: 'login',
      version: 1,
      features: 0,
      appId: APP,
      userId,
      fingerprint: base64Url(fingerprint),
      signingKey: base64Url(signingPoint),
      agreementKey: base64Url(agreementPoint),
    }
    return {
      path: '/rtm',
      address: sessionIdFromHash(hash('sha256', idInput, 'buffer')),
      opening: [],
      hear(text) {
        const message = /** @type {{ type: string, nonce: string }} */ (JSON.parse(text))
        if (message.type === 'ping') return { say: '{"type":"pong"}' }
        if (message.type === 'loggedIn') return { isIn: true }
        if (message.type !== 'hello') return {}
        const nonce = new Uint8Array(Buffer.from(message.nonce, 'base64url'))
        const input = loginSigningInput({
          appId: APP,
          userId,
          nonce,
          fingerprint,
          agreementKey: agreementPoint,
        })
        const key = { key: privateKey, dsaEncoding: /** @type {const} */ ('ieee-p1363') }
        return { say: JSON.stringify({ ...login, signature: base64Url(sign('sha256', input, key)) }) }
      },
      isSignal: (length) => length >= MIN_SIGNAL_BYTES,
      signal: (partner) =>
        filled(SIGNAL_BYTES + (index % 2), (filling) =>
          JSON.stringify({ type: 'signal', to: partner, signal: candidates(filling) }),
        ),
      keepAlive: undefined,
      goodbye: ['{"type":"goodbye"}'],
    }
  })
}

/** What an offerer says last: all its candidates in one message. @param {string} filling */
function candidates(filling) {
  const candidate = (/** @type {number} */ port) => ({
    candidate: `candidate:842163049 1 udp 1677729535 192.168.178.${port % 250} ${port} typ host generation 0`,
    sdpMid: '0',
    sdpMLineIndex: 0,
  })
  const last = { ...candidate(54_321), sdpMid: filling }
  return JSON.stringify({
    type: 'candidates',
    epoch: 1,
    candidates: [candidate(50_123), candidate(50_124), last],
  })
}

/** An uncompressed point is at the end of what is written of a public key. */
const POINT_BYTES = 65

/**
 * Written down at once: of some ten thousand keys that Node 20 makes and exports later, one stops the process for ever,
 * as the export and a collection of garbage wait for each other.
 */
function newKey() {
  const made = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    publicKeyEncoding: { type: 'spki', format: 'der' },
    privateKeyEncoding: { type: 'pkcs8', format: 'der' },
  })
  return {
    privateKey: createPrivateKey({ key: made.privateKey, format: 'der', type: 'pkcs8' }),
    point: new Uint8Array(made.publicKey.subarray(-POINT_BYTES)),
  }
}

/** @param {Uint8Array} bytes */
function base64Url(bytes) {
  return Buffer.from(bytes).toString('base64url')
}

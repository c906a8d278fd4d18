import { type Bytes, toHex } from '../../src/base/bytes.ts'
import { KEY_ID_BYTES, openCredential } from '../../src/protocol/credential.ts'
import type { Welcome } from '../../src/rendezvous/rendezvous.ts'
import { sha256 } from '../support/seeded-crypto.ts'
import type { Login } from './login.ts'

/** As many as a page remembers. */
const MAX_SERVER_KEYS = 8

export function keyIdOf(key: Bytes): string {
  return toHex(sha256(key).subarray(0, KEY_ID_BYTES))
}

/** By which key a session is vouched for now, and whose word counts for it. */
export function noteKeys(login: Login, { credential, serverKeys }: Welcome, now: number): void {
  const sealed = openCredential(credential)
  const keyId = sealed && toHex(sealed.credential.keyId)
  if (keyId !== undefined) login.credentialKeyIds.add(keyId)
  if (serverKeys.length > 0) login.acceptedAt ??= now
  else login.ownKeyId ??= keyId
  const announced = serverKeys.map(keyIdOf)
  const others = login.serverKeyIds.filter((keyId) => !announced.includes(keyId))
  login.serverKeyIds = [...others, ...announced].slice(-MAX_SERVER_KEYS)
}

/**
 * Keys of which this user has heard in this browser, in whatever login: the only ones that its disk can have. Sessions of
 * this browser that no server had accepted showed keys of their own.
 */
export function keyIdsEverKnown(login: Login, all: Iterable<Login>): ReadonlySet<string> {
  const here = [...all].filter(({ browser }) => browser === login.browser)
  return new Set(
    here.flatMap(({ userId, serverKeyIds, ownKeyId }) => [
      ...(userId === login.userId ? serverKeyIds : []),
      ...(ownKeyId === undefined ? [] : [ownKeyId]),
    ]),
  )
}

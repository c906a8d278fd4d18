import { createHmac, timingSafeEqual } from 'node:crypto'

import type { AppId, UserId } from '../src/base/ids.ts'

/** Whose token it must be, and what it must be signed with. */
export interface TokenSubject {
  readonly appId: AppId
  readonly certificate: string
  readonly userId: UserId
}

/** What a token says that was signed with the app's certificate for this user. */
export interface SignedToken {
  readonly version: 6 | 7
  /** Whether it has the privilege to log in to RTM. */
  readonly mayLogIn: boolean
  /** Unix time in seconds. */
  readonly issuedAt: number
  /** Unix time in seconds: the first at which it is no longer good. */
  readonly expiresAt: number
}

/** What a token may be good for at most, whatever stands in it (both formats). */
export const MAX_TOKEN_LIFE_S = 86_400

export function hmac(key: string | Buffer, data: Buffer): Buffer {
  return createHmac('sha256', key).update(data).digest()
}

export function isSameSignature(given: Buffer, computed: Buffer): boolean {
  return given.byteLength === computed.byteLength && timingSafeEqual(given, computed)
}

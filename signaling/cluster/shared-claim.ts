import { createHash } from 'node:crypto'

import { toBase64Url } from '../../src/base/bytes.ts'
import type { SessionId } from '../../src/base/ids.ts'
import type { Identity } from '../identity.ts'
import type { SharedClaim, SharedVerdict } from './bus.ts'

/** Who has a user's key. */
export interface Holding {
  readonly loginTime: number
  readonly sessionId: SessionId
  readonly stay: number
}

/** What a session id stands for, in a text of one length. */
export function digestOf({ appId, userId, fingerprint, signingKey, agreementKey }: Identity): string {
  const keys = [fingerprint, signingKey, agreementKey].map(toBase64Url)
  return createHash('sha256')
    .update([appId, userId, ...keys].join(' '))
    .digest('base64url')
}

/**
 * The decision between logins of one user: the highest login time wins, then the session id. The script of
 * `redis-scripts.ts` says the same.
 */
export function decideClaim(
  claim: SharedClaim,
  current: Holding | undefined,
  /** Of the identity that last had this session id. */
  holder: string | undefined,
): SharedVerdict {
  if (holder !== undefined && holder !== claim.digest) return { isGranted: false, reason: 'invalid-proof' }
  const { sessionId } = claim
  if (current?.sessionId === sessionId) {
    const { loginTime } = current
    const stay = claim.isHeld ? Math.max(claim.stay, current.stay) : Math.max(claim.stay, current.stay + 1)
    return { isGranted: true, loginTime, stay }
  }
  const loginTime = claim.loginTime ?? Math.max(claim.earliestLoginTime, (current?.loginTime ?? 0) + 1)
  const isLate = current && isLater(current, { loginTime, sessionId })
  if (isLate) return { isGranted: false, reason: 'remote-login' }
  return { isGranted: true, loginTime, stay: claim.stay }
}

function isLater(a: Omit<Holding, 'stay'>, b: Omit<Holding, 'stay'>): boolean {
  return a.loginTime !== b.loginTime ? a.loginTime > b.loginTime : a.sessionId > b.sessionId
}

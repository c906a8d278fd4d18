import type { Clock } from '../src/base/clock.ts'
import type { AppId, UserId } from '../src/base/ids.ts'
import type { TokenFault, TokenTerms } from '../src/protocol/server-messages.ts'
import { CLOCK_TOLERANCE_MS } from './limits.ts'
import { readToken006 } from './token-006.ts'
import { readToken007 } from './token-007.ts'

export type TokenVerdict =
  /** Without terms where no token is needed. */
  | { readonly ok: true; readonly terms: TokenTerms | undefined }
  | { readonly ok: false; readonly reason: TokenFault; readonly message: string }

/** Whether a token lets this user into this app. Never logs the token, nor puts it into the message. */
export type TokenCheck = (appId: AppId, userId: UserId, token: string | undefined) => TokenVerdict

/** By app id. */
export type Apps = Readonly<Record<string, { readonly certificate?: string | undefined }>>

/** Token builders take no other. */
export function isCertificate(text: string): boolean {
  return HEX_ID.test(text)
}

/** Builders of 007 tokens answer with an empty text for other app ids. */
export function hasTokensOf007(appId: string): boolean {
  return HEX_ID.test(appId)
}

const HEX_ID = /^[0-9a-fA-F]{32}$/

/**
 * Checks the tokens of apps with a certificate. In one without, any token is good, and none is, as with the API's own
 * servers. What is wrong with a token is told only to who shows that it was signed with the certificate.
 */
export function tokenCheckFor(apps: Apps, clock: Clock): TokenCheck {
  const certificates = new Map(Object.entries(apps).map(([appId, { certificate }]) => [appId, certificate]))
  return (appId, userId, token) => {
    const certificate = certificates.get(appId)
    if (certificate === undefined) return { ok: true, terms: undefined }
    if (!token) return fault('invalid-token', 'This app has a certificate: a token is needed to log in')
    const subject = { appId, userId, certificate }
    const signed = readToken006(token, subject) ?? readToken007(token, subject)
    const now = clock.now()
    if (!signed || signed.issuedAt * 1_000 > now + CLOCK_TOLERANCE_MS) {
      return fault('invalid-token', 'The token is not one that was made for this app and this user')
    }
    if (!signed.mayLogIn) {
      return fault('not-authorized', 'The token does not have the privilege to log in to RTM')
    }
    const terms: TokenTerms = { version: signed.version, expiresAt: signed.expiresAt * 1_000 }
    return now < terms.expiresAt ? { ok: true, terms } : fault('token-expired', 'The token has expired')
  }
}

function fault(reason: TokenFault, message: string): TokenVerdict {
  return { ok: false, reason, message }
}

import type { Bytes } from '../src/base/bytes.ts'
import { isAppId, isUserId } from '../src/base/ids.ts'
import { loginSigningInput } from '../src/protocol/credential.ts'
import type { LoginRequest } from '../src/protocol/client-messages.ts'
import type { LoginRefusal, TokenTerms } from '../src/protocol/server-messages.ts'
import { PROTOCOL_VERSION } from '../src/protocol/version.ts'
import type { CredentialOffice } from './credential-office.ts'
import type { ClaimOutcome, Claims } from './directory.ts'
import { Identity, type IdentityParts } from './identity.ts'
import type { Moderation } from './moderation.ts'
import { isPublicKey, isSignedBy } from './server-keys.ts'
import type { TokenCheck } from './token-check.ts'

export interface LoginPolicy {
  /** Without it every well-formed app id is good. */
  readonly appIds: ReadonlySet<string> | undefined
  readonly checkToken: TokenCheck
  readonly moderation: Moderation
  readonly office: CredentialOffice
  readonly claims: Claims
}

export interface LoginRefused {
  readonly outcome: 'refused'
  readonly reason: LoginRefusal
  readonly message: string
}

export type LoginDecision = Exclude<ClaimOutcome, { outcome: 'refused' }> | LoginRefused

/** One with which nothing is wrong, whatever other sessions there are. */
export interface CheckedLogin {
  readonly outcome: 'checked'
  readonly identity: Identity
  readonly token: TokenTerms | undefined
}

/**
 * Version, app, user, proof, token, ban and kick: what is cheap and certain comes first, and who has no token learns
 * nothing about a user.
 */
export async function checkLogin(
  request: LoginRequest,
  nonce: Bytes,
  policy: LoginPolicy,
): Promise<CheckedLogin | LoginRefused> {
  const { appIds, checkToken, moderation } = policy
  const { appId, userId } = request
  if (request.version !== PROTOCOL_VERSION) return refusal('unsupported-version')
  if (!isAppId(appId) || (appIds && !appIds.has(appId))) return refusal('invalid-app-id')
  if (!isUserId(userId)) return refusal('invalid-user-id')

  const parts = { appId, userId, ...keysIn(request) }
  if (!isPublicKey(parts.agreementKey) || !(await isProven(request, parts, nonce))) {
    return refusal('invalid-proof')
  }
  const identity = new Identity(parts)
  const verdict = checkToken(appId, userId, request.token)
  if (!verdict.ok) return { outcome: 'refused', reason: verdict.reason, message: verdict.message }
  if (moderation.isBanned(appId, userId)) return refusal('banned')
  if (moderation.isKicked(identity.sessionId)) return refusal('kicked')
  return { outcome: 'checked', identity, token: verdict.terms }
}

/** Last, the other sessions of its user. */
export async function admit(
  { identity, token }: CheckedLogin,
  request: LoginRequest,
  { office, claims }: LoginPolicy,
): Promise<LoginDecision> {
  const earlierLoginTime =
    request.credential === undefined ? undefined : office.loginTimeOf(request.credential, identity)
  const claim = await claims.claim({ identity, earlierLoginTime })
  if (claim.outcome === 'refused') return refusal(claim.reason)
  claim.session.token = token
  return claim
}

/** Whether this is a session that was here before, and has the credential to show for it. */
export function isReturn(request: LoginRequest, { office }: LoginPolicy): boolean {
  const { appId, userId, credential } = request
  if (credential === undefined || !isAppId(appId) || !isUserId(userId)) return false
  const identity = new Identity({ appId, userId, ...keysIn(request) })
  return office.loginTimeOf(credential, identity) !== undefined
}

/** The version of a login that cannot be read otherwise: one of the future may have another shape. */
export function loginVersionIn(text: string): number | undefined {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value !== 'object' || value === null) return undefined
    if (!('type' in value) || value.type !== 'login' || !('version' in value)) return undefined
    return typeof value.version === 'number' ? value.version : undefined
  } catch {
    // Not JSON: no login of any version.
    return undefined
  }
}

export function refusal(reason: keyof typeof sentences): LoginRefused {
  return { outcome: 'refused', reason, message: sentences[reason] }
}

const sentences = {
  'unsupported-version': `This server speaks version ${PROTOCOL_VERSION} of the protocol: update the older of the two`,
  'invalid-app-id': 'The app id is not one that this server serves; app ids are 32 visible ASCII characters',
  'invalid-user-id': 'The user id is not valid: 1 to 64 of the allowed characters, and not the text null',
  'invalid-proof':
    'The session id belongs to somebody else, or the signature is not by the key that was given',
  'remote-login': 'This user has logged in elsewhere since',
  banned: 'This user is banned from this app by its operator',
  kicked: 'The operator of this server ended this session: log out, and in again as a new one',
  overload: 'This server is full: try again later, or another server',
} satisfies Partial<Record<LoginRefusal, string>>

/** Their lengths and characters were checked when the request was decoded. */
function keysIn(request: LoginRequest) {
  return {
    fingerprint: bytesOf(request.fingerprint),
    signingKey: bytesOf(request.signingKey),
    agreementKey: bytesOf(request.agreementKey),
  }
}

function isProven(request: LoginRequest, parts: IdentityParts & Keys, nonce: Bytes): Promise<boolean> {
  return isSignedBy(parts.signingKey, loginSigningInput({ ...parts, nonce }), bytesOf(request.signature))
}

type Keys = ReturnType<typeof keysIn>

function bytesOf(base64Url: string): Bytes {
  return new Uint8Array(Buffer.from(base64Url, 'base64url'))
}

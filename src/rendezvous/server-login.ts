import { fromBase64Url, toBase64Url, type Bytes } from '../base/bytes.ts'
import { loginSigningInput, openCredential } from '../protocol/credential.ts'
import type { LoginRequest } from '../protocol/client-messages.ts'
import {
  type CredentialMessage,
  type IceServer,
  type LoginRefusal,
  type ServerMessage,
  type TokenFault,
  tokenFaults,
} from '../protocol/server-messages.ts'
import { FEATURES, PROTOCOL_VERSION } from '../protocol/version.ts'
import type { Announcement, RendezvousEvents, Welcome } from './rendezvous.ts'

/** A login that proves, over the server's nonce, that this session has its signing key. */
export async function loginRequest(
  { appId, userId, fingerprint, signingKey, agreementKey }: Announcement,
  token: string | null,
  nonce: Bytes,
  /** The last one of this session, when it returns. */
  credential: string | undefined,
): Promise<LoginRequest> {
  const proof = loginSigningInput({
    appId,
    userId,
    nonce,
    fingerprint,
    agreementKey: agreementKey.publicKey,
  })
  const signature = await signingKey.sign(proof)
  return {
    type: 'login',
    version: PROTOCOL_VERSION,
    features: FEATURES,
    appId,
    userId,
    ...(token === null ? {} : { token }),
    fingerprint: toBase64Url(fingerprint),
    signingKey: toBase64Url(signingKey.publicKey),
    agreementKey: toBase64Url(agreementKey.publicKey),
    signature: toBase64Url(signature),
    ...(credential === undefined ? {} : { credential }),
  }
}

export function welcomeIn(
  {
    credential,
    serverKeys,
    loginTime,
    time,
    iceServers,
    token,
  }: Extract<ServerMessage, { type: 'loggedIn' }>,
  { userId, sessionId }: Announcement,
  now: number,
): Welcome {
  return {
    me: { userId, sessionId, loginTime },
    credential,
    serverKeys: serverKeys.map((key) => fromBase64Url(key)).filter((key) => key !== undefined),
    clockOffsetMs: time - now,
    token,
    iceServers: iceServersIn(iceServers),
  }
}

export function renewalIn(
  message: Extract<CredentialMessage, { type: 'credential' | 'tokenRenewed' }>,
): Parameters<RendezvousEvents['renewed']> {
  const token = message.type === 'tokenRenewed' ? message.token : undefined
  return [message.credential, token, iceServersIn(message.iceServers)]
}

/** As `RTCPeerConnection` takes them. */
function iceServersIn(iceServers: readonly IceServer[] | undefined): RTCIceServer[] | undefined {
  return iceServers?.map(({ urls, username, credential }) => ({
    urls,
    ...(username === undefined ? {} : { username }),
    ...(credential === undefined ? {} : { credential }),
  }))
}

/**
 * Credentials are renewed at half of their life, or of that of the ICE servers that came with them, if that is
 * shorter; one that ends with its token not ever more often.
 */
export function renewalDelayMs({
  credential,
  iceServersLifeMs = Infinity,
}: CredentialMessage): number | undefined {
  const opened = openCredential(credential)?.credential
  if (!opened) return undefined
  const halfMs = Math.min(opened.expiresAt - opened.issuedAt, iceServersLifeMs) / 2
  return Math.min(Math.max(halfMs, MIN_RENEWAL_MS), MAX_TIMER_MS)
}

/** Verifiers take a credential for 5 minutes after its end. */
const MIN_RENEWAL_MS = 30_000

/** Browsers keep a timer's delay in 32 bits. */
const MAX_TIMER_MS = 2 ** 31 - 1

/** Refusals that no later try can change: a session that returns and meets one of them is over. */
export function isForGood(reason: LoginRefusal): boolean {
  return reason === 'remote-login' || reason === 'banned' || reason === 'kicked'
}

export function isTokenFault(reason: LoginRefusal): reason is TokenFault {
  return tokenFaults.some((fault) => fault === reason)
}

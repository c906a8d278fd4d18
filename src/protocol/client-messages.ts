import * as v from 'valibot'

import { MAX_CREDENTIAL_TEXT } from './credential.ts'
import {
  MAX_COUNTED_CHANNELS,
  MAX_SIGNAL_CHARS,
  MAX_SUBSCRIPTIONS_PER_SESSION,
  MAX_TOKEN_CHARS,
} from './server-messages.ts'
import {
  base64Url,
  channelId,
  count,
  listUpTo,
  parseJson,
  sessionId,
  textUpTo,
  userId,
} from './signaling-parts.ts'

const token = textUpTo(MAX_TOKEN_CHARS)
const subscribedUsers = listUpTo(userId, MAX_SUBSCRIPTIONS_PER_SESSION)

const login = v.object({
  type: v.literal('login'),
  version: count,
  features: count,
  /** Any text: that it is no app id is an answer of its own (`invalid-app-id`). */
  appId: textUpTo(256),
  /** Any text, likewise (`invalid-user-id`). */
  userId: textUpTo(256),
  token: v.optional(token),
  fingerprint: base64Url(32),
  signingKey: base64Url(65),
  agreementKey: base64Url(65),
  /** Over `loginSigningInput`. */
  signature: base64Url(64),
  /** The last credential of this session, when it returns. */
  credential: v.optional(textUpTo(MAX_CREDENTIAL_TEXT)),
})

const clientMessage = v.variant('type', [
  login,
  v.object({ type: v.literal('join'), channelId, incarnation: count }),
  v.object({ type: v.literal('leave'), channelId, incarnation: count }),
  v.object({ type: v.literal('find'), request: count, userIds: listUpTo(userId, 256) }),
  /** Asks who has the channel's shared document, to read and write it without a join. */
  v.object({ type: v.literal('visit'), request: count, channelId }),
  v.object({ type: v.literal('endVisit'), channelId }),
  /** Asks who of these users is there, and to be told from now on who of them comes and goes. */
  v.object({ type: v.literal('subscribe'), userIds: subscribedUsers }),
  v.object({ type: v.literal('unsubscribe'), userIds: subscribedUsers }),
  v.object({
    type: v.literal('count'),
    request: count,
    channelIds: listUpTo(channelId, MAX_COUNTED_CHANNELS),
  }),
  v.object({ type: v.literal('signal'), to: sessionId, signal: textUpTo(MAX_SIGNAL_CHARS) }),
  v.object({ type: v.literal('pong') }),
  v.object({ type: v.literal('goodbye') }),
  v.object({ type: v.literal('renew') }),
  /** The token that the session has from now on. Answered by `tokenRenewed` or `tokenRefused`, with the same number. */
  v.object({ type: v.literal('renewToken'), request: count, token }),
])

/** What a client says to a signaling server. */
export type ClientMessage = v.InferOutput<typeof clientMessage>
export type LoginRequest = v.InferOutput<typeof login>

export function decodeClientMessage(text: string): ClientMessage | undefined {
  return parseJson(clientMessage, text)
}

import * as v from 'valibot'

import { fromBase64Url, toBase64Url } from '../../src/base/bytes.ts'
import { type AppId, isAppId } from '../../src/base/ids.ts'
import {
  base64Url,
  channelId,
  count,
  listUpTo,
  parseJson,
  userId,
} from '../../src/protocol/signaling-parts.ts'
import { Identity } from '../identity.ts'
import type { Session } from '../session.ts'

export const appId = v.custom<AppId>(isAppId)

/** Nodes may let a session into more than the API's twenty. */
const MAX_CHANNELS = 256
/** So many channels and visits with ids of 64 characters, and the keys. */
const MAX_RECORD_CHARS = 64_000

export const recordShape = v.object({
  appId,
  userId,
  fingerprint: base64Url(32),
  signingKey: base64Url(65),
  agreementKey: base64Url(65),
  loginTime: count,
  stay: count,
  /** It has a socket. */
  isConnected: v.boolean(),
  /** For so many milliseconds, if those who know it were told that it is silent. */
  silentMs: v.optional(count),
  /** The channels it is in, each with the join that brought it there. */
  channels: listUpTo(v.tuple([channelId, count]), MAX_CHANNELS),
  visits: listUpTo(channelId, MAX_CHANNELS),
})

/** A session as its node tells of it: all that other nodes need to know. */
export type SessionRecord = v.InferOutput<typeof recordShape>

export function recordOf(session: Session, now: number): SessionRecord {
  const { identity, loginTime, stay, outlet, isUnreachable, heardAt, channels, visits } = session
  return {
    appId: identity.appId,
    userId: identity.userId,
    fingerprint: toBase64Url(identity.fingerprint),
    signingKey: toBase64Url(identity.signingKey),
    agreementKey: toBase64Url(identity.agreementKey),
    loginTime,
    stay,
    isConnected: outlet !== undefined,
    ...(isUnreachable && { silentMs: Math.max(0, now - heardAt) }),
    channels: [...channels],
    visits: [...visits],
  }
}

export function decodeRecord(text: string): SessionRecord | undefined {
  return text.length > MAX_RECORD_CHARS ? undefined : parseJson(recordShape, text)
}

/** Undefined if one of its keys is not what it is said to be. */
export function identityIn(record: SessionRecord): Identity | undefined {
  const fingerprint = fromBase64Url(record.fingerprint)
  const signingKey = fromBase64Url(record.signingKey)
  const agreementKey = fromBase64Url(record.agreementKey)
  if (!fingerprint || !signingKey || !agreementKey) return undefined
  return new Identity({ appId: record.appId, userId: record.userId, fingerprint, signingKey, agreementKey })
}

import * as v from 'valibot'

import {
  isChannelId,
  isSessionId,
  isUserId,
  type ChannelId,
  type SessionId,
  type UserId,
} from '../base/ids.ts'
import { MAX_CHANNELS_PER_SESSION, MAX_VISITS_PER_SESSION } from './server-messages.ts'

/**
 * What tabs of one origin say to each other: objects on a broadcast channel. Each has all that there is to know about
 * the session that says it, so that none needs another to be understood, and a lost one is made good by the next.
 *
 *     newcomer                         every other tab
 *       |------------- hello ------------>|
 *       |<------------ here --------------|   with everybody whom it knows
 *       |------------- state ------------>|   after each change
 *       |<------------ ping --------------|   by whoever first misses one
 *       |------------- state ------------>|   at once, hidden or not
 *       |<---------- signal ------------->|   for one of them; the others ignore it
 *       |-------------- bye ------------->|
 */

/** Sessions of one realm that a tab knows of at most: far more than anybody opens, and what a hostile page may cost. */
export const MAX_TABS = 1_024

/** Sessions of before that an answer tells of at most: each tab gives one to each newcomer. */
export const MAX_PAST_TABS = 64

const userId = v.custom<UserId>(isUserId)
const channelId = v.custom<ChannelId>(isChannelId)
const sessionId = v.custom<SessionId>(isSessionId)
const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0))

const session = v.object({
  userId,
  sessionId,
  /** A server's, or this machine's own of a session that no server has accepted. */
  loginTime: count,
  /** No server has accepted it. */
  isLocal: v.boolean(),
  /** When it came to this realm, by the clock of this machine: of two sessions of a user the later one stays. */
  since: count,
  /** Each with the join that brought it there. */
  channels: v.pipe(v.array(v.tuple([channelId, count])), v.maxLength(MAX_CHANNELS_PER_SESSION)),
  visits: v.pipe(v.array(channelId), v.maxLength(MAX_VISITS_PER_SESSION)),
})

const message = v.variant('type', [
  v.object({ type: v.literal('hello'), from: session }),
  v.object({
    type: v.literal('here'),
    from: session,
    to: sessionId,
    others: v.pipe(v.array(v.object({ session, silentMs: count })), v.maxLength(MAX_TABS)),
    /** Who was here before: what they wrote may still be around. */
    past: v.pipe(v.array(v.object({ userId, sessionId, loginTime: count })), v.maxLength(MAX_PAST_TABS)),
  }),
  v.object({ type: v.literal('state'), from: session }),
  v.object({ type: v.literal('ping'), from: session }),
  v.object({ type: v.literal('bye'), from: session, why: v.picklist(['goodbye', 'replaced']) }),
  v.object({
    type: v.literal('signal'),
    from: session,
    to: sessionId,
    signal: v.pipe(v.string(), v.maxLength(60_000)),
  }),
])

export type TabSession = v.InferOutput<typeof session>
export type TabMessage = v.InferOutput<typeof message>

export function decodeTabMessage(value: unknown): TabMessage | undefined {
  const result = v.safeParse(message, value)
  return result.success ? result.output : undefined
}

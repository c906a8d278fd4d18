import * as v from 'valibot'

import {
  type ChannelId,
  isChannelId,
  isSessionId,
  isUserId,
  type SessionId,
  type UserId,
} from '../base/ids.ts'

/** What messages between client and signaling server are made of, and how they are read. */

export const userId = v.custom<UserId>(isUserId)
export const channelId = v.custom<ChannelId>(isChannelId)
export const sessionId = v.custom<SessionId>(isSessionId)
export const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0))

/** So many bytes, as text without padding. */
export function base64Url(bytes: number) {
  return v.pipe(v.string(), v.length(Math.ceil((bytes * 4) / 3)), v.regex(/^[\w-]*$/))
}

export function textUpTo(chars: number) {
  return v.pipe(v.string(), v.maxLength(chars))
}

export function listUpTo<Item extends v.GenericSchema>(item: Item, length: number) {
  return v.pipe(v.array(item), v.maxLength(length))
}

/** Undefined for what is no JSON, or not of this shape. */
export function parseJson<Schema extends v.GenericSchema>(
  schema: Schema,
  text: string,
): v.InferOutput<Schema> | undefined {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    // Not JSON is one way of not being a message.
    return undefined
  }
  const result = v.safeParse(schema, value)
  return result.success ? result.output : undefined
}

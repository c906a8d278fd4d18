import type { Attribute, AttributeChange, ChannelAttribute } from '../documents/attribute.ts'
import {
  areWithinLimits,
  MAX_ATTRIBUTE_KEY_BYTES,
  MAX_CHANNEL_ATTRIBUTES_BYTES,
  MAX_USER_ATTRIBUTES_TOTAL_BYTES,
} from '../protocol/attribute-limits.ts'
import { utf8ByteLength } from '../base/bytes.ts'
import { problemOfChange, problemOfKeys } from '../rtm/attribute-change.ts'

/** Attributes by their keys. */
export interface AttributesMap {
  /** A text of at most 8 KB of UTF-8 (8,192 bytes), not empty. Its key has 1 to 32 bytes of visible characters. */
  [key: string]: string
}

/** One attribute of a channel. */
export interface ChannelAttributeProperties {
  /** A text of at most 8 KB of UTF-8. */
  value: string
  /** Who wrote it last, verified. */
  lastUpdateUserId: string
  /** When that was, in milliseconds since 1970, by the server's clock as the writer knew it. */
  lastUpdateTs: number
}

/** Attributes of a channel by their keys. */
export interface ChannelAttributes {
  /** One attribute of a channel. */
  [key: string]: ChannelAttributeProperties
}

/** How a channel's attributes are to be changed; for one call. */
export interface ChannelAttributeOptions {
  /** Tell all who have joined the channel, this user included (`AttributesUpdated`); false if it is left out. */
  enableNotificationToChannelMembers?: boolean | undefined
}

type Problem = 'invalid-attributes' | 'invalid-keys' | 'size-overflow'
/** Whose attributes they are: what all of them together may have. */
type Owner = 'user' | 'channel'

const maxTotalBytes = {
  user: MAX_USER_ATTRIBUTES_TOTAL_BYTES,
  channel: MAX_CHANNEL_ATTRIBUTES_BYTES,
} satisfies Record<Owner, number>

/** A change to, or by, these attributes, or what no call may ask for, whoever is logged in. */
export function changeTo(kind: 'set' | 'update', owner: Owner, map: unknown): AttributeChange | Problem {
  if (typeof map !== 'object' || map === null || Array.isArray(map)) return 'invalid-attributes'
  const entries: [key: string, value: unknown][] = Object.entries(map)
  const attributes = entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string')
  if (attributes.length < entries.length) return 'invalid-attributes'
  if (attributes.some(([key]) => isKeyTooLong(key))) return 'size-overflow'
  const change = { kind, attributes: attributes.map(([key, value]) => ({ key, value })) }
  const problem = problemOfChange(change)
  if (problem) return problem
  return areWithinLimits(new Map(attributes), maxTotalBytes[owner]) ? change : 'size-overflow'
}

/** A copy of a list of keys, or what is wrong with it. */
export function keysOf(list: unknown): readonly string[] | Problem {
  if (!Array.isArray(list) || !list.every((key) => typeof key === 'string')) return 'invalid-keys'
  if (list.some(isKeyTooLong)) return 'size-overflow'
  return problemOfKeys(list) ?? [...list]
}

export function deletionOf(list: unknown): AttributeChange | Problem {
  const keys = keysOf(list)
  return typeof keys === 'string' ? keys : { kind: 'delete', keys }
}

export function attributesMapOf(attributes: readonly Attribute[]): AttributesMap {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, value]))
}

export function channelAttributesOf(attributes: readonly ChannelAttribute[]): ChannelAttributes {
  return Object.fromEntries(
    attributes.map(({ key, value, lastUpdateUserId, lastUpdateTs }) => [
      key,
      { value, lastUpdateUserId, lastUpdateTs },
    ]),
  )
}

function isKeyTooLong(key: string): boolean {
  return utf8ByteLength(key) > MAX_ATTRIBUTE_KEY_BYTES
}

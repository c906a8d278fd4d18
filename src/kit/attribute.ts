import type { Attribute, AttributeChange, ChannelAttribute } from '../documents/attribute.ts'
import type { AgoraRtmProcessAttributeErrorCode } from './error-codes.ts'

/** An attribute of a user. A plain `{ key, value }` serves as well. */
export class AgoraRtmAttribute {
  /** 1 to 32 bytes of visible characters. */
  key: string
  /** A text of at most 8 KB of UTF-8 (8,192 bytes), not empty. Half of a surrogate pair in it becomes U+FFFD. */
  value: string

  constructor(key = '', value = '') {
    this.key = key
    this.value = value
  }
}

/** An attribute of a channel. To be written, a plain `{ key, value }` serves as well. */
export class AgoraRtmChannelAttribute extends AgoraRtmAttribute {
  /** Who wrote it last, verified. Empty for one of your own making. */
  readonly lastUpdateUserId: string = ''
  /** When that was, in milliseconds since 1970, by the server's clock as the writer knew it. */
  readonly lastUpdateTs: number = 0
}

/** How a channel's attributes are to be changed; for one call. */
export class AgoraRtmChannelAttributeOptions {
  /** Tell all who have joined the channel, this user included (`attributeUpdate`). */
  enableNotificationToChannelMembers = false
}

/** Answer of the reads of a user's attributes; `attributes` is null unless the code is Ok. */
export interface AgoraRtmGetUserAttributesResult {
  /** Those that are there; null unless the code is Ok. */
  readonly attributes: AgoraRtmAttribute[] | null
  /** As it was asked for. */
  readonly userId: string
  /** Ok, or why there is no answer. */
  readonly errorCode: AgoraRtmProcessAttributeErrorCode
}

/** Answer of the reads of a channel's attributes; `attributes` is null unless the code is Ok. */
export interface AgoraRtmGetChannelAttributesResult {
  /** Those that are there; null unless the code is Ok. */
  readonly attributes: AgoraRtmChannelAttribute[] | null
  /** Ok, or why there is no answer. */
  readonly errorCode: AgoraRtmProcessAttributeErrorCode
}

/** A change to, or by, these attributes; undefined for what is no list of attributes. */
export function changeTo(kind: 'set' | 'update', list: unknown): AttributeChange | undefined {
  return Array.isArray(list) && list.every(isAttribute)
    ? { kind, attributes: list.map(({ key, value }) => ({ key, value })) }
    : undefined
}

/** A copy; for what is no list of texts an empty one, which no call takes. */
export function keysOf(list: unknown): readonly string[] {
  return Array.isArray(list) && list.every((key) => typeof key === 'string') ? [...list] : []
}

export function userAttributesOf(attributes: readonly Attribute[]): AgoraRtmAttribute[] {
  return attributes.map(({ key, value }) => new AgoraRtmAttribute(key, value))
}

export function channelAttributesOf(attributes: readonly ChannelAttribute[]): AgoraRtmChannelAttribute[] {
  return attributes.map(({ key, value, lastUpdateUserId, lastUpdateTs }) =>
    Object.assign(new AgoraRtmChannelAttribute(key, value), { lastUpdateUserId, lastUpdateTs }),
  )
}

function isAttribute(one: unknown): one is Attribute {
  if (typeof one !== 'object' || one === null || !('key' in one) || !('value' in one)) return false
  return typeof one.key === 'string' && typeof one.value === 'string'
}

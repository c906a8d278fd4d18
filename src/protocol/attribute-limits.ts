import { utf8ByteLength } from '../base/bytes.ts'

/** The API's limits on attributes of users and channels; 1 KB is 1,024 bytes of UTF-8. */
export const MAX_ATTRIBUTES = 32
export const MAX_ATTRIBUTE_KEY_BYTES = 32
export const MAX_ATTRIBUTE_VALUE_BYTES = 8 * 1024
/** Keys and values of all attributes of a channel. */
export const MAX_CHANNEL_ATTRIBUTES_BYTES = 32 * 1024
/** Keys and values of all attributes of a user. */
export const MAX_USER_ATTRIBUTES_TOTAL_BYTES = 16 * 1024

/** No control or format characters, no spaces of any kind, no half characters. */
const VISIBLE_CHARACTERS = /^[^\p{Cc}\p{Cf}\p{Cs}\p{Z}]+$/u

/** 1 to 32 bytes of visible characters. */
export function isAttributeKey(key: string): boolean {
  return VISIBLE_CHARACTERS.test(key) && utf8ByteLength(key) <= MAX_ATTRIBUTE_KEY_BYTES
}

/** Whether so many and so large attributes may stand together. An attribute at its limits has 8 KB and 32 bytes. */
export function areWithinLimits(attributes: ReadonlyMap<string, string>, maxTotalBytes: number): boolean {
  if (attributes.size > MAX_ATTRIBUTES) return false
  let total = 0
  for (const [key, value] of attributes) {
    const valueBytes = utf8ByteLength(value)
    if (valueBytes > MAX_ATTRIBUTE_VALUE_BYTES) return false
    total += utf8ByteLength(key) + valueBytes
  }
  return total <= maxTotalBytes
}

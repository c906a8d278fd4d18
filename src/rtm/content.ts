import { utf8ByteLength } from '../base/bytes.ts'
import { type Content, MAX_CONTENT_BYTES } from '../protocol/items.ts'

/** Text, or raw data and its description together, may have 32 KB. */
export function isContentTooLarge(content: Content): boolean {
  const byteCount =
    content.type === 'text'
      ? utf8ByteLength(content.text)
      : content.raw.byteLength + utf8ByteLength(content.description)
  return byteCount > MAX_CONTENT_BYTES
}

/** A content that its owner cannot change any more. */
export function copyOf(content: Content): Content {
  return content.type === 'raw' ? { ...content, raw: new Uint8Array(content.raw) } : content
}

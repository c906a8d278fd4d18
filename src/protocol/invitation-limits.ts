import { utf8ByteLength } from '../base/bytes.ts'

/** Of content and of response, in UTF-8 (the API's limit). */
export const MAX_INVITATION_TEXT_BYTES = 8 * 1024
/** Of the channel id that an invitation carries, in UTF-8 (the API's limit). */
export const MAX_INVITATION_CHANNEL_BYTES = 64

/** Whether a text is at most this long in UTF-8; `null` stands for none. */
export function isTextOrNull(text: unknown, maxBytes: number): text is string | null {
  return text === null || (typeof text === 'string' && utf8ByteLength(text) <= maxBytes)
}

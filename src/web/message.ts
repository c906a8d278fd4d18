import { isContentTooLarge } from '../rtm/content.ts'
import type { ReceivedContent } from '../rtm/received.ts'
import type { Content } from '../protocol/items.ts'

/** A text message. */
export interface RtmTextMessage {
  /** At most 32 KB of UTF-8 (32,768 bytes), judged when it is sent. */
  text: string
  /** May be left out. */
  messageType?: 'TEXT'
  /** A text message has none. */
  rawMessage?: never
  /** A text message has none. */
  description?: never
}

/** Raw data with a description. */
export interface RtmRawMessage {
  /** At most 32 KB (32,768 bytes) together with the description, judged when it is sent. */
  rawMessage: Uint8Array
  /** What the data is, in words; an empty text if it is left out. */
  description?: string
  /** May be left out. */
  messageType?: 'RAW'
  /** A raw message has none. */
  text?: never
}

/** What is sent to a user or into a channel. */
export type RtmMessage = RtmTextMessage | RtmRawMessage

// The official package has these names as types only. Some tools keep the import of a type as one of a value, which
// fails where there is no such value.
/** Nothing: it is there for tools that import types as values. */
export const RtmTextMessage = undefined
/** Nothing: it is there for tools that import types as values. */
export const RtmRawMessage = undefined
/** Nothing: it is there for tools that import types as values. */
export const RtmMessage = undefined

/** What is known of a received message. */
export interface ReceivedMessageProperties {
  /**
   * When it was sent, in milliseconds since 1970, by the sender's idea of the server's clock and never later than the
   * receiver's. Not for strict ordering.
   */
  serverReceivedTs: number
  /** True if it was kept for this user, who was offline when it was sent; else it is left out. */
  isOfflineMessage?: true
}

/** Answer of `sendMessageToPeer`. */
export interface PeerMessageSendResult {
  /** False if the peer is offline: it was not sent and will not be, unless it is kept for the peer. */
  hasPeerReceived: boolean
}

/** A copy with its `messageType`, to be sent. What it says is judged when it is sent. */
export function createMessage<T extends RtmMessage>(message: Partial<T>): T {
  const messageType = message.messageType ?? (message.rawMessage === undefined ? 'TEXT' : 'RAW')
  return { ...message, messageType } as T
}

/** What a message carries, or why it cannot be sent. The data is copied later, when it is encoded. */
export function contentOf(message: unknown): Content | 'invalid-message' | 'message-too-large' {
  const content = shapeOf(message)
  if (!content) return 'invalid-message'
  return isContentTooLarge(content) ? 'message-too-large' : content
}

export function receivedMessage({ content }: ReceivedContent): RtmMessage {
  return content.type === 'text'
    ? { text: content.text, messageType: 'TEXT' }
    : { rawMessage: content.raw, description: content.description, messageType: 'RAW' }
}

export function receivedProperties(
  { sentAt, isOffline }: ReceivedContent,
  now: number,
): ReceivedMessageProperties {
  return { serverReceivedTs: Math.min(sentAt, now), ...(isOffline === true && { isOfflineMessage: true }) }
}

function shapeOf(message: unknown): Content | undefined {
  if (typeof message !== 'object' || message === null) return undefined
  // Each is read once, wherever it is: also what a class has as an accessor.
  const { messageType, text, rawMessage, description }: Partial<Record<keyof RtmMessage, unknown>> = message
  const type = messageType ?? (rawMessage === undefined || rawMessage === null ? 'TEXT' : 'RAW')
  if (type === 'TEXT') return typeof text === 'string' ? { type: 'text', text } : undefined
  if (type !== 'RAW' || !isBytes(rawMessage)) return undefined
  const words = description ?? ''
  return typeof words === 'string' ? { type: 'raw', raw: rawMessage, description: words } : undefined
}

/** Also of another frame of the page, whose `Uint8Array` is not this one's. */
function isBytes(value: unknown): value is Uint8Array<ArrayBuffer> {
  return ArrayBuffer.isView(value) && Object.prototype.toString.call(value) === '[object Uint8Array]'
}

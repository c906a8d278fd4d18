import type { Content } from '../protocol/items.ts'
import { AgoraRtmMessageType } from './states.ts'

/** A text message, or what all messages have. To be sent once; make a new one for each send. */
export class AgoraRtmMessage {
  /** What it carries. */
  readonly type: AgoraRtmMessageType = AgoraRtmMessageType.Text
  /**
   * When a received message was sent, in milliseconds since 1970, by the sender's idea of the server's clock and
   * never later than the receiver's. 0 for a message of one's own. Not for strict ordering.
   */
  readonly serverReceivedTs: number = 0
  /** Whether it was kept for this user, who was offline when it was sent. */
  readonly isOfflineMessage: boolean = false

  /** The text of a text message, the description of a raw one. At most 32 KB of UTF-8 (32,768 bytes), judged when it is sent. */
  text: string

  protected constructor(text: string) {
    this.text = text
  }

  /** Makes a text message of at most 32 KB of UTF-8, judged when it is sent (InvalidMessage). */
  static initWithText(text: string): AgoraRtmMessage {
    return new AgoraRtmMessage(text)
  }
}

/** Raw data with a description. */
export class AgoraRtmRawMessage extends AgoraRtmMessage {
  /** Raw: it carries bytes. */
  override readonly type = AgoraRtmMessageType.Raw
  /** At most 32 KB (32,768 bytes) together with the description, which is `text`; judged when it is sent. */
  rawData: Uint8Array

  protected constructor(rawData: Uint8Array, description: string) {
    super(description)
    this.rawData = rawData
  }

  /** Makes a message of raw data and description, together at most 32 KB, judged when it is sent (InvalidMessage). */
  static initWithRawData(rawData: Uint8Array, description = ''): AgoraRtmRawMessage {
    return new AgoraRtmRawMessage(rawData, description)
  }
}

/** How a message is to be sent. */
export class AgoraRtmSendMessageOptions {
  /**
   * Keep a peer message for a peer that is offline: in this user's browser, for 7 days, at most 200 messages for one
   * peer (one more drops the oldest) and 16 MB in all. It is delivered, once, when this user and the peer are both
   * online, also after a reload of either page. Without effect in channels.
   */
  enableOfflineMessaging = false
  /** Accepted, without effect: the cloud service's message history was withdrawn by its maker. */
  enableHistoricalMessaging = false
}

/** What a message carries; undefined for what is no message. The data is copied later, when it is encoded. */
export function contentOf(message: unknown): Content | undefined {
  if (typeof message !== 'object' || message === null || !('text' in message)) return undefined
  const { text } = message
  if (typeof text !== 'string') return undefined
  if (!('type' in message) || message.type !== AgoraRtmMessageType.Raw) return { type: 'text', text }
  if (!('rawData' in message) || !(message.rawData instanceof Uint8Array)) return undefined
  return { type: 'raw', raw: message.rawData as Uint8Array<ArrayBuffer>, description: text }
}

/** A received message. */
export function receivedMessage(
  content: Content,
  serverReceivedTs: number,
  isOfflineMessage = false,
): AgoraRtmMessage {
  const message =
    content.type === 'text'
      ? AgoraRtmMessage.initWithText(content.text)
      : AgoraRtmRawMessage.initWithRawData(content.raw, content.description)
  return Object.assign(message, { serverReceivedTs, isOfflineMessage })
}

import { type Encoder, writeUint8Array, writeVarString, writeVarUint } from 'lib0/encoding'

import type { Bytes } from '../base/bytes.ts'
import { type ChannelId, isChannelId } from '../base/ids.ts'
import { decode, encodeBytes, type Reader } from './codec.ts'

/** What a stream carries from one session to another, each exactly once and in order. */
export type Item =
  | { readonly kind: 'peer-message'; readonly sentAt: number; readonly content: Content }
  | {
      readonly kind: 'channel-message'
      readonly channelId: ChannelId
      /** Which join of the sender this was sent under. */
      readonly incarnation: number
      readonly sentAt: number
      readonly content: Content
    }
  | { readonly kind: 'left'; readonly channelId: ChannelId; readonly incarnation: number }

/** An item that belongs to a channel. */
export type ChannelItem = Extract<Item, { channelId: ChannelId }>
/** A message in a channel. */
export type MessageItem = Extract<Item, { kind: 'channel-message' }>

export type Content =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'raw'; readonly raw: Bytes; readonly description: string }

/** Text, or raw data and description together (the API's limit). */
export const MAX_CONTENT_BYTES = 32 * 1024

const PEER_MESSAGE = 1
const CHANNEL_MESSAGE = 2
const LEFT = 3

const TEXT = 1
const RAW = 2

export function encodeItem(item: Item): Bytes {
  return encodeBytes((encoder) => {
    switch (item.kind) {
      case 'peer-message':
        writeVarUint(encoder, PEER_MESSAGE)
        writeVarUint(encoder, item.sentAt)
        writeContent(encoder, item.content)
        break
      case 'channel-message':
        writeVarUint(encoder, CHANNEL_MESSAGE)
        writeVarString(encoder, item.channelId)
        writeVarUint(encoder, item.incarnation)
        writeVarUint(encoder, item.sentAt)
        writeContent(encoder, item.content)
        break
      case 'left':
        writeVarUint(encoder, LEFT)
        writeVarString(encoder, item.channelId)
        writeVarUint(encoder, item.incarnation)
        break
    }
  })
}

/** Undefined for what is malformed, over the limits, or of a kind that this version does not know. */
export function decodeItem(bytes: Uint8Array): Item | undefined {
  return decode(bytes, (reader) => {
    switch (reader.varUint()) {
      case PEER_MESSAGE: {
        const sentAt = reader.varUint()
        const content = readContent(reader)
        return content && { kind: 'peer-message', sentAt, content }
      }
      case CHANNEL_MESSAGE: {
        const channelId = reader.varText()
        const incarnation = reader.varUint()
        const sentAt = reader.varUint()
        const content = readContent(reader)
        if (!isChannelId(channelId) || !content) return undefined
        return { kind: 'channel-message', channelId, incarnation, sentAt, content }
      }
      case LEFT: {
        const channelId = reader.varText()
        const incarnation = reader.varUint()
        return isChannelId(channelId) ? { kind: 'left', channelId, incarnation } : undefined
      }
      default:
        return undefined
    }
  })
}

function writeContent(encoder: Encoder, content: Content): void {
  if (content.type === 'text') {
    writeVarUint(encoder, TEXT)
    writeVarString(encoder, content.text)
    return
  }
  writeVarUint(encoder, RAW)
  writeVarString(encoder, content.description)
  writeUint8Array(encoder, content.raw)
}

function readContent(reader: Reader): Content | undefined {
  const type = reader.varUint()
  const text = reader.varBytes()
  if (type === TEXT) {
    if (text.byteLength > MAX_CONTENT_BYTES) return undefined
    return { type: 'text', text: lenientUtf8.decode(text) }
  }
  const raw = reader.rest()
  if (type !== RAW || text.byteLength + raw.byteLength > MAX_CONTENT_BYTES) return undefined
  // A copy: the receiver may keep it while the packet's buffer goes.
  return { type: 'raw', raw: new Uint8Array(raw), description: lenientUtf8.decode(text) }
}

/** A lone surrogate in a sender's text becomes U+FFFD on the way, as everywhere on the web. */
const lenientUtf8 = new TextDecoder('utf-8', { ignoreBOM: true })

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
  /** Said to members of the channel while no server says it. */
  | { readonly kind: 'joined'; readonly channelId: ChannelId; readonly incarnation: number }
  /** A peer message that was kept while its receiver was offline; it may come more than once, under the same id. */
  | {
      readonly kind: 'offline-message'
      /** Random, `OFFLINE_ID_BYTES` long. */
      readonly id: Bytes
      readonly sentAt: number
      readonly content: Content
    }
  /** These offline messages were received for good. */
  | { readonly kind: 'offline-receipt'; readonly ids: readonly Bytes[] }
  /** Asks for the receiver's user attributes; `stateVector` says what the asker has of them already. */
  | { readonly kind: 'user-attributes-request'; readonly request: number; readonly stateVector: Bytes }
  /** The answer: an update of the document that holds the sender's user attributes. */
  | { readonly kind: 'user-attributes'; readonly request: number; readonly update: Bytes }
  /** About a channel's shared document, in bytes of its own (`document-messages.ts`). */
  | { readonly kind: 'document'; readonly channelId: ChannelId; readonly message: Bytes }
  /** About a call invitation, in bytes of its own (`invitation-messages.ts`). */
  | { readonly kind: 'invitation'; readonly message: Bytes }

/** An item that belongs to a channel. */
export type ChannelItem = Extract<Item, { incarnation: number }>
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
const OFFLINE_MESSAGE = 4
const OFFLINE_RECEIPT = 5
const USER_ATTRIBUTES_REQUEST = 6
const USER_ATTRIBUTES = 7
const DOCUMENT = 8
const JOINED = 9
const INVITATION = 10

export const OFFLINE_ID_BYTES = 16
/** In one receipt. */
export const MAX_RECEIPT_IDS = 256
/** 16 KB of attributes, and what Yjs adds to them. */
export const MAX_USER_ATTRIBUTES_BYTES = 64 * 1024
/** Of one message about a shared document. */
export const MAX_DOCUMENT_MESSAGE_BYTES = 64 * 1024
/** Of one message about an invitation: 8 KB of text, a channel id, an id, and some room for later versions. */
export const MAX_INVITATION_MESSAGE_BYTES = 9 * 1024

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
      case 'joined':
        writeVarUint(encoder, item.kind === 'left' ? LEFT : JOINED)
        writeVarString(encoder, item.channelId)
        writeVarUint(encoder, item.incarnation)
        break
      case 'offline-message':
        writeVarUint(encoder, OFFLINE_MESSAGE)
        writeUint8Array(encoder, item.id)
        writeVarUint(encoder, item.sentAt)
        writeContent(encoder, item.content)
        break
      case 'offline-receipt':
        writeVarUint(encoder, OFFLINE_RECEIPT)
        for (const id of item.ids) writeUint8Array(encoder, id)
        break
      case 'user-attributes-request':
        writeVarUint(encoder, USER_ATTRIBUTES_REQUEST)
        writeVarUint(encoder, item.request)
        writeUint8Array(encoder, item.stateVector)
        break
      case 'user-attributes':
        writeVarUint(encoder, USER_ATTRIBUTES)
        writeVarUint(encoder, item.request)
        writeUint8Array(encoder, item.update)
        break
      case 'document':
        writeVarUint(encoder, DOCUMENT)
        writeVarString(encoder, item.channelId)
        writeUint8Array(encoder, item.message)
        break
      case 'invitation':
        writeVarUint(encoder, INVITATION)
        writeUint8Array(encoder, item.message)
        break
    }
  })
}

/** Undefined for what is malformed, over the limits, or of a kind that this version does not know. */
export function decodeItem(bytes: Uint8Array): Item | undefined {
  return decode(bytes, (reader) => {
    const kind = reader.varUint()
    switch (kind) {
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
      case LEFT:
      case JOINED: {
        const channelId = reader.varText()
        const incarnation = reader.varUint()
        if (!isChannelId(channelId)) return undefined
        return { kind: kind === LEFT ? 'left' : 'joined', channelId, incarnation }
      }
      case OFFLINE_MESSAGE: {
        const id = new Uint8Array(reader.bytes(OFFLINE_ID_BYTES))
        const sentAt = reader.varUint()
        const content = readContent(reader)
        return content && { kind: 'offline-message', id, sentAt, content }
      }
      case OFFLINE_RECEIPT: {
        const ids: Bytes[] = []
        while (!reader.isAtEnd) ids.push(new Uint8Array(reader.bytes(OFFLINE_ID_BYTES)))
        return ids.length <= MAX_RECEIPT_IDS ? { kind: 'offline-receipt', ids } : undefined
      }
      case USER_ATTRIBUTES_REQUEST: {
        const request = reader.varUint()
        const stateVector = readBounded(reader, MAX_USER_ATTRIBUTES_BYTES)
        return stateVector && { kind: 'user-attributes-request', request, stateVector }
      }
      case USER_ATTRIBUTES: {
        const request = reader.varUint()
        const update = readBounded(reader, MAX_USER_ATTRIBUTES_BYTES)
        return update && { kind: 'user-attributes', request, update }
      }
      case DOCUMENT: {
        const channelId = reader.varText()
        const message = readBounded(reader, MAX_DOCUMENT_MESSAGE_BYTES)
        return isChannelId(channelId) && message ? { kind: 'document', channelId, message } : undefined
      }
      case INVITATION: {
        const message = readBounded(reader, MAX_INVITATION_MESSAGE_BYTES)
        return message && { kind: 'invitation', message }
      }
      default:
        return undefined
    }
  })
}

/** A copy of all that is left, if it is not too much. */
function readBounded(reader: Reader, maxBytes: number): Bytes | undefined {
  const rest = reader.rest()
  return rest.byteLength <= maxBytes ? new Uint8Array(rest) : undefined
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

import { type Encoder, writeUint8Array, writeVarString, writeVarUint } from 'lib0/encoding'

import type { Bytes } from '../base/bytes.ts'
import { decode, encodeBytes, type Reader } from './codec.ts'
import { MAX_INVITATION_CHANNEL_BYTES, MAX_INVITATION_TEXT_BYTES } from './invitation-limits.ts'

/**
 * How an invitation ended with its caller, or stands: `failed` for what the caller's page was told by another name
 * than expiry, `unknown` for one that the caller knows nothing of (any more).
 */
export type SettledOutcome = 'accepted' | 'refused' | 'canceled' | 'expired' | 'failed' | 'unknown'

/** What the caller says of an invitation. */
export type CallerMessage =
  | {
      readonly type: 'invite'
      readonly id: Bytes
      readonly channelId: string | null
      readonly content: string | null
    }
  | { readonly type: 'cancel'; readonly id: Bytes }
  /** The caller decides; what the callee wants counts from here on, or not. */
  | { readonly type: 'settled'; readonly id: Bytes; readonly outcome: SettledOutcome }

/** What the callee says of it. */
export type CalleeMessage =
  | { readonly type: 'received'; readonly id: Bytes }
  | { readonly type: 'accept'; readonly id: Bytes; readonly response: string | null }
  | { readonly type: 'refuse'; readonly id: Bytes; readonly response: string | null }
  /** The callee knows that its acceptance counts. */
  | { readonly type: 'confirmed'; readonly id: Bytes }
  /** With the callee it has failed, whatever the caller thinks. */
  | { readonly type: 'gave-up'; readonly id: Bytes }

export type InvitationMessage = CallerMessage | CalleeMessage

export const INVITATION_ID_BYTES = 16

const INVITE = 1
const RECEIVED = 2
const CANCEL = 3
const ACCEPT = 4
const REFUSE = 5
const SETTLED = 6
const CONFIRMED = 7
const GAVE_UP = 8

const HAS_CHANNEL = 1
const HAS_CONTENT = 2

const outcomes = ['accepted', 'refused', 'canceled', 'expired', 'failed', 'unknown'] as const

export function encodeInvitationMessage(message: InvitationMessage): Bytes {
  return encodeBytes((encoder) => {
    writeVarUint(encoder, numbers[message.type])
    writeUint8Array(encoder, message.id)
    switch (message.type) {
      case 'invite': {
        const { channelId, content } = message
        writeVarUint(encoder, (channelId === null ? 0 : HAS_CHANNEL) | (content === null ? 0 : HAS_CONTENT))
        if (channelId !== null) writeVarString(encoder, channelId)
        if (content !== null) writeVarString(encoder, content)
        break
      }
      case 'accept':
      case 'refuse':
        writeOptional(encoder, message.response)
        break
      case 'settled':
        writeVarUint(encoder, outcomes.indexOf(message.outcome))
        break
      case 'received':
      case 'cancel':
      case 'confirmed':
      case 'gave-up':
        break
    }
  })
}

/** Undefined for what is malformed, over the limits, or of a kind that this version does not know. */
export function decodeInvitationMessage(bytes: Uint8Array): InvitationMessage | undefined {
  return decode(bytes, (reader) => {
    const number = reader.varUint()
    const id = new Uint8Array(reader.bytes(INVITATION_ID_BYTES))
    switch (number) {
      case INVITE: {
        const has = reader.varUint()
        const channelId = readOptional(reader, has & HAS_CHANNEL, MAX_INVITATION_CHANNEL_BYTES)
        const content = readOptional(reader, has & HAS_CONTENT, MAX_INVITATION_TEXT_BYTES)
        if (channelId === undefined || content === undefined) return undefined
        return { type: 'invite', id, channelId, content }
      }
      case ACCEPT:
      case REFUSE: {
        const response = readOptional(reader, reader.varUint(), MAX_INVITATION_TEXT_BYTES)
        if (response === undefined) return undefined
        return { type: number === ACCEPT ? 'accept' : 'refuse', id, response }
      }
      case SETTLED: {
        const outcome = outcomes[reader.varUint()]
        return outcome && { type: 'settled', id, outcome }
      }
      case RECEIVED:
        return { type: 'received', id }
      case CANCEL:
        return { type: 'cancel', id }
      case CONFIRMED:
        return { type: 'confirmed', id }
      case GAVE_UP:
        return { type: 'gave-up', id }
      default:
        return undefined
    }
  })
}

const numbers = {
  invite: INVITE,
  received: RECEIVED,
  cancel: CANCEL,
  accept: ACCEPT,
  refuse: REFUSE,
  settled: SETTLED,
  confirmed: CONFIRMED,
  'gave-up': GAVE_UP,
} satisfies Record<InvitationMessage['type'], number>

function writeOptional(encoder: Encoder, text: string | null): void {
  writeVarUint(encoder, text === null ? 0 : 1)
  if (text !== null) writeVarString(encoder, text)
}

/** Null if there is none, undefined if it is too long. */
function readOptional(reader: Reader, isThere: number, maxBytes: number): string | null | undefined {
  if (isThere === 0) return null
  const bytes = reader.varBytes()
  return bytes.byteLength <= maxBytes ? strictUtf8.decode(bytes) : undefined
}

/** What is not UTF-8 throws, and is malformed. */
const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

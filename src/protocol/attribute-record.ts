import { writeUint8Array, writeVarString, writeVarUint } from 'lib0/encoding'

import { type Bytes, fromHex, toHex, utf8ByteLength } from '../base/bytes.ts'
import { SIGNATURE_BYTES } from '../base/crypto.ts'
import {
  type AppId,
  type ChannelId,
  isSessionId,
  isUserId,
  type SessionId,
  type UserId,
} from '../base/ids.ts'
import { isAttributeKey, MAX_ATTRIBUTE_VALUE_BYTES } from './attribute-limits.ts'
import { decode, encodeBytes, type Reader } from './codec.ts'
import { SIGNING_DOMAIN } from './version.ts'

/** What one user last wrote under one key of a channel's attributes. */
export interface AttributeRecord {
  readonly key: string
  /** Undefined: the user deleted the key. */
  readonly value: string | undefined
  readonly userId: UserId
  /** The session that signed it; its credential is kept beside the records. */
  readonly sessionId: SessionId
  /** Server time of the write in milliseconds, later than every write that its author had seen. */
  readonly clock: number
}

export interface SignedRecord extends AttributeRecord {
  readonly signature: Bytes
}

const FORMAT = 1
const DELETED = 0
const VALUE = 1
const SEPARATOR = '\0'

/** Under which key of the shared map a record stands: each user has a place of its own for each key. */
export function recordPlace({ key, userId }: Pick<AttributeRecord, 'key' | 'userId'>): string {
  return key + SEPARATOR + userId
}

/** What the author's signing key signs. It names app and channel, so that no record counts anywhere else. */
export function recordSigningInput(appId: AppId, channelId: ChannelId, record: AttributeRecord): Bytes {
  return encodeBytes((encoder) => {
    for (const text of [SIGNING_DOMAIN, 'attribute', appId, channelId, record.key, record.userId])
      writeVarString(encoder, text)
    writeVarString(encoder, record.sessionId)
    writeVarUint(encoder, record.clock)
    writeVarUint(encoder, record.value === undefined ? DELETED : VALUE)
    writeVarString(encoder, record.value ?? '')
  })
}

/** What stands in the shared map; key and user are in its place there. */
export function encodeRecord(record: SignedRecord): Bytes {
  return encodeBytes((encoder) => {
    writeVarUint(encoder, FORMAT)
    writeUint8Array(encoder, sessionBytes(record.sessionId))
    writeVarUint(encoder, record.clock)
    writeVarUint(encoder, record.value === undefined ? DELETED : VALUE)
    if (record.value !== undefined) writeVarString(encoder, record.value)
    writeUint8Array(encoder, record.signature)
  })
}

/** Undefined for what is no record of this format, or over the limits. Whether it is signed is another question. */
export function decodeRecord(place: string, bytes: Uint8Array): SignedRecord | undefined {
  const [key = '', userId, ...rest] = place.split(SEPARATOR)
  if (!isUserId(userId) || rest.length > 0 || !isAttributeKey(key)) return undefined
  const read = decode(bytes, readRecord)
  return read && { key, userId, ...read }
}

function readRecord(reader: Reader): Omit<SignedRecord, 'key' | 'userId'> | undefined {
  if (reader.varUint() !== FORMAT) return undefined
  const sessionId = toHex(reader.bytes(SESSION_BYTES))
  const clock = reader.varUint()
  const kind = reader.varUint()
  const value = kind === VALUE ? reader.varText() : undefined
  const signature = new Uint8Array(reader.bytes(SIGNATURE_BYTES))
  const isWellFormed = (kind === VALUE && value !== '') || kind === DELETED
  if (!isWellFormed || !reader.isAtEnd || !isSessionId(sessionId)) return undefined
  if (value !== undefined && utf8ByteLength(value) > MAX_ATTRIBUTE_VALUE_BYTES) return undefined
  return { value, sessionId, clock, signature }
}

const SESSION_BYTES = 16

function sessionBytes(sessionId: SessionId): Bytes {
  return fromHex(sessionId) ?? new Uint8Array(SESSION_BYTES)
}

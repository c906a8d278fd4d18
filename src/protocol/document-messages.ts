import {
  type Encoder,
  writeUint8Array,
  writeVarString,
  writeVarUint,
  writeVarUint8Array,
} from 'lib0/encoding'

import { type Bytes, fromHex, toHex } from '../base/bytes.ts'
import { SHA256_BYTES } from '../base/crypto.ts'
import { type ChannelId, isChannelId } from '../base/ids.ts'
import { decode, encodeBytes, type Reader } from './codec.ts'
import { KEY_ID_BYTES } from './credential.ts'
import { PROTOCOL_VERSION } from './version.ts'

export { NOT_HERE, NOT_YET } from './document-refusals.ts'

/**
 * A document's life from an empty start on. Its replicas know each other's changes; with those of another generation
 * they have nothing in common.
 */
export interface Generation {
  /** Server time in milliseconds, as its maker knew it. */
  readonly createdAt: number
  /** Random, so that two that were made at once are two. */
  readonly id: string
  /** The generation that it replaced, with all that was in it; '' for none. */
  readonly parent: string
}

/** How a session holds a channel's document, as it tells another. */
export interface Holding {
  /** Undefined: nothing was ever written, as far as it knows. */
  readonly generation: Generation | undefined
  /** Another member has it too, or had it in this page's life; otherwise it only comes from this machine. */
  readonly isLive: boolean
}

/** What a side channel is opened for: to replicate this generation of a channel's document. */
export interface DocumentLabel extends Holding {
  readonly channelId: ChannelId
}

/** About a channel's document, from holder to holder. */
export type DocumentMessage =
  /** A write: `id` is acknowledged once the receiver's replica covers the state vector. */
  | {
      readonly type: 'operation'
      readonly id: string
      /** Members are to be told that attributes changed. */
      readonly notify: boolean
      /** From somebody who does not know all members: the receiver passes it on to them. */
      readonly forward: boolean
      readonly generation: string
      readonly stateVector: Bytes
    }
  | { readonly type: 'acknowledgement'; readonly id: string }
  /** What the sender has: for comparison. */
  | {
      readonly type: 'digest'
      readonly holding: Holding
      readonly stateVector: Bytes
      /** Of all valid records whose authors this server key vouches for; by the key's id. */
      readonly hashByKeyId: ReadonlyMap<string, string>
      /** The receiver is asked for its own. */
      readonly wantsAnswer: boolean
      /** The sender waits for the word of somebody whom the receiver may not know, and who may have something. */
      readonly isFetching: boolean
    }

const OPERATION = 1
const ACKNOWLEDGEMENT = 2
const DIGEST = 3

export const OPERATION_ID_BYTES = 8
export const GENERATION_ID_BYTES = 8
/** A client knows eight server keys; a document may have kept a few more. Of more than these no hashes are told. */
export const MAX_HASHES = 64

export function encodeDocumentLabel(label: DocumentLabel): Bytes {
  return encodeBytes((encoder) => {
    writeVarUint(encoder, PROTOCOL_VERSION)
    writeVarString(encoder, label.channelId)
    writeHolding(encoder, label)
  })
}

export function decodeDocumentLabel(bytes: Uint8Array): DocumentLabel | undefined {
  return decode(bytes, (reader) => {
    if (reader.varUint() !== PROTOCOL_VERSION) return undefined
    const channelId = reader.varText()
    const holding = readHolding(reader)
    return isChannelId(channelId) ? { channelId, ...holding } : undefined
  })
}

/** What a side channel is refused with: the refuser's own holding. */
export function encodeHolding(holding: Holding): Bytes {
  return encodeBytes((encoder) => writeHolding(encoder, holding))
}

export function decodeHolding(bytes: Uint8Array): Holding | undefined {
  return decode(bytes, readHolding)
}

export function encodeDocumentMessage(message: DocumentMessage): Bytes {
  return encodeBytes((encoder) => {
    switch (message.type) {
      case 'operation':
        writeVarUint(encoder, OPERATION)
        writeHex(encoder, message.id)
        writeFlags(encoder, message.notify, message.forward)
        writeHex(encoder, message.generation)
        writeUint8Array(encoder, message.stateVector)
        break
      case 'acknowledgement':
        writeVarUint(encoder, ACKNOWLEDGEMENT)
        writeHex(encoder, message.id)
        break
      case 'digest':
        writeVarUint(encoder, DIGEST)
        writeHolding(encoder, message.holding)
        writeFlags(encoder, message.wantsAnswer, message.isFetching)
        writeVarUint8Array(encoder, message.stateVector)
        writeVarUint(encoder, message.hashByKeyId.size)
        for (const [keyId, hash] of message.hashByKeyId) {
          writeHex(encoder, keyId)
          writeHex(encoder, hash)
        }
    }
  })
}

export function decodeDocumentMessage(bytes: Uint8Array): DocumentMessage | undefined {
  return decode(bytes, (reader) => {
    switch (reader.varUint()) {
      case OPERATION: {
        const id = readHex(reader, OPERATION_ID_BYTES)
        const [notify, forward] = readFlags(reader)
        const generation = readHex(reader, GENERATION_ID_BYTES)
        return { type: 'operation', id, notify, forward, generation, stateVector: copy(reader.rest()) }
      }
      case ACKNOWLEDGEMENT:
        return { type: 'acknowledgement', id: readHex(reader, OPERATION_ID_BYTES) }
      case DIGEST: {
        const holding = readHolding(reader)
        const [wantsAnswer, isFetching] = readFlags(reader)
        const stateVector = copy(reader.varBytes())
        const hashByKeyId = readHashes(reader)
        return hashByKeyId && { type: 'digest', holding, stateVector, hashByKeyId, wantsAnswer, isFetching }
      }
      default:
        return undefined
    }
  })
}

function writeHolding(encoder: Encoder, { generation, isLive }: Holding): void {
  writeFlags(encoder, generation !== undefined, isLive, (generation?.parent ?? '') !== '')
  if (!generation) return
  writeVarUint(encoder, generation.createdAt)
  writeHex(encoder, generation.id)
  writeHex(encoder, generation.parent)
}

function readHolding(reader: Reader): Holding {
  const [hasGeneration, isLive, hasParent] = readFlags(reader)
  if (!hasGeneration) return { generation: undefined, isLive }
  const createdAt = reader.varUint()
  const id = readHex(reader, GENERATION_ID_BYTES)
  const parent = hasParent ? readHex(reader, GENERATION_ID_BYTES) : ''
  return { generation: { createdAt, id, parent }, isLive }
}

function readHashes(reader: Reader): ReadonlyMap<string, string> | undefined {
  const count = reader.varUint()
  if (count > MAX_HASHES) return undefined
  const hashByKeyId = new Map<string, string>()
  for (let i = 0; i < count; i++) {
    hashByKeyId.set(readHex(reader, KEY_ID_BYTES), readHex(reader, SHA256_BYTES))
  }
  return hashByKeyId
}

/** The first is the lowest bit. */
function writeFlags(encoder: Encoder, ...flags: readonly boolean[]): void {
  writeVarUint(
    encoder,
    flags.reduce((bits, flag, i) => bits | (flag ? 1 << i : 0), 0),
  )
}

function readFlags(reader: Reader): [boolean, boolean, boolean] {
  const bits = reader.varUint()
  return [(bits & 1) !== 0, (bits & 2) !== 0, (bits & 4) !== 0]
}

function writeHex(encoder: Encoder, hex: string): void {
  writeUint8Array(encoder, fromHex(hex) ?? new Uint8Array(0))
}

function readHex(reader: Reader, byteCount: number): string {
  return toHex(reader.bytes(byteCount))
}

function copy(bytes: Uint8Array): Bytes {
  return new Uint8Array(bytes)
}

import {
  type Encoder,
  writeUint8Array,
  writeVarString,
  writeVarUint,
  writeVarUint8Array,
} from 'lib0/encoding'

import { decode, encodeBytes, type Reader } from './codec.ts'
import { MAX_CREDENTIAL_TEXT } from './credential.ts'
import { FEATURES, PROTOCOL_VERSION } from './version.ts'

/**
 * What travels on a link's reliable channel: packets of frames. A frame is type, length and body;
 * a type that is not known is skipped by its length.
 *
 *     packet = { varuint type, varuint length, body }*
 *     hello  = varuint version, features, stream, next
 *     item   = varuint stream, number, then the item's own bytes
 *     next item = varuint count, then the item's own bytes without the first `count`, which are those of the item before
 *              it in this packet; it is the one that follows that item in its stream
 *     ack    = varuint stream, next
 *     goodbye = nothing
 *     hold   = varuint 1 while a channel of the sender needs this link, 0 when none does any more
 *     channel = varuint number, then length and bytes of the label
 *     channel answer = varuint number, 1 for yes or 0 for no, then length and bytes of the answer
 *     credential = the sender's sealed credential, text: after the hello, and after each renewal
 *     neighbour = a message of `neighbour-messages.ts`
 *     relay = a message about what one of the two passes on for somebody else (`relay-messages.ts`)
 */
export type Frame =
  | {
      readonly type: 'hello'
      readonly version: number
      readonly features: number
      /** What the sender of this hello has received so far; stream 0: nothing. */
      readonly received: Position
    }
  | { readonly type: 'item'; readonly at: Position; readonly item: Uint8Array }
  | { readonly type: 'ack'; readonly received: Position }
  | { readonly type: 'hold'; readonly isHeld: boolean }
  | { readonly type: 'goodbye' }
  /** The sender has made its end of a side channel. */
  | { readonly type: 'channel'; readonly number: number; readonly label: Uint8Array }
  /** So has the other, if it accepts; `answer` is empty then. */
  | {
      readonly type: 'channel-answer'
      readonly number: number
      readonly isAccepted: boolean
      readonly answer: Uint8Array
    }
  /** With it the receiver can introduce the sender to others. */
  | { readonly type: 'credential'; readonly credential: string }
  | { readonly type: 'neighbour'; readonly message: Uint8Array }
  | { readonly type: 'relay'; readonly message: Uint8Array }

type ItemFrame = Extract<Frame, { type: 'item' }>

/** A place in a stream. In a hello or an acknowledgement: everything before `number` has arrived. */
export interface Position {
  /** Streams of a session to a peer are counted from 1. */
  readonly stream: number
  /** Items of a stream are counted from 0. */
  readonly number: number
}

const HELLO = 1
const ITEM = 2
const ACK = 3
const GOODBYE = 4
const HOLD = 5
const CHANNEL = 6
const CHANNEL_ANSWER = 7
const CREDENTIAL = 8
const NEIGHBOUR = 9
const RELAY = 10
const NEXT_ITEM = 11

/** What a message in a channel begins with is no longer: its kind, the channel's id, the join, the time. */
const MAX_REPEATED_BYTES = 80

/** Side channels have the numbers that a link's own channels leave free, up to the last one that Chromium has. */
export const FIRST_CHANNEL = 10
export const LAST_CHANNEL = 1_023
/**
 * The last one that is sure to carry anything, and so the last that anybody opens. Firefox begins with 256 streams: what
 * it sends on channels beyond them may never arrive, though they are open (Firefox 140, at Chromium and at itself).
 */
export const LAST_SURE_CHANNEL = 255
/** Of what a frame carries for the neighbours and relays: with a packet's own head below the 256 KB that a browser sends. */
export const MAX_FRAME_MESSAGE_BYTES = 128 * 1024
/** Of the label of a side channel, and of the answer to it. */
export const MAX_LABEL_BYTES = 1_024

/** A message of the unreliable channel: a sign of life. */
export const BEAT = new Uint8Array([0])
/** The same, and a question: who gets it answers with a beat at once, whatever its timers do. */
export const PROBE = new Uint8Array([1])

export function writeHello(encoder: Encoder, received: Position): void {
  writeFrame(encoder, HELLO, (body) => {
    writeVarUint(body, PROTOCOL_VERSION)
    writeVarUint(body, FEATURES)
    writePosition(body, received)
  })
}

/** `before` is the item that was written into the same packet last, if any was, and the one before this in its stream. */
export function writeItem(encoder: Encoder, at: Position, item: Uint8Array, before?: Uint8Array): void {
  if (before) return writeNextItem(encoder, item, before)
  writeVarUint(encoder, ITEM)
  writeVarUint(encoder, varUintLength(at.stream) + varUintLength(at.number) + item.byteLength)
  writePosition(encoder, at)
  writeUint8Array(encoder, item)
}

function writeNextItem(encoder: Encoder, item: Uint8Array, before: Uint8Array): void {
  const repeated = countRepeated(item, before)
  writeVarUint(encoder, NEXT_ITEM)
  writeVarUint(encoder, varUintLength(repeated) + item.byteLength - repeated)
  writeVarUint(encoder, repeated)
  writeUint8Array(encoder, repeated > 0 ? item.subarray(repeated) : item)
}

function countRepeated(item: Uint8Array, before: Uint8Array): number {
  const most = Math.min(item.byteLength, before.byteLength, MAX_REPEATED_BYTES)
  let count = 0
  while (count < most && item[count] === before[count]) count++
  return count
}

export function writeAck(encoder: Encoder, received: Position): void {
  writeVarUint(encoder, ACK)
  writeVarUint(encoder, varUintLength(received.stream) + varUintLength(received.number))
  writePosition(encoder, received)
}

export function writeHold(encoder: Encoder, isHeld: boolean): void {
  writeFrame(encoder, HOLD, (body) => writeVarUint(body, isHeld ? 1 : 0))
}

export function writeGoodbye(encoder: Encoder): void {
  writeFrame(encoder, GOODBYE, () => undefined)
}

export function writeChannel(encoder: Encoder, number: number, label: Uint8Array): void {
  writeFrame(encoder, CHANNEL, (body) => {
    writeVarUint(body, number)
    writeVarUint8Array(body, label)
  })
}

export function writeChannelAnswer(
  encoder: Encoder,
  number: number,
  isAccepted: boolean,
  answer: Uint8Array,
): void {
  writeFrame(encoder, CHANNEL_ANSWER, (body) => {
    writeVarUint(body, number)
    writeVarUint(body, isAccepted ? 1 : 0)
    writeVarUint8Array(body, answer)
  })
}

export function writeCredential(encoder: Encoder, credential: string): void {
  writeFrame(encoder, CREDENTIAL, (body) => writeVarString(body, credential))
}

/** `message` is at most `MAX_FRAME_MESSAGE_BYTES` long. */
export function writeNeighbour(encoder: Encoder, message: Uint8Array): void {
  writeFrame(encoder, NEIGHBOUR, (body) => writeUint8Array(body, message))
}

/** `message` is at most `MAX_FRAME_MESSAGE_BYTES` long. */
export function writeRelay(encoder: Encoder, message: Uint8Array): void {
  writeFrame(encoder, RELAY, (body) => writeUint8Array(body, message))
}

/** Undefined if any part of the packet is malformed; unknown frames are left out. */
export function decodePacket(packet: Uint8Array): readonly Frame[] | undefined {
  return decode(packet, (reader) => {
    const frames: Frame[] = []
    let before: ItemFrame | undefined
    while (!reader.isAtEnd) {
      const type = reader.varUint()
      const body = reader.varBytes()
      const frame = decodeFrame(type, body, before)
      if (frame === 'malformed') return undefined
      if (frame === 'unknown') continue
      frames.push(frame)
      if (frame.type === 'item') before = frame
    }
    return frames
  })
}

function decodeFrame(
  type: number,
  body: Uint8Array,
  before: ItemFrame | undefined,
): Frame | 'unknown' | 'malformed' {
  const read = type === NEXT_ITEM ? (reader: Reader) => readNextItem(reader, before) : readers[type]
  return read ? (decode(body, read) ?? 'malformed') : 'unknown'
}

function readNextItem(reader: Reader, before: ItemFrame | undefined): ItemFrame | undefined {
  const repeated = reader.varUint()
  const rest = reader.rest()
  if (!before || repeated > Math.min(before.item.byteLength, MAX_REPEATED_BYTES)) return undefined
  const at = { stream: before.at.stream, number: before.at.number + 1 }
  if (!Number.isSafeInteger(at.number)) return undefined
  if (repeated === 0) return { type: 'item', at, item: rest }
  const item = new Uint8Array(repeated + rest.byteLength)
  item.set(before.item.subarray(0, repeated))
  item.set(rest, repeated)
  return { type: 'item', at, item }
}

// Bodies may be longer than what is read here: a later minor version may append fields.
const readers: Readonly<Record<number, (reader: Reader) => Frame | undefined>> = {
  [HELLO]: (reader) => ({
    type: 'hello',
    version: reader.varUint(),
    features: reader.varUint(),
    received: readPosition(reader),
  }),
  [ITEM]: (reader) => ({ type: 'item', at: readPosition(reader), item: reader.rest() }),
  [ACK]: (reader) => ({ type: 'ack', received: readPosition(reader) }),
  [GOODBYE]: () => ({ type: 'goodbye' }),
  [HOLD]: (reader) => ({ type: 'hold', isHeld: reader.varUint() === 1 }),
  [CHANNEL]: (reader) => {
    const number = reader.varUint()
    const label = reader.varBytes()
    return isChannel(number, label) ? { type: 'channel', number, label } : undefined
  },
  [CHANNEL_ANSWER]: (reader) => {
    const number = reader.varUint()
    const isAccepted = reader.varUint() === 1
    const answer = reader.varBytes()
    return isChannel(number, answer) ? { type: 'channel-answer', number, isAccepted, answer } : undefined
  },
  [CREDENTIAL]: (reader) => {
    const credential = reader.varText()
    return credential.length <= MAX_CREDENTIAL_TEXT ? { type: 'credential', credential } : undefined
  },
  [NEIGHBOUR]: (reader) => message('neighbour', reader.rest()),
  [RELAY]: (reader) => message('relay', reader.rest()),
}

function message<Type extends 'neighbour' | 'relay'>(type: Type, bytes: Uint8Array) {
  return bytes.byteLength <= MAX_FRAME_MESSAGE_BYTES ? { type, message: bytes } : undefined
}

function isChannel(number: number, label: Uint8Array): boolean {
  return number >= FIRST_CHANNEL && number <= LAST_CHANNEL && label.byteLength <= MAX_LABEL_BYTES
}

function writeFrame(encoder: Encoder, type: number, write: (body: Encoder) => void): void {
  const body = encodeBytes(write)
  writeVarUint(encoder, type)
  writeVarUint(encoder, body.byteLength)
  writeUint8Array(encoder, body)
}

function writePosition(encoder: Encoder, position: Position): void {
  writeVarUint(encoder, position.stream)
  writeVarUint(encoder, position.number)
}

function readPosition(reader: Reader): Position {
  return { stream: reader.varUint(), number: reader.varUint() }
}

function varUintLength(value: number): number {
  let length = 1
  for (let rest = Math.floor(value / 128); rest > 0; rest = Math.floor(rest / 128)) length++
  return length
}

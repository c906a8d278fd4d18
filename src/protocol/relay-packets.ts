import { writeUint8Array, writeVarUint } from 'lib0/encoding'

import type { Bytes } from '../base/bytes.ts'
import type { ChannelPacket } from './channel-packets.ts'
import { decode, encodeBytes } from './codec.ts'
import { LAST_CHANNEL } from './frames.ts'

/**
 * What the two ends of a relayed link seal for each other.
 *
 *     ready  = nothing: the first of each side, which proves that it has the keys
 *     part   = varuint channel, then bytes of a message of which more follows
 *     bytes  = varuint channel, then the bytes of a message, or the last of them
 *     credit = varuint channel, count
 *     beat   = varuint 1 for an answer, else 0
 *     end    = varuint channel
 */
export type RelayPacket =
  | ChannelPacket
  | { readonly type: 'ready' }
  | { readonly type: 'part'; readonly channel: number; readonly bytes: Uint8Array }

const READY = 0
const PART = 1
const BYTES = 2
const CREDIT = 3
const BEAT = 4
const END = 5

export function encodeRelayPacket(packet: RelayPacket): Bytes {
  return encodeBytes((encoder) => {
    const head = (...values: readonly number[]): void => {
      for (const value of values) writeVarUint(encoder, value)
    }
    switch (packet.type) {
      case 'ready':
        return head(READY)
      case 'part':
      case 'bytes':
        head(packet.type === 'part' ? PART : BYTES, packet.channel)
        return writeUint8Array(encoder, packet.bytes)
      case 'credit':
        return head(CREDIT, packet.channel, packet.byteCount)
      case 'beat':
        return head(BEAT, packet.isAnswer ? 1 : 0)
      case 'end':
        return head(END, packet.channel)
    }
  })
}

/** Undefined for what is malformed. */
export function decodeRelayPacket(input: Uint8Array): RelayPacket | undefined {
  return decode(input, (reader) => {
    const type = reader.varUint()
    if (type === READY) return { type: 'ready' }
    if (type === BEAT) return { type: 'beat', isAnswer: reader.varUint() === 1 }
    const channel = reader.varUint()
    if (channel > LAST_CHANNEL) return undefined
    if (type === PART) return { type: 'part', channel, bytes: reader.rest() }
    if (type === BYTES) return { type: 'bytes', channel, bytes: reader.rest() }
    if (type === CREDIT) return { type: 'credit', channel, byteCount: reader.varUint() }
    return type === END ? { type: 'end', channel } : undefined
  })
}

import { concatBytes } from '../base/bytes.ts'
import type { ChannelPacket } from '../protocol/channel-packets.ts'
import type { RelayPacket } from '../protocol/relay-packets.ts'

/** As a browser takes on a data channel (Chromium's `maxMessageSize`). */
const MAX_MESSAGE_BYTES = 256 * 1024
/** Four times what such a message is sent in: each piece costs memory beside its bytes. */
const MAX_PARTS = 64

type Piece = Extract<RelayPacket, { bytes: Uint8Array }>

/** Puts messages together from their pieces. One message is sent after the other, so there is never more than one. */
export class Reassembly {
  private parts: Uint8Array[] = []
  private byteCount = 0
  private channel: number | undefined

  /** The message, if this was its last piece. */
  add({ type, channel, bytes }: Piece): ChannelPacket | 'malformed' | undefined {
    if (this.channel !== undefined && this.channel !== channel) return 'malformed'
    this.byteCount += bytes.byteLength
    if (this.byteCount > MAX_MESSAGE_BYTES) return 'malformed'
    if (type === 'part') {
      if (this.parts.length >= MAX_PARTS) return 'malformed'
      this.parts.push(bytes)
      this.channel = channel
      return undefined
    }
    const whole = this.parts.length === 0 ? bytes : concatBytes(...this.parts, bytes)
    this.parts = []
    this.byteCount = 0
    this.channel = undefined
    return { type: 'bytes', channel, bytes: whole }
  }
}

import type { Bytes } from '../base/bytes.ts'
import type { ChannelPacket } from '../protocol/channel-packets.ts'
import { LOW_WATER_BYTES } from './link.ts'
import type { SideChannel, SideChannelEvents } from './side-channel.ts'

/** What was taken is told by so much: a message for every message would cost as much as what it is about. */
const CREDIT_BYTES = LOW_WATER_BYTES / 2

/**
 * One end of one of the channels of a link whose transport does not tell how much of what was sent has not been taken
 * yet: the other end tells.
 */
export class CreditChannel implements SideChannel {
  /** Bytes that were sent and of which the other end has not told that it took them. */
  bufferedBytes = 0
  private takenBytes = 0
  private isClosed = false

  constructor(
    private readonly channel: number,
    private readonly events: SideChannelEvents,
    private readonly post: (packet: ChannelPacket) => void,
    private readonly over: (channel: number) => void,
  ) {}

  send(message: Bytes): void {
    if (this.isClosed) return
    this.bufferedBytes += message.byteLength
    this.post({ type: 'bytes', channel: this.channel, bytes: message })
  }

  close(): void {
    if (this.isClosed) return
    this.finish()
    this.post({ type: 'end', channel: this.channel })
  }

  /** Closed by the other side, or with the link. */
  lose(): void {
    if (this.isClosed) return
    this.finish()
    this.events.closed()
  }

  receive(bytes: Uint8Array): void {
    this.takenBytes += bytes.byteLength
    this.events.message(bytes)
    if (this.takenBytes < CREDIT_BYTES) return
    this.post({ type: 'credit', channel: this.channel, byteCount: this.takenBytes })
    this.takenBytes = 0
  }

  /** False if so much was never sent. */
  credit(byteCount: number): boolean {
    const before = this.bufferedBytes
    if (byteCount > before) return false
    this.bufferedBytes -= byteCount
    if (before > LOW_WATER_BYTES && this.bufferedBytes <= LOW_WATER_BYTES) this.events.drained()
    return true
  }

  private finish(): void {
    this.isClosed = true
    this.over(this.channel)
  }
}

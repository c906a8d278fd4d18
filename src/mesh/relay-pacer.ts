import type { Cancel, Clock } from '../base/clock.ts'
import { TokenBucket } from '../base/token-bucket.ts'
import type { ChannelPacket } from '../protocol/channel-packets.ts'
import type { RelayPacket } from '../protocol/relay-packets.ts'

/** Of a message that goes at once: 20 ms at the rate below, so that a beat never waits longer behind one. */
const PIECE_BYTES = 16 * 1024
/** What a packet has around it: seal, number, session id, lengths. */
const PACKET_OVERHEAD_BYTES = 64
/** A relay passes on 1 MB a second and as much at once; who stays below this is never refused. */
const PACE = { perSecond: 800 * 1024, burst: 256 * 1024 }

/** Hands the packets of one relayed link on, piece by piece, no faster than relays take them. */
export class RelayPacer {
  private readonly queue: ChannelPacket[] = []
  /** Of the first in the queue. */
  private sentBytes = 0
  private readonly bucket: TokenBucket
  private cancel: Cancel | undefined

  constructor(
    private readonly clock: Clock,
    private readonly send: (packet: RelayPacket) => void,
  ) {
    this.bucket = new TokenBucket(clock, PACE)
  }

  /** Behind all that was added before. */
  add(packet: ChannelPacket): void {
    this.queue.push(packet)
    this.pump()
  }

  /** Now: it is short, and the other side waits for it. */
  addUrgent(packet: ChannelPacket): void {
    this.hand(packet)
  }

  close(): void {
    this.cancel?.()
    this.queue.length = 0
  }

  private pump(): void {
    if (this.cancel) return
    for (let [packet] = this.queue; packet; [packet] = this.queue) {
      const { waitMs } = this.bucket
      if (waitMs > 0) {
        this.cancel = this.clock.after(waitMs, () => {
          this.cancel = undefined
          this.pump()
        })
        return
      }
      this.hand(this.nextPieceOf(packet))
    }
  }

  private nextPieceOf(packet: ChannelPacket): RelayPacket {
    const restBytes = packet.type === 'bytes' ? packet.bytes.byteLength - this.sentBytes : 0
    if (packet.type !== 'bytes' || restBytes <= PIECE_BYTES) {
      const start = this.sentBytes
      this.queue.shift()
      this.sentBytes = 0
      return packet.type === 'bytes' ? { ...packet, bytes: packet.bytes.subarray(start) } : packet
    }
    const bytes = packet.bytes.subarray(this.sentBytes, (this.sentBytes += PIECE_BYTES))
    return { type: 'part', channel: packet.channel, bytes }
  }

  private hand(packet: RelayPacket): void {
    const byteCount = 'bytes' in packet ? packet.bytes.byteLength : 0
    this.bucket.spend(byteCount + PACKET_OVERHEAD_BYTES)
    this.send(packet)
  }
}

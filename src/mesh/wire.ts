import { createEncoder, type Encoder, length, toUint8Array } from 'lib0/encoding'

import type { Bytes } from '../base/bytes.ts'
import {
  type Position,
  writeAck,
  writeGoodbye,
  writeHello,
  writeHold,
  writeItem,
} from '../protocol/frames.ts'
import { HIGH_WATER_BYTES, type Link } from './link.ts'
import type { OutgoingStream } from './outgoing-stream.ts'

/** A packet is closed when it has reached this size: with one item of 32 KB more it is far below the 256 KB a browser sends. */
const PACKET_BYTES = 48 * 1024

/**
 * Fills one link: frames that are ready in one tick leave in one packet, and no more
 * is handed to the link than it takes without delaying what comes after.
 */
export class Wire {
  private acknowledgement: Position | undefined
  private isFlushPlanned = false
  private isReady = false
  private isClosed = false

  constructor(
    readonly link: Link,
    private readonly stream: OutgoingStream,
    private readonly sent: () => void,
  ) {}

  /** First frame of the link. Items wait for the other side's hello, which tells where to go on. */
  hello(received: Position): void {
    this.sendFrames((packet) => writeHello(packet, received))
  }

  /** The other side said what it has received; once, or else it could have everything sent again and again. */
  start(received: Position): void {
    if (this.isReady) return
    this.stream.resume(received)
    this.isReady = true
    this.flush()
  }

  /** Something is owed: it leaves at the end of this tick. */
  wake(): void {
    if (this.isFlushPlanned) return
    this.isFlushPlanned = true
    queueMicrotask(() => {
      this.isFlushPlanned = false
      this.flush()
    })
  }

  acknowledge(received: Position): void {
    this.acknowledgement = received
    this.wake()
  }

  /** Sends all that the link takes now; goes on when it has drained. */
  flush(): void {
    while (!this.isClosed) {
      const packet = createEncoder()
      this.writeAcknowledgement(packet)
      this.writeItems(packet)
      if (length(packet) === 0) return
      this.send(packet)
    }
  }

  /** Frames that wait for nothing. */
  sendFrames(write: (packet: Encoder) => void): void {
    const packet = createEncoder()
    write(packet)
    if (!this.isClosed) this.send(packet)
  }

  /** Tells whether a channel is shared over this link. */
  hold(isHeld: boolean): void {
    this.sendFrames((packet) => writeHold(packet, isHeld))
  }

  goodbye(): void {
    if (this.link.goodbye) this.link.goodbye()
    else this.sendFrames(writeGoodbye)
  }

  close(): void {
    this.isClosed = true
  }

  private writeAcknowledgement(packet: Encoder): void {
    if (!this.acknowledgement) return
    writeAck(packet, this.acknowledgement)
    this.acknowledgement = undefined
  }

  private writeItems(packet: Encoder): void {
    if (!this.isReady || this.link.bufferedBytes > HIGH_WATER_BYTES) return
    while (length(packet) < PACKET_BYTES) {
      const next = this.stream.next()
      if (!next) return
      writeItem(packet, next.at, next.item)
    }
  }

  private send(packet: Encoder): void {
    // lib0 allocates plain buffers; its declarations are older than typed ones.
    this.link.send(toUint8Array(packet) as Bytes)
    this.sent()
  }
}

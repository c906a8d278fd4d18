import { type Encoder, length } from 'lib0/encoding'

import type { Bytes } from '../base/bytes.ts'
import type { Soon } from '../base/soon.ts'
import { encodeBytes } from '../protocol/codec.ts'
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

/**
 * A packet is closed when it has reached this size: the other side sees nothing of one until it has all of it. With one
 * item of 32 KB more it is far below the 256 KB that a browser sends.
 */
const PACKET_BYTES = 16 * 1024

/** As much as this does not wait for the end of the tick: the other side works on it while more is being made. */
const EAGER_BYTES = 12 * 1024

/**
 * Fills one link: frames that are ready in one tick leave in one packet, and no more
 * is handed to the link than it takes without delaying what comes after.
 */
export class Wire {
  private acknowledgement: Position | undefined
  private isFlushPlanned = false
  /** Since the page last had nothing to do. */
  private hasFlushed = false
  private isClosed = false
  /** Items may leave; they need not wait for the other side's hello where none has ever left. */
  private isReady: boolean
  private isStarted = false

  constructor(
    readonly link: Link,
    private readonly stream: OutgoingStream,
    private readonly soon: Soon,
    private readonly sent: () => void,
  ) {
    this.isReady = stream.isUntouched
  }

  /** First frame of the link. Items that may have arrived before wait for the other side's, which tells where to go on. */
  hello(received: Position): void {
    this.sendFrames((packet) => writeHello(packet, received))
    if (this.isReady) this.wake()
  }

  /** The other side said what it has received; once, or else it could have everything sent again and again. */
  start(received: Position): void {
    if (this.isStarted) return
    this.isStarted = true
    if (!this.isReady) this.stream.resume(received)
    this.isReady = true
    this.flush()
  }

  /**
   * Something is owed: it leaves at the end of this tick. What follows before the page has handled the events that wait
   * for it leaves after that, together: as when each of a hundred answers leads to one more message, or when each of
   * ten packets is to be acknowledged.
   */
  wake(): void {
    if (this.stream.waitingBytes >= EAGER_BYTES && this.mayItemsLeave) this.flush()
    if (this.isFlushPlanned) return
    this.isFlushPlanned = true
    if (!this.hasFlushed) queueMicrotask(() => this.flushPlanned())
  }

  acknowledge(received: Position): void {
    this.acknowledgement = received
    this.wake()
  }

  /** Sends all that the link takes now; goes on when it has drained. */
  flush(): void {
    while (!this.isClosed) {
      const packet = encodeBytes((frames) => {
        this.writeAcknowledgement(frames)
        this.writeItems(frames)
      })
      if (packet.byteLength === 0) return
      this.send(packet)
    }
  }

  /** Frames that wait for nothing. */
  sendFrames(write: (packet: Encoder) => void): void {
    if (!this.isClosed) this.send(encodeBytes(write))
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

  private flushPlanned(): void {
    this.isFlushPlanned = false
    this.flush()
    this.hasFlushed = true
    this.soon(() => {
      this.hasFlushed = false
      if (this.isFlushPlanned) this.flushPlanned()
    })
  }

  private get mayItemsLeave(): boolean {
    return this.isReady && this.link.bufferedBytes <= HIGH_WATER_BYTES
  }

  private writeAcknowledgement(packet: Encoder): void {
    if (!this.acknowledgement) return
    writeAck(packet, this.acknowledgement)
    this.acknowledgement = undefined
  }

  private writeItems(packet: Encoder): void {
    if (!this.mayItemsLeave) return
    let before: Bytes | undefined
    while (length(packet) < PACKET_BYTES) {
      const next = this.stream.next()
      if (!next) return
      writeItem(packet, next.at, next.item, before)
      before = next.item
    }
  }

  private send(packet: Bytes): void {
    this.link.send(packet)
    this.sent()
  }
}

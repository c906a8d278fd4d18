import type { Bytes } from '../base/bytes.ts'
import { LOW_WATER_BYTES } from './link.ts'
import type { SideChannel, SideChannelEvents } from './side-channel.ts'

/** The connection that it is on. */
export interface DataSideChannelOwner {
  /** Never throws. */
  send(on: RTCDataChannel, message: Bytes): void
  over(channel: DataSideChannel): void
}

/** One end of a side channel over a data channel of its own, whose id both ends know. */
export class DataSideChannel implements SideChannel {
  /** Sent before the browser took anything: a data channel opens a moment after it was made, also on an open connection. */
  private readonly early: Bytes[] = []
  private isClosed = false

  constructor(
    /** Undefined where the browser made none: what is sent is lost. */
    private readonly channel: RTCDataChannel | undefined,
    private readonly events: SideChannelEvents,
    private readonly owner: DataSideChannelOwner,
  ) {
    if (!channel) return
    channel.binaryType = 'arraybuffer'
    channel.bufferedAmountLowThreshold = LOW_WATER_BYTES
    channel.onopen = () => {
      for (const message of this.early.splice(0)) owner.send(channel, message)
      if (this.isClosed) channel.close()
    }
    channel.onclose = () => this.lose()
    channel.onbufferedamountlow = () => this.isClosed || events.drained()
    channel.onmessage = ({ data }: MessageEvent<unknown>) => {
      if (!this.isClosed && data instanceof ArrayBuffer) events.message(new Uint8Array(data))
    }
  }

  get bufferedBytes(): number {
    const earlyBytes = this.early.reduce((sum, { byteLength }) => sum + byteLength, 0)
    return earlyBytes + (this.channel?.bufferedAmount ?? 0)
  }

  send(message: Bytes): void {
    if (this.isClosed) return
    if (this.channel?.readyState === 'open') this.owner.send(this.channel, message)
    else if (this.channel?.readyState === 'connecting') this.early.push(message)
  }

  close(): void {
    if (this.isClosed) return
    this.isClosed = true
    // What was sent before leaves before.
    if (this.channel?.readyState !== 'connecting') this.channel?.close()
    this.owner.over(this)
  }

  /** Closed by the other side, or with the link. */
  lose(): void {
    if (this.isClosed) return
    this.close()
    this.events.closed()
  }
}

import type { Bytes } from '../../src/base/bytes.ts'
import type { SideChannel, SideChannelEvents } from '../../src/mesh/side-channel.ts'

/** How it reaches its other end. */
interface Carrier {
  /** True if the message left at once. `arrive` is told of the other end, if that exists. */
  carry(message: Bytes | undefined, arrive: (end: MemorySideChannel) => void): boolean
  released(): void
}

/** One end of a side channel between two meshes in one process. */
export class MemorySideChannel implements SideChannel {
  bufferedBytes = 0
  private isClosed = false

  constructor(
    private readonly carrier: Carrier,
    private readonly events: SideChannelEvents,
  ) {}

  send(message: Bytes): void {
    if (this.isClosed) return
    const copy = new Uint8Array(message)
    if (!this.carrier.carry(copy, (end) => end.heard(copy))) this.bufferedBytes += message.byteLength
  }

  close(): void {
    if (this.isClosed) return
    this.isClosed = true
    this.carrier.released()
    this.carrier.carry(undefined, (end) => end.lose())
  }

  heard(message: Uint8Array): void {
    if (!this.isClosed) this.events.message(message)
  }

  drain(): void {
    if (this.bufferedBytes === 0) return
    this.bufferedBytes = 0
    if (!this.isClosed) this.events.drained()
  }

  lose(): void {
    if (this.isClosed) return
    this.isClosed = true
    this.carrier.released()
    this.events.closed()
  }
}

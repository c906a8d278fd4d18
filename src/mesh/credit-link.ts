import type { Bytes } from '../base/bytes.ts'
import { type ChannelPacket, FRAMES } from '../protocol/channel-packets.ts'
import type { Peer } from '../protocol/peer.ts'
import { CreditChannel } from './credit-channel.ts'
import type { Link, LinkDescription, LinkEvents } from './link.ts'
import type { SideChannelEvents } from './side-channel.ts'

/**
 * A link over a transport that is one ordered stream of packets for all its channels: for each of them the other end
 * gives credit for what it has taken.
 */
export abstract class CreditLink implements Link {
  abstract readonly path: Link['path']
  protected isClosed = false
  private readonly channels = new Map<number, CreditChannel>()
  private readonly frames: CreditChannel

  constructor(
    readonly peer: Peer,
    readonly epoch: number,
    protected readonly events: LinkEvents,
  ) {
    this.frames = this.openChannel(FRAMES, {
      message: (packet) => events.packet(this, packet),
      drained: () => events.drained(this),
      closed: () => undefined,
    })
  }

  get bufferedBytes(): number {
    return this.frames.bufferedBytes
  }

  send(packet: Bytes): void {
    this.frames.send(packet)
  }

  beat(): void {
    this.postIfOpen({ type: 'beat', isAnswer: false })
  }

  probe(): void {
    this.beat()
  }

  openChannel(number: number, events: SideChannelEvents): CreditChannel {
    const channel = new CreditChannel(
      number,
      events,
      (packet) => this.postIfOpen(packet),
      (closed) => this.channels.delete(closed),
    )
    this.channels.set(number, channel)
    return channel
  }

  close(): void {
    if (this.isClosed) return
    this.post({ type: 'end', channel: FRAMES })
    this.isClosed = true
    this.release()
    for (const channel of [...this.channels.values()]) channel.lose()
  }

  describe(): Promise<LinkDescription> {
    return Promise.resolve({})
  }

  /** Hands a packet to the transport. The last one says that the link is closed; `release` follows. */
  protected abstract post(packet: ChannelPacket): void

  /** The transport is not needed any more. */
  protected abstract release(): void

  protected receive(packet: ChannelPacket): void {
    if (this.isClosed) return
    switch (packet.type) {
      case 'bytes':
        return this.channels.get(packet.channel)?.receive(packet.bytes)
      case 'credit':
        if (this.channels.get(packet.channel)?.credit(packet.byteCount) === false)
          this.lose('It took more than was sent to it')
        return
      case 'beat':
        if (!packet.isAnswer) this.postIfOpen({ type: 'beat', isAnswer: true })
        return this.events.beat(this)
      case 'end':
        if (packet.channel === FRAMES) this.lose('The other side closed the connection')
        else this.channels.get(packet.channel)?.lose()
    }
  }

  protected lose(why: string): void {
    if (this.isClosed) return
    this.close()
    this.events.closed(this, why)
  }

  private postIfOpen(packet: ChannelPacket): void {
    if (!this.isClosed) this.post(packet)
  }
}

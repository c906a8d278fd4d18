import type { Bytes } from '../base/bytes.ts'
import type { Peer } from '../protocol/peer.ts'
import { decodeTabPacket, FRAMES, type TabPacket } from '../protocol/tab-packets.ts'
import type { Broadcast } from '../rendezvous/tabs-broadcast.ts'
import type { Link, LinkDescription, LinkEvents } from './link.ts'
import type { SideChannelEvents } from './side-channel.ts'
import { TabChannel } from './tab-channel.ts'

/** A link to another tab of this origin, over a broadcast channel that only the two have. It needs no network. */
export class TabLink implements Link {
  readonly path = 'tab'
  private readonly channels = new Map<number, TabChannel>()
  private readonly frames: TabChannel
  private isClosed = false

  constructor(
    readonly peer: Peer,
    readonly epoch: number,
    private readonly broadcast: Broadcast,
    private readonly events: LinkEvents,
    private readonly over: () => void,
  ) {
    this.frames = this.openChannel(FRAMES, {
      message: (packet) => events.packet(this, packet),
      drained: () => events.drained(this),
      closed: () => undefined,
    })
    broadcast.onmessage = ({ data }) => {
      if (!this.isClosed) this.receive(decodeTabPacket(data))
    }
  }

  get bufferedBytes(): number {
    return this.frames.bufferedBytes
  }

  send(packet: Bytes): void {
    this.frames.send(packet)
  }

  beat(): void {
    this.post({ type: 'beat', isAnswer: false })
  }

  probe(): void {
    this.beat()
  }

  openChannel(number: number, events: SideChannelEvents): TabChannel {
    const channel = new TabChannel(
      number,
      events,
      (packet) => this.post(packet),
      (closed) => this.channels.delete(closed),
    )
    this.channels.set(number, channel)
    return channel
  }

  close(): void {
    if (this.isClosed) return
    this.post({ type: 'end', channel: FRAMES })
    this.isClosed = true
    this.broadcast.close()
    this.over()
    for (const channel of [...this.channels.values()]) channel.lose()
  }

  describe(): Promise<LinkDescription> {
    return Promise.resolve({})
  }

  private receive(packet: TabPacket | undefined): void {
    switch (packet?.type) {
      case undefined:
        return this.lose('It sent what no tab sends')
      case 'ready':
        return
      case 'bytes':
        return this.channels.get(packet.channel)?.receive(packet.bytes)
      case 'credit':
        if (this.channels.get(packet.channel)?.credit(packet.byteCount) === false)
          this.lose('It took more than was sent to it')
        return
      case 'beat':
        if (!packet.isAnswer) this.post({ type: 'beat', isAnswer: true })
        return this.events.beat(this)
      case 'end':
        if (packet.channel === FRAMES) this.lose('The other side closed the connection')
        else this.channels.get(packet.channel)?.lose()
    }
  }

  private post(packet: TabPacket): void {
    if (!this.isClosed) this.broadcast.postMessage(packet)
  }

  private lose(why: string): void {
    this.close()
    this.events.closed(this, why)
  }
}

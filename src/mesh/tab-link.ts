import type { ChannelPacket } from '../protocol/channel-packets.ts'
import type { Peer } from '../protocol/peer.ts'
import { decodeTabPacket } from '../protocol/tab-packets.ts'
import type { Broadcast } from '../rendezvous/tabs-broadcast.ts'
import { CreditLink } from './credit-link.ts'
import type { LinkEvents } from './link.ts'

/** A link to another tab of this origin, over a broadcast channel that only the two have. It needs no network. */
export class TabLink extends CreditLink {
  readonly path = 'tab'

  constructor(
    peer: Peer,
    epoch: number,
    private readonly broadcast: Broadcast,
    events: LinkEvents,
    private readonly over: () => void,
  ) {
    super(peer, epoch, events)
    broadcast.onmessage = ({ data }) => this.hear(data)
  }

  protected post(packet: ChannelPacket): void {
    // Of a part of a buffer the whole buffer would be sent.
    const isPart = packet.type === 'bytes' && packet.bytes.byteLength < packet.bytes.buffer.byteLength
    this.broadcast.postMessage(isPart ? { ...packet, bytes: packet.bytes.slice() } : packet)
  }

  protected release(): void {
    this.broadcast.close()
    this.over()
  }

  private hear(data: unknown): void {
    if (this.isClosed) return
    const packet = decodeTabPacket(data)
    if (!packet) this.lose('It sent what no tab sends')
    else if (packet.type !== 'ready') this.receive(packet)
  }
}

import type { Bytes } from '../base/bytes.ts'
import type { Peer } from '../protocol/peer.ts'
import type { Link, LinkDescription } from './link.ts'
import type { PeerConnection } from './peer-connection.ts'
import type { SideChannel, SideChannelEvents } from './side-channel.ts'

/** A link over a WebRTC connection. */
export class DirectLink implements Link {
  readonly path = 'direct'

  constructor(
    readonly peer: Peer,
    readonly epoch: number,
    private readonly connection: PeerConnection,
    private readonly closed: () => void,
  ) {}

  get bufferedBytes(): number {
    return this.connection.bufferedBytes
  }

  send(packet: Bytes): void {
    this.connection.send(packet)
  }

  beat(): void {
    this.connection.beat()
  }

  probe(): void {
    this.connection.probe()
  }

  openChannel(number: number, events: SideChannelEvents): SideChannel {
    return this.connection.openChannel(number, events)
  }

  close(): void {
    this.connection.close()
    this.closed()
  }

  describe(): Promise<LinkDescription> {
    return this.connection.describe()
  }
}

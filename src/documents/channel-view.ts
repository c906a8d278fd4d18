import type { Bytes } from '../base/bytes.ts'
import type { SideChannel } from '../mesh/side-channel.ts'

/** What y-webrtc, by way of simple-peer, needs to know of a connection: it stands, and has this one channel. */
export interface ConnectionView {
  /** Options for simple-peer; nothing is negotiated. */
  readonly peerOptions: object
  /** The connection is there: simple-peer may begin. */
  open(): void
  message(message: Uint8Array): void
  /** The channel is closed from elsewhere. */
  close(): void
}

export interface ConnectionViewOptions {
  /** Whether this may be sent. If not, the channel is closed, as what follows builds on it. */
  admits(message: Bytes): boolean
  /** Closed by simple-peer, or because of what was to be sent. */
  closed(): void
}

/** A side channel of a link that looks to simple-peer like the data channel of a connection that is up already. */
export function connectionView(channel: SideChannel, options: ConnectionViewOptions): ConnectionView {
  const view = new DataChannelView(channel, options)
  const connection = new EstablishedConnection(view)
  class RTCPeerConnection {
    constructor() {
      return connection
    }
  }
  return {
    peerOptions: {
      channelConfig: { negotiated: true },
      wrtc: { RTCPeerConnection, RTCSessionDescription: Object, RTCIceCandidate: Object },
    },
    open() {
      view.readyState = 'open'
      connection.oniceconnectionstatechange?.()
      view.onopen?.()
    },
    message: (message) => view.onmessage?.({ data: new Uint8Array(message).buffer }),
    close() {
      view.readyState = 'closed'
      view.onclose?.()
    },
  }
}

/** The part of an RTCDataChannel that simple-peer uses. */
class DataChannelView {
  readonly label = ''
  readonly bufferedAmountLowThreshold = 0
  binaryType = 'arraybuffer'
  readyState: 'connecting' | 'open' | 'closed' = 'connecting'
  onopen: (() => void) | null = null
  onclose: (() => void) | null = null
  onmessage: ((event: { data: ArrayBuffer }) => void) | null = null

  constructor(
    private readonly channel: SideChannel,
    private readonly options: ConnectionViewOptions,
  ) {}

  get bufferedAmount(): number {
    return this.channel.bufferedBytes
  }

  send(message: Bytes): void {
    if (this.readyState !== 'open') return
    if (this.options.admits(message)) this.channel.send(message)
    else this.close()
  }

  close(): void {
    if (this.readyState === 'closed') return
    this.readyState = 'closed'
    this.channel.close()
    this.options.closed()
  }
}

/** The part of an RTCPeerConnection that simple-peer uses once the connection stands. */
class EstablishedConnection {
  readonly iceConnectionState = 'connected'
  readonly iceGatheringState = 'complete'
  oniceconnectionstatechange: (() => void) | null = null

  constructor(private readonly channel: DataChannelView) {}

  createDataChannel(): DataChannelView {
    return this.channel
  }

  /** simple-peer waits for a candidate pair that is in use. */
  getStats(): Promise<ReadonlyMap<string, object>> {
    return Promise.resolve(new Map([['pair', { id: 'pair', type: 'candidate-pair', selected: true }]]))
  }

  close(): void {
    this.channel.close()
  }
}

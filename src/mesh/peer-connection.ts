import SimplePeer from 'simple-peer/simplepeer.min.js'

import type { Bytes } from '../base/bytes.ts'
import { describeError } from '../base/logger.ts'
import { BEAT, PROBE } from '../protocol/frames.ts'
import type { Candidate } from '../protocol/link-signals.ts'
import { DataSideChannel } from './data-side-channel.ts'
import { LOW_WATER_BYTES, type LinkDescription } from './link.ts'
import type { SideChannel, SideChannelEvents } from './side-channel.ts'

export interface PeerConnectionEvents {
  description(sdp: string): void
  candidate(candidate: Candidate): void
  open(): void
  packet(bytes: Uint8Array): void
  beat(): void
  drained(): void
  /** The network path may be gone. */
  doubtful(): void
  /** The browser made no connection, as it has as many as it makes: nothing more follows. */
  exhausted(): void
  /** This or `broken`, once, unless `close` was called before. */
  closed(why: string): void
  /** The other side did what none does that keeps to the rules. */
  broken(why: string): void
}

/** Data channel 0 is simple-peer's own; ours are agreed in advance, so that opening them takes no signal. */
const FRAMES: RTCDataChannelInit = { negotiated: true, id: 1 }
const BEATS: RTCDataChannelInit = { negotiated: true, id: 2, ordered: false, maxRetransmits: 0 }

/** What the constructor throws for ICE servers that it cannot use, by its definition; anything else means that it is full. */
const faultyConfiguration = new Set(['SyntaxError', 'TypeError', 'InvalidAccessError', 'NotSupportedError'])

let existing = 0
const collected = new FinalizationRegistry<undefined>(() => {
  existing -= 1
})

/** Connections of this page that count for the browser's limit: open, or closed and not yet collected. */
export function existingConnections(): number {
  return existing
}

/** One RTCPeerConnection, negotiated by simple-peer, with our data channels on it. */
export class PeerConnection {
  private readonly simplePeer: SimplePeer.Instance
  private readonly connection: RTCPeerConnection | undefined
  private readonly frames: RTCDataChannel | undefined
  private readonly beats: RTCDataChannel | undefined
  private readonly sideChannels = new Set<DataSideChannel>()
  isClosed = false

  constructor(
    initiator: boolean,
    config: RTCConfiguration,
    private readonly events: PeerConnectionEvents,
  ) {
    const webRtc = capturingWebRtc()
    this.simplePeer = new SimplePeer({
      initiator,
      config,
      channelConfig: { negotiated: true, id: 0 },
      wrtc: webRtc,
    })
    this.simplePeer.on('signal', (signal) => this.signaled(signal))
    this.simplePeer.on('error', (error) => {
      if (this.connection || faultyConfiguration.has(error.name)) this.finish(describeError(error))
      else this.exhaust()
    })
    this.simplePeer.on('close', () => this.finish('The connection closed'))
    const connection = webRtc.captured()
    this.connection = connection
    // The constructor threw; simple-peer tells in a moment.
    if (!connection) return
    this.frames = connection.createDataChannel('frames', FRAMES)
    this.beats = connection.createDataChannel('beats', BEATS)
    this.listen(connection, this.frames, this.beats)
  }

  get bufferedBytes(): number {
    return this.frames?.bufferedAmount ?? 0
  }

  acceptDescription(type: 'offer' | 'answer', sdp: string): void {
    if (!this.isClosed) this.simplePeer.signal({ type, sdp })
  }

  /** A candidate that the browser cannot read ends this attempt, nothing else. */
  acceptCandidate(candidate: Candidate): void {
    if (this.isClosed) return
    try {
      // simple-peer hands it to `new RTCIceCandidate`, which takes a plain object.
      this.simplePeer.signal({ type: 'candidate', candidate: candidate as RTCIceCandidate })
    } catch (error) {
      this.finish(describeError(error))
    }
  }

  send(packet: Bytes): void {
    if (!this.isClosed) this.sendOn(this.frames, packet)
  }

  beat(): void {
    if (!this.isClosed) this.sendOn(this.beats, BEAT)
  }

  probe(): void {
    if (!this.isClosed) this.sendOn(this.beats, PROBE)
  }

  /** Never throws: if the browser does not make one, the connection breaks a moment later. */
  openChannel(number: number, events: SideChannelEvents): SideChannel {
    const channel = new DataSideChannel(this.dataChannel(number), events, {
      send: (on, message) => this.sendOn(on, message),
      over: (closed) => this.sideChannels.delete(closed),
    })
    this.sideChannels.add(channel)
    return channel
  }

  close(): void {
    if (this.isClosed) return
    this.isClosed = true
    // simple-peer closes the connection a moment later.
    this.simplePeer.destroy()
    for (const channel of [...this.sideChannels]) channel.lose()
  }

  async describe(): Promise<LinkDescription> {
    const stats = await this.connection?.getStats()
    const candidateType = (id = ''): string | undefined => {
      const candidate = stats?.get(id) as Report | undefined
      return candidate?.candidateType
    }
    let description: LinkDescription = {}
    stats?.forEach((report: Report) => {
      if (report.type !== 'candidate-pair' || report.state !== 'succeeded' || !report.nominated) return
      const localCandidateType = candidateType(report.localCandidateId)
      const remoteCandidateType = candidateType(report.remoteCandidateId)
      const { currentRoundTripTime: roundTripSeconds } = report
      description = {
        ...(localCandidateType === undefined ? {} : { localCandidateType }),
        ...(remoteCandidateType === undefined ? {} : { remoteCandidateType }),
        ...(roundTripSeconds === undefined ? {} : { roundTripMs: Math.round(roundTripSeconds * 1_000) }),
      }
    })
    return description
  }

  private listen(connection: RTCPeerConnection, frames: RTCDataChannel, beats: RTCDataChannel): void {
    frames.binaryType = beats.binaryType = 'arraybuffer'
    frames.bufferedAmountLowThreshold = LOW_WATER_BYTES
    frames.onopen = () => this.isClosed || this.events.open()
    frames.onclose = () => this.finish('The other side closed the connection')
    frames.onbufferedamountlow = () => this.isClosed || this.events.drained()
    frames.onmessage = ({ data }: MessageEvent<unknown>) => {
      if (!this.isClosed && data instanceof ArrayBuffer) this.events.packet(new Uint8Array(data))
    }
    beats.onmessage = ({ data }: MessageEvent<unknown>) => {
      const isProbe = data instanceof ArrayBuffer && new Uint8Array(data)[0] === PROBE[0]
      // One answer that waits to leave answers all: a flood of questions makes no queue.
      if (isProbe && beats.bufferedAmount === 0) this.beat()
      if (!this.isClosed) this.events.beat()
    }
    connection.addEventListener('connectionstatechange', () => {
      const { connectionState } = connection
      if (connectionState === 'failed') this.finish('The network path to the other side failed')
      if (connectionState === 'disconnected' && !this.isClosed) this.events.doubtful()
    })
    // Hundreds would be taken, and the numbers that our own need with them.
    connection.addEventListener('datachannel', () => this.breach('It opened a data channel of its own'))
  }

  /** Never throws: what is not sent would be missing at the other side, so the connection ends a moment later. */
  private sendOn(channel: RTCDataChannel | undefined, message: Bytes): void {
    try {
      if (channel?.readyState === 'open') channel.send(message)
    } catch (error) {
      const why = `Something could not be sent: ${describeError(error)}`
      // Longer than the other side says that it takes, which is far more with all browsers. Or it has just closed.
      queueMicrotask(() => (error instanceof TypeError ? this.breach(why) : this.finish(why)))
    }
  }

  /** The other side may have taken the number with a channel of its own, of which we have not heard yet. */
  private dataChannel(number: number): RTCDataChannel | undefined {
    try {
      return this.connection?.createDataChannel('side', { negotiated: true, id: number })
    } catch (error) {
      queueMicrotask(() => this.breach(`A side channel could not be made: ${describeError(error)}`))
      return undefined
    }
  }

  private signaled(signal: SimplePeer.SignalData): void {
    if (this.isClosed) return
    if ('sdp' in signal && typeof signal.sdp === 'string') this.events.description(signal.sdp)
    if (signal.type === 'candidate') {
      const { candidate, sdpMid, sdpMLineIndex } = signal.candidate
      this.events.candidate({ candidate, sdpMid: sdpMid ?? null, sdpMLineIndex: sdpMLineIndex ?? null })
    }
  }

  private exhaust(): void {
    if (this.isClosed) return
    this.close()
    this.events.exhausted()
  }

  private finish(why: string): void {
    if (this.isClosed) return
    this.close()
    this.events.closed(why)
  }

  private breach(why: string): void {
    if (this.isClosed) return
    this.close()
    this.events.broken(why)
  }
}

/** WebRTC as simple-peer takes it, which remembers the connection that was made: the public way to it. */
function capturingWebRtc() {
  let connection: RTCPeerConnection | undefined
  return {
    RTCPeerConnection: class extends RTCPeerConnection {
      constructor(configuration?: RTCConfiguration) {
        super(configuration)
        connection = this
        existing += 1
        collected.register(this, undefined)
      }
    },
    RTCSessionDescription,
    RTCIceCandidate,
    captured: () => connection,
  }
}

/** The part of a statistics report that is read here. */
interface Report {
  readonly type: string
  readonly state?: string
  readonly nominated?: boolean
  readonly localCandidateId?: string
  readonly remoteCandidateId?: string
  readonly currentRoundTripTime?: number
  readonly candidateType?: string
}

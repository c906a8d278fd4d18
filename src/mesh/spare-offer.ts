import type { Candidate } from '../protocol/link-signals.ts'
import { PeerConnection, type PeerConnectionEvents } from './peer-connection.ts'

/**
 * A connection whose offer is made, and whose candidates are gathered, before it is known for whom. Whoever takes it
 * has an offer that can be answered and connected at once.
 */
export class SpareOffer {
  private readonly connection: PeerConnection
  private owner: PeerConnectionEvents | undefined
  private sdp: string | undefined
  private readonly candidates: Candidate[] = []

  /** `lost`: it ended before anybody took it. */
  constructor(configuration: RTCConfiguration, lost: () => void) {
    this.connection = new PeerConnection(true, configuration, {
      description: (sdp) => {
        if (this.owner) this.owner.description(sdp)
        else this.sdp = sdp
      },
      candidate: (candidate) => {
        if (this.owner) this.owner.candidate(candidate)
        else this.candidates.push(candidate)
      },
      open: () => this.owner?.open(),
      packet: (bytes) => this.owner?.packet(bytes),
      beat: () => this.owner?.beat(),
      drained: () => this.owner?.drained(),
      doubtful: () => this.owner?.doubtful(),
      exhausted: () => (this.owner ? this.owner.exhausted() : lost()),
      closed: (why) => (this.owner ? this.owner.closed(why) : lost()),
      broken: (why) => (this.owner ? this.owner.broken(why) : lost()),
    })
  }

  /** The owner hears of everything from now on, and in a moment of what there is already: of candidates first. */
  take(owner: PeerConnectionEvents): PeerConnection {
    this.owner = owner
    const { sdp, candidates, connection } = this
    if (sdp !== undefined)
      queueMicrotask(() => {
        // The attempt was given up in the same moment.
        if (connection.isClosed) return
        for (const candidate of candidates) owner.candidate(candidate)
        owner.description(sdp)
      })
    return connection
  }

  close(): void {
    this.connection.close()
  }
}

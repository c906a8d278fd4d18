import { type Candidate, encodeLinkSignal, linkGreeting, type LinkSignal } from '../protocol/link-signals.ts'
import type { Peer } from '../protocol/peer.ts'
import { DescriptionSender } from './description-sender.ts'
import { DirectLink } from './direct-link.ts'
import type { Link, LinkEvents } from './link.ts'
import { PeerConnection, type PeerConnectionEvents } from './peer-connection.ts'
import type { SpareOffer } from './spare-offer.ts'
import type { WebRtcOptions } from './webrtc-options.ts'

/** Which side of which attempt it is. */
interface Part {
  readonly type: 'offer' | 'answer'
  readonly epoch: number
  /** Whether the description waits for its first candidates. */
  readonly hold: boolean
}

/** What becomes of a negotiation. After `close` nothing more. */
export interface NegotiationEvents {
  /** The description could not be sent. */
  unsent(): void
  opened(link: Link, negotiation: Negotiation): void
  /** The browser made no connection. */
  exhausted(): void
  /** The connection ended before it was a link. */
  failed(why: string): void
  /** The link was closed, by its owner or by the other side. */
  over(negotiation: Negotiation): void
}

/** Candidates of the other side that the browser gets to try. A machine with a dozen interfaces has some forty. */
export const MAX_CANDIDATES = 128

/** One connection on its way to a link, and behind the link when it is open. */
export class Negotiation {
  private readonly connection: PeerConnection
  private readonly sender: DescriptionSender
  private link: DirectLink | undefined
  private candidateCount = 0

  constructor(
    private readonly options: WebRtcOptions,
    private readonly peer: Peer,
    private readonly part: Part,
    private readonly linkEvents: LinkEvents,
    private readonly events: NegotiationEvents,
    /** An offer that is there already. */
    spare?: SpareOffer,
  ) {
    const configuration = options.configuration()
    const hasIceServers = (configuration.iceServers ?? []).length > 0
    this.sender = new DescriptionSender(options.clock, part.hold, hasIceServers, {
      description: (sdp, candidates) => this.sendDescription(sdp, candidates),
      candidates: (candidates) => void this.signal({ type: 'candidates', epoch: this.epoch, candidates }),
    })
    const connectionEvents: PeerConnectionEvents = {
      description: (sdp) => this.sender.description(sdp),
      candidate: (candidate) => this.sender.candidate(candidate),
      open: () => this.opened(),
      packet: (packet) => this.link && linkEvents.packet(this.link, packet),
      beat: () => this.link && linkEvents.beat(this.link),
      drained: () => this.link && linkEvents.drained(this.link),
      doubtful: () => this.link && linkEvents.doubtful(this.link),
      exhausted: () => this.events.exhausted(),
      closed: (why) => this.ended(why, 'closed'),
      broken: (why) => this.ended(why, 'broken'),
    }
    this.connection =
      spare?.take(connectionEvents) ??
      new PeerConnection(part.type === 'offer', configuration, connectionEvents)
  }

  get epoch(): number {
    return this.part.epoch
  }

  /** The other side's description, which was found to be genuine, and the candidates that came before it was. */
  accept(type: 'offer' | 'answer', sdp: string, candidates: readonly Candidate[]): void {
    this.connection.acceptDescription(type, sdp)
    this.acceptCandidates(candidates)
  }

  acceptCandidates(candidates: readonly Candidate[]): void {
    for (const candidate of candidates) {
      if (this.candidateCount++ < MAX_CANDIDATES) this.connection.acceptCandidate(candidate)
    }
  }

  close(): void {
    this.sender.close()
    this.connection.close()
  }

  private opened(): void {
    // A path was found: candidates that were not sent yet are not needed.
    this.sender.close()
    this.link = new DirectLink(this.peer, this.epoch, this.connection, () => this.events.over(this))
    this.events.opened(this.link, this)
  }

  private ended(why: string, how: 'closed' | 'broken'): void {
    this.sender.close()
    if (!this.link) return this.events.failed(why)
    this.events.over(this)
    this.linkEvents[how](this.link, why)
  }

  private sendDescription(sdp: string, candidates: Candidate[]): void {
    const { type, epoch } = this.part
    const credential = this.options.credential()
    if (!this.signal({ type, ...linkGreeting, epoch, sdp, credential, candidates })) this.events.unsent()
  }

  private signal(signal: LinkSignal): boolean {
    return this.options.relay(this.peer.sessionId, encodeLinkSignal(signal))
  }
}

import type { Bytes } from '../base/bytes.ts'
import type { Clock } from '../base/clock.ts'
import { type ChannelPacket, FRAMES } from '../protocol/channel-packets.ts'
import { encodeBytes } from '../protocol/codec.ts'
import { writeGoodbye } from '../protocol/frames.ts'
import type { Peer } from '../protocol/peer.ts'
import { decodeRelayPacket, encodeRelayPacket, type RelayPacket } from '../protocol/relay-packets.ts'
import { CreditLink } from './credit-link.ts'
import { InOrder } from './in-order.ts'
import type { LinkDescription, LinkEvents } from './link.ts'
import { relayFailures } from './link-failures.ts'
import { RelayPacer } from './relay-pacer.ts'
import { RelayWatch } from './relay-watch.ts'
import type { SealedStream } from './sealed-stream.ts'
import { Reassembly } from './reassembly.ts'

/** Bytes that have come and are not opened yet: ten times what another end has under way that keeps to its credit. */
const MAX_UNOPENED_BYTES = 1024 * 1024
/** What the smallest packet counts for there. */
const MIN_PACKET_COST_BYTES = 256

export interface RelayLinkOwner {
  /** Hands a sealed packet to the relay. */
  pass(link: RelayLink, number: number, sealed: Bytes): void
  /** The same for a goodbye. */
  passFarewell(link: RelayLink, sealed: Bytes): void
  /** The other end has proven to have the keys. */
  proven(link: RelayLink): void
  /** Closed, by whomever. `isLost`: not by the owner, who hears so next. */
  over(link: RelayLink, isLost: boolean): void
  /** It is the relay's fault that the link ends. */
  distrust(via: Peer): void
  /** This page may have been away, or its network another. */
  probed(link: RelayLink): void
  /** Why there is no better link, as far as it is known. */
  whyNotDirect(): string | undefined
}

/** A link to a session through somebody who is linked to both, and reads nothing of what it carries. */
export class RelayLink extends CreditLink {
  readonly path = 'relay'
  private isProven = false
  private isLost = false
  private unopenedBytes = 0
  private readonly sealing = new InOrder()
  private readonly opening = new InOrder()
  private readonly pacer: RelayPacer
  private readonly watch: RelayWatch
  private readonly reassembly = new Reassembly()
  /** Sealing takes a moment that a page may not have when it goes away. */
  private farewell: Bytes | undefined
  private isFarewellHeard = false

  constructor(
    peer: Peer,
    epoch: number,
    readonly via: Peer,
    private readonly stream: SealedStream,
    clock: Clock,
    events: LinkEvents,
    private readonly owner: RelayLinkOwner,
  ) {
    super(peer, epoch, events)
    this.pacer = new RelayPacer(clock, (packet) => this.seal(packet))
    this.watch = new RelayWatch(clock, {
      ask: () => this.beat(),
      silent: () => this.fault(relayFailures.silent),
    })
    void this.prepareFarewell()
  }

  /** The other end has shown its proof; this is ours. */
  prove(): void {
    this.isProven = true
    this.seal({ type: 'ready' })
  }

  goodbye(): void {
    if (this.farewell && !this.isClosed) this.owner.passFarewell(this, this.farewell)
  }

  /** What the relay says is the goodbye of the other end. There is one at most. */
  async hearFarewell(sealed: Uint8Array): Promise<void> {
    if (this.isFarewellHeard) return
    this.isFarewellHeard = true
    const packet = await this.stream.openFarewell(sealed)
    if (this.isClosed) return
    if (packet) this.events.packet(this, packet)
    else this.fault(relayFailures.changed)
  }

  override probe(): void {
    super.probe()
    if (!this.isClosed) this.owner.probed(this)
  }

  override describe(): Promise<LinkDescription> {
    const lastError = this.owner.whyNotDirect()
    return Promise.resolve({ via: this.via.userId, ...(lastError === undefined ? {} : { lastError }) })
  }

  /** What the relay says came from the other end. */
  hear(number: number, sealed: Uint8Array): void {
    if (this.isClosed) return
    if (!this.stream.isNext(number)) return this.fault(relayFailures.gap)
    const cost = Math.max(sealed.byteLength, MIN_PACKET_COST_BYTES)
    this.unopenedBytes += cost
    if (this.unopenedBytes > MAX_UNOPENED_BYTES) return this.lose(relayFailures.flood)
    this.opening.after(this.stream.open(number, sealed), (packet) => {
      this.unopenedBytes -= cost
      if (this.isClosed) return
      if (packet) this.take(decodeRelayPacket(packet))
      else this.fault(relayFailures.changed)
    })
  }

  /** It ends because of what the relay does, or says. */
  fault(why: string): void {
    if (this.isClosed) return
    this.owner.distrust(this.via)
    this.lose(why)
  }

  override lose(why: string): void {
    this.isLost = true
    super.lose(why)
  }

  protected post(packet: ChannelPacket): void {
    const isAnswer = packet.type === 'credit' || (packet.type === 'beat' && packet.isAnswer)
    if (!isAnswer) this.watch.sent()
    const waitsForNothing = packet.type === 'credit' || packet.type === 'beat'
    const isLast = packet.type === 'end' && packet.channel === FRAMES
    if (waitsForNothing || isLast) this.pacer.addUrgent(packet)
    else this.pacer.add(packet)
  }

  protected release(): void {
    this.pacer.close()
    this.watch.close()
    this.owner.over(this, this.isLost)
  }

  private take(packet: RelayPacket | undefined): void {
    if (packet?.type === 'ready' && !this.isProven) {
      this.isProven = true
      return this.owner.proven(this)
    }
    if (!packet || packet.type === 'ready' || !this.isProven) return this.lose(relayFailures.garbage)
    if (packet.type === 'credit' || (packet.type === 'beat' && packet.isAnswer)) this.watch.answered()
    const isPiece = packet.type === 'part' || packet.type === 'bytes'
    if (!isPiece) return this.receive(packet)
    const message = this.reassembly.add(packet)
    if (message === 'malformed') this.lose(relayFailures.garbage)
    else if (message) this.receive(message)
  }

  private async prepareFarewell(): Promise<void> {
    this.farewell = await this.stream.sealFarewell(encodeBytes(writeGoodbye))
  }

  private seal(packet: RelayPacket): void {
    this.sealing.after(this.stream.seal(encodeRelayPacket(packet)), ({ number, sealed }) =>
      this.owner.pass(this, number, sealed),
    )
  }
}

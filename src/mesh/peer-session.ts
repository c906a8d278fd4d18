import type { Encoder } from 'lib0/encoding'

import type { Bytes } from '../base/bytes.ts'
import type { Cancel } from '../base/clock.ts'
import { decodePacket, type Frame, type Position, writeCredential } from '../protocol/frames.ts'
import type { Peer } from '../protocol/peer.ts'
import { PROTOCOL_VERSION } from '../protocol/version.ts'
import { Contact } from './contact.ts'
import type { IncomingStream } from './incoming-stream.ts'
import type { Ledger } from './ledger.ts'
import type { Link } from './link.ts'
import { OutgoingStream, type Owed } from './outgoing-stream.ts'
import type { PeerSessionOptions } from './peer-session-options.ts'
import { Retries } from './retries.ts'
import type { OpeningEvents, SideChannel, SideChannelOffer } from './side-channel.ts'
import { ShownCredential } from './shown-credential.ts'
import { SideChannels } from './side-channels.ts'
import { Wire } from './wire.ts'

export interface PeerSessionEvents {
  /** A link is open and the other side has said hello. */
  linked(session: PeerSession): void
  /** That link is closed. */
  unlinked(session: PeerSession): void
  channelOffered(offer: SideChannelOffer): void
  /** The link has no number left for one more side channel. */
  usedUp(session: PeerSession): void
  item(session: PeerSession, item: Uint8Array): void
  goodbye(session: PeerSession): void
  /** A message between neighbours. */
  neighbour(session: PeerSession, message: Uint8Array): void
  /** A message about relaying. */
  relay(session: PeerSession, message: Uint8Array): void
  /** The other side broke the protocol: its link is closed. */
  broken(session: PeerSession, sentence: string): void
}

/** Whose oldest item waits for longer than this cannot block others: three times what a message may take. */
const STALLED_AFTER_MS = 30_000

/** Everything with one other session: the present link, if any, and the two streams that outlive links. */
export class PeerSession {
  private outgoing: OutgoingStream
  private wire: Wire | undefined
  /** On the present link, once it is greeted. */
  private channels: SideChannels | undefined
  readonly contact: Contact
  /** It shares a channel over this link, as it says: we do not close it as idle. */
  isHeldByPeer = false
  /** Channels shared with it. A link that serves one is kept and opened again. */
  holds = 0
  /** Those of them that the peer has as well: it opens the link by itself. */
  mutualHolds = 0
  readonly retries = new Retries()
  lastError: string | undefined
  /** When the attempt to open a link began that is under way. */
  openingSince: number | undefined
  /** When its link was closed last to make room for another. */
  gaveWayAt = -Infinity
  private readonly shown: ShownCredential

  constructor(
    readonly peer: Peer,
    private readonly incoming: IncomingStream,
    private readonly ledger: Ledger,
    private readonly options: PeerSessionOptions,
    private readonly events: PeerSessionEvents,
  ) {
    this.outgoing = new OutgoingStream(ledger)
    this.contact = new Contact(options.clock)
    this.shown = new ShownCredential(async (credential) => Boolean(await options.verify(credential, peer)))
  }

  /** What introduces it to others: the last credential that it showed and that was found valid. */
  get credential(): string | undefined {
    return this.shown.valid
  }

  get link(): Link | undefined {
    return this.wire?.link
  }

  /** Its link is greeted and goes over nobody else: it can be introduced, and pass something on. */
  get isNear(): boolean {
    return this.channels !== undefined && this.link?.path !== 'relay'
  }

  get owedCount(): number {
    return this.outgoing.owedCount
  }

  get owedBytes(): number {
    return this.outgoing.owedBytes
  }

  /** Nobody of the two needs the link. */
  isIdle(now: number): boolean {
    return !this.needsLink && !this.isHeldByPeer && this.contact.isIdle(now)
  }

  /** It takes what it is owed too slowly, or not at all, linked or not. */
  isStalled(now: number): boolean {
    return now - (this.outgoing.oldest?.since ?? now) > STALLED_AFTER_MS
  }

  get needsLink(): boolean {
    return this.holds > 0 || this.outgoing.owedCount > 0
  }

  hold(isMutual: boolean): Cancel {
    let isHeld = true
    this.holds += 1
    if (isMutual) this.mutualHolds += 1
    if (this.holds === 1) this.wire?.hold(true)
    return () => {
      if (!isHeld) return
      isHeld = false
      this.holds -= 1
      if (isMutual) this.mutualHolds -= 1
      if (this.holds === 0) this.wire?.hold(false)
    }
  }

  send(owed: Owed): void {
    this.contact.used(owed.since)
    if (!this.link && this.outgoing.owedCount === 0) this.contact.waitAnew()
    this.outgoing.push(owed)
    this.wire?.wake()
  }

  withdraw(owed: Owed): boolean {
    return this.outgoing.withdraw(owed)
  }

  /** Goes on over this link; an earlier one is closed. */
  attach(link: Link): void {
    this.detach()
    this.retries.linked()
    this.openingSince = undefined
    this.lastError = undefined
    this.contact.heard()
    this.contact.used()
    this.wire = new Wire(link, this.outgoing, this.options.soon, () => this.contact.sent())
    this.isHeldByPeer = false
    this.wire.hello(this.incoming.received)
    if (this.holds > 0) this.wire.hold(true)
  }

  /** Without a link; streams wait for the next. */
  detach(): void {
    const { wire, channels } = this
    this.wire = this.channels = undefined
    wire?.close()
    wire?.link.close()
    if (channels) this.events.unlinked(this)
  }

  /** Undefined without a link that is greeted, or without a place on it. */
  openChannel(label: Bytes, user: OpeningEvents): SideChannel | undefined {
    return this.channels?.open(label, user)
  }

  /** Frames about others. False without a link of its own. */
  tell(write: (packet: Encoder) => void): boolean {
    if (!this.isNear) return false
    this.wire?.sendFrames(write)
    return true
  }

  /** After the hello, and when there is a new one. */
  showCredential(): void {
    const credential = this.options.credential()
    if (credential !== '') this.tell((packet) => writeCredential(packet, credential))
  }

  closeChannels(): void {
    this.channels?.close()
  }

  receive(packet: Uint8Array): void {
    this.contact.heard()
    const frames = decodePacket(packet)
    if (!frames) return this.events.broken(this, 'It sent a packet that cannot be decoded')
    for (const frame of frames) {
      // A goodbye, or a breach, ends the link in the middle of a packet.
      if (this.wire) this.take(frame)
    }
  }

  drained(): void {
    this.wire?.flush()
  }

  /** A beat where nothing was sent, and a question where nothing was heard. */
  keepAlive(now: number): void {
    if (!this.wire) return
    if (this.contact.isProbeDue(now)) {
      this.contact.probed()
      this.wire.link.probe()
    } else if (this.contact.isBeatDue(now)) {
      this.contact.sent()
      this.wire.link.beat()
    }
  }

  /** Its link may be dead: it is asked at once, and is dead if it brings nothing within this time. */
  doubt(withinMs: number): void {
    if (!this.wire) return
    this.contact.doubt(withinMs)
    this.keepAlive(this.options.clock.now())
  }

  goodbye(): void {
    this.wire?.flush()
    this.wire?.goodbye()
  }

  /** What is owed is given up; a later item begins a new stream. */
  endStream(): void {
    if (this.outgoing.owedCount === 0) return
    const ended = this.outgoing
    this.outgoing = new OutgoingStream(this.ledger)
    ended.end()
  }

  /** The session is over: what is owed will not be sent any more. */
  end(): void {
    this.detach()
    this.outgoing.end()
  }

  private greeted(received: Position): void {
    const { wire } = this
    if (!wire || this.channels) return
    wire.start(received)
    const isLower = this.options.sessionId < this.peer.sessionId
    this.channels = new SideChannels(wire.link, isLower, (write) => wire.sendFrames(write), {
      offered: (offer) => this.events.channelOffered(offer),
      sent: () => {
        this.contact.sent()
        this.contact.used()
      },
      heard: () => {
        this.contact.heard()
        this.contact.used()
      },
      broken: (sentence) => this.events.broken(this, sentence),
      usedUp: () => this.events.usedUp(this),
    })
    this.showCredential()
    this.events.linked(this)
  }

  private take(frame: Frame): void {
    switch (frame.type) {
      case 'hello':
        if (frame.version !== PROTOCOL_VERSION) {
          const sentence = `It speaks protocol version ${frame.version}, this library ${PROTOCOL_VERSION}: update the older of the two`
          return this.events.broken(this, sentence)
        }
        return this.greeted(frame.received)
      case 'ack':
        return this.outgoing.acknowledge(frame.received)
      case 'hold':
        this.isHeldByPeer = frame.isHeld
        return
      case 'channel':
      case 'channel-answer':
        if (this.channels) return this.channels.take(frame)
        return this.events.broken(this, 'It began with side channels before it said hello')
      case 'credential':
        return this.shown.show(frame.credential)
      case 'neighbour':
        if (this.isNear) this.events.neighbour(this, frame.message)
        return
      case 'relay':
        if (this.isNear) this.events.relay(this, frame.message)
        return
      case 'goodbye':
        return this.events.goodbye(this)
      case 'item': {
        const isNew = this.incoming.accept(frame.at)
        this.wire?.acknowledge(this.incoming.received)
        if (isNew) {
          this.contact.used()
          this.events.item(this, frame.item)
        } else
          this.options.log('info', 'An item that had arrived before was dropped', {
            from: this.peer.sessionId,
          })
      }
    }
  }
}

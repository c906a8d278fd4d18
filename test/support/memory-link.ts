import type { Bytes } from '../../src/base/bytes.ts'
import type { Cancel } from '../../src/base/clock.ts'
import type { Link, LinkDescription, LinkEvents } from '../../src/mesh/link.ts'
import type { SideChannel, SideChannelEvents } from '../../src/mesh/side-channel.ts'
import type { Peer } from '../../src/protocol/peer.ts'
import type { ManualClock } from './manual-clock.ts'
import { MemorySideChannel } from './memory-side-channel.ts'

/** What happens to a cable, and which ends are told: `silent` is a cable that swallows everything and says nothing. */
export type Fault = 'cut' | 'silent' | 'cut, only the sender notices' | 'cut, only the receiver notices'

export interface CableOptions {
  readonly clock: ManualClock
  /** How long the next packet or beat takes. */
  delayMs(): number
  /** Asked for each beat. */
  losesBeat(): boolean
  /** Asked for each packet that is about to arrive: a fault of the cable comes instead of it. */
  faultBefore(packet: Bytes): Fault | undefined
}

/** What two ends of a link have in common. */
export class Cable {
  /** Nothing passes any more. */
  isBroken = false
  private isStalled = false
  private isCutOff = false
  /** When it last began to break, or to hold back what it carries. */
  faultAt = -Infinity
  private readonly held: (() => void)[] = []
  /** When the latest packet arrives that an end has sent: no later one arrives before. */
  private readonly lastArrival = new Map<MemoryLink, number>()
  readonly ends: MemoryLink[] = []

  constructor(readonly options: CableOptions) {}

  get carries(): boolean {
    return !this.isBroken && !this.isStalled
  }

  end(peer: Peer, epoch: number, events: LinkEvents, released: () => void): MemoryLink {
    const link = new MemoryLink(peer, epoch, this, events, released)
    this.ends.push(link)
    return link
  }

  /** Packets are taken and do not leave until `flow`. */
  stall(): void {
    this.isStalled = true
    this.faultAt = this.options.clock.now()
  }

  /** Neither end reaches the other until `rejoin`: packets wait, as they are sent again; all else is lost. */
  cutOff(): void {
    this.stall()
    this.isCutOff = true
  }

  rejoin(): void {
    if (!this.isCutOff) return
    this.isCutOff = false
    this.flow()
  }

  flow(): void {
    if (this.isCutOff) return
    this.isStalled = false
    for (const carry of this.held.splice(0)) carry()
    for (const end of this.ends) end.drain()
  }

  /** True if the packet left at once. What carries no bytes is subject to no fault of its own. */
  carry(from: MemoryLink, packet: Bytes | undefined, arrive: (at: MemoryLink) => void): boolean {
    const carry = (): void => this.inOrder(from, () => this.deliver(from, packet, arrive))
    if (this.isStalled) this.held.push(carry)
    else carry()
    return !this.isStalled
  }

  beat(from: MemoryLink): void {
    this.pass((to) => to.heardBeat(), from)
  }

  /** A beat that is answered. */
  probe(from: MemoryLink): void {
    this.pass((to) => {
      to.heardBeat()
      to.beat()
    }, from)
  }

  /** The other end hears of an orderly close. */
  closedBy(end: MemoryLink): void {
    if (this.isCutOff) return
    this.inOrder(end, () => {
      if (!this.isBroken) this.opposite(end)?.lose('The other side closed the connection')
    })
  }

  break(fault: Fault, sender: MemoryLink | undefined = this.ends[0]): void {
    this.isBroken = true
    this.faultAt = this.options.clock.now()
    if (fault === 'silent') return
    for (const end of this.ends) {
      const isTold = fault === 'cut' || (fault === 'cut, only the sender notices') === (end === sender)
      if (isTold) this.options.clock.after(this.options.delayMs(), () => end.lose('The cable was cut'))
    }
  }

  private deliver(from: MemoryLink, packet: Bytes | undefined, arrive: (at: MemoryLink) => void): void {
    const to = this.opposite(from)
    if (this.isBroken || !to || to.isClosed) return
    const fault = packet && this.options.faultBefore(packet)
    if (fault) this.break(fault, from)
    else arrive(to)
  }

  /** What may be lost, and may overtake. */
  private pass(arrive: (at: MemoryLink) => void, from: MemoryLink): void {
    const { clock, delayMs, losesBeat } = this.options
    if (this.isCutOff || losesBeat()) return
    clock.after(delayMs(), () => {
      const to = this.opposite(from)
      if (to && !this.isBroken) arrive(to)
    })
  }

  private inOrder(from: MemoryLink, run: () => void): void {
    const { clock, delayMs } = this.options
    const at = Math.max(clock.now() + delayMs(), this.lastArrival.get(from) ?? 0)
    this.lastArrival.set(from, at)
    clock.after(at - clock.now(), run)
  }

  private opposite(end: MemoryLink): MemoryLink | undefined {
    return this.ends.find((other) => other !== end)
  }
}

/** One end of a link between two meshes in one process. */
export class MemoryLink implements Link {
  readonly path = 'direct'
  bufferedBytes = 0
  isClosed = false
  readonly sent: Bytes[] = []
  private readonly sideChannels = new Map<number, MemorySideChannel>()

  constructor(
    readonly peer: Peer,
    readonly epoch: number,
    readonly cable: Cable,
    private readonly events: LinkEvents,
    private readonly released: Cancel,
  ) {}

  send(packet: Bytes): void {
    if (this.isClosed) return
    const copy = new Uint8Array(packet)
    this.sent.push(copy)
    const hasLeft = this.cable.carry(this, copy, (to) => to.heard(copy))
    if (!hasLeft) this.bufferedBytes += packet.byteLength
  }

  beat(): void {
    if (!this.isClosed) this.cable.beat(this)
  }

  probe(): void {
    if (!this.isClosed) this.cable.probe(this)
  }

  openChannel(number: number, events: SideChannelEvents): SideChannel {
    const channel = new MemorySideChannel(
      {
        carry: (message, arrive) =>
          this.cable.carry(this, message, (to) => {
            const end = to.sideChannels.get(number)
            if (end) arrive(end)
          }),
        released: () => this.sideChannels.delete(number),
      },
      events,
    )
    this.sideChannels.set(number, channel)
    return channel
  }

  close(): void {
    if (this.isClosed) return
    this.end()
    this.cable.closedBy(this)
  }

  describe(): Promise<LinkDescription> {
    return Promise.resolve({})
  }

  drain(): void {
    this.bufferedBytes = 0
    if (this.isClosed) return
    this.events.drained(this)
    for (const channel of [...this.sideChannels.values()]) channel.drain()
  }

  heard(packet: Bytes): void {
    if (!this.isClosed) this.events.packet(this, packet)
  }

  heardBeat(): void {
    if (!this.isClosed) this.events.beat(this)
  }

  /** The transport says that it has lost the other side. */
  doubt(): void {
    if (!this.isClosed) this.events.doubtful(this)
  }

  lose(why: string): void {
    if (this.isClosed) return
    this.end()
    this.events.closed(this, why)
  }

  /** The transport finds that the other side broke its rules. */
  breach(why: string): void {
    if (this.isClosed) return
    this.end()
    this.cable.closedBy(this)
    this.events.broken(this, why)
  }

  private end(): void {
    this.isClosed = true
    this.released()
    for (const channel of [...this.sideChannels.values()]) channel.lose()
  }
}

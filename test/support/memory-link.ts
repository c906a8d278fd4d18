import type { Bytes } from '../../src/base/bytes.ts'
import type { Cancel } from '../../src/base/clock.ts'
import type { Link, LinkDescription, LinkEvents } from '../../src/mesh/link.ts'
import type { Peer } from '../../src/protocol/peer.ts'
import type { ManualClock } from './manual-clock.ts'

/** What happens to a cable, and which ends are told: `silent` is a cable that swallows everything and says nothing. */
export type Fault = 'cut' | 'silent' | 'cut, only the sender notices' | 'cut, only the receiver notices'

export interface CableOptions {
  readonly clock: ManualClock
  readonly delayMs: number
  /** Asked for each packet that is about to arrive: a fault of the cable comes instead of it. */
  faultBefore(packet: Bytes): Fault | undefined
}

/** What two ends of a link have in common. */
export class Cable {
  /** Nothing passes any more. */
  isBroken = false
  private isStalled = false
  private readonly held: (() => void)[] = []
  readonly ends: MemoryLink[] = []

  constructor(readonly options: CableOptions) {}

  end(peer: Peer, epoch: number, events: LinkEvents, released: () => void): MemoryLink {
    const link = new MemoryLink(peer, epoch, this, events, released)
    this.ends.push(link)
    return link
  }

  /** Packets are taken and do not leave until `flow`. */
  stall(): void {
    this.isStalled = true
  }

  flow(): void {
    this.isStalled = false
    for (const carry of this.held.splice(0)) carry()
    for (const end of this.ends) end.drain()
  }

  /** True if the packet left at once. */
  carry(from: MemoryLink, packet: Bytes): boolean {
    const carry = (): void => {
      this.options.clock.after(this.options.delayMs, () => this.deliver(from, packet))
    }
    if (this.isStalled) this.held.push(carry)
    else carry()
    return !this.isStalled
  }

  beat(from: MemoryLink): void {
    this.options.clock.after(this.options.delayMs, () => {
      if (!this.isBroken) this.opposite(from)?.heardBeat()
    })
  }

  /** The other end hears of an orderly close. */
  closedBy(end: MemoryLink): void {
    this.options.clock.after(this.options.delayMs, () => {
      if (!this.isBroken) this.opposite(end)?.lose('The other side closed the connection')
    })
  }

  break(fault: Fault, sender: MemoryLink | undefined = this.ends[0]): void {
    this.isBroken = true
    if (fault === 'silent') return
    for (const end of this.ends) {
      const isTold = fault === 'cut' || (fault === 'cut, only the sender notices') === (end === sender)
      if (isTold) this.options.clock.after(this.options.delayMs, () => end.lose('The cable was cut'))
    }
  }

  private deliver(from: MemoryLink, packet: Bytes): void {
    const to = this.opposite(from)
    if (this.isBroken || !to || to.isClosed) return
    const fault = this.options.faultBefore(packet)
    if (fault) this.break(fault, from)
    else to.heard(packet)
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
    if (!this.cable.carry(this, copy)) this.bufferedBytes += packet.byteLength
  }

  beat(): void {
    if (!this.isClosed) this.cable.beat(this)
  }

  close(): void {
    if (this.isClosed) return
    this.isClosed = true
    this.released()
    this.cable.closedBy(this)
  }

  describe(): Promise<LinkDescription> {
    return Promise.resolve({})
  }

  drain(): void {
    this.bufferedBytes = 0
    if (!this.isClosed) this.events.drained(this)
  }

  heard(packet: Bytes): void {
    if (!this.isClosed) this.events.packet(this, packet)
  }

  heardBeat(): void {
    if (!this.isClosed) this.events.beat(this)
  }

  lose(why: string): void {
    if (this.isClosed) return
    this.isClosed = true
    this.released()
    this.events.closed(this, why)
  }
}

import type { Bytes } from '../../src/base/bytes.ts'
import type { Cancel } from '../../src/base/clock.ts'
import type { SessionId } from '../../src/base/ids.ts'
import type { LinkerEvents, MeshLinker } from '../../src/mesh/linker.ts'
import type { Peer } from '../../src/protocol/peer.ts'
import type { ManualClock } from './manual-clock.ts'
import { Cable, type Fault, type MemoryLink } from './memory-link.ts'

/** As long as a real attempt lasts that nobody answers. */
const ATTEMPT_MS = 8_000

/** Passes a signal on, as a rendezvous does; false when it cannot. */
export type Relay = (to: SessionId, signal: string) => boolean

/** Links between meshes of one process, over cables whose time and faults a test decides. */
export class MemoryNetwork {
  delayMs = 5
  /** Up to this much is added to `delayMs`, a part of its own for each packet. */
  jitterMs = 0
  /** Asked for all that is left to chance. */
  random: () => number = () => 0
  /** How many of the beats are lost, from 0 to 1. */
  beatLoss = 0
  /** Links open only if the signals of the two come through; else it is enough that one can be sent. */
  isSignalled = false
  readonly cables: Cable[] = []
  /** Attempts that were begun, by either side. */
  attemptCount = 0
  deliveryCount = 0
  /** Beats and questions that were sent, the answers to those among them. */
  beatCount = 0
  /** Asked before each packet arrives, with its number from 0. */
  fault: (delivery: number, packet: Bytes) => Fault | undefined = () => undefined
  /** Why these two cannot be linked now; undefined if they can. */
  refusal: (from: Peer, to: Peer) => string | undefined = () => undefined
  /** Who is cut off from whom: they are not linked, and what links they have carry nothing. */
  private readonly partings = new Set<(a: SessionId, b: SessionId) => boolean>()
  /** Whether the browser of this page makes no connection more now. */
  isExhausted: (self: Peer) => boolean = () => false
  private readonly linkers = new Map<SessionId, MemoryLinker>()
  /** Nothing comes from them or gets to them, also over links that were being opened. */
  private readonly crashed = new Set<SessionId>()
  private readonly epochs = new Map<string, number>()

  constructor(readonly clock: ManualClock) {}

  /** What makes the links of this session. */
  linker(self: Peer, events: LinkerEvents, relay?: Relay): MemoryLinker {
    const linker = new MemoryLinker(this, self, events, relay)
    this.crashed.delete(self.sessionId)
    this.linkers.set(self.sessionId, linker)
    return linker
  }

  /** The present link's end at one session towards another. */
  link(from: Peer, to: Peer): MemoryLink | undefined {
    return this.linkers.get(from.sessionId)?.links.get(to.sessionId)
  }

  cable(a: Peer, b: Peer): Cable {
    const cable = this.link(a, b)?.cable ?? this.link(b, a)?.cable
    if (!cable) throw new Error(`${a.userId} and ${b.userId} are not linked`)
    return cable
  }

  /** Cables of which an end is open and that carry something, or will. */
  get openCables(): readonly Cable[] {
    const cables = new Set<Cable>()
    for (const linker of this.linkers.values()) for (const cable of linker.cables()) cables.add(cable)
    return [...cables].filter(({ isBroken }) => !isBroken)
  }

  /** From now on those who are apart cannot reach each other, until that is undone. */
  part(isApart: (a: SessionId, b: SessionId) => boolean): Cancel {
    this.partings.add(isApart)
    this.review()
    return () => {
      this.partings.delete(isApart)
      this.review()
    }
  }

  /** Whether what one of them sends over a link gets to the other, sooner or later. */
  isJoined(a: SessionId, b: SessionId): boolean {
    return this.cableThatJoins(a, b) !== undefined
  }

  /** What brings it there. */
  cableThatJoins(a: SessionId, b: SessionId): Cable | undefined {
    const [here, there] = [this.linkers.get(a)?.links.get(b), this.linkers.get(b)?.links.get(a)]
    return here && here.cable === there?.cable && here.cable.carries ? here.cable : undefined
  }

  private isApart(a: SessionId, b: SessionId): boolean {
    return [...this.partings].some((isApart) => isApart(a, b))
  }

  private review(): void {
    for (const cable of this.openCables) {
      const [a, b] = cable.ends
      if (!a || !b) continue
      if (this.isApart(a.peer.sessionId, b.peer.sessionId)) cable.cutOff()
      else cable.rejoin()
    }
  }

  get openLinkCount(): number {
    let count = 0
    for (const { links } of this.linkers.values()) count += links.size
    return count
  }

  /** The page is gone without a word. */
  crash(self: Peer): void {
    for (const cable of this.linkers.get(self.sessionId)?.cables() ?? []) cable.break('silent')
    this.linkers.delete(self.sessionId)
    this.crashed.add(self.sessionId)
  }

  remove(linker: MemoryLinker): void {
    if (this.linkers.get(linker.self.sessionId) === linker) this.linkers.delete(linker.self.sessionId)
  }

  /** Why these two cannot be linked, whatever they say to each other. */
  obstacle(from: Peer, to: Peer): string | undefined {
    if (this.isApart(from.sessionId, to.sessionId)) return 'They are cut off from each other'
    return this.refusal(from, to) ?? this.refusal(to, from)
  }

  /** Ends the attempts of both sides. */
  connect(from: MemoryLinker, peer: Peer): void {
    const to = this.linkers.get(peer.sessionId)
    if (this.isSignalled && (!to || this.obstacle(from.self, peer) !== undefined)) return
    const refused = this.refusal(from.self, peer)
    if (this.crashed.has(from.self.sessionId)) return from.fail(peer, 'This page has crashed')
    if (refused !== undefined || !to) return from.fail(peer, refused ?? 'It did not answer in 8 s')
    if (!from.events.admit(peer)) return from.fail(peer, 'This page has as many connections as it may have')
    if (!to.events.admit(from.self)) return from.fail(peer, 'It has as many connections as it may have')
    for (const linker of [from, to]) {
      if (!this.isExhausted(linker.self)) continue
      linker.events.exhausted()
      return from.fail(peer, 'A page has as many connections as it may have')
    }
    const cable = this.newCable()
    const epoch = this.nextEpoch(from.self, peer)
    from.link(to.self, epoch, cable)
    to.link(from.self, epoch, cable)
    for (const end of cable.ends) {
      const { events } = end.peer === to.self ? from : to
      // The other side sees the answer later, but before the first packet.
      const lagMs = events === from.events ? 0 : Math.floor(this.random() * this.delayMs)
      if (lagMs === 0) events.opened(end)
      else this.clock.after(lagMs, () => end.isClosed || events.opened(end))
    }
  }

  handshakeMs(to: Peer): number {
    if (this.isSignalled) return ATTEMPT_MS
    return this.linkers.has(to.sessionId) ? 2 * this.delayMs : ATTEMPT_MS
  }

  private newCable(): Cable {
    const cable = new Cable({
      clock: this.clock,
      delayMs: () => this.delayMs + Math.floor(this.random() * this.jitterMs),
      losesBeat: () => {
        this.beatCount += 1
        return this.beatLoss > 0 && this.random() < this.beatLoss
      },
      faultBefore: (packet) => this.fault(this.deliveryCount++, packet),
    })
    this.cables.push(cable)
    return cable
  }

  private nextEpoch(a: Peer, b: Peer): number {
    const pair = [a.sessionId, b.sessionId].sort().join()
    const epoch = (this.epochs.get(pair) ?? 0) + 1
    this.epochs.set(pair, epoch)
    return epoch
  }
}

export class MemoryLinker implements MeshLinker {
  readonly links = new Map<SessionId, MemoryLink>()
  private readonly attempts = new Map<SessionId, Cancel>()
  /** What `open` was called with. */
  readonly opens: { peer: Peer; expected: boolean; at: number }[] = []
  isClosed = false

  constructor(
    private readonly network: MemoryNetwork,
    readonly self: Peer,
    readonly events: LinkerEvents,
    private readonly relay: Relay = () => true,
  ) {}

  get connectionCount(): number {
    return this.links.size + this.attempts.size
  }

  open(peer: Peer, expected: boolean): void {
    const { network } = this
    this.opens.push({ peer, expected, at: network.clock.now() })
    network.attemptCount += 1
    if (this.attempts.has(peer.sessionId)) return
    const attempt = network.clock.after(network.handshakeMs(peer), () => {
      this.attempts.delete(peer.sessionId)
      if (network.isSignalled) this.fail(peer, 'It did not answer in 8 s')
      else network.connect(this, peer)
    })
    this.attempts.set(peer.sessionId, attempt)
    if (!this.relay(peer.sessionId, 'knock')) this.fail(peer, 'Nobody can pass a signal on to it now')
  }

  /** That a signal passes is enough, unless links open only if both do. */
  receive(from: Peer, signal: string): void {
    if (!this.network.isSignalled || this.isClosed) return
    if (signal === 'answer') {
      if (this.attempts.has(from.sessionId)) this.network.connect(this, from)
    } else if (this.events.admit(from)) this.relay(from.sessionId, 'answer')
  }

  relayed(): void {
    return
  }

  nearer(): void {
    return
  }

  farther(): void {
    return
  }

  undeliverable(to: SessionId): void {
    const attempt = this.attempts.get(to)
    const peer = this.opens.find((open) => open.peer.sessionId === to)?.peer
    if (attempt && peer) this.fail(peer, 'It is not online where the signal was sent')
  }

  abandon(sessionId: SessionId): void {
    this.cancelAttempt(sessionId)
  }

  abandonAll(): void {
    for (const sessionId of [...this.attempts.keys()]) this.cancelAttempt(sessionId)
  }

  close(): void {
    this.isClosed = true
    this.abandonAll()
    for (const link of [...this.links.values()]) link.close()
    this.network.remove(this)
  }

  fail(peer: Peer, sentence: string): void {
    this.cancelAttempt(peer.sessionId)
    this.events.failed(peer, sentence)
  }

  cables(): Cable[] {
    return [...this.links.values()].map(({ cable }) => cable)
  }

  link(peer: Peer, epoch: number, cable: Cable): void {
    this.cancelAttempt(peer.sessionId)
    const link = cable.end(peer, epoch, this.events, () => {
      if (this.links.get(peer.sessionId) === link) this.links.delete(peer.sessionId)
    })
    this.links.set(peer.sessionId, link)
  }

  private cancelAttempt(sessionId: SessionId): void {
    this.attempts.get(sessionId)?.()
    this.attempts.delete(sessionId)
  }
}

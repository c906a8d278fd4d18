import type { Clock } from '../../src/base/clock.ts'
import type { SessionId } from '../../src/base/ids.ts'
import type { NodeId } from '../session.ts'
import {
  type Bus,
  type BusListener,
  type Change,
  DECISIONS_LEASE_MS,
  type Leases,
  type SharedClaim,
  type SharedVerdict,
  type Snapshot,
  usualLeases,
} from './bus.ts'
import { decideClaim, type Holding } from './shared-claim.ts'

interface Told {
  number: number
  readonly sessions: Map<SessionId, string>
  until: number
}

/** What the servers of one process have in common, as Redis would have it. */
export class InProcessHub {
  readonly told = new Map<NodeId, Told>()
  readonly holdings = new Map<string, Holding & { readonly until: number }>()
  readonly holders = new Map<SessionId, string>()
  readonly kept = new Map<string, string>()
  keptUntil = 0
  isUp = true
  private readonly buses = new Set<InProcessBus>()

  constructor(
    readonly clock: Clock,
    readonly leases: Leases = usualLeases,
  ) {}

  bus(): InProcessBus {
    return new InProcessBus(this)
  }

  add(bus: InProcessBus): void {
    this.buses.add(bus)
  }

  delete(bus: InProcessBus): void {
    this.buses.delete(bus)
  }

  announce(news: string): void {
    for (const bus of [...this.buses]) bus.listener?.news(news)
  }

  addressee(node: NodeId): InProcessBus | undefined {
    return [...this.buses].find((bus) => bus.node === node)
  }

  lose(): void {
    for (const map of [this.told, this.holdings, this.holders, this.kept]) map.clear()
  }

  /** Nobody reaches it any more. */
  stop(): void {
    this.isUp = false
    for (const bus of [...this.buses]) bus.listener?.down('it was stopped')
  }

  /** It is back, and has forgotten everything or nothing. */
  start({ isEmpty }: { isEmpty: boolean }): void {
    this.isUp = true
    if (isEmpty) this.lose()
    for (const bus of [...this.buses]) bus.listener?.up()
  }
}

/** The bus of one server among several in one process. */
export class InProcessBus implements Bus {
  readonly store = undefined
  node: NodeId | undefined
  listener: BusListener | undefined

  constructor(private readonly hub: InProcessHub) {}

  get isUp(): boolean {
    return this.hub.isUp && this.listener !== undefined
  }

  open(node: NodeId, listener: BusListener): Promise<void> {
    this.node = node
    this.listener = listener
    this.hub.add(this)
    if (this.hub.isUp) listener.up()
    return Promise.resolve()
  }

  claim(claim: SharedClaim): Promise<SharedVerdict | undefined> {
    return Promise.resolve(this.isUp ? this.decide(claim) : undefined)
  }

  hold(claims: readonly SharedClaim[]): void {
    if (this.isUp) for (const claim of claims) this.decide(claim)
  }

  release(claim: Pick<SharedClaim, 'appId' | 'userId' | 'sessionId'>): void {
    const { holdings } = this.hub
    if (this.isUp && holdings.get(keyOf(claim))?.sessionId === claim.sessionId) holdings.delete(keyOf(claim))
  }

  write({ number, sessions }: Snapshot): void {
    if (!this.isUp || this.node === undefined) return
    this.hub.told.set(this.node, { number, sessions: new Map(sessions), until: this.nextLease })
  }

  change({ number, sessions, news }: Change): void {
    if (!this.isUp) return
    const { told } = this
    if (told) told.number = number
    for (const [sessionId, text] of sessions) {
      if (text === undefined) told?.sessions.delete(sessionId)
      else told?.sessions.set(sessionId, text)
    }
    this.hub.announce(news)
  }

  beat(news: string): Promise<boolean> {
    if (!this.isUp) return Promise.resolve(true)
    this.hub.keptUntil = this.hub.clock.now() + DECISIONS_LEASE_MS
    const { told } = this
    if (told) told.until = this.nextLease
    this.hub.announce(news)
    return Promise.resolve(told !== undefined)
  }

  read(node: NodeId): Promise<Snapshot | undefined> {
    const told = this.isUp ? this.alive(node) : undefined
    return Promise.resolve(told && { number: told.number, sessions: new Map(told.sessions) })
  }

  nodes(): Promise<readonly NodeId[]> {
    return Promise.resolve(this.isUp ? [...this.hub.told.keys()].filter((node) => this.alive(node)) : [])
  }

  forget(node: NodeId): void {
    if (this.isUp && !this.alive(node)) this.hub.told.delete(node)
  }

  post(to: NodeId, letter: string): Promise<boolean> {
    const listener = this.isUp ? this.hub.addressee(to)?.listener : undefined
    listener?.letter(letter)
    return Promise.resolve(listener !== undefined)
  }

  keep(texts: ReadonlyMap<string, string | undefined>): void {
    if (!this.isUp) return
    this.hub.keptUntil = this.hub.clock.now() + DECISIONS_LEASE_MS
    for (const [name, text] of texts) {
      if (text === undefined) this.hub.kept.delete(name)
      else this.hub.kept.set(name, text)
    }
  }

  kept(): Promise<ReadonlyMap<string, string>> {
    const isKept = this.isUp && this.hub.keptUntil > this.hub.clock.now()
    return Promise.resolve(new Map(isKept ? this.hub.kept : []))
  }

  announce(news: string): void {
    if (this.isUp) this.hub.announce(news)
  }

  close(): Promise<void> {
    if (this.isUp && this.node !== undefined) this.hub.told.delete(this.node)
    this.crash()
    return Promise.resolve()
  }

  /** As if the process of this server had been killed. */
  crash(): void {
    this.listener = undefined
    this.hub.delete(this)
  }

  private get told(): Told | undefined {
    return this.node === undefined ? undefined : this.alive(this.node)
  }

  private get nextLease(): number {
    return this.hub.clock.now() + this.hub.leases.nodeMs
  }

  private alive(node: NodeId): Told | undefined {
    const told = this.hub.told.get(node)
    return told && told.until > this.hub.clock.now() ? told : undefined
  }

  private decide(claim: SharedClaim): SharedVerdict {
    const { holdings, holders, clock, leases } = this.hub
    const now = clock.now()
    const current = holdings.get(keyOf(claim))
    const held = current && current.until > now ? current : undefined
    const verdict = decideClaim(claim, held, holders.get(claim.sessionId))
    if (!verdict.isGranted) return verdict
    const { sessionId, digest } = claim
    const { loginTime, stay } = verdict
    holders.set(sessionId, digest)
    holdings.set(keyOf(claim), { sessionId, loginTime, stay, until: now + leases.claimMs })
    return verdict
  }
}

/** App ids have one length and hold no space. */
function keyOf({ appId, userId }: Pick<SharedClaim, 'appId' | 'userId'>): string {
  return `${appId} ${userId}`
}

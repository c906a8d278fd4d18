import type { Cancel } from '../../src/base/clock.ts'
import type { ChannelId, SessionId, UserId } from '../../src/base/ids.ts'
import { isLaterLogin, type Member, type Peer } from '../../src/protocol/peer.ts'
import type { Departure, EndReason, LoginRefusal, TokenTerms } from '../../src/protocol/server-messages.ts'
import { type Announcement, MAX_HOLDERS, type RendezvousEvents } from '../../src/rendezvous/rendezvous.ts'
import { APP } from './credentials.ts'
import type { ManualClock } from './manual-clock.ts'
import { MemoryIssuer } from './memory-issuer.ts'

const UNREACHABLE_AFTER_MS = 7_000
const OFFLINE_AFTER_MS = 31_000
const MAX_CHANNELS = 20
const MAX_VISITS = 20
const MAX_SUBSCRIPTIONS = 512

/** A session's way into the realm. */
export interface Visitor {
  welcome(me: Peer, boot: number): void
  refuse(reason: LoginRefusal, sentence: string): void
  end(reason: EndReason, notice?: string): void
  /** Its connection breaks. */
  lose(): void
  deliver(tell: (events: RendezvousEvents) => void): void
  deliverRoster(channelId: ChannelId, incarnation: number, members: readonly Member[]): void
  deliverPresence(userIds: readonly UserId[], peers: readonly Peer[]): void
}

export interface Resident {
  readonly peer: Peer
  /** Undefined while its connection is lost. */
  visitor: Visitor | undefined
  readonly channels: Map<ChannelId, number>
  /** The latest last. */
  readonly visits: Set<ChannelId>
  readonly acquaintances: Set<SessionId>
  readonly subscriptions: Set<UserId>
  /** Its neighbours were told that nothing is heard of it. */
  isUnreachable: boolean
  cancelLoss: Cancel
}

/** What a signaling server knows, without sockets: who is here, who is in which channel. One app. */
export class MemoryRealm {
  delayMs = 5
  isUp = true
  /** Another one after each loss of memory. */
  boot = 1
  clockOffsetMs = 0
  /** Why this login is refused now; undefined if it is not. */
  refusal: (announcement: Announcement) => LoginRefusal | undefined = () => undefined
  /** What the server says of a token that it takes. */
  termsOf: (token: string | null) => TokenTerms | undefined = () => undefined
  /** False: joins are swallowed. */
  answersJoins = true
  /** False: `find` is swallowed. */
  answersFinds = true
  signalCount = 0
  /** What it signs with. */
  issuer = new MemoryIssuer('secret')
  readonly residents = new Map<SessionId, Resident>()
  readonly visitors = new Set<Visitor>()
  private readonly kicked = new Set<SessionId>()
  private readonly banned = new Set<string>()

  constructor(readonly clock: ManualClock) {}

  /** The server goes away with everything that it knew. */
  stop(): void {
    this.isUp = false
    this.boot += 1
    for (const { cancelLoss } of this.residents.values()) cancelLoss()
    this.residents.clear()
    this.kicked.clear()
    this.banned.clear()
    for (const visitor of this.visitors) visitor.lose()
  }

  start(): void {
    this.isUp = true
  }

  /** An operator's decision. Bans do not outlive `stop`. */
  end(userId: string, reason: 'kicked' | 'banned'): void {
    if (reason === 'banned') this.banned.add(userId)
    for (const resident of this.residents.values()) {
      if (resident.peer.userId !== userId) continue
      if (reason === 'kicked') this.kicked.add(resident.peer.sessionId)
      const kind = reason === 'kicked' ? 'kick' : 'ban'
      const now = this.clock.now() + this.clockOffsetMs
      this.endResident(resident, reason, reason, this.issuer.notice(kind, APP, resident.peer, now))
    }
  }

  login(visitor: Visitor, announcement: Announcement, earlier: number | undefined): void {
    const isKicked = this.kicked.has(announcement.sessionId)
    const isBanned = this.banned.has(announcement.userId)
    const refused = this.refusal(announcement) ?? (isBanned ? 'banned' : isKicked ? 'kicked' : undefined)
    if (refused) return visitor.refuse(refused, `Refused: ${refused}`)
    const { userId, sessionId } = announcement
    const known = this.residents.get(sessionId)
    const current = [...this.residents.values()].find(({ peer }) => peer.userId === userId)
    const now = this.clock.now() + this.clockOffsetMs
    const loginTime = known?.peer.loginTime ?? earlier ?? Math.max(now, (current?.peer.loginTime ?? 0) + 1)
    const peer: Peer = { userId, sessionId, loginTime }
    if (current && current !== known) {
      if (isLaterLogin(current.peer, peer)) return visitor.refuse('remote-login', 'Logged in elsewhere')
      this.endResident(current, 'remote-login', 'replaced')
    }
    known?.cancelLoss()
    const resident = known ?? this.newResident(peer)
    resident.visitor = visitor
    // Those that stand are said again.
    resident.visits.clear()
    resident.subscriptions.clear()
    visitor.welcome(peer, this.boot)
    if (!known) this.tellNeighbours(resident, ({ present }) => present(peer))
    if (resident.isUnreachable) this.tellNeighbours(resident, (events) => events.reachable(peer))
    resident.isUnreachable = false
  }

  lost(visitor: Visitor): void {
    const resident = this.residentOf(visitor)
    if (!resident) return
    resident.visitor = undefined
    const cancelNews = this.clock.after(UNREACHABLE_AFTER_MS, () => {
      resident.isUnreachable = true
      this.tellNeighbours(resident, (events) => events.unreachable(resident.peer, UNREACHABLE_AFTER_MS))
    })
    const cancelRemoval = this.clock.after(OFFLINE_AFTER_MS, () => this.remove(resident, 'lost'))
    resident.cancelLoss = () => {
      cancelNews()
      cancelRemoval()
    }
  }

  goodbye(visitor: Visitor): void {
    const resident = this.residentOf(visitor)
    if (resident) this.remove(resident, 'goodbye')
  }

  join(visitor: Visitor, channelId: ChannelId, incarnation: number): void {
    const resident = this.residentOf(visitor)
    if (!resident || !this.answersJoins) return
    const current = resident.channels.get(channelId)
    if (current !== undefined && incarnation < current) return
    if (current === undefined && resident.channels.size >= MAX_CHANNELS) {
      return visitor.deliver(({ joinRefused }) => joinRefused(channelId, incarnation, 'Leave one first'))
    }
    const others = this.membersOf(channelId).filter((other) => other !== resident)
    resident.channels.set(channelId, incarnation)
    resident.visits.delete(channelId)
    const members = others.map((other) => memberIn(other, channelId))
    visitor.deliverRoster(channelId, incarnation, members)
    if (current === incarnation) return
    const member: Member = { ...resident.peer, incarnation }
    for (const other of others) other.visitor?.deliver(({ joined }) => joined(channelId, member))
  }

  leave(visitor: Visitor, channelId: ChannelId, incarnation: number): void {
    const resident = this.residentOf(visitor)
    const current = resident?.channels.get(channelId)
    if (!resident || current === undefined || incarnation < current) return
    resident.channels.delete(channelId)
    const member: Member = { ...resident.peer, incarnation }
    for (const other of this.membersOf(channelId))
      other.visitor?.deliver(({ left }) => left(channelId, member))
  }

  find(userIds: readonly UserId[]): readonly Peer[] {
    return [...this.residents.values()]
      .map(({ peer }) => peer)
      .filter(({ userId }) => userIds.includes(userId))
  }

  /** Who has the channel's shared document. */
  visit(visitor: Visitor, channelId: ChannelId): readonly Peer[] {
    const resident = this.residentOf(visitor)
    if (!resident) return []
    if (!resident.channels.has(channelId)) {
      resident.visits.delete(channelId)
      resident.visits.add(channelId)
      const [oldest] = resident.visits
      if (oldest !== undefined && resident.visits.size > MAX_VISITS) resident.visits.delete(oldest)
    }
    const here = [...this.residents.values()].filter((other) => other !== resident)
    const members = here.filter(({ channels }) => channels.has(channelId)).slice(0, MAX_HOLDERS)
    const others = here.filter(({ visits }) => visits.has(channelId)).slice(0, MAX_HOLDERS)
    return [...members, ...others].map(({ peer }) => peer)
  }

  endVisit(visitor: Visitor, channelId: ChannelId): void {
    this.residentOf(visitor)?.visits.delete(channelId)
  }

  /** Beyond 512 in all nobody is subscribed to; the answer does not name them. */
  subscribe(visitor: Visitor, userIds: readonly UserId[]): void {
    const resident = this.residentOf(visitor)
    if (!resident) return
    const { subscriptions } = resident
    const taken = userIds.filter((userId) => {
      if (subscriptions.size < MAX_SUBSCRIPTIONS) subscriptions.add(userId)
      return subscriptions.has(userId)
    })
    const here = [...this.residents.values()].filter(({ peer }) => taken.includes(peer.userId))
    const peers = here.map(({ peer }) => peer)
    visitor.deliverPresence(taken, peers)
    for (const { peer, isUnreachable } of here)
      if (isUnreachable) visitor.deliver(({ unreachable }) => unreachable(peer, UNREACHABLE_AFTER_MS))
  }

  unsubscribe(visitor: Visitor, userIds: readonly UserId[]): void {
    const resident = this.residentOf(visitor)
    for (const userId of userIds) resident?.subscriptions.delete(userId)
  }

  count(channelIds: readonly ChannelId[]): readonly number[] {
    return channelIds.map((channelId) => this.membersOf(channelId).length)
  }

  relay(visitor: Visitor, to: SessionId, signal: string): void {
    const from = this.residentOf(visitor)
    const recipient = this.residents.get(to)
    if (!from) return
    this.signalCount += 1
    if (!recipient?.visitor || recipient === from) {
      return visitor.deliver(({ undeliverable }) => undeliverable(to))
    }
    from.acquaintances.add(to)
    recipient.acquaintances.add(from.peer.sessionId)
    recipient.visitor.deliver((events) => events.signal(from.peer, signal, 'server'))
  }

  private newResident(peer: Peer): Resident {
    const resident: Resident = {
      peer,
      visitor: undefined,
      channels: new Map(),
      visits: new Set(),
      acquaintances: new Set(),
      subscriptions: new Set(),
      isUnreachable: false,
      cancelLoss: () => undefined,
    }
    this.residents.set(peer.sessionId, resident)
    return resident
  }

  private residentOf(visitor: Visitor): Resident | undefined {
    return [...this.residents.values()].find((resident) => resident.visitor === visitor)
  }

  private membersOf(channelId: ChannelId): Resident[] {
    return [...this.residents.values()].filter(({ channels }) => channels.has(channelId))
  }

  private endResident(
    resident: Resident,
    reason: 'remote-login' | 'kicked' | 'banned',
    why: Departure,
    notice?: string,
  ): void {
    resident.visitor?.end(reason, notice)
    this.remove(resident, why, notice)
  }

  private remove(resident: Resident, why: Departure, notice?: string): void {
    resident.cancelLoss()
    this.residents.delete(resident.peer.sessionId)
    this.tellNeighbours(resident, (events) => {
      if (notice !== undefined) events.notice(notice)
      events.gone(resident.peer, why)
    })
  }

  private tellNeighbours(resident: Resident, tell: (events: RendezvousEvents) => void): void {
    for (const other of this.residents.values()) {
      const shares = [...resident.channels.keys()].some((channelId) => other.channels.has(channelId))
      const isSubscriber = other.subscriptions.has(resident.peer.userId)
      const isNeighbour = shares || isSubscriber || other.acquaintances.has(resident.peer.sessionId)
      if (isNeighbour && other !== resident) other.visitor?.deliver(tell)
    }
  }
}

function memberIn({ peer, channels }: Resident, channelId: ChannelId): Member {
  return { ...peer, incarnation: channels.get(channelId) ?? 0 }
}

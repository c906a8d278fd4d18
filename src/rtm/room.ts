import type { Cancel, Clock } from '../base/clock.ts'
import type { Deadlines } from '../base/deadlines.ts'
import type { ChannelId } from '../base/ids.ts'
import type { Wakefulness } from '../base/wakefulness.ts'
import type { ChannelAttribute } from '../documents/attribute.ts'
import type { Mesh } from '../mesh/mesh.ts'
import type { Outcome } from '../mesh/outgoing-stream.ts'
import type { Log } from '../base/logger.ts'
import { type ChannelItem, type Content, encodeItem } from '../protocol/items.ts'
import type { Member, Peer } from '../protocol/peer.ts'
import { HeldLinks, MAX_HELD_LINKS } from './held-links.ts'
import { MAX_LISTED_MEMBERS } from './limits.ts'
import { MemberCount } from './member-count.ts'
import { Membership } from './membership.ts'
import { OwnWord } from './own-word.ts'
import type { ReceivedContent } from './received.ts'
import { Strangers } from './strangers.ts'

export type ChannelSendResult = 'ok' | 'timeout' | 'overflow'

export interface RoomEvents {
  memberJoined(member: Member): void
  memberLeft(member: Member): void
  memberCount(count: number): void
  message(received: ReceivedContent, from: Peer): void
  /** Somebody changed the channel's attributes and wanted the members to be told; all of them as they are now. */
  attributesUpdated(attributes: readonly ChannelAttribute[]): void
}

/** Who looks after the attributes of channels, and is told who is in them. */
export interface RoomAttributes {
  joined(
    channelId: ChannelId,
    room: { members(): readonly Member[]; attributesUpdated(attributes: readonly ChannelAttribute[]): void },
  ): void
  left(channelId: ChannelId): void
  memberJoined(channelId: ChannelId, member: Member): void
  memberLeft(channelId: ChannelId, member: Member): void
}

export interface RoomOptions {
  readonly channelId: ChannelId
  /** Which of this session's joins this is. */
  readonly incarnation: number
  readonly clock: Clock
  readonly random: () => number
  readonly wakefulness: Wakefulness
  readonly mesh: Mesh
  readonly log: Log
  readonly attributes: RoomAttributes
  /** Messages whose senders have no answer yet, of all rooms: it comes after the room was left, too. */
  readonly undecided: Set<(result: ChannelSendResult) => void>
  /** How long each of these may wait. */
  readonly deadlines: Deadlines
  /** Whether somebody tells who is in the channel; while nobody does, whoever speaks in it is. */
  isRendezvousUp(): boolean
}

/** What may arrive from members who know of our join before we were told the roster. */
const MAX_EARLY_ITEMS = 1_024

/** One channel that this session is joining or has joined. */
export class Room {
  readonly incarnation: number
  private readonly membership: Membership
  private readonly memberCount: MemberCount
  private early: [from: Peer, item: ChannelItem][] | undefined = []
  private readonly heldLinks: HeldLinks
  private readonly ownWord: OwnWord
  /** Messages of sessions that are not known to be members yet. */
  private readonly strangers: Strangers
  /** For each message that has not arrived everywhere yet, those who lack it, and may have been lost since. */
  private readonly underWay = new Set<ReadonlySet<Member>>()
  private hasLeft = false
  private cancels: readonly Cancel[] = []

  constructor(
    private readonly options: RoomOptions,
    private readonly events: RoomEvents,
  ) {
    this.incarnation = options.incarnation
    const { clock, mesh, log } = options
    this.strangers = new Strangers(clock, log)
    this.membership = new Membership(
      {
        lastHeard: (sessionId) => mesh.lastHeard(sessionId),
        isSought: (sessionId) => this.heldLinks.has(sessionId),
      },
      {
        joined: (member) => {
          // Who is here already is chosen from when all are known.
          if (this.isOpen) this.heldLinks.hold(member)
          this.ownWord.tell(member)
          this.changed('memberJoined', member)
          for (const item of this.strangers.take(member.sessionId)) this.receive(member, item)
        },
        left: (member) => {
          this.ownWord.forget(member)
          this.heldLinks.release(member.sessionId, this.members)
          this.changed('memberLeft', member)
        },
      },
    )
    this.heldLinks = new HeldLinks({
      mesh,
      random: options.random,
      // Members are told of each other; where there are more, who came before has no place left for who comes.
      isMutual: () => options.isRendezvousUp() && this.membership.size <= MAX_HELD_LINKS,
    })
    const isNeedless = (): boolean => !this.isOpen || options.isRendezvousUp()
    this.ownWord = new OwnWord(mesh, options.channelId, this.incarnation, isNeedless)
    this.memberCount = new MemberCount(
      clock,
      () => this.membership.size + 1,
      (count) => events.memberCount(count),
    )
  }

  get isOpen(): boolean {
    return this.early === undefined
  }

  /** Everybody else in the channel. */
  get members(): readonly Member[] {
    return this.membership.members
  }

  has(peer: Peer): boolean {
    return this.membership.has(peer)
  }

  /** The first roster: who is here already is no news. */
  open(members: readonly Member[]): void {
    this.membership.replace(members, false, this.options.wakefulness.now())
    this.heldLinks.fill(this.members)
    const early = this.early ?? []
    this.early = undefined
    for (const member of this.members) this.ownWord.tell(member)
    this.memberCount.changed()
    this.options.attributes.joined(this.options.channelId, {
      members: () => this.members,
      attributesUpdated: (attributes) => this.events.attributesUpdated(attributes),
    })
    for (const [from, item] of early) this.receive(from, item)
    const { wakefulness } = this.options
    this.cancels = [
      wakefulness.onOverslept(() => this.membership.excuse(this.options.clock.now())),
      wakefulness.onPulse((now) => this.sweep(now)),
    ]
  }

  /** A later roster, after a return to the rendezvous. */
  refresh(members: readonly Member[], mayRemove: boolean): void {
    this.membership.replace(members, mayRemove, this.options.wakefulness.now())
  }

  joined(member: Member): void {
    this.membership.join(member)
  }

  introduced(members: readonly Member[]): void {
    for (const member of members) this.membership.introduce(member, this.options.wakefulness.now())
  }

  /** Under this join it was there: what it said then is heard, though nobody had named it. */
  left(member: Member): void {
    this.membership.leave(member)
    for (const item of this.strangers.take(member.sessionId, member.incarnation)) this.receive(member, item)
  }

  ended(peer: Peer): void {
    this.membership.end(peer)
  }

  rendezvousLost(): void {
    this.membership.rendezvousLost(this.options.wakefulness.now())
    // It may have been lost before it could name this session to everybody.
    const { mesh } = this.options
    for (const member of this.members) if (mesh.isLinked(member.sessionId)) this.ownWord.tell(member)
  }

  /** It may not know of this session in the channel, if nobody tells it. */
  linked(peer: Peer): void {
    if (this.has(peer)) this.ownWord.tell(peer)
  }

  /** This session said goodbye to all, for a while: they know nothing of it any more. */
  wasAway(): void {
    for (const member of this.members) this.ownWord.forget(member)
  }

  unreachable(peer: Peer, silentMs: number): void {
    this.membership.unreachable(peer, silentMs, this.options.wakefulness.now())
  }

  reachable(peer: Peer): void {
    this.membership.reachable(peer)
  }

  lost(peer: Peer): void {
    this.membership.lost(peer, this.options.wakefulness.now())
  }

  receive(from: Peer, item: ChannelItem): void {
    if (this.early) {
      if (this.early.length < MAX_EARLY_ITEMS) this.early.push([from, item])
      return
    }
    const { membership } = this
    if (item.kind === 'left') return this.left({ ...from, incarnation: item.incarnation })
    // Its own word about itself needs nobody else's.
    if (item.kind === 'joined') return membership.heardIn(from, item.incarnation)
    const { incarnation } = item
    if (membership.has(from) || !this.options.isRendezvousUp()) membership.heardIn(from, incarnation)
    // Whether it is a member again is for the rendezvous to say.
    else if (!membership.wasIn(from, incarnation)) return this.strangers.keep(from, item)
    this.events.message(item, from)
  }

  /**
   * To every other member. Ok: one of them has it, or none is online; it is kept for those who are only unreachable.
   * Timeout: somebody is online, and nobody acknowledged it in time.
   */
  send(content: Content, sentAt: number, finish: (result: ChannelSendResult) => void): void {
    const { wakefulness, mesh, channelId, undecided, deadlines } = this.options
    const { incarnation, members } = this
    const bytes = encodeItem({ kind: 'channel-message', channelId, incarnation, sentAt, content })
    const now = wakefulness.now()
    const lacking = new Set(members)
    const decide = (result: ChannelSendResult): void => {
      if (!undecided.delete(decide)) return
      cancelTimeout()
      finish(result)
    }
    const decideIfNobodyIsOnline = (at: number): void => {
      if (!this.hasLeft && !this.membership.isAnyOnline(lacking, at)) decide('ok')
    }
    undecided.add(decide)
    const cancelTimeout = deadlines.add(() => {
      decideIfNobodyIsOnline(wakefulness.now())
      decide('timeout')
    }, now)
    const settled = (member: Member, outcome: Outcome): void => {
      lacking.delete(member)
      if (lacking.size === 0) this.underWay.delete(lacking)
      if (outcome === 'acknowledged') decide('ok')
      else if (lacking.size === 0) decideIfNobodyIsOnline(wakefulness.now())
    }
    if (lacking.size > 0) this.underWay.add(lacking)
    // All or nobody: a message that only some are sent would be lost for the others without a word.
    if (mesh.sendToAll(members, bytes, settled, now)) return decideIfNobodyIsOnline(now)
    this.underWay.delete(lacking)
    decide('overflow')
  }

  /** Tells the members directly and forgets them. */
  leave(): void {
    const { mesh, channelId } = this.options
    const bytes = encodeItem({ kind: 'left', channelId, incarnation: this.incarnation })
    // The others hear it from the rendezvous: to open a link just to part is not worth it. Who gets a message later may
    // hear from nobody else that its sender was in the channel then.
    const near = this.members.filter(
      ({ sessionId }) => this.heldLinks.has(sessionId) || mesh.isLinked(sessionId),
    )
    const owed = [...this.underWay].flatMap((lacking) => [...lacking])
    const told = new Map([...near, ...owed].map((member) => [member.sessionId, member]))
    for (const member of told.values()) mesh.send(member, bytes, () => undefined)
    this.hasLeft = true
    this.forget()
  }

  /** The session ends, or the join was given up. */
  close(): void {
    this.forget()
  }

  private forget(): void {
    if (this.isOpen) this.options.attributes.left(this.options.channelId)
    for (const cancel of this.cancels) cancel()
    this.memberCount.close()
    this.membership.close()
    this.heldLinks.close()
  }

  /** The page is told first: whatever becomes of the attributes, it knows who is there. */
  private changed(event: 'memberJoined' | 'memberLeft', member: Member): void {
    if (!this.isOpen) return
    if (this.membership.size < MAX_LISTED_MEMBERS) this.events[event](member)
    this.memberCount.changed()
    this.options.attributes[event](this.options.channelId, member)
  }

  private sweep(now: number): void {
    this.membership.sweep(now)
    this.strangers.sweep()
    if (!this.options.isRendezvousUp())
      for (const [from, item] of this.strangers.takeAll()) this.receive(from, item)
  }
}

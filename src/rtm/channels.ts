import type { Cancel, Clock } from '../base/clock.ts'
import { Deadlines } from '../base/deadlines.ts'
import type { ChannelId } from '../base/ids.ts'
import type { Wakefulness } from '../base/wakefulness.ts'
import type { Mesh } from '../mesh/mesh.ts'
import type { Log } from '../base/logger.ts'
import { type ChannelItem, encodeItem } from '../protocol/items.ts'
import type { Member, Peer } from '../protocol/peer.ts'
import { MAX_CHANNELS_PER_SESSION } from '../protocol/server-messages.ts'
import type { Rendezvous } from '../rendezvous/rendezvous.ts'
import { timeouts } from './limits.ts'
import { type ChannelSendResult, Room, type RoomAttributes, type RoomEvents } from './room.ts'

export type JoinResult = 'ok' | 'timeout' | 'too-many-channels' | 'already-joined' | 'left' | 'failure'

export interface ChannelsOptions {
  readonly clock: Clock
  readonly random: () => number
  readonly wakefulness: Wakefulness
  readonly mesh: Mesh
  readonly log: Log
  readonly rendezvous: Pick<Rendezvous, 'join' | 'leave' | 'isUp'>
  readonly attributes: RoomAttributes
}

interface Joining {
  finish(result: JoinResult): void
  readonly cancelTimeout: Cancel
}

/** The channels of one session: who has answered which join, and which room gets what. */
export class Channels {
  private readonly rooms = new Map<ChannelId, Room>()
  private readonly joining = new Map<ChannelId, Joining>()
  private readonly undecided = new Set<(result: ChannelSendResult) => void>()
  private readonly deadlines: Deadlines
  private lastIncarnation = 0

  constructor(private readonly options: ChannelsOptions) {
    this.deadlines = new Deadlines(options.clock, timeouts.sendMs)
  }

  /** The room of a channel that is joined. */
  room(channelId: ChannelId): Room | undefined {
    const room = this.rooms.get(channelId)
    return room?.isOpen ? room : undefined
  }

  /** The channels that this session is in with it. */
  sharedWith(peer: Peer): readonly ChannelId[] {
    return [...this.rooms].filter(([, room]) => room.isOpen && room.has(peer)).map(([channelId]) => channelId)
  }

  join(channelId: ChannelId, events: RoomEvents, finish: (result: JoinResult) => void): void {
    if (this.rooms.has(channelId)) return finish('already-joined')
    if (this.rooms.size >= MAX_CHANNELS_PER_SESSION) return finish('too-many-channels')
    const { rendezvous, ...shared } = this.options
    const { undecided, deadlines } = this
    const incarnation = ++this.lastIncarnation
    this.rooms.set(
      channelId,
      new Room(
        { ...shared, channelId, incarnation, undecided, deadlines, isRendezvousUp: () => rendezvous.isUp },
        events,
      ),
    )
    const cancelTimeout = shared.clock.after(timeouts.joinMs, () => this.abandon(channelId, 'timeout'))
    this.joining.set(channelId, { finish, cancelTimeout })
    shared.mesh.prepare()
    rendezvous.join(channelId, incarnation)
  }

  /** False if the channel was neither joined nor being joined. */
  leave(channelId: ChannelId): boolean {
    const room = this.room(channelId)
    if (!room) return this.abandon(channelId, 'left')
    this.rooms.delete(channelId)
    this.options.log('info', 'A channel was left', { channelId, others: room.members.length })
    room.leave()
    this.options.rendezvous.leave(channelId, room.incarnation)
    return true
  }

  roster(channelId: ChannelId, incarnation: number, members: readonly Member[], mayRemove: boolean): void {
    const room = this.rooms.get(channelId)
    if (room?.incarnation !== incarnation) return
    if (room.isOpen) return room.refresh(members, mayRemove)
    this.settleJoin(channelId, 'ok')
    room.open(members)
    this.options.log('info', 'A channel was joined', { channelId, others: room.members.length })
  }

  joinRefused(channelId: ChannelId, incarnation: number): void {
    if (this.rooms.get(channelId)?.incarnation === incarnation) this.abandon(channelId, 'too-many-channels')
  }

  joined(channelId: ChannelId, member: Member): void {
    this.rooms.get(channelId)?.joined(member)
  }

  /** Named by neighbours, which may know of it late. */
  introduced(channelId: ChannelId, members: readonly Member[]): void {
    this.rooms.get(channelId)?.introduced(members)
  }

  left(channelId: ChannelId, member: Member): void {
    this.rooms.get(channelId)?.left(member)
  }

  ended(peer: Peer): void {
    for (const room of this.rooms.values()) room.ended(peer)
  }

  unreachable(peer: Peer, silentMs: number): void {
    for (const room of this.rooms.values()) room.unreachable(peer, silentMs)
  }

  reachable(peer: Peer): void {
    for (const room of this.rooms.values()) room.reachable(peer)
  }

  lost(peer: Peer): void {
    for (const room of this.rooms.values()) room.lost(peer)
  }

  linked(peer: Peer): void {
    for (const room of this.rooms.values()) room.linked(peer)
  }

  /** The page was put away, and is shown again. */
  wasAway(): void {
    for (const room of this.rooms.values()) room.wasAway()
  }

  /** The rendezvous cannot be reached. */
  rendezvousLost(): void {
    for (const room of this.rooms.values()) room.rendezvousLost()
  }

  receive(from: Peer, item: ChannelItem): void {
    const { channelId } = item
    const room = this.rooms.get(channelId)
    if (room) return room.receive(from, item)
    // Somebody takes this session for a member, as others told it so.
    if (item.kind !== 'joined') return
    const left = encodeItem({ kind: 'left', channelId, incarnation: this.lastIncarnation })
    this.options.mesh.send(from, left, () => undefined)
  }

  /** Nobody learns what becomes of messages that are on their way. */
  close(): void {
    for (const channelId of [...this.joining.keys()]) this.settleJoin(channelId, 'failure')
    for (const decide of this.undecided) decide('timeout')
    this.deadlines.close()
    for (const room of this.rooms.values()) room.close()
    this.rooms.clear()
  }

  /** Ends a join that nothing has come of yet; false if there is none. */
  private abandon(channelId: ChannelId, result: JoinResult): boolean {
    const room = this.rooms.get(channelId)
    if (!this.joining.has(channelId) || !room) return false
    this.rooms.delete(channelId)
    room.close()
    this.options.rendezvous.leave(channelId, room.incarnation)
    this.settleJoin(channelId, result)
    return true
  }

  private settleJoin(channelId: ChannelId, result: JoinResult): void {
    const joining = this.joining.get(channelId)
    this.joining.delete(channelId)
    joining?.cancelTimeout()
    joining?.finish(result)
  }
}

import type { ChannelId } from '../src/base/ids.ts'
import type { Member } from '../src/protocol/peer.ts'
import { type Colleagues, nobodyElse } from './colleagues.ts'
import type { Directory } from './directory.ts'
import type { Limits } from './limits.ts'
import type { Presence } from './presence.ts'
import { broadcast, memberOf, type Session } from './session.ts'
import type { Tallies } from './tallies.ts'

/** To send 50 short messages takes about as long as to take in and relay a long one. */
const MEMBERS_PER_EFFORT = 50
/** A return with 20 channels, however large, stays below half of the burst that a client is allowed. */
const MAX_EFFORT = 20

/**
 * Who is in a channel. Each join has a number (incarnation) that grows with every join of its session:
 *
 *     join  same number    the client asks again: only the roster
 *           higher         a new join: `joined` with the new number; it needs no `left` of the old one
 *           lower          late: ignored
 *     leave same or higher `left` with the number of the leave (a join that was lost with its socket is over too)
 *           lower          late: ignored
 */
export class Rosters {
  sentRosters = 0

  constructor(
    private readonly directory: Directory,
    private readonly presence: Presence,
    private readonly limits: Pick<Limits, 'maxChannelsPerSession'>,
    private readonly tallies: Tallies,
    private readonly colleagues: Colleagues = nobodyElse,
  ) {}

  /** What a join or leave costs beyond its message, in messages: everybody in the channel gets to hear of it. */
  effortOf(session: Session, channelId: ChannelId): number {
    const { size } = this.directory.membersOf(session.appId, channelId)
    return Math.min(size / MEMBERS_PER_EFFORT, MAX_EFFORT)
  }

  join(session: Session, channelId: ChannelId, incarnation: number): void {
    const current = session.channels.get(channelId)
    if (current !== undefined && incarnation < current) return
    const { maxChannelsPerSession } = this.limits
    if (current === undefined && session.channels.size >= maxChannelsPerSession) {
      this.tallies.declines['too-many-channels'] += 1
      const message = `A session may be in ${maxChannelsPerSession} channels: leave one first`
      session.send({ type: 'joinRefused', channelId, incarnation, reason: 'too-many-channels', message })
      return
    }
    const others = this.othersIn(session, channelId)
    const members = others.map((other) => memberIn(other, channelId))
    this.sentRosters += 1
    session.send({ type: 'roster', channelId, incarnation, members })
    this.presence.tellWhoIsUnreachable(session, others)
    if (incarnation !== current) this.enter(session, channelId, incarnation)
  }

  enter(session: Session, channelId: ChannelId, incarnation: number): void {
    this.directory.enter(session, channelId, incarnation)
    const member = memberOf(session, incarnation)
    broadcast(this.othersIn(session, channelId), { type: 'joined', channelId, member })
    this.colleagues.changed(session)
  }

  leave(session: Session, channelId: ChannelId, incarnation: number): void {
    const current = session.channels.get(channelId)
    if (current === undefined || incarnation < current) return
    this.directory.exit(session, channelId)
    const member = memberOf(session, incarnation)
    broadcast(this.directory.membersOf(session.appId, channelId), { type: 'left', channelId, member })
    this.colleagues.changed(session)
  }

  count(session: Session, request: number, channelIds: readonly ChannelId[]): void {
    const counts = channelIds.map((channelId) => this.directory.membersOf(session.appId, channelId).size)
    session.send({ type: 'counted', request, counts })
  }

  private othersIn(session: Session, channelId: ChannelId): Session[] {
    return [...this.directory.membersOf(session.appId, channelId)].filter((member) => member !== session)
  }
}

function memberIn(session: Session, channelId: ChannelId): Member {
  return memberOf(session, session.channels.get(channelId) ?? 0)
}

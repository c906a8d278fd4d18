import type { Clock } from '../../src/base/clock.ts'
import type { SessionId } from '../../src/base/ids.ts'
import type { Log } from '../../src/base/logger.ts'
import { isLaterLogin } from '../../src/protocol/peer.ts'
import { closeCodes, type Departure } from '../../src/protocol/server-messages.ts'
import type { Identity } from '../identity.ts'
import type { Directory } from '../directory.ts'
import type { Moderation } from '../moderation.ts'
import type { Presence } from '../presence.ts'
import type { Rosters } from '../rosters.ts'
import { type NodeId, type Outlet, Session } from '../session.ts'
import type { Subscriptions } from '../subscriptions.ts'
import { identityIn, type SessionRecord } from './session-record.ts'

/** About 2 KB each: what is written into Redis by others must not fill the memory. */
const MAX_MIRRORED_SESSIONS = 100_000

export interface MirrorRooms {
  readonly directory: Directory
  readonly presence: Presence
  readonly rosters: Rosters
  readonly subscriptions: Subscriptions
  readonly moderation: Moderation
}

/**
 * The sessions of other nodes in this one's directory. What their nodes tell of them is compared with what was known, and
 * the difference is news for those who are connected here.
 */
export class Mirror {
  constructor(
    private readonly rooms: MirrorRooms,
    private readonly me: NodeId,
    /** Of sessions that are connected elsewhere. */
    private readonly elsewhere: Outlet,
    /** A session of this node goes on at another. */
    private readonly moved: (session: Session) => void,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  /** That node has this session, as it is now. Undefined if this node knows better. */
  apply(node: NodeId, record: SessionRecord): Session | undefined {
    const identity = identityIn(record)
    const session = identity && this.sessionFor(node, identity, record)
    if (!session) return undefined
    session.outlet = record.isConnected ? this.elsewhere : undefined
    this.applyChannels(session, record)
    this.applyVisits(session, record)
    if (record.silentMs === undefined) this.rooms.presence.hear(session)
    else {
      session.heardAt = this.clock.now() - record.silentMs
      this.rooms.presence.fallSilent(session)
    }
    return session
  }

  end(node: NodeId, sessionId: SessionId, why: Departure, notice: string | undefined): void {
    const session = this.rooms.directory.sessionById(sessionId)
    if (session?.home === node) this.rooms.presence.depart(session, why, notice)
  }

  /** All that this node has are these: of others the end was missed. */
  retain(node: NodeId, sessions: ReadonlySet<Session>): void {
    for (const session of this.rooms.directory.sessions()) {
      if (session.home === node && !sessions.has(session)) lose(session, this.clock.now())
    }
  }

  /** The node is gone: its sessions may come back elsewhere. */
  loseAll(node: NodeId, heardAt: number): void {
    for (const session of this.rooms.directory.sessions()) if (session.home === node) lose(session, heardAt)
  }

  private sessionFor(node: NodeId, identity: Identity, record: SessionRecord): Session | undefined {
    const known = this.rooms.directory.sessionById(identity.sessionId)
    if (!known) return this.admit(node, identity, record)
    if (!known.identity.equals(identity)) return undefined
    if (known.home !== node && !this.isRight(node, record, known)) return undefined
    if (known.home === 'here') this.giveUp(known)
    known.home = node
    known.stay = record.stay
    return known
  }

  private isRight(node: NodeId, record: SessionRecord, known: Session): boolean {
    if (record.stay !== known.stay) return record.stay > known.stay
    return known.home === 'nowhere' || node > (known.home === 'here' ? this.me : known.home)
  }

  private giveUp(session: Session): void {
    session.end(closeCodes.goingAway, 'This session goes on over a newer connection')
    this.rooms.subscriptions.endAll(session)
    session.token = undefined
    this.moved(session)
  }

  private admit(node: NodeId, identity: Identity, record: SessionRecord): Session | undefined {
    const { directory, presence, subscriptions, moderation } = this.rooms
    const session = new Session(identity, record.loginTime, this.clock.now())
    // Its node is about to hear of it.
    if (moderation.isKicked(session.sessionId) || moderation.isBanned(session.appId, session.userId))
      return undefined
    const current = directory.sessionOf(session.appId, session.userId)
    // Its node hears of the later one, and ends it.
    if (current && isLaterLogin(current, session)) return undefined
    if (directory.size >= MAX_MIRRORED_SESSIONS) {
      this.log('error', 'A cluster has more sessions than a node takes; some are left out', { node })
      return undefined
    }
    if (current) presence.end(directory.remove(current), 'remote-login')
    session.home = node
    session.stay = record.stay
    directory.put(session)
    subscriptions.announce(session)
    return session
  }

  private applyChannels(session: Session, { channels }: SessionRecord): void {
    const { rosters } = this.rooms
    const present = new Set(channels.map(([channelId]) => channelId))
    for (const [channelId, incarnation] of [...session.channels]) {
      if (!present.has(channelId)) rosters.leave(session, channelId, incarnation)
    }
    for (const [channelId, incarnation] of channels) {
      if (session.channels.get(channelId) !== incarnation) rosters.enter(session, channelId, incarnation)
    }
  }

  private applyVisits(session: Session, { visits }: SessionRecord): void {
    const { directory } = this.rooms
    const present = new Set(visits)
    for (const channelId of [...session.visits]) {
      if (!present.has(channelId)) directory.endVisit(session, channelId)
    }
    for (const channelId of visits) {
      if (!session.visits.has(channelId) && !session.channels.has(channelId))
        directory.visit(session, channelId)
    }
  }
}

function lose(session: Session, heardAt: number): void {
  session.home = 'nowhere'
  session.outlet = undefined
  // Who was silent before has been so for longer.
  if (!session.isUnreachable) session.heardAt = heardAt
}

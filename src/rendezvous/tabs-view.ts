import type { Clock } from '../base/clock.ts'
import type { ChannelId, SessionId, UserId } from '../base/ids.ts'
import type { Member, Peer } from '../protocol/peer.ts'
import { type Departure, OFFLINE_AFTER_MS, UNREACHABLE_AFTER_MS } from '../protocol/server-messages.ts'
import { MAX_PAST_TABS, MAX_TABS, type TabSession } from '../protocol/tab-messages.ts'
import { MAX_HOLDERS, type RendezvousEvents } from './rendezvous.ts'

export type TabsViewEvents = Pick<
  RendezvousEvents,
  'tab' | 'present' | 'joined' | 'left' | 'gone' | 'unreachable' | 'reachable'
>

interface Known {
  session: TabSession
  heardAt: number
  isUnreachable: boolean
}

/** All other sessions of a realm, one of each user, as one tab sees them; what changes is told once. */
export class TabsView {
  private readonly known = new Map<SessionId, Known>()
  /** What others still tell of these is late. The latest last. */
  private readonly departed = new Map<SessionId, Peer>()

  constructor(
    private readonly clock: Clock,
    /** Whether news of this channel are wanted. */
    private readonly isJoined: (channelId: ChannelId) => boolean,
    /** Whether it is news that this user comes. */
    private readonly isAwaited: (userId: UserId) => boolean,
    private readonly events: TabsViewEvents,
  ) {}

  /** It speaks itself. */
  heard(session: TabSession): void {
    const known = this.admit(session)
    if (!known) return
    this.departed.delete(session.sessionId)
    known.heardAt = this.clock.now()
    if (known.isUnreachable) {
      known.isUnreachable = false
      this.events.reachable(peerOf(session))
    }
    this.change(known, session)
  }

  /** Another tab, which has not heard it for so long, tells of it. What is known of it already is newer. */
  toldOf(session: TabSession, silentMs: number): void {
    const { sessionId } = session
    if (this.known.has(sessionId) || this.departed.has(sessionId) || silentMs >= OFFLINE_AFTER_MS) return
    const known = this.admit(session)
    if (!known) return
    known.heardAt = this.clock.now() - silentMs
    this.change(known, session)
  }

  /** It was here, says another tab, or itself: what it wrote may still be around. */
  toldOfPast(peer: Peer): void {
    if (this.known.has(peer.sessionId) || this.departed.has(peer.sessionId)) return
    this.remember(peer)
    this.events.tab(peer)
  }

  /** Says why it is no longer here. */
  remove(peer: Peer, why: Departure): void {
    const isKnown = this.known.delete(peer.sessionId)
    this.remember(peer)
    if (isKnown) this.events.gone(peer, why)
  }

  /** To be called now and then: tells who is silent for too long. */
  check(): void {
    for (const known of [...this.known.values()]) {
      const peer = peerOf(known.session)
      const silentMs = this.clock.now() - known.heardAt
      if (silentMs >= OFFLINE_AFTER_MS) this.remove(peer, 'lost')
      else if (silentMs >= UNREACHABLE_AFTER_MS && !known.isUnreachable) {
        known.isUnreachable = true
        this.events.unreachable(peer, silentMs)
      }
    }
  }

  /** This page slept: nobody's silence meanwhile proves anything. */
  excuse(): void {
    for (const known of this.known.values()) known.heardAt = this.clock.now()
  }

  /** Tells once more that it is there, and in which channels. */
  tellAgain(sessionId: SessionId): void {
    const known = this.known.get(sessionId)
    if (!known) return
    if (this.isAwaited(known.session.userId)) this.events.present(peerOf(known.session))
    this.change({ ...known, session: { ...known.session, channels: [] } }, known.session)
  }

  /** Forgets everybody without a word: news of them do not come here any more. */
  clear(): void {
    this.known.clear()
  }

  has(sessionId: SessionId): boolean {
    return this.known.has(sessionId)
  }

  /** Whether it gave a sign of life of late. */
  hears(sessionId: SessionId): boolean {
    return this.known.get(sessionId)?.isUnreachable === false
  }

  /** Tells once more which of these users are silent. */
  tellSilence(userIds: ReadonlySet<UserId>): void {
    for (const { session, isUnreachable, heardAt } of this.known.values())
      if (isUnreachable && userIds.has(session.userId))
        this.events.unreachable(peerOf(session), this.clock.now() - heardAt)
  }

  /** Sessions that no server has accepted. */
  get locals(): readonly Peer[] {
    return this.sessions.filter(({ isLocal }) => isLocal).map(peerOf)
  }

  isLocal(sessionId: SessionId): boolean {
    return this.known.get(sessionId)?.session.isLocal === true
  }

  find(userIds: readonly UserId[]): readonly Peer[] {
    return this.sessions.filter(({ userId }) => userIds.includes(userId)).map(peerOf)
  }

  members(channelId: ChannelId): readonly Member[] {
    return this.sessions.flatMap((session) => {
      const incarnation = incarnationIn(session, channelId)
      return incarnation === undefined ? [] : [memberOf(session, incarnation)]
    })
  }

  /** Members, then visitors. */
  holders(channelId: ChannelId): readonly Peer[] {
    const members = this.members(channelId).map(peerOf)
    const visitors = this.sessions.filter(({ visits }) => visits.includes(channelId)).map(peerOf)
    return [...members.slice(0, MAX_HOLDERS), ...visitors.slice(0, MAX_HOLDERS)]
  }

  /** Everybody, for a newcomer. */
  get everybody(): { session: TabSession; silentMs: number }[] {
    const now = this.clock.now()
    return [...this.known.values()].map(({ session, heardAt }) => ({ session, silentMs: now - heardAt }))
  }

  /** Those who were here, the latest last. */
  get past(): Peer[] {
    return [...this.departed.values()].slice(-MAX_PAST_TABS)
  }

  private get sessions(): readonly TabSession[] {
    return [...this.known.values()].map(({ session }) => session)
  }

  /** Undefined for a session that another has replaced, and for one too many. */
  private admit(session: TabSession): Known | undefined {
    const { userId, sessionId } = session
    const known = this.known.get(sessionId)
    if (known) return known.session.userId === userId ? known : undefined
    const rival = this.sessions.find((other) => other.userId === userId)
    if (rival && !isLaterArrival(session, rival)) return undefined
    if (rival) this.remove(peerOf(rival), 'replaced')
    if (this.known.size >= MAX_TABS) return undefined
    const added: Known = {
      session: { ...session, channels: [] },
      heardAt: this.clock.now(),
      isUnreachable: false,
    }
    this.known.set(sessionId, added)
    if (!this.departed.has(sessionId)) this.events.tab(peerOf(session))
    if (this.isAwaited(userId)) this.events.present(peerOf(session))
    return added
  }

  private remember(peer: Peer): void {
    this.departed.delete(peer.sessionId)
    this.departed.set(peer.sessionId, peer)
    const [oldest] = this.departed.keys()
    if (oldest !== undefined && this.departed.size > MAX_TABS) this.departed.delete(oldest)
  }

  private change(known: Known, session: TabSession): void {
    const before = known.session
    known.session = session
    const isSamePeer = before.loginTime === session.loginTime && before.isLocal === session.isLocal
    for (const [channelId, incarnation] of before.channels) {
      const hasLeft = this.isJoined(channelId) && incarnationIn(session, channelId) === undefined
      if (hasLeft) this.events.left(channelId, memberOf(before, incarnation))
    }
    for (const [channelId, incarnation] of session.channels) {
      const isKnown = isSamePeer && incarnationIn(before, channelId) === incarnation
      if (this.isJoined(channelId) && !isKnown) this.events.joined(channelId, memberOf(session, incarnation))
    }
  }
}

/** Of two sessions of one user in a realm the later one stays; the same in every tab. */
export function isLaterArrival(a: TabSession, b: TabSession): boolean {
  return a.since !== b.since ? a.since > b.since : a.sessionId > b.sessionId
}

export function peerOf({ userId, sessionId, loginTime }: Peer): Peer {
  return { userId, sessionId, loginTime }
}

function memberOf(session: TabSession, incarnation: number): Member {
  return { ...peerOf(session), incarnation }
}

function incarnationIn({ channels }: TabSession, channelId: ChannelId): number | undefined {
  return channels.find(([id]) => id === channelId)?.[1]
}

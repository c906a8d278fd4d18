import type { ChannelId, SessionId, UserId } from '../base/ids.ts'
import { MAX_CHANNELS_PER_SESSION, MAX_VISITS_PER_SESSION } from '../protocol/server-messages.ts'
import type { TabSession } from '../protocol/tab-messages.ts'

/** What this session says of itself to other tabs. Changes are true when there is something new to say. */
export class TabsSelf {
  readonly channels = new Map<ChannelId, number>()
  /** The latest last. */
  private readonly visits = new Set<ChannelId>()
  private loginTime = 0
  private isLocal = true
  private since = 0

  constructor(private readonly id: { readonly userId: UserId; readonly sessionId: SessionId }) {}

  get session(): TabSession {
    const { loginTime, isLocal, since, channels, visits } = this
    const { userId, sessionId } = this.id
    return { userId, sessionId, loginTime, isLocal, since, channels: [...channels], visits: [...visits] }
  }

  /** Comes to the realm, as a session that no server has accepted. */
  come(now: number): void {
    this.since = this.loginTime = now
  }

  /** A server has accepted it. */
  accepted(loginTime: number): boolean {
    const isNew = this.isLocal || this.loginTime !== loginTime
    this.isLocal = false
    this.loginTime = loginTime
    return isNew
  }

  /** Is the later one of two sessions of this user, whatever the clocks say. A login time of a server's stands. */
  comeAfter(rival: TabSession): boolean {
    const { since, loginTime } = this
    this.since = Math.max(since, rival.since + 1)
    if (this.isLocal) this.loginTime = Math.max(loginTime, rival.loginTime + 1)
    return this.since !== since || this.loginTime !== loginTime
  }

  join(channelId: ChannelId, incarnation: number): 'joined' | 'known' | 'late' | 'too-many' {
    const current = this.channels.get(channelId)
    if (current === undefined && this.channels.size >= MAX_CHANNELS_PER_SESSION) return 'too-many'
    if (current !== undefined && incarnation <= current) return incarnation < current ? 'late' : 'known'
    this.channels.set(channelId, incarnation)
    this.visits.delete(channelId)
    return 'joined'
  }

  leave(channelId: ChannelId, incarnation: number): boolean {
    const current = this.channels.get(channelId)
    return current !== undefined && incarnation >= current && this.channels.delete(channelId)
  }

  /** Of too many visits the oldest ends. A member needs none. */
  visit(channelId: ChannelId): boolean {
    if (this.channels.has(channelId)) return false
    this.visits.delete(channelId)
    this.visits.add(channelId)
    const [oldest] = this.visits
    if (oldest !== undefined && this.visits.size > MAX_VISITS_PER_SESSION) this.visits.delete(oldest)
    return true
  }

  endVisit(channelId: ChannelId): boolean {
    return this.visits.delete(channelId)
  }
}

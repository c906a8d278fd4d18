import type { Clock } from '../src/base/clock.ts'
import { type AppId, isAppId, isUserId, type SessionId, type UserId } from '../src/base/ids.ts'
import { type Colleagues, type Decision, nobodyElse } from './colleagues.ts'
import type { Directory } from './directory.ts'
import { KickedSessions } from './kicked-sessions.ts'
import type { NoticeOffice } from './notice-office.ts'
import type { Presence } from './presence.ts'
import type { Session } from './session.ts'

/**
 * What an operator may do to a user. Bans last as long as this process, in a cluster as long as any of its nodes;
 * whoever knew the session, and whomever those tell, honours either without a server for as long as a credential of it
 * may be good.
 */
export class Moderation {
  private readonly banned = new Set<string>()
  private readonly kicked = new KickedSessions()

  constructor(
    private readonly directory: Directory,
    private readonly presence: Presence,
    private readonly notices: NoticeOffice,
    private readonly clock: Clock,
    private readonly colleagues: Colleagues = nobodyElse,
  ) {}

  isBanned(appId: AppId, userId: UserId): boolean {
    return this.banned.has(keyOf(appId, userId))
  }

  isKicked(sessionId: SessionId): boolean {
    return this.kicked.has(sessionId, this.clock.now())
  }

  /** Ends the user's session, if there is one, for good; logging in again, as another session, is allowed. */
  kick(appId: string, userId: string): void {
    const session = this.sessionOf(appId, userId)
    if (!session) return
    const { sessionId, loginTime } = session
    this.kicked.add(sessionId, this.clock.now())
    const subject = { kind: 'kick', appId: session.appId, userId: session.userId, sessionId } as const
    const notice = this.notices.issue(subject, loginTime)
    this.presence.end(this.directory.remove(session), 'kicked', notice)
    this.colleagues.decided({ kind: 'kick', sessionId, notice, at: this.clock.now() })
  }

  /** Ends the user's session, if there is one, and refuses further logins. */
  ban(appId: string, userId: string): void {
    const session = this.sessionOf(appId, userId)
    this.banned.add(keyOf(appId, userId))
    const notice = session && this.endBanned(session)
    if (isAppId(appId) && isUserId(userId)) this.colleagues.decided({ kind: 'ban', appId, userId, notice })
  }

  /** What an operator decided at another node. */
  learn(decision: Decision): void {
    if (decision.kind === 'kick') {
      const { sessionId, notice, at } = decision
      this.kicked.add(sessionId, Math.min(at, this.clock.now()))
      const session = this.directory.sessionById(sessionId)
      if (session) this.presence.end(this.directory.remove(session), 'kicked', notice)
    } else if (this.banned.size < MAX_LEARNT_BANS) {
      const { appId, userId, notice } = decision
      this.banned.add(keyOf(appId, userId))
      const session = this.directory.sessionOf(appId, userId)
      if (session) this.endBanned(session, notice)
    }
  }

  /** A login that was being decided on when the user was banned, or the session kicked, has come through. */
  review(session: Session): void {
    if (this.isBanned(session.appId, session.userId)) this.endBanned(session)
    else if (this.isKicked(session.sessionId)) this.presence.end(this.directory.remove(session), 'kicked')
  }

  private endBanned(session: Session, notice = this.noticeOfBan(session)): string {
    this.presence.end(this.directory.remove(session), 'banned', notice)
    return notice
  }

  private noticeOfBan({ appId, userId, loginTime }: Session): string {
    return this.notices.issue({ kind: 'ban', appId, userId }, loginTime)
  }

  private sessionOf(appId: string, userId: string): ReturnType<Directory['sessionOf']> {
    if (!isAppId(appId) || !isUserId(userId)) {
      throw new TypeError('An app id (32 visible ASCII characters) and a valid user id are needed')
    }
    return this.directory.sessionOf(appId, userId)
  }
}

/** Operators ban few; others may write into what nodes share. */
const MAX_LEARNT_BANS = 100_000

/** App ids have one length and hold no space, so that two pairs never share a key. */
function keyOf(appId: string, userId: string): string {
  return `${appId} ${userId}`
}

import type { Clock } from '../src/base/clock.ts'
import { type AppId, isAppId, isUserId, type SessionId, type UserId } from '../src/base/ids.ts'
import type { Directory } from './directory.ts'
import { KickedSessions } from './kicked-sessions.ts'
import type { NoticeOffice } from './notice-office.ts'
import type { Presence } from './presence.ts'

/**
 * What an operator may do to a user. Bans last as long as this process; whoever knew the session, and whomever those
 * tell, honours either without a server for as long as a credential of it may be good.
 */
export class Moderation {
  private readonly banned = new Set<string>()
  private readonly kicked = new KickedSessions()

  constructor(
    private readonly directory: Directory,
    private readonly presence: Presence,
    private readonly notices: NoticeOffice,
    private readonly clock: Clock,
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
  }

  /** Ends the user's session, if there is one, and refuses further logins. */
  ban(appId: string, userId: string): void {
    const session = this.sessionOf(appId, userId)
    this.banned.add(keyOf(appId, userId))
    if (!session) return
    const subject = { kind: 'ban', appId: session.appId, userId: session.userId } as const
    const notice = this.notices.issue(subject, session.loginTime)
    this.presence.end(this.directory.remove(session), 'banned', notice)
  }

  private sessionOf(appId: string, userId: string): ReturnType<Directory['sessionOf']> {
    if (!isAppId(appId) || !isUserId(userId)) {
      throw new TypeError('An app id (32 visible ASCII characters) and a valid user id are needed')
    }
    return this.directory.sessionOf(appId, userId)
  }
}

/** App ids have one length and hold no space, so that two pairs never share a key. */
function keyOf(appId: string, userId: string): string {
  return `${appId} ${userId}`
}

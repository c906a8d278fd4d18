import { type AppId, isAppId, isUserId, type UserId } from '../src/base/ids.ts'
import type { Directory } from './directory.ts'
import type { EndReason, Presence } from './presence.ts'

/** What an operator may do to a user. Bans last as long as this process. */
export class Moderation {
  private readonly banned = new Set<string>()

  constructor(
    private readonly directory: Directory,
    private readonly presence: Presence,
  ) {}

  isBanned(appId: AppId, userId: UserId): boolean {
    return this.banned.has(keyOf(appId, userId))
  }

  /** Ends the user's session, if there is one; logging in again is allowed. */
  kick(appId: string, userId: string): void {
    this.endSession(appId, userId, 'kicked')
  }

  /** Ends the user's session, if there is one, and refuses further logins. */
  ban(appId: string, userId: string): void {
    this.endSession(appId, userId, 'banned')
    this.banned.add(keyOf(appId, userId))
  }

  private endSession(appId: string, userId: string, reason: EndReason): void {
    if (!isAppId(appId) || !isUserId(userId)) {
      throw new TypeError('An app id (32 visible ASCII characters) and a valid user id are needed')
    }
    const session = this.directory.sessionOf(appId, userId)
    if (session) this.presence.end(this.directory.remove(session), reason)
  }
}

/** App ids have one length and hold no space, so that two pairs never share a key. */
function keyOf(appId: string, userId: string): string {
  return `${appId} ${userId}`
}

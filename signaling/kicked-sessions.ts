import type { SessionId } from '../src/base/ids.ts'
import { CLOCK_TOLERANCE_MS, CREDENTIAL_LIFE_MS, MAX_REMEMBERED_KICKS } from './limits.ts'

/** Sessions that an operator ended, for as long as a credential of theirs may be good: they may not return. */
export class KickedSessions {
  private readonly untilBySession = new Map<SessionId, number>()

  add(sessionId: SessionId, now: number): void {
    this.untilBySession.delete(sessionId)
    this.untilBySession.set(sessionId, now + CREDENTIAL_LIFE_MS + CLOCK_TOLERANCE_MS)
    for (const [oldest, until] of this.untilBySession) {
      if (until > now && this.untilBySession.size <= MAX_REMEMBERED_KICKS) return
      this.untilBySession.delete(oldest)
    }
  }

  has(sessionId: SessionId, now: number): boolean {
    return (this.untilBySession.get(sessionId) ?? 0) > now
  }
}

import type { SessionId } from '../base/ids.ts'
import type { Member } from '../protocol/peer.ts'

/** Sessions that are remembered; beyond that the one is forgotten that was told of longest ago. */
const MAX_SESSIONS = 1_024

/** Joins of a channel that are over, of each session the latest: it has had all earlier ones, too. */
export class PastJoins {
  /** The latest last. */
  private readonly lastBySession = new Map<SessionId, number>()

  remember({ sessionId, incarnation }: Member): void {
    const last = this.lastBySession.get(sessionId) ?? 0
    this.lastBySession.delete(sessionId)
    this.lastBySession.set(sessionId, Math.max(last, incarnation))
    const [oldest] = this.lastBySession.keys()
    if (oldest !== undefined && this.lastBySession.size > MAX_SESSIONS) this.lastBySession.delete(oldest)
  }

  has(sessionId: SessionId, incarnation: number): boolean {
    return incarnation <= (this.lastBySession.get(sessionId) ?? 0)
  }

  forget(sessionId: SessionId): void {
    this.lastBySession.delete(sessionId)
  }
}

import type { SessionId } from '../src/base/ids.ts'
import { MAX_ACQUAINTANCES } from './limits.ts'

/** Sessions that one session exchanged signals with; the latest ones, so that no client can make the set grow. */
export class Acquaintances {
  private readonly latestLast = new Set<SessionId>()

  add(sessionId: SessionId): void {
    this.latestLast.delete(sessionId)
    this.latestLast.add(sessionId)
    if (this.latestLast.size <= MAX_ACQUAINTANCES) return
    for (const oldest of this.latestLast) {
      this.latestLast.delete(oldest)
      return
    }
  }

  delete(sessionId: SessionId): void {
    this.latestLast.delete(sessionId)
  }

  [Symbol.iterator](): Iterator<SessionId> {
    return this.latestLast.values()
  }
}

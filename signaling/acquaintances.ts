import type { SessionId } from '../src/base/ids.ts'
import { MAX_ACQUAINTANCES } from './limits.ts'

/** Sessions that one session exchanged signals with; the latest ones, so that no client can make the set grow. */
export class Acquaintances {
  private readonly latestLast = new Set<SessionId>()

  private latest: SessionId | undefined

  add(sessionId: SessionId): void {
    // Signals come several from one, and to put what is last behind itself is work that a set does not forget soon.
    if (sessionId === this.latest) return
    this.latest = sessionId
    this.latestLast.delete(sessionId)
    this.latestLast.add(sessionId)
    if (this.latestLast.size <= MAX_ACQUAINTANCES) return
    for (const oldest of this.latestLast) {
      this.latestLast.delete(oldest)
      return
    }
  }

  delete(sessionId: SessionId): void {
    if (sessionId === this.latest) this.latest = undefined
    this.latestLast.delete(sessionId)
  }

  [Symbol.iterator](): Iterator<SessionId> {
    return this.latestLast.values()
  }
}

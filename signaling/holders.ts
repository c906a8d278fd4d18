import type { SessionId } from '../src/base/ids.ts'
import type { Identity } from './identity.ts'
import { CLOCK_TOLERANCE_MS, CREDENTIAL_LIFE_MS, MAX_REMEMBERED_HOLDERS } from './limits.ts'

/**
 * Whose the ids of past sessions were. Peers may accept a credential of its holder for so long, so meanwhile an id
 * must not pass to another user, even one with the same keys.
 */
export class Holders {
  private readonly oldestFirst = new Map<SessionId, { readonly digest: string; readonly until: number }>()

  remember({ sessionId, digest }: Pick<Identity, 'sessionId' | 'digest'>, now: number): void {
    const until = now + CREDENTIAL_LIFE_MS + CLOCK_TOLERANCE_MS
    this.oldestFirst.delete(sessionId)
    this.oldestFirst.set(sessionId, { digest, until })
    this.forgetSome(now)
  }

  /** Whether the session id of this identity belongs to a different one. */
  isAnothers(identity: Pick<Identity, 'sessionId' | 'digest'>, now: number): boolean {
    const holder = this.oldestFirst.get(identity.sessionId)
    return holder !== undefined && holder.until > now && holder.digest !== identity.digest
  }

  private forgetSome(now: number): void {
    for (const [sessionId, { until }] of this.oldestFirst) {
      if (until > now && this.oldestFirst.size <= MAX_REMEMBERED_HOLDERS) return
      this.oldestFirst.delete(sessionId)
    }
  }
}

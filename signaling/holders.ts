import type { SessionId } from '../src/base/ids.ts'
import type { Identity } from './credential-office.ts'
import { CLOCK_TOLERANCE_MS, CREDENTIAL_LIFE_MS, MAX_REMEMBERED_HOLDERS } from './limits.ts'

/**
 * Whose the ids of past sessions were. Peers may accept a credential of its holder for so long, so meanwhile an id
 * must not pass to another user, even one with the same keys.
 */
export class Holders {
  private readonly oldestFirst = new Map<SessionId, { readonly identity: Identity; readonly until: number }>()

  remember({ sessionId, identity }: { sessionId: SessionId; identity: Identity }, now: number): void {
    const until = now + CREDENTIAL_LIFE_MS + CLOCK_TOLERANCE_MS
    this.oldestFirst.delete(sessionId)
    this.oldestFirst.set(sessionId, { identity, until })
    this.forgetSome(now)
  }

  holderOf(sessionId: SessionId, now: number): Identity | undefined {
    const holder = this.oldestFirst.get(sessionId)
    return holder && holder.until > now ? holder.identity : undefined
  }

  private forgetSome(now: number): void {
    for (const [sessionId, { until }] of this.oldestFirst) {
      if (until > now && this.oldestFirst.size <= MAX_REMEMBERED_HOLDERS) return
      this.oldestFirst.delete(sessionId)
    }
  }
}

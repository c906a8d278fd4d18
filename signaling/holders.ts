import type { SessionId } from '../src/base/ids.ts'
import type { Identity } from './credential-office.ts'
import { CLOCK_TOLERANCE_MS, CREDENTIAL_LIFE_MS, MAX_REMEMBERED_HOLDERS } from './limits.ts'

/** Whose a session id is, since when. */
export interface Holder {
  readonly identity: Identity
  readonly loginTime: number
}

/**
 * The holders of past sessions. A session id is derived from a certificate that others have seen, so it must not
 * pass to somebody else for as long as peers may accept a credential of its holder.
 */
export class Holders {
  private readonly oldestFirst = new Map<SessionId, Holder & { readonly until: number }>()

  remember({ sessionId, identity, loginTime }: Holder & { sessionId: SessionId }, now: number): void {
    const until = now + CREDENTIAL_LIFE_MS + CLOCK_TOLERANCE_MS
    this.oldestFirst.delete(sessionId)
    this.oldestFirst.set(sessionId, { identity, loginTime, until })
    this.forgetSome(now)
  }

  holderOf(sessionId: SessionId, now: number): Holder | undefined {
    const holder = this.oldestFirst.get(sessionId)
    return holder && holder.until > now ? holder : undefined
  }

  private forgetSome(now: number): void {
    for (const [sessionId, { until }] of this.oldestFirst) {
      if (until > now && this.oldestFirst.size <= MAX_REMEMBERED_HOLDERS) return
      this.oldestFirst.delete(sessionId)
    }
  }
}

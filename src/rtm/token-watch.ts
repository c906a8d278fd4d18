import type { Cancel, Clock } from '../base/clock.ts'
import type { Wakefulness } from '../base/wakefulness.ts'
import { endsSession, type TokenTerms } from '../protocol/server-messages.ts'
import type { TokenOutcome } from '../rendezvous/server-token.ts'
import { timeouts } from './limits.ts'

/** Time to get another token, and to renew it (the API's 30 s). */
const WARNING_MS = 30_000

export type RenewResult = TokenOutcome | 'not-judged'

export interface TokenWatchParts {
  readonly clock: Clock
  readonly wakefulness: Wakefulness
  /** Server time. */
  now(): number
  renew(token: string): Promise<TokenOutcome>
}

export interface TokenEvents {
  /** In 30 s or less the session ends with its token. Once for each token. */
  tokenWillExpire(): void
  /** It was not renewed in time. */
  tokenExpired(): void
  /** No server lets the session in with the token that it has. Once, until it has another. */
  tokenRefused(): void
}

/**
 * How long the session's token is good, and how it gets another. There is no timer of its own for it: the session's
 * pulse looks at the clock, so that a machine which slept past the end finds out as it wakes.
 */
export class TokenWatch {
  private terms: TokenTerms | undefined
  private isWarned = false
  private isRefused = false
  private readonly renewals = new Set<(result: RenewResult) => void>()
  private readonly stop: Cancel

  constructor(
    private readonly parts: TokenWatchParts,
    private readonly events: TokenEvents,
  ) {
    this.stop = parts.wakefulness.onPulse(() => this.look())
  }

  /** A server took the session in, or its new token. */
  accepted(terms: TokenTerms | undefined): void {
    if (terms?.expiresAt !== this.terms?.expiresAt) this.isWarned = false
    this.isRefused = false
    this.terms = terms
  }

  refused(): void {
    if (this.isRefused) return
    this.isRefused = true
    this.events.tokenRefused()
  }

  renew(token: string, done: (result: RenewResult) => void): void {
    const finish = (result: RenewResult): void => {
      if (!this.renewals.delete(finish)) return
      cancel()
      // Among tabs it is taken unseen: a server may still refuse it.
      if (result === 'ok') this.isRefused = false
      done(result)
    }
    this.renewals.add(finish)
    const cancel = this.parts.clock.after(timeouts.renewTokenMs, () => finish('not-judged'))
    void this.parts.renew(token).then(finish)
  }

  close(): void {
    this.stop()
    for (const finish of [...this.renewals]) finish('not-judged')
  }

  private look(): void {
    const { terms } = this
    // What a server is about to judge may be good.
    if (!terms || !endsSession(terms) || this.renewals.size > 0) return
    const leftMs = terms.expiresAt - this.parts.now()
    if (leftMs <= 0) {
      this.terms = undefined
      this.events.tokenExpired()
    } else if (leftMs <= WARNING_MS && !this.isWarned) {
      this.isWarned = true
      this.events.tokenWillExpire()
    }
  }
}

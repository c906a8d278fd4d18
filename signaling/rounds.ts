import { type Cancel, type Clock, every } from '../src/base/clock.ts'
import type { Conversation } from './conversation.ts'
import { LATE_ROUND_MS, ROUND_PERIOD_MS } from './limits.ts'
import type { Presence } from './presence.ts'
import type { SessionTokens } from './session-tokens.ts'

/**
 * One timer for everybody: login timeouts, pings, silent sessions, expired tokens, and what the house itself needs.
 * Returns how to stop it.
 */
export function startRounds(
  clock: Clock,
  conversations: ReadonlySet<Conversation>,
  presence: Presence,
  tokens: SessionTokens,
  keepHouse: (now: number) => void,
): Cancel {
  let lastRound = clock.now()
  return every(clock, ROUND_PERIOD_MS, () => {
    const now = clock.now()
    const isLate = now - lastRound >= ROUND_PERIOD_MS + LATE_ROUND_MS
    lastRound = now
    if (isLate) {
      presence.forgiveSilence()
      for (const conversation of conversations) conversation.forgiveSilence()
    }
    for (const conversation of conversations) conversation.tick(now)
    presence.noticeSilence()
    tokens.endExpired(now)
    keepHouse(now)
  })
}

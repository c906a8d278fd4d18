import type { Decision } from '../colleagues.ts'
import { CLOCK_TOLERANCE_MS, CREDENTIAL_LIFE_MS, MAX_REMEMBERED_KICKS } from '../limits.ts'

/** As long as a credential of a kicked session may be good; bans have no end. */
const KICK_LIFE_MS = CREDENTIAL_LIFE_MS + CLOCK_TOLERANCE_MS
/** Operators ban few; others may write into Redis. */
const MAX_BANS = 100_000

/** What operators decided at any node, as texts by their names, so that it can be written again. */
export class Decisions {
  private readonly kicks = new Map<string, { readonly text: string; readonly at: number }>()
  private readonly bans = new Map<string, string>()

  get all(): Map<string, string> {
    const kicks = [...this.kicks].map(([name, { text }]) => [name, text] as const)
    return new Map([...kicks, ...this.bans])
  }

  /** What is to be kept from now on, and with undefined what no longer. */
  add(decision: Decision, now: number): Map<string, string | undefined> {
    const [name, text] = [nameOf(decision), JSON.stringify(decision)]
    const kept = new Map<string, string | undefined>()
    if (decision.kind === 'ban') {
      if (this.bans.size < MAX_BANS) this.bans.set(name, text)
    } else {
      this.kicks.delete(name)
      this.kicks.set(name, { text, at: Math.min(decision.at, now) })
      for (const [oldest, { at }] of this.kicks) {
        if (at + KICK_LIFE_MS > now && this.kicks.size <= MAX_REMEMBERED_KICKS) break
        this.kicks.delete(oldest)
        kept.set(oldest, undefined)
      }
    }
    return isOver(decision, now) ? kept.set(name, undefined) : kept.set(name, text)
  }
}

/** A kick that counts no more. */
export function isOver(decision: Decision, now: number): boolean {
  return decision.kind === 'kick' && decision.at + KICK_LIFE_MS <= now
}

function nameOf(decision: Decision): string {
  if (decision.kind === 'kick') return `kick ${decision.sessionId}`
  return `ban ${decision.appId} ${decision.userId}`
}

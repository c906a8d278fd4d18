import type { Clock } from '../base/clock.ts'
import type { SessionId } from '../base/ids.ts'

const WINDOW_MS = 10_000
/** Requests of one peer that count in this time. An honest one backs off: at its quickest it makes six. */
const MAX_OF_PEER = 10
/**
 * Requests of all peers together that this page has no wish to be linked to. A room of a hundred in which everybody
 * writes at once stays below it, and at 12 ms each (measured) they cost an eighth of one core.
 */
const MAX_OF_STRANGERS = 100
/**
 * A browser lets a page have 500 connections. Closed ones count until they are collected, which in a page with little
 * else to do takes more than a minute (measured): no rate that honest crowds need is low enough. So the last 200, as
 * many as a page may have links, are kept for the peers that it wants to be linked to.
 */
const MAX_EXISTING_FOR_STRANGERS = 300

/** What others may make this page spend: connections to begin with, and before them the proofs of who asks. */
export class ConnectionBudget {
  private requests: { readonly at: number; readonly of: SessionId; readonly isStranger: boolean }[] = []

  constructor(
    private readonly clock: Clock,
    /** Connections of this page, closed ones that were not collected yet included. */
    private readonly existing: () => number,
  ) {}

  /** Whether a request of this peer may cost something; if so, it is counted. Strangers take nothing from the others. */
  spend(of: SessionId, isWanted: boolean): boolean {
    const now = this.clock.now()
    // The wall clock may be set back; what then lies ahead says nothing.
    this.requests = this.requests.filter(({ at }) => at <= now && now - at < WINDOW_MS)
    if (this.count((request) => request.of === of) >= MAX_OF_PEER) return false
    const isStranger = !isWanted
    if (isStranger && !this.hasRoomForStrangers()) return false
    this.requests.push({ at: now, of, isStranger })
    return true
  }

  private hasRoomForStrangers(): boolean {
    const recent = this.count(({ isStranger }) => isStranger)
    return recent < MAX_OF_STRANGERS && this.existing() < MAX_EXISTING_FOR_STRANGERS
  }

  private count(matches: (request: (typeof this.requests)[number]) => boolean): number {
    return this.requests.filter(matches).length
  }
}

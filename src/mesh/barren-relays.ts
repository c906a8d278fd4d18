import type { Clock } from '../base/clock.ts'
import type { SessionId } from '../base/ids.ts'
import type { Peer } from '../protocol/peer.ts'

/** For so long another is preferred. */
const AVOIDED_MS = 60_000
/** For so long it is not used, not even where there is no other: it may have been busy for a moment. */
const SHUNNED_MS = 5_000
/** As many as a session has links. */
const MAX_REMEMBERED = 200

/** Relays that brought this pair no link, or broke it. */
export class BarrenRelays {
  private readonly since = new Map<SessionId, number>()

  constructor(private readonly clock: Clock) {}

  add(sessionId: SessionId): void {
    this.since.delete(sessionId)
    this.since.set(sessionId, this.clock.now())
    for (const oldest of this.since.keys()) {
      if (this.since.size <= MAX_REMEMBERED) break
      this.since.delete(oldest)
    }
  }

  /** Those to ask. */
  without(peers: readonly Peer[]): readonly Peer[] {
    const good = peers.filter((peer) => this.hasPassed(peer, AVOIDED_MS))
    return good.length > 0 ? good : peers.filter((peer) => this.hasPassed(peer, SHUNNED_MS))
  }

  private hasPassed({ sessionId }: Peer, ms: number): boolean {
    return this.clock.now() - (this.since.get(sessionId) ?? -Infinity) >= ms
  }
}

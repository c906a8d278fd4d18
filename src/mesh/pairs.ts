import type { SessionId } from '../base/ids.ts'
import type { Peer } from '../protocol/peer.ts'

/** Sessions whose last epoch is remembered without a link or an attempt. */
const MAX_IDLE = 1_024

/** This session and each of those that it has to do with. */
export class Pairs<Pair extends { readonly isIdle: boolean; stop(): void }> {
  private readonly bySession = new Map<SessionId, Pair>()

  constructor(private readonly make: (peer: Peer) => Pair) {}

  of(peer: Peer): Pair {
    const known = this.bySession.get(peer.sessionId)
    if (known) return known
    this.dropIdle()
    const pair = this.make(peer)
    this.bySession.set(peer.sessionId, pair)
    return pair
  }

  get(sessionId: SessionId): Pair | undefined {
    return this.bySession.get(sessionId)
  }

  values(): Iterable<Pair> {
    return this.bySession.values()
  }

  /** Ends what is under way; what is known of each pair is kept. */
  stop(): void {
    for (const pair of this.bySession.values()) pair.stop()
  }

  close(): void {
    this.stop()
    this.bySession.clear()
  }

  /** The oldest one makes room. */
  private dropIdle(): void {
    if (this.bySession.size < MAX_IDLE) return
    for (const [sessionId, pair] of this.bySession) {
      if (pair.isIdle) return void this.bySession.delete(sessionId)
    }
  }
}

import type { Cancel, Clock } from '../base/clock.ts'
import type { SessionId } from '../base/ids.ts'
import type { Peer } from '../protocol/peer.ts'
import { OFFLINE_AFTER_MS } from '../protocol/server-messages.ts'

/** More than a page has links. */
const MAX_FAREWELLS = 512

interface Farewell {
  readonly cancel: Cancel
  /** What is to be asked once more when it counts no longer, by what it is about. */
  readonly asks: Map<string, () => void>
}

/**
 * Sessions that said goodbye over their link while the rendezvous has said nothing of it: a server that they could not
 * reach names them until it misses them. Meanwhile its lists do not bring them back; it is asked once more when it
 * must have missed them, or when they are heard again, as a page that was put away may come back as the same session.
 */
export class Farewells {
  /** The latest last. */
  private readonly bySession = new Map<SessionId, Farewell>()
  /** Of which the rendezvous said it first. The latest last. */
  private readonly confirmed = new Set<SessionId>()

  constructor(private readonly clock: Clock) {}

  /** `asks`: what is to be asked then in any case, by what it is about. */
  said({ sessionId }: Peer, asks: Iterable<readonly [string, () => void]> = []): void {
    if (this.confirmed.has(sessionId)) return
    this.drop(sessionId)
    const cancel = this.clock.after(OFFLINE_AFTER_MS, () => this.isBack(sessionId))
    this.bySession.set(sessionId, { cancel, asks: new Map(asks) })
    const [oldest] = this.bySession.keys()
    if (oldest !== undefined && this.bySession.size > MAX_FAREWELLS) this.isBack(oldest)
  }

  /** The rendezvous knows that it is gone: what it says from now on is news. */
  isGone({ sessionId }: Peer): void {
    this.drop(sessionId)
    this.confirmed.delete(sessionId)
    this.confirmed.add(sessionId)
    const [oldest] = this.confirmed
    if (oldest !== undefined && this.confirmed.size > MAX_FAREWELLS) this.confirmed.delete(oldest)
  }

  /** It is heard, or the rendezvous says that it came: its goodbye counts no longer. */
  isBack(sessionId: SessionId): void {
    this.confirmed.delete(sessionId)
    const asks = this.drop(sessionId)?.asks.values() ?? []
    for (const ask of asks) ask()
  }

  /** Those who are there, of all that a list names. If anybody is left out, the list is asked for once more later. */
  without<P extends Peer>(named: readonly P[], about: string, askAgain: () => void): readonly P[] {
    return named.filter(({ sessionId }) => {
      const farewell = this.bySession.get(sessionId)
      farewell?.asks.set(about, askAgain)
      return !farewell
    })
  }

  close(): void {
    for (const sessionId of [...this.bySession.keys()]) this.drop(sessionId)
  }

  private drop(sessionId: SessionId): Farewell | undefined {
    const farewell = this.bySession.get(sessionId)
    this.bySession.delete(sessionId)
    farewell?.cancel()
    return farewell
  }
}

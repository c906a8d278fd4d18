import type { Cancel, Clock } from '../base/clock.ts'
import type { SessionId } from '../base/ids.ts'
import type { Peer } from '../protocol/peer.ts'
import { relayFailures } from './link-failures.ts'
import type { RelayedLinker } from './linkers.ts'
import type { RelayLinkerEvents } from './relay-pair.ts'

/** Messages that wait for the file: questions of others, a few bytes each, and what follows an answer does not come before. */
const MAX_EARLY = 32
/** Who is looked for while the file does not come is given up after this time, as any attempt is, and tried again. */
const GIVE_UP_MS = 8_000
/** What others say does not make this page ask for the file more often; each time costs the browser some memory. */
const ASK_AGAIN_MS = 5_000

/** One who is looked for as soon as the file is there. */
interface Sought {
  readonly peer: Peer
  readonly giveUp: Cancel
}

/**
 * Links over others, whose code is a file of its own: it is loaded when a first link is open or sought, once the login has settled. Where it does
 * not come, nobody passes anything on for this page, and the next need asks for it again.
 */
export class LateRelays implements RelayedLinker {
  private relays: RelayedLinker | undefined
  private isLoading = false
  private isClosed = false
  private failedAt = -Infinity
  private readonly sought = new Map<SessionId, Sought>()
  private early: (readonly [by: Peer, message: Uint8Array])[] = []

  constructor(
    private readonly clock: Clock,
    /** Undefined if the file cannot be loaded now. */
    private readonly make: (events: RelayLinkerEvents) => Promise<RelayedLinker | undefined>,
    private readonly events: RelayLinkerEvents,
  ) {}

  open(peer: Peer): void {
    if (this.relays) return this.relays.open(peer)
    this.abandon(peer.sessionId)
    const giveUp = this.clock.after(GIVE_UP_MS, () => this.fail(peer))
    this.sought.set(peer.sessionId, { peer, giveUp })
    void this.load()
  }

  relayed(by: Peer, message: Uint8Array): void {
    if (this.relays) return this.relays.relayed(by, message)
    if (this.early.length < MAX_EARLY) this.early.push([by, message])
    this.loadForOthers()
  }

  nearer(peer: Peer): void {
    if (this.relays) this.relays.nearer(peer)
    else this.loadForOthers()
  }

  farther(peer: Peer): void {
    this.early = this.early.filter(([by]) => by !== peer)
    this.relays?.farther(peer)
  }

  abandon(sessionId: SessionId): void {
    this.sought.get(sessionId)?.giveUp()
    this.sought.delete(sessionId)
    this.relays?.abandon(sessionId)
  }

  abandonAll(): void {
    for (const { giveUp } of this.sought.values()) giveUp()
    this.sought.clear()
    this.relays?.abandonAll()
  }

  close(): void {
    this.isClosed = true
    this.abandonAll()
    this.early = []
    this.relays?.close()
  }

  private loadForOthers(): void {
    if (this.clock.now() - this.failedAt >= ASK_AGAIN_MS) void this.load()
  }

  private async load(): Promise<void> {
    if (this.isLoading || this.isClosed) return
    this.isLoading = true
    const relays = await this.make(this.events)
    this.isLoading = false
    if (this.isClosed) return relays?.close()
    const [sought, early] = [[...this.sought.values()], this.early]
    this.early = []
    if (!relays) {
      this.failedAt = this.clock.now()
      for (const { peer } of sought) this.fail(peer)
      return
    }
    this.relays = relays
    for (const [by, message] of early) relays.relayed(by, message)
    for (const { peer, giveUp } of sought) {
      giveUp()
      this.sought.delete(peer.sessionId)
      relays.open(peer)
    }
  }

  /** Nobody hears of those that were given up already. */
  private fail(peer: Peer): void {
    const sought = this.sought.get(peer.sessionId)
    if (sought?.peer !== peer) return
    sought.giveUp()
    this.sought.delete(peer.sessionId)
    this.events.failed(peer, relayFailures.notLoaded)
  }
}

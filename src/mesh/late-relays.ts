import type { SessionId } from '../base/ids.ts'
import type { Peer } from '../protocol/peer.ts'
import { relayFailures } from './link-failures.ts'
import type { RelayedLinker } from './linkers.ts'
import type { RelayLinkerEvents } from './relay-pair.ts'

/** Messages that wait for the file: questions of others, a few bytes each, and what follows an answer does not come before. */
const MAX_EARLY = 32

/**
 * Links over others, whose code is a file of its own: it is loaded when a first link is open or sought. Where it does
 * not come, nobody passes anything on for this page, and the next need asks for it again.
 */
export class LateRelays implements RelayedLinker {
  private relays: RelayedLinker | undefined
  private isLoading = false
  private isClosed = false
  private readonly sought = new Map<SessionId, Peer>()
  private early: (readonly [by: Peer, message: Uint8Array])[] = []

  constructor(
    /** Undefined if the file cannot be loaded now. */
    private readonly make: (events: RelayLinkerEvents) => Promise<RelayedLinker | undefined>,
    private readonly events: RelayLinkerEvents,
  ) {}

  open(peer: Peer): void {
    if (this.relays) return this.relays.open(peer)
    this.sought.set(peer.sessionId, peer)
    void this.load()
  }

  relayed(by: Peer, message: Uint8Array): void {
    if (this.relays) return this.relays.relayed(by, message)
    if (this.early.length < MAX_EARLY) this.early.push([by, message])
    void this.load()
  }

  nearer(peer: Peer): void {
    if (this.relays) this.relays.nearer(peer)
    else void this.load()
  }

  farther(peer: Peer): void {
    this.early = this.early.filter(([by]) => by !== peer)
    this.relays?.farther(peer)
  }

  abandon(sessionId: SessionId): void {
    this.sought.delete(sessionId)
    this.relays?.abandon(sessionId)
  }

  abandonAll(): void {
    this.sought.clear()
    this.relays?.abandonAll()
  }

  close(): void {
    this.isClosed = true
    this.sought.clear()
    this.early = []
    this.relays?.close()
  }

  private async load(): Promise<void> {
    if (this.isLoading || this.isClosed) return
    this.isLoading = true
    const relays = await this.make(this.events)
    this.isLoading = false
    if (this.isClosed) return relays?.close()
    const [sought, early] = [[...this.sought.values()], this.early]
    this.sought.clear()
    this.early = []
    if (!relays) {
      for (const peer of sought) this.events.failed(peer, relayFailures.notLoaded)
      return
    }
    this.relays = relays
    for (const [by, message] of early) relays.relayed(by, message)
    for (const peer of sought) relays.open(peer)
  }
}

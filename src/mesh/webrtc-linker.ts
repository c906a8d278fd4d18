import type { SessionId } from '../base/ids.ts'
import { decodeLinkSignal } from '../protocol/link-signals.ts'
import type { Peer } from '../protocol/peer.ts'
import { ConnectionBudget } from './connection-budget.ts'
import type { Linker, LinkerEvents } from './linker.ts'
import { Pair } from './pair.ts'
import { existingConnections } from './peer-connection.ts'
import type { WebRtcOptions } from './webrtc-options.ts'

/** Sessions whose last epoch is remembered without a link or an attempt. */
const MAX_IDLE_PAIRS = 1_024

/** Opens WebRTC links, one pair of sessions apart from the other but for what they may cost together. */
export class WebRtcLinker implements Linker {
  private readonly pairs = new Map<SessionId, Pair>()
  private readonly budget: ConnectionBudget

  constructor(
    private readonly options: WebRtcOptions,
    private readonly events: LinkerEvents,
  ) {
    this.budget = new ConnectionBudget(options.clock, existingConnections)
  }

  get connectionCount(): number {
    let count = 0
    for (const pair of this.pairs.values()) count += pair.connectionCount
    return count
  }

  open(peer: Peer, expected: boolean): void {
    this.pair(peer).open(expected)
  }

  receive(from: Peer, text: string): void {
    const signal = decodeLinkSignal(text)
    if (signal) this.pair(from).receive(signal)
    else this.options.log('warn', 'A signal that cannot be decoded was ignored', { from: from.sessionId })
  }

  undeliverable(to: SessionId): void {
    this.pairs.get(to)?.undeliverable()
  }

  abandon(sessionId: SessionId): void {
    // Its epoch is kept: what the other side remembers of the pair must not be newer than what we do.
    this.pairs.get(sessionId)?.stop()
  }

  close(): void {
    for (const pair of this.pairs.values()) pair.stop()
    this.pairs.clear()
  }

  private pair(peer: Peer): Pair {
    const known = this.pairs.get(peer.sessionId)
    if (known) return known
    this.dropIdlePair()
    const pair = new Pair(peer, this.options, this.budget, this.events)
    this.pairs.set(peer.sessionId, pair)
    return pair
  }

  /** The oldest one makes room. */
  private dropIdlePair(): void {
    if (this.pairs.size < MAX_IDLE_PAIRS) return
    for (const [sessionId, pair] of this.pairs) {
      if (pair.isIdle) return void this.pairs.delete(sessionId)
    }
  }
}

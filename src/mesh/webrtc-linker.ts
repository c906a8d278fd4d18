import type { SessionId } from '../base/ids.ts'
import { decodeLinkSignal } from '../protocol/link-signals.ts'
import type { Peer } from '../protocol/peer.ts'
import { ConnectionBudget } from './connection-budget.ts'
import type { Linker, LinkerEvents } from './linker.ts'
import { Pair } from './pair.ts'
import { Pairs } from './pairs.ts'
import { existingConnections } from './peer-connection.ts'
import { SpareOffers } from './spare-offers.ts'
import type { WebRtcOptions } from './webrtc-options.ts'

/** Opens WebRTC links, one pair of sessions apart from the other but for what they may cost together. */
export class WebRtcLinker implements Linker {
  private readonly pairs: Pairs<Pair>
  private readonly spares: SpareOffers

  constructor(
    private readonly options: WebRtcOptions,
    events: LinkerEvents,
  ) {
    const budget = new ConnectionBudget(options.clock, existingConnections)
    this.spares = new SpareOffers(options)
    this.pairs = new Pairs((peer) => new Pair(peer, options, budget, this.spares, events))
  }

  get connectionCount(): number {
    let count = 0
    for (const pair of this.pairs.values()) count += pair.connectionCount
    return count
  }

  prepare(): void {
    this.spares.prepare()
  }

  open(peer: Peer, expected: boolean): void {
    this.pairs.of(peer).open(expected)
  }

  receive(from: Peer, text: string): void {
    const signal = decodeLinkSignal(text)
    if (signal) this.pairs.of(from).receive(signal)
    else this.options.log('warn', 'A signal that cannot be decoded was ignored', { from: from.sessionId })
  }

  undeliverable(to: SessionId): void {
    this.pairs.get(to)?.undeliverable()
  }

  abandon(sessionId: SessionId): void {
    // Its epoch is kept: what the other side remembers of the pair must not be newer than what we do.
    this.pairs.get(sessionId)?.stop()
  }

  abandonAll(): void {
    this.spares.drop()
    this.pairs.stop()
  }

  close(): void {
    this.spares.drop()
    this.pairs.close()
  }
}

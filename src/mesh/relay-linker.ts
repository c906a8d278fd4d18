import type { SessionId } from '../base/ids.ts'
import { TokenBucket } from '../base/token-bucket.ts'
import type { Peer } from '../protocol/peer.ts'
import { decodeRelayMessage, decodeRelayPayload, type RelayPayload } from '../protocol/relay-messages.ts'
import type { Carriers } from './carriers.ts'
import { refusalSentences, relayFailures } from './link-failures.ts'
import { Pairs } from './pairs.ts'
import type { RelayOptions } from './relay-options.ts'
import { type RelayLinkerEvents, RelayPair } from './relay-pair.ts'
import { RelayService } from './relay-service.ts'

/** Knocks, offers and answers that one relay may bring: each costs a signature or an agreement of keys. */
const GREETINGS = { perSecond: 5, burst: 50 }
/** Relayed links with sessions that this one has no wish to be linked to. */
const MAX_STRANGERS = 64

type Greeting = Extract<RelayPayload, { credential: string }>

/** Opens links through those who are linked to both sides, and passes on for others in turn. */
export class RelayLinker {
  private readonly pairs: Pairs<RelayPair>
  private readonly service: RelayService
  private readonly greetings = new Map<SessionId, TokenBucket>()
  private isClosed = false

  constructor(
    private readonly options: RelayOptions,
    carriers: Carriers,
    private readonly events: RelayLinkerEvents,
  ) {
    this.pairs = new Pairs((peer) => new RelayPair(peer, options, carriers, events))
    this.service = new RelayService(options.clock, carriers)
  }

  /** Tries to open a link; `opened` or `failed` follows, unless an attempt is under way already. */
  open(peer: Peer): void {
    this.pairs.of(peer).open()
  }

  /** A message about relaying that a linked peer sent. */
  relayed(by: Peer, bytes: Uint8Array): void {
    const message = decodeRelayMessage(bytes)
    switch (message?.kind) {
      case undefined:
        return this.options.log('info', 'A message about relaying was ignored', { from: by.userId })
      case 'ask':
      case 'pass':
        return this.service.serve(by, message)
      case 'can':
        return this.pairs.get(message.session)?.can(by.sessionId)
      case 'refused':
        return this.pairs.get(message.session)?.refused(by.sessionId, refusalSentences[message.reason])
      case 'passed':
        return this.passed(by, message.from, decodeRelayPayload(message.payload))
    }
  }

  nearer(peer: Peer): void {
    for (const pair of this.pairs.values()) pair.nearer(peer)
  }

  farther({ sessionId }: Peer): void {
    this.greetings.delete(sessionId)
    this.service.forget(sessionId)
    this.pairs.get(sessionId)?.unlinked()
    for (const pair of [...this.pairs.values()]) pair.farther(sessionId, relayFailures.gone)
  }

  abandon(sessionId: SessionId): void {
    this.pairs.get(sessionId)?.stop()
  }

  abandonAll(): void {
    this.pairs.stop()
  }

  close(): void {
    this.isClosed = true
    this.pairs.close()
    this.service.close()
    this.greetings.clear()
  }

  private passed(via: Peer, from: SessionId, payload: RelayPayload | undefined): void {
    // Nobody stands between a session and itself, or its own relay.
    if (!payload || from === via.sessionId || from === this.options.sessionId) return
    if (!('credential' in payload)) this.pairs.get(from)?.receivePacket(via.sessionId, payload)
    else if (this.mayCost(via)) void this.greeted(via, from, payload)
  }

  private async greeted(via: Peer, from: SessionId, greeting: Greeting): Promise<void> {
    const other = await this.options.identify(greeting.credential, from)
    if (!other || this.isClosed || !this.isWelcome(other.peer)) return
    const pair = this.pairs.of(other.peer)
    if (greeting.kind === 'knock') pair.receiveKnock(via, greeting)
    else if (greeting.kind === 'offer') pair.receiveOffer(via, greeting, other)
    else pair.receiveAnswer(via, greeting, other)
  }

  private isWelcome(peer: Peer): boolean {
    if (this.events.isWanted(peer)) return true
    let linkedCount = 0
    for (const pair of this.pairs.values()) if (pair.isLinked) linkedCount += 1
    return linkedCount < MAX_STRANGERS
  }

  private mayCost({ sessionId }: Peer): boolean {
    const bucket = this.greetings.get(sessionId) ?? new TokenBucket(this.options.clock, GREETINGS)
    this.greetings.set(sessionId, bucket)
    return bucket.take(1)
  }
}

import type { Cancel, Clock } from '../base/clock.ts'
import type { SessionId } from '../base/ids.ts'
import type { Peer } from '../protocol/peer.ts'
import { encodeRelayMessage } from '../protocol/relay-messages.ts'
import type { Carriers } from './carriers.ts'
import { relayFailures } from './link-failures.ts'

/** Asked at once: of so many at random one is linked to the other side too, if every third is, with 96 %. */
const MAX_ASKED = 8
/** Who has not answered by then does not count. */
const ANSWER_MS = 1_000
/** From the first message over a relay to an open link. */
const TRY_MS = 3_000
/** As long as other attempts. */
const GIVE_UP_MS = 8_000

interface SearchOptions {
  readonly clock: Clock
  readonly random: () => number
  readonly carriers: Carriers
}

interface SearchEvents {
  /** This one says that it is linked to the other side: to be tried. */
  found(via: Peer): void
  /** It has brought no link in time. */
  barren(via: Peer): void
  /** Nobody is left; nothing follows. */
  failed(sentence: string): void
}

/** Looks for somebody who is linked to this session and to one other, and tries one after the other. */
export class RelaySearch {
  private readonly asked = new Map<SessionId, Peer>()
  private readonly able: Peer[] = []
  private present: { readonly via: Peer; readonly cancel: Cancel } | undefined
  private hasFoundAny = false
  private isClosed = false
  private cancelAnswers: Cancel = () => undefined
  private cancelAll: Cancel = () => undefined

  constructor(
    private readonly wanted: SessionId,
    private readonly options: SearchOptions,
    private readonly events: SearchEvents,
  ) {}

  get via(): Peer | undefined {
    return this.present?.via
  }

  /** May fail at once. `candidates` are near. */
  start(candidates: readonly Peer[]): void {
    const { clock, random } = this.options
    this.cancelAnswers = clock.after(ANSWER_MS, () => {
      this.asked.clear()
      this.goOn()
    })
    this.cancelAll = clock.after(GIVE_UP_MS, () => this.fail())
    const order = candidates.map((peer) => ({ peer, place: random() })).sort((a, b) => a.place - b.place)
    for (const { peer } of order) this.ask(peer)
    this.goOn()
  }

  /** One more is near. */
  ask(peer: Peer): void {
    if (this.asked.size >= MAX_ASKED || peer.sessionId === this.wanted) return
    const question = encodeRelayMessage({ kind: 'ask', session: this.wanted })
    if (this.options.carriers.carry(peer.sessionId, question)) this.asked.set(peer.sessionId, peer)
  }

  can(by: SessionId): void {
    const peer = this.asked.get(by)
    if (!peer) return
    this.asked.delete(by)
    this.hasFoundAny = true
    this.able.push(peer)
    this.goOn()
  }

  /** It is not linked to the other side, or passes nothing on to it now; or there is no link to it any more. */
  cannot(by: SessionId): void {
    this.asked.delete(by)
    const place = this.able.findIndex(({ sessionId }) => sessionId === by)
    if (place >= 0) this.able.splice(place, 1)
    if (this.present?.via.sessionId === by) this.leave()
    this.goOn()
  }

  close(): void {
    this.isClosed = true
    this.cancelAnswers()
    this.cancelAll()
    this.leave()
  }

  private goOn(): void {
    if (this.present || this.isClosed) return
    const via = this.able.shift()
    if (!via) return this.asked.size === 0 ? this.fail() : undefined
    const cancel = this.options.clock.after(TRY_MS, () => {
      this.leave()
      this.events.barren(via)
      this.goOn()
    })
    this.present = { via, cancel }
    this.events.found(via)
  }

  private leave(): void {
    this.present?.cancel()
    this.present = undefined
  }

  private fail(): void {
    this.close()
    this.events.failed(this.hasFoundAny ? relayFailures.unproven : relayFailures.nobody)
  }
}

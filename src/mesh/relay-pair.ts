import { type Bytes, concatBytes } from '../base/bytes.ts'
import type { Cancel } from '../base/clock.ts'
import type { SessionId } from '../base/ids.ts'
import type { Peer } from '../protocol/peer.ts'
import {
  encodeRelayMessage,
  encodeRelayPayload,
  RELAY_RANDOM_BYTES,
  type RelayPayload,
} from '../protocol/relay-messages.ts'
import { decodeRelayPacket, encodeRelayPacket } from '../protocol/relay-packets.ts'
import { BarrenRelays } from './barren-relays.ts'
import type { Carriers } from './carriers.ts'
import type { LinkerEvents } from './linker.ts'
import { RelayLink } from './relay-link.ts'
import type { RelayEnd, RelayOptions } from './relay-options.ts'
import { RelaySearch } from './relay-search.ts'
import { SealedStream } from './sealed-stream.ts'

export interface RelayLinkerEvents extends Omit<LinkerEvents, 'admit' | 'exhausted'> {
  /** The link is closed. `isLost`: not by its owner, who hears so next. */
  over(link: RelayLink, isLost: boolean): void
  /** This page may have been away, or its network another. */
  probed(link: RelayLink): void
  /** Why there is no better link to this session, as far as it is known. */
  whyNotDirect(sessionId: SessionId): string | undefined
}

/** From offer to proof, at either end. */
const ATTEMPT_MS = 3_000
/** One for each relay that a search asks: whoever passes on may make them up. */
const MAX_ATTEMPTS = 8

type Payload<Kind extends RelayPayload['kind']> = Extract<RelayPayload, { kind: Kind }>

/** One try over one relay. Others over other relays may run beside it: each relay could have made its own up. */
interface Attempt {
  readonly via: Peer
  readonly epoch: number
  readonly giveUp: Cancel
  /** Of this side's offer, until it is answered. */
  random?: Bytes | undefined
  /** Of who answers: open when the other side proves that it has the keys. */
  link?: RelayLink
}

/** This session and one other: attempts over relays, and the link that one of them led to. */
export class RelayPair {
  /** Of the last link that was proven: nobody between the two can make it grow. */
  private epoch = 0
  /** The highest that was offered. */
  private offered = 0
  private readonly attempts = new Map<SessionId, Attempt>()
  private search: RelaySearch | undefined
  private link: RelayLink | undefined
  /** Over another relay than the link that there is. */
  private knocked: { readonly via: Peer; readonly epoch: number; readonly at: number } | undefined
  private readonly barren: BarrenRelays

  constructor(
    private readonly peer: Peer,
    private readonly options: RelayOptions,
    private readonly carriers: Carriers,
    private readonly events: RelayLinkerEvents,
  ) {
    this.barren = new BarrenRelays(options.clock)
  }

  /** Nothing is going on; only the last epoch is remembered. */
  get isIdle(): boolean {
    return !this.search && !this.link && this.attempts.size === 0
  }

  get isLinked(): boolean {
    return this.link !== undefined
  }

  /** `opened` or `failed` follows, unless a search is under way already. */
  open(): void {
    if (this.search) return
    const { options, carriers } = this
    const { clock, random } = options
    this.search = new RelaySearch(
      this.peer.sessionId,
      { clock, random, carriers },
      {
        found: (via) => (this.isOfferer ? this.offer(via) : this.knock(via)),
        barren: ({ sessionId }) => {
          this.barren.add(sessionId)
          this.drop(sessionId)
        },
        failed: (sentence) => {
          this.search = undefined
          this.events.failed(this.peer, sentence)
        },
      },
    )
    this.search.start(this.barren.without(carriers.near))
  }

  can(by: SessionId): void {
    this.search?.can(by)
  }

  refused(by: SessionId, why: string): void {
    if (this.link?.via.sessionId === by) this.link.fault(why)
    this.drop(by)
    this.search?.cannot(by)
  }

  nearer(peer: Peer): void {
    this.search?.ask(peer)
  }

  /** The two have no link of their own any more. */
  unlinked(): void {
    this.answerKnock()
  }

  /** There is no link to this relay any more. */
  farther(by: SessionId, why: string): void {
    if (this.link?.via.sessionId === by) this.link.lose(why)
    this.drop(by)
    this.search?.cannot(by)
  }

  receiveKnock(via: Peer, { epoch }: Pick<Payload<'knock'>, 'epoch'>): void {
    if (!this.isOfferer) return
    // Any relay could have made it up, and draw the pair to itself: who has a link finds out first whether it is dead.
    const isNear = this.carriers.bufferedBytes(this.peer.sessionId) < Infinity
    if (isNear || (this.link && this.link.via.sessionId !== via.sessionId)) {
      this.knocked = { via, epoch, at: this.options.clock.now() }
      return isNear ? this.events.missed(this.peer) : this.link?.beat()
    }
    // A link, or an offer, that the other side does not know yet is on its way to it.
    if (this.link && this.epoch > epoch) return
    if (!this.search?.via || !this.attempts.has(this.search.via.sessionId)) this.offer(via)
  }

  receiveOffer(via: Peer, offer: Payload<'offer'>, other: RelayEnd): void {
    const { epoch } = offer
    // Late, or a replay. Where there is no link the offerer may have forgotten how far this pair had come.
    if (this.isOfferer || epoch <= (this.link?.epoch ?? 0)) return
    const attempt = this.attempt(via, epoch)
    if (attempt) void this.answer(attempt, offer, other)
  }

  receiveAnswer(via: Peer, answer: Payload<'answer'>, other: RelayEnd): void {
    const attempt = this.attempts.get(via.sessionId)
    const random = attempt?.random
    if (!attempt || !random || attempt.epoch !== answer.epoch) return
    attempt.random = undefined
    void this.accept(attempt, random, answer, other)
  }

  receivePacket(via: SessionId, packet: Payload<'packet' | 'farewell'>): void {
    for (const link of [this.link, this.attempts.get(via)?.link]) {
      if (link?.epoch !== packet.epoch || link.via.sessionId !== via) continue
      if (packet.kind === 'packet') return link.hear(packet.number, packet.sealed)
      // Who has not proven itself yet has nothing to say goodbye to.
      if (link === this.link) return void link.hearFarewell(packet.sealed)
    }
  }

  /** Ends what is under way, without a word. */
  stop(): void {
    this.search?.close()
    this.search = undefined
    for (const via of [...this.attempts.keys()]) this.drop(via)
  }

  /** The lower session id always offers: no two offers ever cross. */
  private get isOfferer(): boolean {
    return this.options.sessionId < this.peer.sessionId
  }

  private knock(via: Peer): void {
    this.pass(via, { kind: 'knock', epoch: this.epoch, credential: this.options.credential() })
  }

  /** What a knock says about epochs is not followed: any relay could count the pair to its end. */
  private offer(via: Peer): void {
    const epoch = Math.max(this.epoch, this.offered) + 1
    const attempt = this.attempt(via, epoch)
    if (!attempt) return
    this.offered = epoch
    const random = this.options.crypto.randomBytes(RELAY_RANDOM_BYTES)
    attempt.random = random
    this.pass(via, { kind: 'offer', epoch, credential: this.options.credential(), random })
  }

  private async answer(attempt: Attempt, offer: Payload<'offer'>, other: RelayEnd): Promise<void> {
    const random = this.options.crypto.randomBytes(RELAY_RANDOM_BYTES)
    const { via, epoch } = attempt
    const stream = await this.stream(other, epoch, concatBytes(offer.random, random))
    const proof = await stream?.seal(encodeRelayPacket({ type: 'ready' }))
    if (!stream || !proof || !this.isPresent(attempt)) return
    attempt.link = this.makeLink(attempt, other.peer, stream)
    const credential = this.options.credential()
    this.pass(via, { kind: 'answer', epoch, credential, random, proof: proof.sealed })
  }

  private async accept(
    attempt: Attempt,
    random: Bytes,
    answer: Payload<'answer'>,
    other: RelayEnd,
  ): Promise<void> {
    const stream = await this.stream(other, attempt.epoch, concatBytes(random, answer.random))
    const proof = stream?.isNext(0) ? await stream.open(0, answer.proof) : undefined
    if (!stream || !this.isPresent(attempt)) return
    if (!proof || decodeRelayPacket(proof)?.type !== 'ready') return this.giveUp(attempt)
    const link = this.makeLink(attempt, other.peer, stream)
    link.prove()
    this.opened(link)
  }

  private stream(other: RelayEnd, epoch: number, salt: Bytes): Promise<SealedStream | undefined> {
    return SealedStream.create(this.options, other, epoch, salt)
  }

  private makeLink({ via, epoch }: Attempt, peer: Peer, stream: SealedStream): RelayLink {
    return new RelayLink(peer, epoch, via, stream, this.options.clock, this.events, {
      pass: (link, number, sealed) => this.pass(via, { kind: 'packet', epoch: link.epoch, number, sealed }),
      passFarewell: (link, sealed) => this.pass(via, { kind: 'farewell', epoch: link.epoch, sealed }),
      proven: (link) => this.opened(link),
      over: (link, isLost) => {
        if (this.attempts.get(via.sessionId)?.link === link) this.forget(via.sessionId)
        if (this.link !== link) return
        this.link = undefined
        this.events.over(link, isLost)
        if (isLost) this.answerKnock()
      },
      distrust: () => this.barren.add(via.sessionId),
      probed: (link) => this.events.probed(link),
      whyNotDirect: () => this.events.whyNotDirect(this.peer.sessionId),
    })
  }

  /** The other side knew before this one that the link was dead. */
  private answerKnock(): void {
    const { knocked } = this
    this.knocked = undefined
    if (!knocked || this.options.clock.now() - knocked.at > ATTEMPT_MS) return
    // Behind those who hear now that the link is lost: they may look for a relay themselves.
    queueMicrotask(() => this.link || this.receiveKnock(knocked.via, knocked))
  }

  private opened(link: RelayLink): void {
    this.forget(link.via.sessionId)
    // Attempts over two relays may be proven in one order here and in the other there: the later one counts.
    if (link.epoch <= (this.link?.epoch ?? 0)) return link.close()
    this.stop()
    this.epoch = link.epoch
    const replaced = this.link
    this.link = link
    this.events.opened(link)
    replaced?.close()
  }

  /** Undefined if there are too many. One over the same relay makes place. */
  private attempt(via: Peer, epoch: number): Attempt | undefined {
    this.drop(via.sessionId)
    if (this.attempts.size >= MAX_ATTEMPTS) return undefined
    const giveUp = this.options.clock.after(ATTEMPT_MS, () => this.drop(via.sessionId))
    const attempt: Attempt = { via, epoch, giveUp }
    this.attempts.set(via.sessionId, attempt)
    return attempt
  }

  private isPresent(attempt: Attempt): boolean {
    return this.attempts.get(attempt.via.sessionId) === attempt
  }

  private giveUp({ via: { sessionId } }: Attempt): void {
    this.barren.add(sessionId)
    this.drop(sessionId)
    this.search?.cannot(sessionId)
  }

  private drop(via: SessionId): void {
    const link = this.attempts.get(via)?.link
    this.forget(via)
    link?.close()
  }

  private forget(via: SessionId): void {
    this.attempts.get(via)?.giveUp()
    this.attempts.delete(via)
  }

  private pass(via: Peer, payload: RelayPayload): void {
    const to = this.peer.sessionId
    // Without a link to the relay there is nothing to do: whoever waits for an answer hears of that.
    this.carriers.carry(
      via.sessionId,
      encodeRelayMessage({ kind: 'pass', to, payload: encodeRelayPayload(payload) }),
    )
  }
}

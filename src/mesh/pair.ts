import type { Cancel } from '../base/clock.ts'
import {
  type Candidate,
  encodeLinkSignal,
  type ForeignSignal,
  linkGreeting,
  type LinkDescriptionSignal,
  type LinkRejection,
  type LinkSignal,
} from '../protocol/link-signals.ts'
import type { Peer } from '../protocol/peer.ts'
import { abandon, type Attempt, type AttemptAt } from './attempt.ts'
import type { ConnectionBudget } from './connection-budget.ts'
import type { Link } from './link.ts'
import { foreignSentence, linkFailures, rejectionSentences, timeoutSentences } from './link-failures.ts'
import type { LinkerEvents } from './linker.ts'
import { MAX_CANDIDATES, Negotiation, type NegotiationEvents } from './negotiation.ts'
import { isGenuine } from './proof.ts'
import type { SpareOffers } from './spare-offers.ts'
import type { WebRtcOptions } from './webrtc-options.ts'

/** An attempt that neither connected nor failed by then has failed. */
const ATTEMPT_MS = 8_000
/** A peer that wants the link too offers by itself; if its offer has not come by then, it is asked. */
const EXPECTED_FIRST_OFFER_MS = 3_000
/** The same after a link was lost, which the other side may not have noticed yet. */
const EXPECTED_NEXT_OFFER_MS = 1_000

/** This session and one other: the attempt that runs, and the link that an earlier one led to. */
export class Pair {
  /** The highest that the offerer has begun; of the other side the last. Who passes signals on cannot make it grow. */
  private epoch = 0
  private knockedAt = -Infinity
  private attempt: Attempt | undefined
  /** What is behind the open link. */
  private linked: Negotiation | undefined

  constructor(
    private readonly peer: Peer,
    private readonly options: WebRtcOptions,
    private readonly budget: ConnectionBudget,
    private readonly spares: Pick<SpareOffers, 'take'>,
    private readonly events: LinkerEvents,
  ) {}

  /** Connections that are open or being opened. */
  get connectionCount(): number {
    return (this.attempt && 'negotiation' in this.attempt ? 1 : 0) + (this.linked ? 1 : 0)
  }

  /** Nothing is going on; only the last epoch is remembered. */
  get isIdle(): boolean {
    return !this.attempt && !this.linked
  }

  open(expected: boolean): void {
    if (this.attempt) return
    if (this.isOfferer) return this.offer(this.epoch + 1, false)
    const patienceMs = this.epoch === 0 ? EXPECTED_FIRST_OFFER_MS : EXPECTED_NEXT_OFFER_MS
    const cancelKnock = expected ? this.options.clock.after(patienceMs, () => this.knock()) : undefined
    this.attempt = { at: 'awaiting-offer', giveUp: this.timeout(), cancelKnock }
    if (!expected) this.knock()
  }

  receive(signal: LinkSignal | ForeignSignal): void {
    switch (signal.type) {
      case 'knock':
        return this.receiveKnock(signal.epoch)
      case 'offer':
        return this.receiveOffer(signal)
      case 'answer':
        return this.receiveAnswer(signal)
      case 'candidates':
        return this.receiveCandidates(signal.epoch, signal.candidates)
      case 'reject':
        return this.receiveRejection(signal.epoch, signal.reason)
      case 'foreign':
        return this.receiveForeign(signal)
    }
  }

  undeliverable(): void {
    if (this.attempt) this.fail(linkFailures.offline)
  }

  /** Ends the attempt, if one runs, without a word. */
  stop(): void {
    const { attempt } = this
    this.attempt = undefined
    if (attempt) abandon(attempt)
  }

  /** The lower session id always offers: no two offers ever cross. */
  private get isOfferer(): boolean {
    return this.options.sessionId < this.peer.sessionId
  }

  private knock(): void {
    this.knockedAt = this.options.clock.now()
    if (!this.signal({ type: 'knock', ...linkGreeting, epoch: this.epoch })) this.failUnsent()
  }

  private offer(epoch: number, hold: boolean): void {
    if (!this.events.admit(this.peer)) {
      this.signal({ type: 'reject', epoch, reason: 'full' })
      return this.events.failed(this.peer, linkFailures.full)
    }
    this.epoch = epoch
    const giveUp = this.timeout()
    this.attempt = { at: 'offering', epoch, giveUp, negotiation: this.negotiate('offer', epoch, hold) }
  }

  private receiveKnock(theirEpoch: number): void {
    // An offer or a link that they do not know yet is on its way to them.
    const isAhead = !this.isIdle && this.epoch > theirEpoch
    if (!this.isOfferer || isAhead || !this.mayCost()) return
    this.stop()
    this.offer(this.epoch + 1, true)
  }

  private receiveOffer(offer: LinkDescriptionSignal): void {
    if (this.isOfferer) return
    if (this.isLate(offer.epoch) || !this.mayCost()) return
    if (this.isReplay(offer.epoch)) return this.knock()
    this.stop()
    const { epoch, candidates } = offer
    const verifying: AttemptAt<'verifying-offer'> = {
      at: 'verifying-offer',
      epoch,
      giveUp: this.timeout(),
      early: [...candidates],
    }
    this.attempt = verifying
    void this.answer(verifying, offer)
  }

  private isLate(epoch: number): boolean {
    const { attempt, linked } = this
    const present = attempt && 'epoch' in attempt ? attempt.epoch : 0
    return epoch <= Math.max(present, linked?.epoch ?? 0)
  }

  /** Or else the other side has forgotten how far this pair had come, or somebody between has lied: it offers anew then. */
  private isReplay(epoch: number): boolean {
    const isAnswer = this.options.clock.now() - this.knockedAt < ATTEMPT_MS && epoch !== this.epoch
    return epoch <= this.epoch && !isAnswer
  }

  private async answer(verifying: AttemptAt<'verifying-offer'>, offer: LinkDescriptionSignal): Promise<void> {
    const isProven = await isGenuine(this.options, this.peer, offer)
    if (this.attempt !== verifying) return
    const { epoch, giveUp, early } = verifying
    // Who has our answer and whose candidates we have is found from here; and it is the second signal, or the third.
    const mayGoAtOnce = early.length > 0 && this.knockedAt === -Infinity
    if (!isProven || !this.events.admit(this.peer)) {
      this.signal({ type: 'reject', epoch, reason: isProven ? 'full' : 'not-accepted' })
      return this.fail(isProven ? linkFailures.full : linkFailures.notGenuine)
    }
    this.epoch = epoch
    const negotiation = this.negotiate('answer', epoch, !mayGoAtOnce)
    this.attempt = { at: 'connecting', epoch, giveUp, negotiation }
    negotiation.accept('offer', offer.sdp, early)
  }

  private receiveAnswer(answer: LinkDescriptionSignal): void {
    const { attempt } = this
    if (attempt?.at !== 'offering' || attempt.epoch !== answer.epoch) return
    const verifying: AttemptAt<'verifying-answer'> = {
      ...attempt,
      at: 'verifying-answer',
      early: [...answer.candidates],
    }
    this.attempt = verifying
    void this.accept(verifying, answer)
  }

  private async accept(
    verifying: AttemptAt<'verifying-answer'>,
    answer: LinkDescriptionSignal,
  ): Promise<void> {
    const isProven = await isGenuine(this.options, this.peer, answer)
    if (this.attempt !== verifying) return
    if (!isProven) return this.fail(linkFailures.notGenuine)
    const { epoch, giveUp, negotiation, early } = verifying
    this.attempt = { at: 'connecting', epoch, giveUp, negotiation }
    negotiation.accept('answer', answer.sdp, early)
  }

  private receiveCandidates(epoch: number, candidates: readonly Candidate[]): void {
    const { attempt, linked } = this
    if (attempt && 'epoch' in attempt && attempt.epoch === epoch) {
      if ('early' in attempt)
        attempt.early.push(...candidates.slice(0, MAX_CANDIDATES - attempt.early.length))
      else if (attempt.at === 'connecting') attempt.negotiation.acceptCandidates(candidates)
    } else if (linked?.epoch === epoch) {
      linked.acceptCandidates(candidates)
    }
  }

  private receiveRejection(epoch: number, reason: LinkRejection): void {
    const { attempt } = this
    if (!attempt) return
    if (attempt.at === 'awaiting-offer' || attempt.epoch === epoch) this.fail(rejectionSentences[reason])
  }

  private receiveForeign(signal: ForeignSignal): void {
    if (!this.mayCost()) return
    this.signal({ type: 'reject', epoch: signal.epoch, reason: 'unsupported-version' })
    this.fail(foreignSentence(signal.version))
  }

  /** Whether more may be done for this peer because it asks for it. */
  private mayCost(): boolean {
    return this.budget.spend(this.peer.sessionId, this.events.isWanted(this.peer))
  }

  private negotiate(type: 'offer' | 'answer', epoch: number, hold: boolean): Negotiation {
    const events: NegotiationEvents = {
      unsent: () => this.failUnsent(),
      exhausted: () => this.exhausted(epoch),
      opened: (link, negotiation) => this.opened(link, negotiation),
      failed: (why) => this.fail(why),
      over: (negotiation) => this.over(negotiation),
    }
    const spare = type === 'offer' ? this.spares.take() : undefined
    return new Negotiation(this.options, this.peer, { type, epoch, hold }, this.events, events, spare)
  }

  private opened(link: Link, negotiation: Negotiation): void {
    this.attempt?.giveUp()
    this.attempt = undefined
    this.linked = negotiation
    this.events.opened(link)
  }

  /** The link is closed; a later one may have taken its place. */
  private over(negotiation: Negotiation): void {
    if (this.linked === negotiation) this.linked = undefined
  }

  private timeout(): Cancel {
    return this.options.clock.after(ATTEMPT_MS, () => {
      if (this.attempt) this.fail(timeoutSentences[this.attempt.at])
    })
  }

  /** The other side need not wait for what will not come. */
  private exhausted(epoch: number): void {
    this.events.exhausted()
    this.signal({ type: 'reject', epoch, reason: 'full' })
    this.fail(linkFailures.full)
  }

  private failUnsent(): void {
    if (this.attempt) this.fail(linkFailures.unsent)
  }

  private fail(sentence: string): void {
    this.stop()
    this.events.failed(this.peer, sentence)
  }

  private signal(signal: LinkSignal): boolean {
    return this.options.relay(this.peer.sessionId, encodeLinkSignal(signal))
  }
}

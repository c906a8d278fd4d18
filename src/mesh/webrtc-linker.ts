import type { Bytes } from '../base/bytes.ts'
import type { Cancel, Clock } from '../base/clock.ts'
import type { SessionId } from '../base/ids.ts'
import type { Log } from '../base/logger.ts'
import type { Credential } from '../protocol/credential.ts'
import {
  type Candidate,
  decodeLinkSignal,
  encodeLinkSignal,
  type ForeignSignal,
  linkGreeting,
  type LinkDescriptionSignal,
  type LinkRejection,
  type LinkSignal,
} from '../protocol/link-signals.ts'
import type { Peer } from '../protocol/peer.ts'
import { PROTOCOL_VERSION } from '../protocol/version.ts'
import { DescriptionSender } from './description-sender.ts'
import { DirectLink } from './direct-link.ts'
import type { Linker, LinkerEvents } from './linker.ts'
import { PeerConnection } from './peer-connection.ts'
import { commitsTo } from './sdp.ts'

export interface WebRtcLinkerOptions {
  readonly sessionId: SessionId
  readonly clock: Clock
  readonly log: Log
  /** This session's sealed credential as of now. */
  credential(): string
  configuration(): RTCConfiguration
  verify(credential: string, peer: Peer): Promise<Credential | undefined>
  /** False when no rendezvous can pass the signal on. */
  relay(to: SessionId, signal: string): boolean
}

/** An attempt that neither connected nor failed by then has failed. */
const ATTEMPT_MS = 8_000
/** A peer that wants the link too offers by itself; if its offer has not come by then, it is asked. */
const EXPECTED_FIRST_OFFER_MS = 3_000
/** The same after a link was lost, which the other side may not have noticed yet. */
const EXPECTED_NEXT_OFFER_MS = 1_000
/** Connections that one peer may ask for in this time: an honest one backs off long before. */
const MAX_ASKED_CONNECTIONS = 10
const CHURN_WINDOW_MS = 10_000
/** Sessions whose last epoch is remembered without a link or an attempt. */
const MAX_IDLE_PAIRS = 1_024

/** This session and one other: which attempts there were, and the one that runs. */
interface Pair {
  readonly peer: Peer
  /** The highest epoch that was begun. Offers and answers of that epoch or an earlier one are replays. */
  epoch: number
  attempt: Attempt | undefined
  /** When connections were made because the peer asked for them, of late. */
  readonly asked: number[]
  link: { readonly epoch: number; readonly connection: PeerConnection } | undefined
}

interface Attempt {
  /** What of the other side is being waited for, or 'connection' once both descriptions are exchanged. */
  waitsFor: 'offer' | 'answer' | 'connection'
  readonly epoch: number
  /** Candidates that arrived before the description they belong to was accepted. */
  readonly early: Candidate[]
  connection: PeerConnection | undefined
  sender: DescriptionSender | undefined
  cancelTimeout: Cancel
  cancelKnock: Cancel
}

/** Opens WebRTC links: who offers, which attempt counts, whose certificate is whose. */
export class WebRtcLinker implements Linker {
  private readonly pairs = new Map<SessionId, Pair>()

  constructor(
    private readonly options: WebRtcLinkerOptions,
    private readonly events: LinkerEvents,
  ) {}

  get connectionCount(): number {
    let count = 0
    for (const { attempt, link } of this.pairs.values())
      count += (attempt?.connection ? 1 : 0) + (link ? 1 : 0)
    return count
  }

  open(peer: Peer, expected: boolean): void {
    const pair = this.pair(peer)
    if (pair.attempt) return
    if (this.offersTo(peer)) return this.offer(pair, pair.epoch + 1, false)
    const attempt = this.begin(pair, 'offer', pair.epoch)
    const knock = (): void => {
      if (!this.signal(peer, { type: 'knock', ...linkGreeting, epoch: pair.epoch })) this.failUnsent(pair)
    }
    const patienceMs = pair.epoch === 0 ? EXPECTED_FIRST_OFFER_MS : EXPECTED_NEXT_OFFER_MS
    if (expected) attempt.cancelKnock = this.options.clock.after(patienceMs, knock)
    else knock()
  }

  receive(from: Peer, text: string): void {
    const signal = decodeLinkSignal(text)
    if (!signal) {
      this.options.log('warn', 'A signal that cannot be decoded was ignored', { from: from.sessionId })
      return
    }
    const pair = this.pair(from)
    switch (signal.type) {
      case 'knock':
        return this.receiveKnock(pair, signal.epoch)
      case 'offer':
        return this.receiveOffer(pair, signal)
      case 'answer':
        return this.receiveAnswer(pair, signal)
      case 'candidates':
        return this.receiveCandidates(pair, signal.epoch, signal.candidates)
      case 'reject':
        return this.receiveRejection(pair, signal.epoch, signal.reason)
      case 'foreign':
        return this.receiveForeign(pair, signal)
    }
  }

  undeliverable(to: SessionId): void {
    const pair = this.pairs.get(to)
    if (pair?.attempt) this.fail(pair, 'It is not online where the signal was sent')
  }

  forget(sessionId: SessionId): void {
    const pair = this.pairs.get(sessionId)
    this.pairs.delete(sessionId)
    if (pair) this.stop(pair)
  }

  close(): void {
    for (const pair of this.pairs.values()) this.stop(pair)
    this.pairs.clear()
  }

  /** The lower session id always offers: no two offers ever cross. */
  private offersTo(peer: Peer): boolean {
    return this.options.sessionId < peer.sessionId
  }

  private pair(peer: Peer): Pair {
    const known = this.pairs.get(peer.sessionId)
    if (known) return known
    this.dropIdlePairs()
    const pair: Pair = { peer, epoch: 0, attempt: undefined, asked: [], link: undefined }
    this.pairs.set(peer.sessionId, pair)
    return pair
  }

  private dropIdlePairs(): void {
    if (this.pairs.size < MAX_IDLE_PAIRS) return
    for (const [sessionId, { attempt, link }] of this.pairs) {
      if (!attempt && !link) return void this.pairs.delete(sessionId)
    }
  }

  private begin(pair: Pair, waitsFor: Attempt['waitsFor'], epoch: number): Attempt {
    const attempt: Attempt = {
      waitsFor,
      epoch,
      early: [],
      connection: undefined,
      sender: undefined,
      cancelTimeout: this.options.clock.after(ATTEMPT_MS, () => {
        if (pair.attempt === attempt) this.fail(pair, timeoutSentence(attempt))
      }),
      cancelKnock: () => undefined,
    }
    pair.attempt = attempt
    return attempt
  }

  private offer(pair: Pair, epoch: number, hold: boolean): void {
    if (!this.events.admit(pair.peer)) {
      this.signal(pair.peer, { type: 'reject', epoch, reason: 'full' })
      return this.events.failed(pair.peer, FULL_SENTENCE)
    }
    pair.epoch = epoch
    const attempt = this.begin(pair, 'answer', epoch)
    this.connect(pair, attempt, 'offer', hold)
  }

  private receiveKnock(pair: Pair, theirEpoch: number): void {
    if (!this.offersTo(pair.peer)) return
    // An offer or a link that they do not know yet is on its way to them.
    if (((pair.attempt || pair.link) && pair.epoch > theirEpoch) || this.isChurning(pair)) return
    this.stop(pair)
    pair.asked.push(this.options.clock.now())
    this.offer(pair, Math.max(pair.epoch, theirEpoch) + 1, true)
  }

  /** A page has few connections to spend, closed ones included: no peer may make it spend them. */
  private isChurning(pair: Pair): boolean {
    const since = this.options.clock.now() - CHURN_WINDOW_MS
    while (pair.asked[0] !== undefined && pair.asked[0] < since) pair.asked.shift()
    return pair.asked.length >= MAX_ASKED_CONNECTIONS
  }

  private receiveOffer(pair: Pair, offer: LinkDescriptionSignal): void {
    const isReplay = offer.epoch <= pair.epoch
    const isBusyWithIt = pair.attempt?.connection !== undefined && offer.epoch <= pair.attempt.epoch
    if (this.offersTo(pair.peer) || isReplay || isBusyWithIt || this.isChurning(pair)) return
    this.stop(pair)
    const attempt = this.begin(pair, 'connection', offer.epoch)
    attempt.early.push(...offer.candidates)
    void this.answer(pair, attempt, offer)
  }

  private async answer(pair: Pair, attempt: Attempt, offer: LinkDescriptionSignal): Promise<void> {
    const isGenuine = await this.isGenuine(pair.peer, offer)
    if (pair.attempt !== attempt) return
    if (!isGenuine || !this.events.admit(pair.peer)) {
      const reason = isGenuine ? 'full' : 'not-accepted'
      this.signal(pair.peer, { type: 'reject', epoch: offer.epoch, reason })
      return this.fail(pair, isGenuine ? FULL_SENTENCE : NOT_GENUINE_SENTENCE)
    }
    pair.epoch = offer.epoch
    pair.asked.push(this.options.clock.now())
    const connection = this.connect(pair, attempt, 'answer', true)
    connection.acceptDescription('offer', offer.sdp)
    for (const candidate of attempt.early) connection.acceptCandidate(candidate)
  }

  private receiveAnswer(pair: Pair, answer: LinkDescriptionSignal): void {
    const { attempt } = pair
    if (attempt?.waitsFor !== 'answer' || attempt.epoch !== answer.epoch) return
    attempt.waitsFor = 'connection'
    attempt.early.push(...answer.candidates)
    void this.accept(pair, attempt, answer)
  }

  private async accept(pair: Pair, attempt: Attempt, answer: LinkDescriptionSignal): Promise<void> {
    const isGenuine = await this.isGenuine(pair.peer, answer)
    if (pair.attempt !== attempt) return
    if (!isGenuine) return this.fail(pair, NOT_GENUINE_SENTENCE)
    attempt.connection?.acceptDescription('answer', answer.sdp)
    for (const candidate of attempt.early.splice(0)) attempt.connection?.acceptCandidate(candidate)
  }

  private receiveCandidates(pair: Pair, epoch: number, candidates: readonly Candidate[]): void {
    const { attempt, link } = pair
    if (attempt?.epoch === epoch && attempt.waitsFor === 'connection') {
      // simple-peer keeps what comes before the description has been applied.
      if (attempt.connection)
        for (const candidate of candidates) attempt.connection.acceptCandidate(candidate)
      else if (attempt.early.length < MAX_EARLY_CANDIDATES) attempt.early.push(...candidates)
    } else if (link?.epoch === epoch) {
      for (const candidate of candidates) link.connection.acceptCandidate(candidate)
    }
  }

  private receiveRejection(pair: Pair, epoch: number, reason: LinkRejection): void {
    const { attempt } = pair
    if (attempt && (attempt.epoch === epoch || attempt.waitsFor === 'offer')) {
      this.fail(pair, rejectionSentences[reason])
    }
  }

  private receiveForeign(pair: Pair, signal: ForeignSignal): void {
    this.signal(pair.peer, { type: 'reject', epoch: signal.epoch, reason: 'unsupported-version' })
    this.stop(pair)
    const sentence = `It speaks protocol version ${signal.version}, this library ${PROTOCOL_VERSION}: update the older of the two`
    this.events.failed(pair.peer, sentence)
  }

  /**
   * The credential is valid, is this peer's, and its certificate is the one that the description commits to:
   * DTLS then connects to nobody else.
   */
  private async isGenuine(peer: Peer, { credential, sdp }: LinkDescriptionSignal): Promise<boolean> {
    const verified = await this.options.verify(credential, peer)
    const fingerprint: Bytes | undefined = verified?.fingerprint
    const isGenuine = fingerprint !== undefined && commitsTo(sdp, fingerprint)
    if (!isGenuine) {
      const details = { from: peer.sessionId, credential: verified ? 'valid' : 'refused' }
      this.options.log('warn', 'An offer or answer that does not prove its sender was refused', details)
    }
    return isGenuine
  }

  private connect(pair: Pair, attempt: Attempt, type: 'offer' | 'answer', hold: boolean): PeerConnection {
    const { peer } = pair
    const { epoch } = attempt
    const configuration = this.options.configuration()
    const hasIceServers = (configuration.iceServers ?? []).length > 0
    const sender = new DescriptionSender(this.options.clock, hold, hasIceServers, {
      description: (sdp, candidates) => {
        const credential = this.options.credential()
        if (!this.signal(peer, { type, ...linkGreeting, epoch, sdp, credential, candidates }))
          this.failUnsent(pair)
      },
      candidates: (candidates) => void this.signal(peer, { type: 'candidates', epoch, candidates }),
    })
    attempt.sender = sender
    const forgetLink = (): void => {
      if (pair.link?.connection === connection) pair.link = undefined
    }
    let link: DirectLink | undefined
    const connection: PeerConnection = new PeerConnection(type === 'offer', configuration, {
      description: (sdp) => sender.description(sdp),
      candidate: (candidate) => sender.candidate(candidate),
      open: () => {
        if (pair.attempt !== attempt) return connection.close()
        link = new DirectLink(peer, epoch, connection, forgetLink)
        this.opened(pair, attempt, link, connection)
      },
      packet: (packet) => link && this.events.packet(link, packet),
      beat: () => link && this.events.beat(link),
      drained: () => link && this.events.drained(link),
      closed: (why) => {
        sender.close()
        if (pair.attempt === attempt) return this.fail(pair, why)
        forgetLink()
        if (link) this.events.closed(link, why)
      },
    })
    attempt.connection = connection
    return connection
  }

  private opened(pair: Pair, attempt: Attempt, link: DirectLink, connection: PeerConnection): void {
    attempt.cancelTimeout()
    attempt.cancelKnock()
    // A path was found: candidates that were not sent yet are not needed.
    attempt.sender?.close()
    pair.attempt = undefined
    pair.link = { epoch: link.epoch, connection }
    this.events.opened(link)
  }

  private failUnsent(pair: Pair): void {
    if (pair.attempt) this.fail(pair, 'No signaling server, and nobody else, can pass a signal on to it now')
  }

  private fail(pair: Pair, sentence: string): void {
    this.stop(pair)
    this.events.failed(pair.peer, sentence)
  }

  private stop(pair: Pair): void {
    const { attempt } = pair
    pair.attempt = undefined
    attempt?.cancelTimeout()
    attempt?.cancelKnock()
    attempt?.sender?.close()
    attempt?.connection?.close()
  }

  private signal(peer: Peer, signal: LinkSignal): boolean {
    return this.options.relay(peer.sessionId, encodeLinkSignal(signal))
  }
}

/** What a hostile peer may make us keep before its description was accepted. */
const MAX_EARLY_CANDIDATES = 128

const FULL_SENTENCE = 'This page has as many connections as it may have'
const NOT_GENUINE_SENTENCE = 'It did not prove who it is: its credential or its certificate was refused'

const rejectionSentences: Readonly<Record<LinkRejection, string>> = {
  'unsupported-version': `It does not understand protocol version ${PROTOCOL_VERSION}: update the older of the two`,
  full: 'It has as many connections as it may have',
  'not-accepted': 'It refused our credential; log in again if this lasts',
}

function timeoutSentence({ waitsFor }: Attempt): string {
  if (waitsFor === 'connection') return 'No network path to it was found in 8 s; a TURN server may be needed'
  return `It did not answer in 8 s (its ${waitsFor} never came)`
}

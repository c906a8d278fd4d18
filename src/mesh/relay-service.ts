import type { Clock } from '../base/clock.ts'
import type { SessionId } from '../base/ids.ts'
import { TokenBucket } from '../base/token-bucket.ts'
import type { Peer } from '../protocol/peer.ts'
import { encodeRelayMessage, type RelayMessage, type RelayRefusal } from '../protocol/relay-messages.ts'
import type { Carriers } from './carriers.ts'

/** What is passed on from one session to another. Who paces itself at 0.8 MB/s, as our links do, never meets it. */
const OF_PAIR = { perSecond: 1024 * 1024, burst: 1024 * 1024 }
/** From one session to all others together: four such links at full speed. */
const OF_SENDER = { perSecond: 4 * 1024 * 1024, burst: 4 * 1024 * 1024 }
/** Questions of one session: it asks once for each peer that it cannot be linked to, and again when that has failed. */
const QUESTIONS = { perSecond: 10, burst: 100 }
/** Each way of a pair counts; those that are quiet do not. */
const MAX_DIRECTIONS = 2 * 256
/** On the link to the receiver; it takes no more then, and nothing else is kept for anybody. */
const MAX_WAITING_BYTES = 1024 * 1024

interface Sender {
  readonly bytes: TokenBucket
  readonly questions: TokenBucket
}

type Served = Extract<RelayMessage, { kind: 'ask' | 'pass' }>

/** Passes on between two sessions that each have a link of their own to this one; keeps nothing of it. */
export class RelayService {
  private readonly senders = new Map<SessionId, Sender>()
  /** What may still be passed on, by sender and receiver. */
  private readonly directions = new Map<string, TokenBucket>()

  constructor(
    private readonly clock: Clock,
    private readonly carriers: Carriers,
  ) {}

  serve(by: Peer, message: Served): void {
    const { sessionId } = by
    if (message.kind === 'ask') {
      const { session } = message
      // Who asks without end gets no answer.
      if (!this.sender(sessionId).questions.take(1)) return
      if (this.isNear(session)) this.tell(sessionId, { kind: 'can', session })
      else this.tell(sessionId, { kind: 'refused', session, reason: 'not-linked' })
      return
    }
    const { to, payload } = message
    const reason = this.refusal(sessionId, to, payload.byteLength)
    if (reason) return this.tell(sessionId, { kind: 'refused', session: to, reason })
    this.carriers.carry(to, encodeRelayMessage({ kind: 'passed', from: sessionId, payload }))
  }

  /** Its link is closed. */
  forget(sessionId: SessionId): void {
    this.senders.delete(sessionId)
  }

  close(): void {
    this.senders.clear()
    this.directions.clear()
  }

  private refusal(from: SessionId, to: SessionId, byteCount: number): RelayRefusal | undefined {
    if (from === to || !this.isNear(to)) return 'not-linked'
    if (this.carriers.bufferedBytes(to) > MAX_WAITING_BYTES) return 'busy'
    const direction = this.direction(`${from} ${to}`)
    if (!direction) return 'busy'
    // An empty one costs too.
    const cost = Math.max(byteCount, 64)
    return direction.take(cost) && this.sender(from).bytes.take(cost) ? undefined : 'too-much'
  }

  private sender(sessionId: SessionId): Sender {
    const { clock } = this
    const sender = this.senders.get(sessionId) ?? {
      bytes: new TokenBucket(clock, OF_SENDER),
      questions: new TokenBucket(clock, QUESTIONS),
    }
    this.senders.set(sessionId, sender)
    return sender
  }

  private direction(key: string): TokenBucket | undefined {
    const known = this.directions.get(key)
    if (known) return known
    if (this.directions.size >= MAX_DIRECTIONS) {
      for (const [other, bucket] of this.directions) if (bucket.isFull) this.directions.delete(other)
    }
    if (this.directions.size >= MAX_DIRECTIONS) return undefined
    const made = new TokenBucket(this.clock, OF_PAIR)
    this.directions.set(key, made)
    return made
  }

  private isNear(sessionId: SessionId): boolean {
    return this.carriers.bufferedBytes(sessionId) < Infinity
  }

  private tell(to: SessionId, message: RelayMessage): void {
    // Who does not read the answers gets no more of them.
    if (this.carriers.bufferedBytes(to) <= MAX_WAITING_BYTES)
      this.carriers.carry(to, encodeRelayMessage(message))
  }
}

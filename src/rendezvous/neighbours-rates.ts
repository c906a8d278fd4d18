import type { Clock } from '../base/clock.ts'
import type { SessionId } from '../base/ids.ts'
import { type Rate, TokenBucket } from '../base/token-bucket.ts'

/** What one neighbour may make this session do. Honest ones stay far below. */
const RATES = {
  /** An asker puts what it wants to know together, and asks 20 times a second at most. */
  questions: { burst: 60, perSecond: 30 },
  /** Of answers: eight of the largest at once, as after a network came back, and one a second. */
  answerBytes: { burst: 1_000_000, perSecond: 128_000 },
  /** To be passed on, each begun 4,000 characters of one for one. A pair needs three; a channel holds 24 links. */
  signals: { burst: 200, perSecond: 40 },
  /** That are looked at, known ones included: two of the largest answers, and 10 pairs a second. */
  credentials: { burst: 256, perSecond: 32 },
} satisfies Record<string, Rate>

const SIGNAL_UNIT_CHARS = 4_000
/** Neighbours that are remembered: more than a page has links. */
const MAX_NEIGHBOURS = 512

type Buckets = Record<keyof typeof RATES, TokenBucket>

/** How much each neighbour has left. */
export class NeighbourRates {
  /** The latest seen last. */
  private readonly bucketsBySession = new Map<SessionId, Buckets>()

  constructor(private readonly clock: Clock) {}

  question(from: SessionId): boolean {
    return this.of(from).questions.take(1)
  }

  answer(to: SessionId, bytes: number): boolean {
    return this.of(to).answerBytes.take(bytes)
  }

  signal(from: SessionId, chars: number): boolean {
    return this.of(from).signals.take(Math.max(1, Math.ceil(chars / SIGNAL_UNIT_CHARS)))
  }

  credentials(from: SessionId, count: number): boolean {
    return this.of(from).credentials.take(count)
  }

  private of(sessionId: SessionId): Buckets {
    const full = (rate: Rate) => new TokenBucket(this.clock, rate)
    const buckets = this.bucketsBySession.get(sessionId) ?? {
      questions: full(RATES.questions),
      answerBytes: full(RATES.answerBytes),
      signals: full(RATES.signals),
      credentials: full(RATES.credentials),
    }
    this.bucketsBySession.delete(sessionId)
    this.bucketsBySession.set(sessionId, buckets)
    const [oldest] = this.bucketsBySession.keys()
    if (oldest !== undefined && this.bucketsBySession.size > MAX_NEIGHBOURS)
      this.bucketsBySession.delete(oldest)
    return buckets
  }
}

import type { Clock } from '../base/clock.ts'
import type { SessionId } from '../base/ids.ts'

/** So much at once, and from then on so much a second. */
interface Rate {
  readonly burst: number
  readonly perSecond: number
}

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

type Levels = Record<keyof typeof RATES, { left: number; at: number }>

/** How much each neighbour has left. */
export class NeighbourRates {
  /** The latest seen last. */
  private readonly levelsBySession = new Map<SessionId, Levels>()

  constructor(private readonly clock: Clock) {}

  question(from: SessionId): boolean {
    return this.take(from, 'questions', 1)
  }

  answer(to: SessionId, bytes: number): boolean {
    return this.take(to, 'answerBytes', bytes)
  }

  signal(from: SessionId, chars: number): boolean {
    return this.take(from, 'signals', Math.max(1, Math.ceil(chars / SIGNAL_UNIT_CHARS)))
  }

  credentials(from: SessionId, count: number): boolean {
    return this.take(from, 'credentials', count)
  }

  /** False if it would be too much; nothing is taken then. */
  private take(from: SessionId, what: keyof typeof RATES, amount: number): boolean {
    const now = this.clock.now()
    const { burst, perSecond } = RATES[what]
    const level = this.levels(from)[what]
    level.left = Math.min(burst, level.left + (Math.max(0, now - level.at) / 1_000) * perSecond)
    level.at = now
    if (level.left < amount) return false
    level.left -= amount
    return true
  }

  private levels(from: SessionId): Levels {
    const at = this.clock.now()
    const full = (what: keyof typeof RATES): Levels[keyof Levels] => ({ left: RATES[what].burst, at })
    const levels = this.levelsBySession.get(from) ?? {
      questions: full('questions'),
      answerBytes: full('answerBytes'),
      signals: full('signals'),
      credentials: full('credentials'),
    }
    this.levelsBySession.delete(from)
    this.levelsBySession.set(from, levels)
    const [oldest] = this.levelsBySession.keys()
    if (oldest !== undefined && this.levelsBySession.size > MAX_NEIGHBOURS)
      this.levelsBySession.delete(oldest)
    return levels
  }
}

import type { Clock } from '../base/clock.ts'
import type { SessionId } from '../base/ids.ts'

const WINDOW_MS = 5_000
/**
 * 40 reads in 5 s are what the API allows, and a whole document has less than 32 KB; twice that, as reads that were
 * held up come together.
 */
const BYTES_PER_WINDOW = 2 * 40 * 32 * 1024
/** What a question costs beside its own length: even with nothing to say an answer takes time. */
const QUESTION_BYTES = 256
/** Sessions that are remembered before those that ask no more are dropped. */
const MAX_IDLE_SESSIONS = 64

interface Spent {
  readonly since: number
  bytes: number
}

/**
 * How much each peer may make this page read and answer. Without it one that asks as fast as its link carries would keep this
 * page encoding documents, and its upload full of them. An honest reader never comes near.
 */
export class AnswerBudget {
  private readonly spentBySession = new Map<SessionId, Spent>()

  constructor(private readonly clock: Clock) {}

  /** Whether this session, which asks with so much, is answered now. */
  takeQuestion(sessionId: SessionId, bytes: number): boolean {
    if (!this.hasLeft(sessionId)) return false
    this.spend(sessionId, QUESTION_BYTES + bytes)
    return true
  }

  /** Whether it may be sent one more answer. */
  hasLeft(sessionId: SessionId): boolean {
    return this.present(sessionId).bytes < BYTES_PER_WINDOW
  }

  /** It has had so much. */
  spend(sessionId: SessionId, bytes: number): void {
    this.present(sessionId).bytes += bytes
  }

  private present(sessionId: SessionId): Spent {
    const known = this.spentBySession.get(sessionId)
    if (known && !this.isOver(known)) return known
    const spent = { since: this.clock.now(), bytes: 0 }
    this.spentBySession.set(sessionId, spent)
    if (this.spentBySession.size > MAX_IDLE_SESSIONS) this.dropOld()
    return spent
  }

  private dropOld(): void {
    for (const [sessionId, spent] of this.spentBySession)
      if (this.isOver(spent)) this.spentBySession.delete(sessionId)
  }

  private isOver({ since }: Spent): boolean {
    return this.clock.now() - since >= WINDOW_MS
  }
}

import type { Cancel, Clock } from '../base/clock.ts'
import type { Candidate } from '../protocol/link-signals.ts'

/** Of one attempt; what is found after that many is not sent. */
const MAX_BATCHES = 6

/** Collects ICE candidates so that a pair exchanges few signals, none of them late. */
export class CandidateBatch {
  private candidates: Candidate[] = []
  private cancel: Cancel | undefined
  private batchCount = 0

  constructor(
    private readonly clock: Clock,
    private readonly delays: {
      /** How long the first candidate waits for its siblings. */
      readonly firstMs: number
      /** How long one waits that comes after they have left. */
      readonly laterMs: number
    },
    private readonly send: (candidates: Candidate[]) => void,
  ) {}

  add(candidate: Candidate): void {
    if (this.batchCount >= MAX_BATCHES) return
    this.candidates.push(candidate)
    this.cancel ??= this.clock.after(
      this.batchCount === 0 ? this.delays.firstMs : this.delays.laterMs,
      () => {
        this.cancel = undefined
        this.batchCount += 1
        this.send(this.candidates.splice(0))
      },
    )
  }

  /** The first batch as it is now: something that leaves takes it along. What still comes is late. */
  takeFirst(): Candidate[] {
    this.cancel?.()
    this.cancel = undefined
    this.batchCount = Math.max(this.batchCount, 1)
    return this.candidates.splice(0)
  }

  close(): void {
    this.cancel?.()
    this.batchCount = MAX_BATCHES
  }
}

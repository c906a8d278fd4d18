import type { Cancel, Clock } from '../base/clock.ts'
import type { Candidate } from '../protocol/link-signals.ts'

/** Batches after the first: by then only STUN and TURN answers come, one by one. */
const LATER_BATCHES_MS = 200
/** Of one attempt; what is found after that many is not sent. */
const MAX_BATCHES = 6

/** Collects ICE candidates so that a pair exchanges few signals, none of them late. */
export class CandidateBatch {
  private candidates: Candidate[] = []
  private cancel: Cancel | undefined
  private batchCount = 0

  constructor(
    private readonly clock: Clock,
    private readonly firstBatchMs: number,
    private readonly send: (candidates: Candidate[]) => void,
  ) {}

  add(candidate: Candidate): void {
    if (this.batchCount >= MAX_BATCHES) return
    this.candidates.push(candidate)
    this.cancel ??= this.clock.after(this.batchCount === 0 ? this.firstBatchMs : LATER_BATCHES_MS, () => {
      this.cancel = undefined
      this.batchCount += 1
      this.send(this.candidates.splice(0))
    })
  }

  close(): void {
    this.cancel?.()
    this.batchCount = MAX_BATCHES
  }
}

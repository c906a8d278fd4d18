import type { Cancel, Clock } from '../base/clock.ts'
import type { Candidate } from '../protocol/link-signals.ts'
import { CandidateBatch } from './candidate-batch.ts'

/** Host candidates come within 30 ms, nearly together. A description that waits for them waits no longer than this. */
const HOLD_MS = 40
/** After the first candidate of a held description, for its siblings. */
const HELD_BATCH_MS = 10
/** After the first candidate of a description that has left already: nobody waits for it yet. */
const FIRST_BATCH_MS = 20
/** Batches after the first: with ICE servers only their answers still come, one by one. */
const LATER_BATCHES_MS = 200
/** Without ICE servers a late candidate is a straggler of a busy machine, needed only if no path is found without it. */
const STRAGGLERS_MS = 1_000

/**
 * Sends one side's description and candidates in as few signals as possible: the description at once and the
 * candidates behind it, or (`hold`) the description with its first candidates.
 */
export class DescriptionSender {
  private isDescribed = false
  /** Candidates that came before the description they belong to. */
  private readonly early: Candidate[] = []
  private held: string | undefined
  private cancelHold: Cancel | undefined
  private readonly batch: CandidateBatch

  constructor(
    private readonly clock: Clock,
    private readonly hold: boolean,
    hasIceServers: boolean,
    private readonly send: {
      description(sdp: string, candidates: Candidate[]): void
      candidates(candidates: Candidate[]): void
    },
  ) {
    const delays = {
      firstMs: hold ? HELD_BATCH_MS : FIRST_BATCH_MS,
      laterMs: hasIceServers ? LATER_BATCHES_MS : STRAGGLERS_MS,
    }
    this.batch = new CandidateBatch(clock, delays, (candidates) => this.flush(candidates))
  }

  description(sdp: string): void {
    this.isDescribed = true
    if (!this.hold) return this.send.description(sdp, this.early.splice(0))
    this.held = sdp
    this.cancelHold = this.clock.after(HOLD_MS, () => this.flush(this.batch.takeFirst()))
    for (const candidate of this.early.splice(0)) this.batch.add(candidate)
  }

  candidate(candidate: Candidate): void {
    if (!canReachBrowser(candidate)) return
    if (this.isDescribed) this.batch.add(candidate)
    else this.early.push(candidate)
  }

  close(): void {
    this.cancelHold?.()
    this.batch.close()
  }

  private flush(candidates: Candidate[]): void {
    this.cancelHold?.()
    if (this.held === undefined) return candidates.length > 0 ? this.send.candidates(candidates) : undefined
    const sdp = this.held
    this.held = undefined
    this.send.description(sdp, candidates)
  }
}

/** Browsers offer TCP candidates that only dial out: between two browsers none of them ever connects. */
function canReachBrowser(candidate: Candidate): boolean {
  return candidate.candidate !== '' && !/ tcptype active/i.test(candidate.candidate)
}

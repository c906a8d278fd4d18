import type { Cancel } from '../base/clock.ts'
import type { Candidate } from '../protocol/link-signals.ts'
import type { Negotiation } from './negotiation.ts'

/**
 * One try of a pair to open a link; `giveUp` cancels the timer that ends it.
 *
 *     lower id     offering ──answer──> verifying-answer ──genuine──> connecting ──> link
 *
 *     higher id    awaiting-offer ──offer──> verifying-offer ──genuine──> connecting ──> link
 */
export type Attempt = { readonly giveUp: Cancel } & (
  | {
      readonly at: 'awaiting-offer'
      /** While the other side has time to offer unasked. */
      readonly cancelKnock: Cancel | undefined
    }
  | {
      readonly at: 'verifying-offer'
      readonly epoch: number
      /** Candidates wait for the description they belong to. */
      readonly early: Candidate[]
    }
  | { readonly at: 'offering'; readonly epoch: number; readonly negotiation: Negotiation }
  | {
      readonly at: 'verifying-answer'
      readonly epoch: number
      readonly negotiation: Negotiation
      readonly early: Candidate[]
    }
  | { readonly at: 'connecting'; readonly epoch: number; readonly negotiation: Negotiation }
)

export type AttemptAt<At extends Attempt['at']> = Extract<Attempt, { at: At }>

export function abandon(attempt: Attempt): void {
  attempt.giveUp()
  if (attempt.at === 'awaiting-offer') attempt.cancelKnock?.()
  if ('negotiation' in attempt) attempt.negotiation.close()
}

import type { Cancel } from '../base/clock.ts'
import type { Edition } from './edition.ts'
import { covers, type State } from './inspection.ts'
import type { Neighbour } from './neighbour.ts'
import type { ValidRecord } from './record-book.ts'
import { isLater } from './shown.ts'

/** A generation that is being taken over from a neighbour, in place of the present one. */
export class Adoption {
  /** What the neighbour has of it; undefined until it says so. */
  needs: State | undefined

  constructor(
    readonly edition: Edition,
    readonly from: Neighbour,
    readonly cancelGiveUp: Cancel,
  ) {}

  /** Everything that the neighbour has is here. */
  get isComplete(): boolean {
    return this.needs !== undefined && covers(this.edition.replica.state, this.needs)
  }
}

/** What counts in the present edition and is later than what the other one has under its key. */
export function missingIn(other: Edition, present: Edition): readonly ValidRecord[] {
  const rivals = new Map(other.worthKeeping().map((record) => [record.key, record]))
  return present.worthKeeping().filter((record) => {
    const rival = rivals.get(record.key)
    return !rival || isLater(record, rival)
  })
}

import type { Cancel } from '../base/clock.ts'
import type { Generation } from '../protocol/document-messages.ts'
import type { Edition } from './edition.ts'
import type { Held } from './generation.ts'
import { covers, type State } from './inspection.ts'
import type { Neighbour } from './neighbour.ts'
import type { ValidRecord } from './record-book.ts'
import { isLater } from './shown.ts'
import type { Timers } from './timers.ts'

export interface AdoptionOptions {
  readonly timers: Timers
  createEdition(generation: Generation): Edition
  /** The present edition. */
  edition(): Edition | undefined
  /** Whether this record of the present edition is to be put back. */
  isPutBack(record: ValidRecord): boolean
  /** A record of this user is signed by this session; any other one is as it was. */
  signAgain(record: ValidRecord): Promise<ValidRecord>
}

export interface AdoptionEvents {
  /** All of it is here, and what was only here is in it. */
  complete(edition: Edition): void
  /** It did not come. */
  failed(from: Neighbour): void
  /** It is not wanted any more. */
  discarded(edition: Edition): void
}

/** A generation that has not come by then does not come. */
const PATIENCE_MS = 15_000

interface Running {
  readonly edition: Edition
  readonly from: Neighbour
  readonly cancelGiveUp: Cancel
  /** What the neighbour has of it; undefined until it says so. */
  needs: State | undefined
}

/** A generation is taken over from a neighbour: when all of it is here, in place of the present one. */
export class Adoption {
  private running: Running | undefined

  constructor(
    private readonly options: AdoptionOptions,
    private readonly events: AdoptionEvents,
  ) {}

  get edition(): Edition | undefined {
    return this.running?.edition
  }

  /** Whose it is. */
  get from(): Neighbour | undefined {
    return this.running?.from
  }

  get held(): Held | undefined {
    return this.running && { generation: this.running.edition.generation, isLive: true }
  }

  begin(generation: Generation, from: Neighbour): Edition {
    this.abandon()
    const edition = this.options.createEdition(generation)
    const cancelGiveUp = this.options.timers.after(PATIENCE_MS, () => this.events.failed(from))
    this.running = { edition, from, cancelGiveUp, needs: undefined }
    return edition
  }

  /** What a neighbour has of it. */
  told(neighbour: Neighbour, state: State): void {
    if (this.running?.from !== neighbour) return
    this.running.needs = state
    void this.tryToFinish()
  }

  /** More of it may be here. */
  async tryToFinish(): Promise<void> {
    const { running } = this
    const present = this.options.edition()
    if (!running?.needs || !present || !covers(running.edition.replica.state, running.needs)) return
    const { edition } = running
    await Promise.all([edition.book.settled(), present.book.settled()])
    const signed = await Promise.all(this.missing(edition, present).map(this.options.signAgain))
    if (this.running !== running || this.options.edition() !== present) return
    const signedByPlace = new Map(signed.map((record) => [record.place, record]))
    const records = this.missing(edition, present).map(({ place, clock }) => {
      const record = signedByPlace.get(place)
      return record?.clock === clock ? record : undefined
    })
    const isSigned = records.every((record) => record !== undefined)
    // Something was written while the rest was being signed.
    if (!isSigned || !edition.book.isSettled) return this.tryToFinish()
    running.cancelGiveUp()
    this.running = undefined
    if (records.length > 0) edition.put(records)
    this.events.complete(edition)
  }

  abandon(): void {
    const { running } = this
    this.running = undefined
    running?.cancelGiveUp()
    if (running) this.events.discarded(running.edition)
  }

  /** What counts in the present edition, is later than what the other one has under its key, and is to be put back. */
  private missing(other: Edition, present: Edition): readonly ValidRecord[] {
    const rivals = new Map(other.worthKeeping().map((record) => [record.key, record]))
    return present.worthKeeping().filter((record) => {
      const rival = rivals.get(record.key)
      return (!rival || isLater(record, rival)) && this.options.isPutBack(record)
    })
  }
}

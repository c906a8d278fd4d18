import type { Clock } from '../base/clock.ts'
import { Allowance } from './allowance.ts'
import type { Edition } from './edition.ts'
import type { Neighbour } from './neighbour.ts'
import type { Timers } from './timers.ts'

export interface SuccessionOptions {
  readonly clock: Clock
  readonly timers: Timers
  edition(): Edition | undefined
  neighbours(): readonly Neighbour[]
  /** Of each two sessions one is the lower. */
  isLower(neighbour: Neighbour): boolean
}

export interface SuccessionEvents {
  /** The present edition is to be replaced by another one. */
  due(why: string): void
  breach(neighbour: Neighbour, fault: string): void
}

/** The lowest of those who are connected begins the successor of what has grown too large; after this, the next. */
const PATIENCE_MS = 2_000
const LONGEST_PATIENCE_MS = 10_000
/** A larger document begins anew with what counts of it: what others take in one message is bounded. */
const MAX_DOCUMENT_BYTES = 96 * 1024
const MAX_DOCUMENT_PARTS = 6_000
/** How others are told what somebody has is bounded, too. */
const MAX_STATE_BYTES = 16 * 1024
/** What does not count is no more than this, if only honest users write. */
const MAX_USELESS_BYTES = MAX_DOCUMENT_BYTES / 2
/** When so much has come it is looked at at once how large the document is. */
const WEIGH_AFTER_BYTES = 128 * 1024
/** Whoever contradicts us, we do not begin anew more often: it may be the work of a third, who goes on with it. */
const MAX_CONTRADICTIONS = 3
const CONTRADICTIONS_MS = 60_000

/** When a document has to begin anew, and whose turn it is to do it. */
export class Succession {
  private readonly contradictions: Allowance
  private oversizedSince: number | undefined
  private weighedBytes = 0
  private isLookDue = false

  constructor(
    private readonly options: SuccessionOptions,
    private readonly events: SuccessionEvents,
  ) {
    this.contradictions = new Allowance(options.clock, MAX_CONTRADICTIONS, CONTRADICTIONS_MS)
  }

  /** Another edition is the present one. */
  begun(): void {
    this.oversizedSince = undefined
    this.weighedBytes = 0
    for (const neighbour of this.options.neighbours()) neighbour.broughtBytes = 0
  }

  /** Something came. */
  changed(): void {
    const broughtBytes = this.options.neighbours().reduce((sum, neighbour) => sum + neighbour.broughtBytes, 0)
    if (broughtBytes - this.weighedBytes < WEIGH_AFTER_BYTES) return
    this.weighedBytes = broughtBytes
    this.look()
  }

  /** It may have grown too large. */
  look(): void {
    const edition = this.options.edition()
    if (!edition || !isTooLarge(edition)) return void (this.oversizedSince = undefined)
    const { clock, timers, neighbours, isLower } = this.options
    this.oversizedSince ??= clock.now()
    const lower = neighbours().filter((each) => each.isConnected && !isLower(each))
    const patienceMs = Math.min(lower.length * PATIENCE_MS, LONGEST_PATIENCE_MS)
    const waitMs = this.oversizedSince + patienceMs - clock.now()
    if (waitMs <= 0) {
      if (edition.uselessBytes > MAX_USELESS_BYTES) this.blame()
      return this.events.due('It had grown too large')
    }
    if (this.isLookDue) return
    this.isLookDue = true
    timers.after(waitMs, () => {
      this.isLookDue = false
      this.look()
    })
  }

  /** This neighbour has contradicted us for a while. False: not now. */
  contradicted(neighbour: Neighbour): boolean {
    if (!this.contradictions.take()) return false
    if (neighbour.mayUpset()) this.events.due('Two replicas contradicted each other')
    else this.events.breach(neighbour, 'one contradiction after the other')
    return true
  }

  /** Who brought the most of it is not listened to for a while; it may only have passed it on. */
  private blame(): void {
    const [most] = [...this.options.neighbours()].sort((a, b) => b.broughtBytes - a.broughtBytes)
    if (most && most.broughtBytes > 0) this.events.breach(most, 'what no document needs')
  }
}

function isTooLarge({ replica }: Edition): boolean {
  return (
    replica.encode().byteLength > MAX_DOCUMENT_BYTES ||
    replica.partCount > MAX_DOCUMENT_PARTS ||
    replica.stateVector.byteLength > MAX_STATE_BYTES
  )
}

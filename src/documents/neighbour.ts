import type { Clock } from '../base/clock.ts'
import type { Peer } from '../protocol/peer.ts'
import type { Edition } from './edition.ts'
import type { Connection } from './replica.ts'

/** A first breach may come from a mistake; one that goes on is not worth more of our time. */
const FIRST_MUTE_MS = 15_000
const LONGEST_MUTE_MS = 15 * 60_000
/** So many times in a minute a peer may make us begin anew; honest ones do it once, when members meet. */
const MAX_UPHEAVALS = 6
const UPHEAVALS_MS = 60_000

/** The channel to another replica of this edition. */
export interface Path {
  readonly edition: Edition
  readonly connection: Connection
  /** Undefined while the other side has not answered. */
  isOpen: boolean
  readonly isOffered: boolean
}

/** Another session that has the document, or wants to. */
export class Neighbour {
  path: Path | undefined
  /** Whether it has told what it has, and we have all of that. */
  isSynced = false
  /** What it had that we lack, as a state vector, and since when. */
  lacks: Uint8Array | undefined
  lackingSince: number | undefined
  hasTriedAgain = false
  /** It is about to be asked for its digest. */
  isAsked = false
  /** How often in a row it had the same state as we, and other records. */
  contradictions = 0
  private breaches = 0
  private mutedUntil = 0
  private readonly upheavals: number[] = []

  constructor(
    readonly peer: Peer,
    /** A member, or somebody whom we visit; otherwise it visits us. */
    public isHolder: boolean,
    private readonly clock: Clock,
  ) {}

  get isMuted(): boolean {
    return this.clock.now() < this.mutedUntil
  }

  /** It sent what nobody may send. For a while, longer each time, it is not listened to. */
  mute(): void {
    const ms = Math.min(LONGEST_MUTE_MS, FIRST_MUTE_MS * 2 ** this.breaches)
    this.breaches += 1
    this.mutedUntil = this.clock.now() + ms
  }

  /** It makes us begin a document anew. Who does that too often is not listened to any more: false. */
  mayUpset(): boolean {
    const since = this.clock.now() - UPHEAVALS_MS
    while (this.upheavals[0] !== undefined && this.upheavals[0] < since) this.upheavals.shift()
    if (this.upheavals.push(this.clock.now()) <= MAX_UPHEAVALS) return true
    this.mute()
    return false
  }

  disconnect(): void {
    const { path } = this
    this.path = undefined
    this.isSynced = false
    this.lacks = this.lackingSince = undefined
    this.contradictions = 0
    path?.connection.close()
  }
}

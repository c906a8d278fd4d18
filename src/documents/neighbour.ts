import type { Clock } from '../base/clock.ts'
import type { Peer } from '../protocol/peer.ts'
import { Allowance } from './allowance.ts'
import type { Edition } from './edition.ts'
import type { State } from './inspection.ts'
import type { ReplicaConnection } from './replica-connection.ts'

/** A first breach may come from a mistake; one that goes on is not worth more of our time. */
const FIRST_MUTE_MS = 15_000
const LONGEST_MUTE_MS = 15 * 60_000
/**
 * So many times a peer may make us begin anew. Honest ones do it once, when members meet; and a few times more while
 * somebody hostile is among us, whose doing we cannot tell from theirs.
 */
const MAX_UPHEAVALS = 12
const UPHEAVALS_MS = 10 * 60_000
/** Channels that it opens: an honest one opens one for each generation, and one after each that was closed. */
const MAX_OFFERS = 60
/** Digests that are looked at: an honest one sends some four in a second while much is written. */
const MAX_DIGESTS = 600
/** What may come over its channels: 30 writes of 32 KB each second. */
const MAX_BYTES = 10 * 1024 * 1024
const BYTES_MS = 10_000
/** What a message costs besides its bytes. */
const MESSAGE_BYTES = 256
const MINUTE_MS = 60_000
/** After a channel that did not last, the next one is opened after a second, and then after twice as long each time. */
const FIRST_WAIT_MS = 1_000
const LONGEST_WAIT_MS = 30_000
const LASTING_MS = 10_000

/** The channel to another replica of this edition. */
export interface Path {
  readonly edition: Edition
  readonly connection: ReplicaConnection
  /** Undefined while the other side has not answered. */
  openedAt: number | undefined
  readonly isOffered: boolean
}

/** Another session that has the document, or wants to. */
export class Neighbour {
  path: Path | undefined
  /** A member, or somebody whom we visit; otherwise it visits us. */
  isHolder = false
  /** Whether it has told what it has, and we have all of that. */
  isSynced = false
  /** It said that it has nothing of it, which is no word on what others have. */
  hasNothing = false
  /** It said that it has no part in the document, and nothing else since. */
  isAbsent = false
  /** When a visit led this session, which is a member, to it last. */
  visitedAt = -Infinity
  /** It is about to be asked for its digest; or it was, a moment ago. */
  isAsked = false
  isAskedNow = false
  /** A channel to it is about to be tried again. */
  isTriedAgain = false
  /** It is no neighbour any more. */
  isGone = false
  /** What it had that we lack, and since when. */
  lacks: { readonly state: State; readonly since: number; hasTriedAgain: boolean } | undefined
  /** Since when it has said that nothing has come to it of what it waits for. */
  awaitsSince: number | undefined
  /** Since when it has the same state as we, and other records. */
  contradictsSince: number | undefined
  /** What it was the first to bring of the present edition. */
  broughtBytes = 0
  readonly digests: Allowance
  readonly offers: Allowance
  private readonly upheavals: Allowance
  private readonly bytes: Allowance
  private failures = 0
  private breaches = 0
  private mutedUntil = 0

  constructor(
    readonly peer: Peer,
    private readonly clock: Clock,
  ) {
    this.digests = new Allowance(clock, MAX_DIGESTS, MINUTE_MS)
    this.offers = new Allowance(clock, MAX_OFFERS, MINUTE_MS)
    this.upheavals = new Allowance(clock, MAX_UPHEAVALS, UPHEAVALS_MS)
    this.bytes = new Allowance(clock, MAX_BYTES, BYTES_MS)
  }

  get isMuted(): boolean {
    return this.mutedMs > 0
  }

  /** For how long yet. */
  get mutedMs(): number {
    return Math.max(0, this.mutedUntil - this.clock.now())
  }

  get isConnected(): boolean {
    return this.path?.openedAt !== undefined
  }

  /** It sent what nobody may send. For a while, longer each time, it is not listened to. How long, in milliseconds. */
  mute(): number {
    const ms = Math.min(LONGEST_MUTE_MS, FIRST_MUTE_MS * 2 ** this.breaches)
    this.breaches += 1
    this.mutedUntil = this.clock.now() + ms
    return ms
  }

  /** Whether it may make us begin a document anew once more. */
  mayUpset(): boolean {
    return this.upheavals.take()
  }

  /** Whether this much more may come from it. */
  admits(byteCount: number, isNews: boolean): boolean {
    if (isNews) this.broughtBytes += byteCount
    return this.bytes.take(byteCount + MESSAGE_BYTES)
  }

  disconnect(): void {
    const { path } = this
    this.path = undefined
    this.isSynced = false
    this.contradictsSince = undefined
    path?.connection.close()
  }

  /** Its channel has come to nothing. When to try again, in milliseconds. */
  failed(): number {
    const { path } = this
    const hasLasted = path?.openedAt !== undefined && this.clock.now() - path.openedAt > LASTING_MS
    this.failures = hasLasted ? 0 : this.failures + 1
    this.disconnect()
    return Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.max(0, this.failures - 2))
  }
}

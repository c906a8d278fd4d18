import type { Bytes } from '../base/bytes.ts'
import type { Clock } from '../base/clock.ts'
import { type DocumentMessage, encodeDocumentMessage, type Holding } from '../protocol/document-messages.ts'
import type { Peer } from '../protocol/peer.ts'
import type { Edition, Snapshot } from './edition.ts'
import { covers, type State } from './inspection.ts'
import type { Neighbour } from './neighbour.ts'
import type { Timers } from './timers.ts'

type Digest = Extract<DocumentMessage, { type: 'digest' }>

export interface DigestsOptions {
  readonly clock: Clock
  readonly timers: Timers
  edition(): Edition | undefined
  holding(): Holding
  /** Those who have it, or may have. */
  holders(): readonly Neighbour[]
  /** Of each two sessions one is the lower. */
  isLower(neighbour: Neighbour): boolean
  send(peer: Peer, message: Bytes): void
}

export interface DigestsEvents {
  /** It has told what it has, and all of that is here. */
  synced(neighbour: Neighbour): void
  /** It has all that is here. */
  shared(): void
  /** What it has does not come over the channel that there is. */
  stuck(neighbour: Neighbour): void
  /** Nor does it come over another one. */
  lied(neighbour: Neighbour): void
  /** For a while now it has had the same state as we, and other records. */
  contradicted(neighbour: Neighbour): void
}

/** A contradiction that outlives this is none of messages on their way. */
const ASK_AGAIN_MS = 1_000
/** The lower session id begins the successor; if it does not, the other does. */
const LOWER_PATIENCE_MS = 1_000
const HIGHER_PATIENCE_MS = 4_000
/** A link that carries nothing is replaced after 6 s, or a relay found; what has not come then may never come. */
const AWAITED_MS = 10_000
/** A whole document over a slow link takes a few seconds. */
const STUCK_MS = 8_000
const LIE_MS = 30_000

/**
 * What holders of one generation tell each other of what they have, so that each sees what it lacks, and where the two
 * contradict each other.
 *
 *     a digest comes: is everything of it here? ──no──> soon; or over a new channel; or it was a lie
 *            └─yes: is everything here in it, too? ──no──> it knows by itself
 *                      └─yes: are the records the same? ──no──> for how long? ──> begin anew
 */
export class Digests {
  /** Digests that are being made, and whether they are to ask for an answer. */
  private readonly making = new Map<Neighbour, boolean>()
  private readonly comparing = new Set<Neighbour>()
  private isClosed = false

  constructor(
    private readonly options: DigestsOptions,
    private readonly events: DigestsEvents,
  ) {}

  /** Tells this neighbour what is here. */
  async tell(neighbour: Neighbour, wantsAnswer: boolean): Promise<void> {
    const pending = this.making.get(neighbour)
    this.making.set(neighbour, wantsAnswer || pending === true)
    if (pending !== undefined) return
    const edition = this.options.edition()
    const snapshot = edition ? await edition.snapshot() : NOTHING
    const isAnswerWanted = this.making.get(neighbour) === true
    this.making.delete(neighbour)
    if (this.isClosed) return
    if (edition !== this.options.edition()) return this.tell(neighbour, isAnswerWanted)
    if (!snapshot) return this.askSoon(neighbour)
    const { stateVector, hashByKeyId } = snapshot
    const holding = this.options.holding()
    const flags = { wantsAnswer: isAnswerWanted, isFetching: !edition && this.isFetchingBeside(neighbour) }
    const digest = { holding, stateVector, hashByKeyId, ...flags }
    this.options.send(neighbour.peer, encodeDocumentMessage({ type: 'digest', ...digest }))
  }

  /** One digest a pair is enough: that of the lower session id. */
  tellAll(neighbours: Iterable<Neighbour>): void {
    const edition = this.options.edition()
    for (const neighbour of neighbours) {
      const isConnected = neighbour.isConnected && neighbour.path?.edition === edition
      if (isConnected && this.options.isLower(neighbour)) void this.tell(neighbour, false)
    }
  }

  /** At once, but not again and again. */
  askNow(neighbour: Neighbour): void {
    if (neighbour.isAskedNow) return
    neighbour.isAskedNow = true
    this.options.timers.after(ASK_AGAIN_MS, () => (neighbour.isAskedNow = false))
    void this.tell(neighbour, true)
  }

  askSoon(neighbour: Neighbour): void {
    if (neighbour.isAsked) return
    neighbour.isAsked = true
    this.options.timers.after(ASK_AGAIN_MS, () => {
      neighbour.isAsked = false
      if (!neighbour.isGone) void this.tell(neighbour, true)
    })
  }

  /** A neighbour tells what it has of the present edition. */
  take(neighbour: Neighbour, digest: Digest, theirs: State): void {
    const edition = this.options.edition()
    if (!edition) return
    const mine = edition.replica.state
    if (this.isAwaited(neighbour, edition, theirs)) return this.askSoon(neighbour)
    const isShared = covers(theirs, mine)
    if (isShared) this.events.shared()
    if (!covers(mine, theirs)) return this.lacks(neighbour, theirs)
    this.caughtUp(neighbour)
    if (isShared) void this.compare(neighbour, edition, digest.hashByKeyId)
  }

  /** A neighbour has nothing. Where nothing is here either, that is no word while it waits for somebody else's. */
  takeNothing(neighbour: Neighbour, { isFetching }: Digest): void {
    if (!isFetching) neighbour.awaitsSince = undefined
    else if (!this.options.edition() && this.isWaiting(neighbour)) return this.askSoon(neighbour)
    this.caughtUp(neighbour)
  }

  /** Somebody who may have something has not said so yet, to this session or to a neighbour that waits for it. */
  get isWordAwaited(): boolean {
    const since = this.options.clock.now() - AWAITED_MS
    const isStillWaiting = ({ isSynced, awaitsSince = -Infinity }: Neighbour): boolean =>
      !isSynced && awaitsSince > since
    return this.isFetchingBeside() || this.options.holders().some(isStillWaiting)
  }

  /** The present edition has changed: what a neighbour had may be here now. */
  changed(neighbours: Iterable<Neighbour>): void {
    for (const neighbour of neighbours) {
      const state = this.options.edition()?.replica.state
      const { awaitsSince, isSynced, isConnected } = neighbour
      if (awaitsSince !== undefined && !isSynced && isConnected && state?.size) this.askNow(neighbour)
      if (!neighbour.lacks) continue
      if (state && covers(state, neighbour.lacks.state)) this.caughtUp(neighbour)
    }
  }

  /** It has nothing, or nothing that is not here. */
  caughtUp(neighbour: Neighbour): void {
    neighbour.lacks = undefined
    if (neighbour.isSynced) return
    neighbour.isSynced = true
    this.events.synced(neighbour)
  }

  close(): void {
    this.isClosed = true
  }

  /** Both have only heard of it: somebody has what neither has yet, unless it takes too long. */
  private isAwaited(neighbour: Neighbour, edition: Edition, theirs: State): boolean {
    if (theirs.size > 0) neighbour.awaitsSince = undefined
    return theirs.size === 0 && this.isWaiting(neighbour) && edition.isAwaited
  }

  /** It has begun to wait, and not too long ago. */
  private isWaiting(neighbour: Neighbour): boolean {
    const now = this.options.clock.now()
    neighbour.awaitsSince ??= now
    return now - neighbour.awaitsSince < AWAITED_MS
  }

  /** This session, a member, has visited somebody other than this one, who has not said yet what it has. */
  private isFetchingBeside(neighbour?: Neighbour): boolean {
    const since = this.options.clock.now() - AWAITED_MS
    return this.options
      .holders()
      .some((each) => each !== neighbour && !each.isSynced && each.visitedAt > since)
  }

  /** Something is on its way; or else it will never come by itself. */
  private lacks(neighbour: Neighbour, state: State): void {
    const now = this.options.clock.now()
    // Without a channel nothing can come, unless it is the second one that is awaited.
    const before = neighbour.isConnected || neighbour.lacks?.hasTriedAgain ? neighbour.lacks : undefined
    const { since, hasTriedAgain } = before ?? { since: now, hasTriedAgain: false }
    neighbour.lacks = { state, since, hasTriedAgain }
    if (now - since > LIE_MS) return this.events.lied(neighbour)
    if (now - since > STUCK_MS && !hasTriedAgain) {
      this.events.stuck(neighbour)
      neighbour.lacks = { state, since, hasTriedAgain: true }
    }
    this.askSoon(neighbour)
  }

  private async compare(
    neighbour: Neighbour,
    edition: Edition,
    theirs: ReadonlyMap<string, string>,
  ): Promise<void> {
    if (this.comparing.has(neighbour)) return
    this.comparing.add(neighbour)
    const { state } = edition.replica
    const mine = await edition.snapshot()
    this.comparing.delete(neighbour)
    const isPresent = this.options.edition() === edition && neighbour.path?.edition === edition
    // Else more has come meanwhile: the next digest tells.
    const isComparable = mine && covers(state, mine.state)
    if (this.isClosed || !isPresent || !isComparable) return
    if (!contradicts(mine.hashByKeyId, theirs)) return void (neighbour.contradictsSince = undefined)
    const now = this.options.clock.now()
    neighbour.contradictsSince ??= now
    const patienceMs = this.options.isLower(neighbour) ? LOWER_PATIENCE_MS : HIGHER_PATIENCE_MS
    if (now - neighbour.contradictsSince < patienceMs) this.askSoon(neighbour)
    else this.events.contradicted(neighbour)
  }
}

/** What there is to say of no document: the state vector of an empty one. */
const NOTHING: Snapshot = { state: new Map(), stateVector: new Uint8Array([0]), hashByKeyId: new Map() }

/** Other records under a key that both accept. */
function contradicts(mine: ReadonlyMap<string, string>, theirs: ReadonlyMap<string, string>): boolean {
  return [...mine].some(([keyId, hash]) => (theirs.get(keyId) ?? hash) !== hash)
}

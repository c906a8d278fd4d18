import type { Bytes } from '../base/bytes.ts'
import { toHex } from '../base/bytes.ts'
import type { SessionId } from '../base/ids.ts'
import type { SideChannelOffer } from '../mesh/side-channel.ts'
import {
  type DocumentLabel,
  type DocumentMessage,
  encodeHolding,
  type Generation,
  GENERATION_ID_BYTES,
  type Holding,
  NOT_HERE,
} from '../protocol/document-messages.ts'
import type { Peer } from '../protocol/peer.ts'
import { Adoption, missingIn } from './adoption.ts'
import { Allowance } from './allowance.ts'
import { Digests } from './digests.ts'
import type { Edition } from './edition.ts'
import { goesOn, type Held, isHeld } from './generation.ts'
import { decodeState } from './inspection.ts'
import type { Neighbour } from './neighbour.ts'
import { Neighbourhood, type NeighbourhoodOptions } from './neighbourhood.ts'
import type { ValidRecord } from './record-book.ts'
import { MAX_AHEAD_MS } from './shown.ts'

type Digest = Extract<DocumentMessage, { type: 'digest' }>

export interface ReplicationOptions extends NeighbourhoodOptions {
  readonly me: Pick<Peer, 'userId' | 'sessionId'>
  /** Server time. */
  now(): number
  randomBytes(count: number): Bytes
  createEdition(generation: Generation): Edition
  send(peer: Peer, message: Bytes): void
  /** A record of this user is signed by this session; any other one is as it was. */
  signAgain(record: ValidRecord): Promise<ValidRecord>
}

export interface ReplicationEvents {
  /** Another generation has taken the place of the one before. */
  switched(): void
  /** Something was learnt of a neighbour: it has answered, is in step, or has gone. */
  met(): void
}

/** Digests wait this long for further changes. */
const DIGEST_AFTER_MS = 300
/** A generation that is taken over and has not come by then does not come. */
const ADOPTION_MS = 15_000
/** The lowest of those who are connected begins the successor of what has grown too large; after this, anybody. */
const SIZE_PATIENCE_MS = 4_000
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
const MAX_SUCCESSIONS = 3
const SUCCESSIONS_MS = 60_000

/**
 * Which generation of a channel's document this session has, and goes over to.
 *
 *     nothing ──first write──> an edition of its own ──┐
 *        └────a neighbour has one──> that one ─────────┤
 *                                                      v
 *               (meets one that goes on instead) ──> takes that over, puts back what it alone had
 *               (a contradiction, or too large)  ──> a successor with all that counts
 */
export class Replication {
  private readonly neighbourhood: Neighbourhood
  private readonly digests: Digests
  private readonly successions: Allowance
  private current: Edition | undefined
  private adoption: Adoption | undefined
  /** Others have this generation too, or had it in this page's life. */
  private isLive = false
  private sharedUntil = 0
  private isInquiring = false
  private areDigestsDue = false
  private oversizedSince: number | undefined
  private weighedBytes = 0
  private isClosed = false

  constructor(
    private readonly options: ReplicationOptions,
    private readonly events: ReplicationEvents,
  ) {
    this.successions = new Allowance(options.clock, MAX_SUCCESSIONS, SUCCESSIONS_MS)
    this.neighbourhood = new Neighbourhood(options, {
      due: (neighbour) => this.approach(neighbour),
      opened: (neighbour) => void this.digests.tell(neighbour, false),
      told: (neighbour, theirs) => this.compareGenerations(neighbour, theirs),
      parted: (neighbour) => this.adoption?.from === neighbour && this.abandonAdoption(),
      excused: () => events.met(),
    })
    this.digests = new Digests(
      {
        ...options,
        edition: () => this.current,
        holding: () => this.holding,
        isLower: (neighbour) => this.isLower(neighbour),
      },
      {
        synced: (neighbour) => this.synced(neighbour),
        shared: () => this.shared(this.current?.latestClock ?? 0),
        stuck: (neighbour) => this.neighbourhood.tryAgain(neighbour),
        lied: (neighbour) => this.neighbourhood.breach(neighbour, 'it says that it has what never comes'),
        contradicted: (neighbour) => this.contradicted(neighbour),
      },
    )
  }

  get edition(): Edition | undefined {
    return this.current
  }

  /** Everybody who has it, or would have it if it were listened to. */
  get audience(): readonly Peer[] {
    return this.neighbourhood.all.filter(({ isHolder }) => isHolder).map(({ peer }) => peer)
  }

  /** Who is known to have it, or has not said yet that it has not. */
  get holders(): readonly Peer[] {
    return this.present.map(({ peer }) => peer)
  }

  /** A holder has it too, and was in step. */
  get isShared(): boolean {
    return this.present.some(({ isSynced, path }) => isSynced && path && path.edition === this.current)
  }

  /** Whether this is one of those it is replicated with, linked at this moment or not. */
  knows(sessionId: string): boolean {
    return this.neighbourhood.all.some(({ peer }) => peer.sessionId === sessionId)
  }

  /** What is here is up to date: a holder has been in step, or there is none. */
  get isSettled(): boolean {
    return this.present.length === 0 || this.present.some(({ isSynced }) => isSynced)
  }

  /** What this user wrote until then, others have seen; in server time. */
  get lastShared(): number {
    return this.sharedUntil
  }

  /** Somebody else has what this user wrote until then. */
  shared(until: number): void {
    this.sharedUntil = Math.max(this.sharedUntil, until)
  }

  /** What this machine had kept. */
  restore(edition: Edition, sharedUntil: number): void {
    this.current = edition
    this.sharedUntil = sharedUntil
  }

  /** The first edition, where nobody has one. */
  begin(): Edition {
    const edition = this.options.createEdition(this.newGeneration(this.options.now(), ''))
    this.current = edition
    this.neighbourhood.tryAll()
    return edition
  }

  /** What is here is nobody's any more. */
  forget(): void {
    const { current } = this
    this.abandonAdoption()
    this.current = undefined
    this.isLive = false
    this.sharedUntil = 0
    if (current) this.discard(current)
  }

  /** All holders are asked what they have, also those who come to be linked. */
  inquire(): void {
    const unsynced = this.neighbourhood.all.filter(({ isSynced }) => !isSynced)
    for (const neighbour of this.isInquiring ? unsynced : []) this.digests.askSoon(neighbour)
    if (this.isInquiring) return
    this.isInquiring = true
    this.neighbourhood.tryAll()
  }

  /** A member, or somebody whom we visit. */
  addHolder(peer: Peer): void {
    this.neighbourhood.add(peer, true)
  }

  remove(sessionId: SessionId): void {
    this.neighbourhood.remove(sessionId)
  }

  linked(sessionId: SessionId): void {
    this.neighbourhood.linked(sessionId)
  }

  unlinked(sessionId: SessionId): void {
    this.neighbourhood.unlinked(sessionId)
  }

  /** A neighbour opens a channel for its generation. */
  offered(offer: SideChannelOffer, label: DocumentLabel): void {
    const neighbour = this.isClosed ? undefined : this.neighbourhood.add(offer.from, false)
    if (!neighbour || neighbour.isMuted) return offer.refuse(NOT_HERE)
    neighbour.isAbsent = false
    if (!neighbour.offers.take()) this.neighbourhood.breach(neighbour, 'it opens channels without end')
    const edition = neighbour.isMuted ? undefined : this.editionFor(neighbour, label)
    if (!edition) return offer.refuse(neighbour.isMuted ? NOT_HERE : encodeHolding(this.holding))
    // Both have offered: that of the lower session id counts.
    const { path } = neighbour
    const isOursFirst = path?.edition === edition && path.isOffered && !neighbour.isConnected
    if (isOursFirst && this.isLower(neighbour)) return offer.refuse(encodeHolding(this.holding))
    this.neighbourhood.accept(neighbour, edition, offer)
  }

  receiveDigest(from: Peer, digest: Digest): void {
    const neighbour = this.isClosed ? undefined : this.neighbourhood.add(from, false)
    if (!neighbour || neighbour.isMuted || !neighbour.digests.take()) return
    const state = decodeState(digest.stateVector)
    if (!state) return this.neighbourhood.breach(neighbour, 'a malformed state vector')
    neighbour.isAbsent = false
    if (digest.wantsAnswer) void this.digests.tell(neighbour, false)
    const { holding } = digest
    if (!isHeld(holding)) return this.digests.caughtUp(neighbour)
    if (holding.generation.id === this.adoption?.edition.generation.id) {
      if (this.adoption.from === neighbour) this.adoption.needs = state
      return void this.finishAdoption()
    }
    if (holding.generation.id !== this.current?.generation.id) {
      return this.compareGenerations(neighbour, holding)
    }
    if (!neighbour.isTriedAgain) this.approach(neighbour)
    this.digests.take(neighbour, digest, state)
  }

  /** Some edition has changed. */
  changed(): void {
    if (this.isClosed) return
    void this.finishAdoption()
    const { all } = this.neighbourhood
    this.digests.changed(all)
    const broughtBytes = all.reduce((sum, neighbour) => sum + neighbour.broughtBytes, 0)
    if (broughtBytes - this.weighedBytes > WEIGH_AFTER_BYTES) {
      this.weighedBytes = broughtBytes
      this.tendSize()
    }
    if (this.areDigestsDue) return
    this.areDigestsDue = true
    this.options.timers.after(DIGEST_AFTER_MS, () => {
      this.areDigestsDue = false
      this.digests.tellAll(this.neighbourhood.all)
      this.tendSize()
    })
  }

  close(): void {
    if (this.isClosed) return
    this.isClosed = true
    this.abandonAdoption()
    this.digests.close()
    this.neighbourhood.close()
    this.current?.close()
  }

  private get present(): readonly Neighbour[] {
    return this.neighbourhood.all.filter(
      ({ isHolder, isAbsent, isMuted }) => isHolder && !isAbsent && !isMuted,
    )
  }

  private get holding(): Holding {
    const { generation } = this.current ?? {}
    if (!generation) return { generation, isLive: false }
    // Its maker's clock was ahead, or ours when we made it.
    const createdAt = Math.min(generation.createdAt, this.options.now())
    return { generation: { ...generation, createdAt }, isLive: this.isLive }
  }

  private isLower({ peer }: Neighbour): boolean {
    return this.options.me.sessionId < peer.sessionId
  }

  private approach(neighbour: Neighbour): void {
    const { adoption, current } = this
    if (this.isClosed || neighbour.isMuted) return
    if (adoption?.from === neighbour) {
      const { edition } = adoption
      this.neighbourhood.open(neighbour, edition, { generation: edition.generation, isLive: true })
    } else if (current) {
      this.neighbourhood.open(neighbour, current, this.holding)
    } else if (this.isInquiring && neighbour.isHolder) {
      void this.digests.tell(neighbour, true)
    }
  }

  /** The neighbour has another generation, or this session has none. */
  private compareGenerations(neighbour: Neighbour, theirs: Holding): void {
    const known = [this.current, this.adoption?.edition]
    const edition = this.editionFor(neighbour, theirs)
    if (neighbour.isMuted) return
    // It compares as well, and comes to the same answer.
    if (edition && !known.includes(edition)) this.approach(neighbour)
    else if (!neighbour.path && !neighbour.isTriedAgain) this.neighbourhood.tryAgain(neighbour)
  }

  /** What is to be replicated with a neighbour of this generation; undefined if it is to go over to ours. */
  private editionFor(neighbour: Neighbour, theirs: Holding): Edition | undefined {
    if (!isHeld(theirs)) return undefined
    const { current, adoption } = this
    const { id } = theirs.generation
    if (current?.generation.id === id) return current
    if (adoption?.edition.generation.id === id) return adoption.edition
    const adopted: Held | undefined = adoption && { generation: adoption.edition.generation, isLive: true }
    const mine = this.holding
    const isBetter = (!isHeld(mine) || goesOn(theirs, mine)) && (!adopted || goesOn(theirs, adopted))
    return isBetter ? this.goOver(theirs.generation, neighbour) : undefined
  }

  /** To the neighbour's generation: at once, or when all of it is here in place of what there is. */
  private goOver(generation: Generation, neighbour: Neighbour): Edition | undefined {
    const { now, timers, createEdition } = this.options
    const breach = (fault: string): undefined => {
      this.neighbourhood.breach(neighbour, fault)
      return undefined
    }
    if (generation.createdAt > now() + MAX_AHEAD_MS) return breach('a generation of the future')
    if (!this.current) {
      this.current = createEdition(generation)
      this.isLive = true
      // They may have nothing either, and not ask.
      this.neighbourhood.tryAll(neighbour)
      return this.current
    }
    if (!neighbour.mayUpset()) return breach('one generation after the other')
    this.abandonAdoption()
    const edition = createEdition(generation)
    const giveUp = timers.after(ADOPTION_MS, () => breach('a generation that does not come'))
    this.adoption = new Adoption(edition, neighbour, giveUp)
    return edition
  }

  private abandonAdoption(): void {
    const { adoption } = this
    this.adoption = undefined
    if (!adoption) return
    adoption.cancelGiveUp()
    this.discard(adoption.edition)
  }

  /** What this session alone had is put back. */
  private async finishAdoption(): Promise<void> {
    const { adoption, current } = this
    if (!adoption?.isComplete || !current) return
    await Promise.all([adoption.edition.book.settled(), current.book.settled()])
    const signed = await Promise.all(this.toPutBack(adoption.edition, current).map(this.options.signAgain))
    if (this.adoption !== adoption || this.current !== current) return
    const signedByPlace = new Map(signed.map((record) => [record.place, record]))
    const records = this.toPutBack(adoption.edition, current).map(({ place, clock }) => {
      const record = signedByPlace.get(place)
      return record?.clock === clock ? record : undefined
    })
    const isSigned = records.every((record) => record !== undefined)
    // Something was written while the rest was being signed.
    if (!isSigned) return this.finishAdoption()
    adoption.cancelGiveUp()
    this.adoption = undefined
    this.isLive = true
    if (records.length > 0) adoption.edition.put(records)
    this.switchTo(adoption.edition)
  }

  /**
   * All that counts of what is alive. Else only what this user wrote while nobody else saw it: what others had may
   * have been deleted meanwhile, and forgotten.
   */
  private toPutBack(other: Edition, present: Edition): readonly ValidRecord[] {
    const { userId } = this.options.me
    return missingIn(other, present).filter(
      (record) => this.isLive || (record.userId === userId && record.clock > this.sharedUntil),
    )
  }

  private switchTo(edition: Edition): void {
    const before = this.current
    this.current = edition
    this.oversizedSince = undefined
    this.weighedBytes = 0
    for (const neighbour of this.neighbourhood.all) {
      neighbour.broughtBytes = 0
      neighbour.lacks = undefined
    }
    if (before) this.discard(before)
    this.neighbourhood.tryAll()
    this.events.switched()
  }

  private discard(edition: Edition): void {
    this.neighbourhood.leave(edition)
    edition.close()
  }

  /** A new generation, with everything that counts of the present one. */
  private succeed(why: string): void {
    const { current } = this
    if (!current || this.adoption) return
    this.options.log('info', 'A shared document begins anew', { channel: this.options.channelId, why })
    const createdAt = Math.max(this.options.now(), current.generation.createdAt + 1)
    const successor = this.options.createEdition(this.newGeneration(createdAt, current.generation.id))
    successor.put(current.worthKeeping())
    this.switchTo(successor)
  }

  private newGeneration(createdAt: number, parent: string): Generation {
    return { createdAt, id: toHex(this.options.randomBytes(GENERATION_ID_BYTES)), parent }
  }

  private synced(neighbour: Neighbour): void {
    if (neighbour.path?.edition === this.current && this.current) this.isLive = true
    this.events.met()
  }

  private contradicted(neighbour: Neighbour): void {
    if (!this.successions.take()) this.digests.askSoon(neighbour)
    else if (neighbour.mayUpset()) this.succeed('Two replicas contradicted each other')
    else this.neighbourhood.breach(neighbour, 'one contradiction after the other')
  }

  private tendSize(): void {
    const { current } = this
    const isTooLarge =
      current &&
      (current.replica.encode().byteLength > MAX_DOCUMENT_BYTES ||
        current.replica.partCount > MAX_DOCUMENT_PARTS ||
        current.replica.stateVector.byteLength > MAX_STATE_BYTES)
    if (!isTooLarge) return void (this.oversizedSince = undefined)
    const now = this.options.clock.now()
    if (this.oversizedSince === undefined) {
      this.oversizedSince = now
      this.options.timers.after(SIZE_PATIENCE_MS, () => this.isClosed || this.tendSize())
    }
    const connected = this.neighbourhood.all.filter(({ isConnected }) => isConnected)
    const isLowest = connected.every((neighbour) => this.isLower(neighbour))
    if (!isLowest && now - this.oversizedSince < SIZE_PATIENCE_MS) return
    if (current.uselessBytes > MAX_USELESS_BYTES) this.blame()
    this.succeed('It had grown too large')
  }

  /** Who brought the most of it is not listened to for a while. */
  private blame(): void {
    const byBytes = [...this.neighbourhood.all].sort((a, b) => b.broughtBytes - a.broughtBytes)
    const [most] = byBytes
    if (most && most.broughtBytes > 0) this.neighbourhood.breach(most, 'what no document needs')
  }
}

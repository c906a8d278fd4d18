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
import { Adoption } from './adoption.ts'
import { Digests } from './digests.ts'
import type { Edition } from './edition.ts'
import { goesOn, isHeld } from './generation.ts'
import { decodeState } from './inspection.ts'
import type { Neighbour } from './neighbour.ts'
import { Neighbourhood, type NeighbourhoodOptions } from './neighbourhood.ts'
import type { ValidRecord } from './record-book.ts'
import { MAX_AHEAD_MS } from './shown.ts'
import { Succession } from './succession.ts'

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
  switched(edition: Edition): void
  /** Something was learnt of a neighbour: it has answered, is in step, or has gone. */
  met(): void
}

/** Digests wait this long for further changes. */
const DIGEST_AFTER_MS = 300
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
  private readonly adoption: Adoption
  private readonly succession: Succession
  private current: Edition | undefined
  /** Others have this generation too, or had it in this page's life. */
  private isLive = false
  private sharedUntil = 0
  private isInquiring = false
  private areDigestsDue = false
  private isClosed = false
  private readonly isLower: (neighbour: Neighbour) => boolean

  constructor(
    private readonly options: ReplicationOptions,
    private readonly events: ReplicationEvents,
  ) {
    const edition = (): Edition | undefined => this.current
    const isLower = ({ peer }: Neighbour): boolean => options.me.sessionId < peer.sessionId
    const breach = (neighbour: Neighbour, fault: string): void => this.neighbourhood.breach(neighbour, fault)
    this.isLower = isLower
    this.neighbourhood = new Neighbourhood(options, {
      due: (neighbour) => this.approach(neighbour),
      opened: (neighbour) => void this.digests.tell(neighbour, false),
      told: (neighbour, theirs) => this.compareGenerations(neighbour, theirs),
      parted: (neighbour) => this.adoption.from === neighbour && this.adoption.abandon(),
      excused: () => events.met(),
    })
    this.digests = new Digests(
      { ...options, edition, isLower, holding: () => this.holding },
      {
        synced: (neighbour) => this.synced(neighbour),
        shared: () => this.shared(this.current?.latestClock ?? 0),
        stuck: (neighbour) => this.neighbourhood.tryAgain(neighbour),
        lied: (neighbour) => breach(neighbour, 'it says that it has what never comes'),
        contradicted: (neighbour) =>
          this.succession.contradicted(neighbour) || this.digests.askSoon(neighbour),
      },
    )
    this.adoption = new Adoption(
      { ...options, edition, isPutBack: (record) => this.isPutBack(record) },
      {
        complete: (adopted) => {
          this.isLive = true
          this.switchTo(adopted)
        },
        failed: (neighbour) => breach(neighbour, 'a generation that does not come'),
        discarded: (unwanted) => this.discard(unwanted),
      },
    )
    this.succession = new Succession(
      { ...options, edition, isLower, neighbours: () => this.neighbourhood.all },
      { due: (why) => this.succeed(why), breach },
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
    this.adoption.abandon()
    this.current = undefined
    this.isLive = false
    this.sharedUntil = 0
    if (current) this.discard(current)
  }

  /** All holders are asked what they have, also those who come to be linked. */
  inquire(): void {
    const unsynced = this.neighbourhood.all.filter(({ isSynced }) => !isSynced)
    for (const neighbour of this.isInquiring ? unsynced : []) this.digests.askNow(neighbour)
    if (this.isInquiring) return
    this.isInquiring = true
    this.neighbourhood.tryAll()
  }

  /** One neighbour is asked what it has. */
  ask(sessionId: SessionId): void {
    const neighbour = this.neighbourhood.get(sessionId)
    if (neighbour) this.digests.askSoon(neighbour)
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
    if (holding.generation.id === this.adoption.edition?.generation.id) {
      return this.adoption.told(neighbour, state)
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
    void this.adoption.tryToFinish()
    this.digests.changed(this.neighbourhood.all)
    this.succession.changed()
    if (this.areDigestsDue) return
    this.areDigestsDue = true
    this.options.timers.after(DIGEST_AFTER_MS, () => {
      this.areDigestsDue = false
      this.digests.tellAll(this.neighbourhood.all)
      this.succession.look()
    })
  }

  close(): void {
    if (this.isClosed) return
    this.isClosed = true
    this.adoption.abandon()
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

  private approach(neighbour: Neighbour): void {
    const { adoption, current } = this
    if (this.isClosed || neighbour.isMuted) return
    if (adoption.from === neighbour && adoption.edition && adoption.held) {
      this.neighbourhood.open(neighbour, adoption.edition, adoption.held)
    } else if (current) {
      this.neighbourhood.open(neighbour, current, this.holding)
    } else if (this.isInquiring && neighbour.isHolder) {
      void this.digests.tell(neighbour, true)
    }
  }

  /** The neighbour has another generation, or this session has none. */
  private compareGenerations(neighbour: Neighbour, theirs: Holding): void {
    const known = [this.current, this.adoption.edition]
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
    if (adoption.edition?.generation.id === id) return adoption.edition
    const mine = this.holding
    const isBetter =
      (!isHeld(mine) || goesOn(theirs, mine)) && (!adoption.held || goesOn(theirs, adoption.held))
    return isBetter ? this.goOver(theirs.generation, neighbour) : undefined
  }

  /** To the neighbour's generation: at once, or when all of it is here in place of what there is. */
  private goOver(generation: Generation, neighbour: Neighbour): Edition | undefined {
    const { now, createEdition } = this.options
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
    return this.adoption.begin(generation, neighbour)
  }

  /**
   * All that counts of what is alive. Else only what this user wrote while nobody else saw it: what others had may
   * have been deleted meanwhile, and forgotten.
   */
  private isPutBack({ userId, clock }: ValidRecord): boolean {
    return this.isLive || (userId === this.options.me.userId && clock > this.sharedUntil)
  }

  private switchTo(edition: Edition): void {
    const before = this.current
    this.current = edition
    this.succession.begun()
    for (const neighbour of this.neighbourhood.all) neighbour.lacks = undefined
    if (before) this.discard(before)
    for (const neighbour of this.neighbourhood.all)
      if (neighbour.isConnected) void this.digests.tell(neighbour, false)
    this.neighbourhood.tryAll()
    this.events.switched(edition)
  }

  private discard(edition: Edition): void {
    this.neighbourhood.leave(edition)
    edition.close()
  }

  /** A new generation, with everything that counts of the present one. */
  private succeed(why: string): void {
    const { current } = this
    if (!current || this.adoption.edition) return
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
}

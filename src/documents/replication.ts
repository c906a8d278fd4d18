import type { Bytes } from '../base/bytes.ts'
import type { SessionId } from '../base/ids.ts'
import type { SideChannelOffer } from '../mesh/side-channel.ts'
import {
  type DocumentLabel,
  type DocumentMessage,
  encodeHolding,
  type Holding,
  NOT_HERE,
} from '../protocol/document-messages.ts'
import type { Peer } from '../protocol/peer.ts'
import { Digests } from './digests.ts'
import type { Edition } from './edition.ts'
import { isHeld } from './generation.ts'
import { decodeState } from './inspection.ts'
import { Lineage, type LineageOptions } from './lineage.ts'
import type { Neighbour } from './neighbour.ts'
import { Neighbourhood, type NeighbourhoodOptions } from './neighbourhood.ts'

type Digest = Extract<DocumentMessage, { type: 'digest' }>

export interface ReplicationOptions
  extends NeighbourhoodOptions, Omit<LineageOptions, 'neighbours' | 'isLower'> {
  readonly me: Pick<Peer, 'userId' | 'sessionId'>
  send(peer: Peer, message: Bytes): void
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
 * A channel's document in this session and in others: who has which generation of it, and that all come to have the
 * same.
 *
 *     neighbourhood: a channel to each ──what it has──> lineage: which generation goes on ──> the present edition
 *          └──open──> digests: is all of it here, and the same? ──contradictions──┘
 */
export class Replication {
  private readonly neighbourhood: Neighbourhood
  private readonly digests: Digests
  private readonly lineage: Lineage
  private isInquiring = false
  private areDigestsDue = false
  private isClosed = false

  constructor(
    private readonly options: ReplicationOptions,
    private readonly events: ReplicationEvents,
  ) {
    const isLower = (neighbour: Neighbour): boolean => this.isLower(neighbour)
    const breach = (neighbour: Neighbour, fault: string): void => this.neighbourhood.breach(neighbour, fault)
    this.neighbourhood = new Neighbourhood(options, {
      due: (neighbour) => this.approach(neighbour),
      opened: (neighbour) => void this.digests.tell(neighbour, false),
      told: (neighbour, theirs) => this.compareGenerations(neighbour, theirs),
      parted: (neighbour) => this.lineage.parted(neighbour),
      excused: () => events.met(),
    })
    this.lineage = new Lineage(
      { ...options, isLower, neighbours: () => this.neighbourhood.all },
      {
        // Others may have nothing either, and not ask.
        begun: (from) => this.neighbourhood.tryAll(from),
        switched: (edition) => this.switched(edition),
        discarded: (edition) => this.neighbourhood.leave(edition),
        breach,
      },
    )
    this.digests = new Digests(
      {
        ...options,
        isLower,
        edition: () => this.edition,
        holding: () => this.lineage.holding,
        holders: () => this.neighbourhood.present,
      },
      {
        synced: (neighbour) => {
          this.lineage.met(neighbour)
          events.met()
        },
        shared: () => this.lineage.shared(this.edition?.latestClock ?? 0),
        stuck: (neighbour) => this.neighbourhood.tryAgain(neighbour),
        lied: (neighbour) => breach(neighbour, 'it says that it has what never comes'),
        contradicted: (neighbour) => this.lineage.contradicted(neighbour) || this.digests.askSoon(neighbour),
      },
    )
  }

  get edition(): Edition | undefined {
    return this.lineage.edition
  }

  /** Everybody who has it, or would have it if it were listened to. */
  get audience(): readonly Peer[] {
    return this.neighbourhood.all.filter(({ isHolder }) => isHolder).map(({ peer }) => peer)
  }

  /** Who is known to have it, or has not said yet that it has not. */
  get holders(): readonly Peer[] {
    return this.neighbourhood.present.map(({ peer }) => peer)
  }

  /** A holder has it too, and was in step. */
  get isShared(): boolean {
    const { edition } = this
    return this.neighbourhood.present.some(
      ({ isSynced, path }) => isSynced && path && path.edition === edition,
    )
  }

  /**
   * What is here is up to date: a holder has been in step, or there is none. Where nothing is here that others had,
   * the word of one that has nothing is not enough: such find each other sooner than the one who has something.
   */
  get isSettled(): boolean {
    const { present } = this.neighbourhood
    const isAnyWord = this.lineage.holding.isLive && this.edition?.isEmpty === false
    const hasMet = present.some(({ isSynced, hasNothing }) => isSynced && (isAnyWord || !hasNothing))
    return hasMet || present.every(({ isSynced }) => isSynced)
  }

  /** Something is here; or a holder has answered, or there is none. Who has only heard of something, knows nothing. */
  get isTold(): boolean {
    const { present } = this.neighbourhood
    if (present.length === 0 || this.edition?.isAwaited === false) return true
    if (this.edition) return this.isShared
    return present.some(({ isSynced }) => isSynced) && !this.digests.isWordAwaited
  }

  /** Whether this is one of those it is replicated with, linked at this moment or not. */
  knows(sessionId: string): boolean {
    return this.neighbourhood.all.some(({ peer }) => peer.sessionId === sessionId)
  }

  /** What this user wrote until then, others have seen; in server time. */
  get lastShared(): number {
    return this.lineage.lastShared
  }

  /** Somebody else has what this user wrote until then. */
  shared(until: number): void {
    this.lineage.shared(until)
  }

  /** What this machine had kept. */
  restore(edition: Edition, sharedUntil: number): void {
    this.lineage.restore(edition, sharedUntil)
  }

  /** The first edition, where nobody has one. */
  begin(): Edition {
    return this.lineage.begin()
  }

  /** What is here is nobody's any more. */
  forget(): void {
    this.lineage.forget()
  }

  /** All holders are asked what they have who are linked, or come to be; nobody opens a link for it. */
  inquire(): void {
    if (!this.isInquiring) {
      this.isInquiring = true
      return this.neighbourhood.tryAll()
    }
    for (const neighbour of this.neighbourhood.all) {
      const isLinked = this.options.isLinked(neighbour.peer.sessionId)
      if (isLinked && !neighbour.isSynced) this.digests.askNow(neighbour)
    }
  }

  /** One neighbour is asked what it has. */
  ask(sessionId: SessionId): void {
    const neighbour = this.neighbourhood.get(sessionId)
    if (neighbour) this.digests.askSoon(neighbour)
  }

  /** A member, or somebody whom we visit; as a member, so that those who join later need not. */
  addHolder(peer: Peer, isVisitedByMember: boolean): void {
    const neighbour = this.neighbourhood.add(peer, true)
    if (neighbour && isVisitedByMember) neighbour.visitedAt = this.options.clock.now()
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
    const edition = neighbour.isMuted ? undefined : this.lineage.editionFor(neighbour, label)
    const refusal = neighbour.isMuted ? NOT_HERE : encodeHolding(this.lineage.holding)
    if (!edition) return offer.refuse(refusal)
    // Both have offered: that of the lower session id counts.
    const { path } = neighbour
    const isOursFirst = path?.edition === edition && path.isOffered && !neighbour.isConnected
    if (isOursFirst && this.isLower(neighbour)) return offer.refuse(refusal)
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
    // It may have heard of a generation as we did, and have nothing of it yet.
    neighbour.hasNothing = state.size === 0
    if (!isHeld(holding)) return this.digests.takeNothing(neighbour, digest)
    if (this.lineage.told(neighbour, holding.generation, state)) return
    if (holding.generation.id !== this.edition?.generation.id)
      return this.compareGenerations(neighbour, holding)
    if (!neighbour.isTriedAgain) this.approach(neighbour)
    this.digests.take(neighbour, digest, state)
  }

  /** Some edition has changed. */
  changed(): void {
    if (this.isClosed) return
    this.lineage.changed()
    this.digests.changed(this.neighbourhood.all)
    if (this.areDigestsDue) return
    this.areDigestsDue = true
    this.options.timers.after(DIGEST_AFTER_MS, () => {
      this.areDigestsDue = false
      this.digests.tellAll(this.neighbourhood.all)
      this.lineage.look()
    })
  }

  close(): void {
    if (this.isClosed) return
    this.isClosed = true
    this.digests.close()
    this.neighbourhood.close()
    this.lineage.close()
  }

  private isLower({ peer }: Neighbour): boolean {
    return this.options.me.sessionId < peer.sessionId
  }

  private approach(neighbour: Neighbour): void {
    if (this.isClosed || neighbour.isMuted) return
    const adopted = this.lineage.adoptedFrom(neighbour)
    const { edition } = this
    // Nobody is to take this for a claim to have it: if the neighbour has just left it, each would wait for the other.
    if (adopted)
      this.neighbourhood.open(neighbour, adopted, { generation: adopted.generation, isLive: false })
    else if (edition) this.neighbourhood.open(neighbour, edition, this.lineage.holding)
    else if (this.isInquiring && neighbour.isHolder) void this.digests.tell(neighbour, true)
  }

  /** The neighbour has another generation, or this session has none. */
  private compareGenerations(neighbour: Neighbour, theirs: Holding): void {
    const isKnown = this.lineage.knows(theirs)
    const edition = this.lineage.editionFor(neighbour, theirs)
    if (neighbour.isMuted) return
    // It compares as well, and comes to the same answer.
    if (edition && !isKnown) this.approach(neighbour)
    else if (!neighbour.path && !neighbour.isTriedAgain) this.neighbourhood.tryAgain(neighbour)
  }

  private switched(edition: Edition): void {
    for (const neighbour of this.neighbourhood.all) {
      neighbour.lacks = undefined
      neighbour.awaitsSince = undefined
      if (neighbour.isConnected) void this.digests.tell(neighbour, false)
    }
    this.neighbourhood.tryAll()
    this.events.switched(edition)
  }
}

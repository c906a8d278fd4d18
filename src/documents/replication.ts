import type { Bytes } from '../base/bytes.ts'
import { toHex } from '../base/bytes.ts'
import type { Cancel, Clock } from '../base/clock.ts'
import type { ChannelId, SessionId } from '../base/ids.ts'
import type { Log } from '../base/logger.ts'
import type { OpeningEvents, SideChannel, SideChannelEvents, SideChannelOffer } from '../mesh/side-channel.ts'
import {
  decodeHolding,
  type DocumentLabel,
  type DocumentMessage,
  encodeDocumentLabel,
  encodeDocumentMessage,
  encodeHolding,
  type Generation,
  GENERATION_ID_BYTES,
  type Holding,
  NOT_HERE,
} from '../protocol/document-messages.ts'
import type { Peer } from '../protocol/peer.ts'
import type { Edition, Snapshot } from './edition.ts'
import { goesOn, type Held } from './generation.ts'
import { decodeStateVector, isStateVector } from './inspection.ts'
import { Neighbour, type Path } from './neighbour.ts'
import type { ValidRecord } from './record-book.ts'
import { isLater, MAX_AHEAD_MS, winners } from './shown.ts'

type Digest = Extract<DocumentMessage, { type: 'digest' }>

export interface ReplicationOptions {
  readonly channelId: ChannelId
  readonly me: Pick<Peer, 'userId' | 'sessionId'>
  readonly clock: Clock
  readonly log: Log
  /** Server time. */
  now(): number
  randomBytes(count: number): Bytes
  createEdition(generation: Generation): Edition
  /** Undefined when there is no link. */
  openChannel(peer: Peer, label: Bytes, events: OpeningEvents): SideChannel | undefined
  isLinked(sessionId: SessionId): boolean
  send(peer: Peer, message: Bytes): void
  /** A record of this user, signed by this session; undefined for what is no record of this user. */
  signAgain(record: ValidRecord): Promise<ValidRecord | undefined>
}

export interface ReplicationEvents {
  /** Another generation has taken the place of the one before. */
  switched(): void
  /** Something was learnt of a neighbour: it has answered, is in step, or has gone. */
  met(): void
}

/** Digests wait this long for further changes. */
const DIGEST_AFTER_MS = 300
/** A contradiction that outlives this is none of messages on their way. */
const ASK_AGAIN_MS = 1_000
/** What a peer had this long ago and has not come is not on its way any more. */
const LACKING_MS = 4_000
/** A successor that has not come by then does not come. */
const ADOPTION_MS = 5_000
/** The lower session id begins the successor; if it does not, the other does. */
const PATIENCE_CONTRADICTIONS = 2
const IMPATIENCE_CONTRADICTIONS = 5
/** A larger document begins anew with what counts of it: what others take in one message is bounded. */
const MAX_DOCUMENT_BYTES = 96 * 1024
/** Sessions that visit us, beside the holders we know of. */
const MAX_VISITORS = 64

/** A generation that is being taken over from a neighbour, in place of the present one. */
interface Adoption {
  readonly edition: Edition
  readonly from: SessionId
  /** What the neighbour had; undefined until it says so. */
  needs: Uint8Array | undefined
  readonly giveUp: Cancel
}

/**
 * Which generation of a channel's document this session has, and the neighbours that it is replicated with.
 *
 *     nothing ──first write──> an edition of its own ──┐
 *        └────a neighbour has one──> that one ─────────┤
 *                                                      v
 *               (meets one that goes on instead) ──> takes that over, puts back what it alone had
 *               (a contradiction, or too large)  ──> a successor with all that counts
 */
export class Replication {
  private current: Edition | undefined
  private adoption: Adoption | undefined
  private readonly neighbours = new Map<SessionId, Neighbour>()
  /** Others have this generation too, or had it in this page's life. */
  private isLive = false
  /** What this user wrote until then, others had when this session last saw them. */
  private sharedUntil = 0
  private isInquiring = false
  private oversizedSince: number | undefined
  private cancelDigests: Cancel | undefined
  private readonly timers = new Set<Cancel>()
  private isClosed = false

  constructor(
    private readonly options: ReplicationOptions,
    private readonly events: ReplicationEvents,
  ) {}

  get edition(): Edition | undefined {
    return this.current
  }

  get holders(): readonly Peer[] {
    return [...this.neighbours.values()].filter(({ isHolder }) => isHolder).map(({ peer }) => peer)
  }

  /** A holder has all that is here, as far as it was in step. */
  get isShared(): boolean {
    return [...this.neighbours.values()].some(({ isHolder, isSynced }) => isHolder && isSynced)
  }

  /** What is here is up to date: a holder has been in step, or there is none. */
  get isSettled(): boolean {
    const holders = [...this.neighbours.values()].filter(({ isHolder, isMuted }) => isHolder && !isMuted)
    return holders.length === 0 || holders.some(({ isSynced }) => isSynced)
  }

  /** What this user wrote until then, others had. */
  get lastShared(): number {
    const isShared = [...this.neighbours.values()].some(({ isSynced, path }) => isSynced && path)
    return isShared ? this.options.now() : this.sharedUntil
  }

  /** What this machine had kept; what this user wrote after `sharedUntil` nobody else has seen. */
  restore(edition: Edition, sharedUntil: number): void {
    this.current = edition
    this.sharedUntil = sharedUntil
  }

  /** The first edition, where nobody has one. */
  begin(): Edition {
    const edition = this.options.createEdition(this.newGeneration(this.options.now(), ''))
    this.current = edition
    this.meetAll()
    return edition
  }

  /** All holders are asked what they have, also those who come to be linked. */
  inquire(): void {
    if (this.isInquiring) return
    this.isInquiring = true
    this.meetAll()
  }

  add(peer: Peer, isHolder: boolean): Neighbour | undefined {
    const known = this.neighbours.get(peer.sessionId)
    if (known) {
      known.isHolder ||= isHolder
      return known
    }
    const visitors = [...this.neighbours.values()].filter((each) => !each.isHolder)
    if (!isHolder && visitors.length >= MAX_VISITORS) return undefined
    const neighbour = new Neighbour(peer, isHolder, this.options.clock)
    this.neighbours.set(peer.sessionId, neighbour)
    this.meet(neighbour)
    return neighbour
  }

  remove(sessionId: SessionId): void {
    this.unlinked(sessionId)
    if (this.neighbours.delete(sessionId)) this.events.met()
  }

  linked(sessionId: SessionId): void {
    const neighbour = this.neighbours.get(sessionId)
    if (neighbour) this.meet(neighbour)
  }

  unlinked(sessionId: SessionId): void {
    this.neighbours.get(sessionId)?.disconnect()
    if (this.adoption?.from === sessionId) this.abandonAdoption()
  }

  /** A neighbour opens a channel for its generation. */
  offered(offer: SideChannelOffer, label: DocumentLabel): void {
    const neighbour = this.add(offer.from, false)
    if (!neighbour || neighbour.isMuted || this.isClosed) return offer.refuse(NOT_HERE)
    const mine = this.holding
    const { generation } = label
    const refuse = (): void => offer.refuse(encodeHolding(mine))
    if (!generation) return refuse()
    if (mine.generation?.id === generation.id) {
      // Both have offered: that of the lower session id counts.
      const isOursFirst = neighbour.path?.isOffered && !neighbour.path.isOpen && this.isLower(neighbour)
      if (isOursFirst) return refuse()
    } else if (isHeld(mine) && !goesOn({ ...label, generation }, mine)) {
      return refuse()
    } else if (!this.goOver(generation, neighbour)) {
      return offer.refuse(NOT_HERE)
    }
    const edition = this.newest
    if (!edition) return refuse()
    const path = this.connect(neighbour, edition, false, (events) => offer.accept(events))
    if (path) this.opened(neighbour, path)
  }

  receiveDigest(from: Peer, digest: Digest): void {
    const neighbour = this.add(from, false)
    if (!neighbour || neighbour.isMuted || this.isClosed) return
    if (!isStateVector(digest.stateVector)) return this.breach(neighbour, 'a malformed state vector')
    if (digest.wantsAnswer) void this.sendDigest(neighbour, false)
    const mine = this.holding.generation
    const theirs = digest.holding.generation
    if (!theirs) return this.synced(neighbour)
    if (mine?.id !== theirs.id) return this.compareGenerations(neighbour, digest.holding)
    if (this.adoption?.from === from.sessionId) {
      this.adoption.needs = digest.stateVector
      return void this.finishAdoption()
    }
    if (!neighbour.path) this.offer(neighbour)
    void this.compare(neighbour, digest)
  }

  /** Some edition has changed. */
  changed(): void {
    if (this.isClosed) return
    void this.finishAdoption()
    for (const neighbour of this.neighbours.values()) {
      if (neighbour.lacks && this.current?.replica.covers(neighbour.lacks)) this.synced(neighbour)
    }
    this.cancelDigests ??= this.options.clock.after(DIGEST_AFTER_MS, () => {
      this.cancelDigests = undefined
      this.tellDigests()
      this.tendSize()
    })
  }

  close(): void {
    if (this.isClosed) return
    this.isClosed = true
    this.cancelDigests?.()
    for (const cancel of this.timers) cancel()
    this.abandonAdoption()
    for (const neighbour of this.neighbours.values()) neighbour.disconnect()
    this.neighbours.clear()
    this.current?.close()
  }

  private get newest(): Edition | undefined {
    return this.adoption?.edition ?? this.current
  }

  private get holding(): Holding {
    return { generation: this.newest?.generation, isLive: this.isLive || this.adoption !== undefined }
  }

  private isLower({ peer }: Neighbour): boolean {
    return this.options.me.sessionId < peer.sessionId
  }

  private meetAll(): void {
    for (const neighbour of this.neighbours.values()) this.meet(neighbour)
  }

  private meet(neighbour: Neighbour): void {
    if (!this.options.isLinked(neighbour.peer.sessionId)) return
    if (this.newest) this.offer(neighbour)
    else if (this.isInquiring && neighbour.isHolder) void this.sendDigest(neighbour, true)
  }

  private offer(neighbour: Neighbour): void {
    const edition = this.newest
    const isWanted = edition && neighbour.path?.edition !== edition && !neighbour.isMuted
    if (!isWanted || this.isClosed) return
    const label = encodeDocumentLabel({ channelId: this.options.channelId, ...this.holding })
    const path = this.connect(neighbour, edition, true, (events) =>
      this.options.openChannel(neighbour.peer, label, {
        ...events,
        opened: () => path && this.opened(neighbour, path),
        refused: (answer) => path && this.refused(neighbour, path, answer),
      }),
    )
  }

  private connect(
    neighbour: Neighbour,
    edition: Edition,
    isOffered: boolean,
    open: (events: SideChannelEvents) => SideChannel | undefined,
  ): Path | undefined {
    neighbour.disconnect()
    const isPresent = (): boolean => path !== undefined && neighbour.path === path
    const connection = edition.replica.connect(open, {
      closed: () => {
        if (!isPresent()) return
        neighbour.disconnect()
        this.later(ASK_AGAIN_MS, () => this.meet(neighbour))
      },
      breach: (fault) => isPresent() && this.breach(neighbour, fault),
    })
    const path: Path | undefined = connection && { edition, connection, isOffered, isOpen: false }
    neighbour.path = path
    return path
  }

  private opened(neighbour: Neighbour, path: Path): void {
    if (neighbour.path !== path) return
    path.isOpen = true
    void path.connection.start()
    void this.sendDigest(neighbour, false)
  }

  private refused(neighbour: Neighbour, path: Path, answer: Uint8Array): void {
    if (neighbour.path !== path) return
    neighbour.disconnect()
    const theirs = decodeHolding(answer)
    if (theirs) this.compareGenerations(neighbour, theirs)
    if (answer.byteLength > 0) return
    // It may come to have a part in it, and offers then.
    neighbour.isHolder = false
    this.events.met()
  }

  /** The neighbour has another generation, or this session has none. */
  private compareGenerations(neighbour: Neighbour, theirs: Holding): void {
    const mine = this.holding
    if (isHeld(theirs) && theirs.generation.id !== mine.generation?.id) {
      const isTheirs = !isHeld(mine) || goesOn(theirs, mine)
      if (isTheirs && this.goOver(theirs.generation, neighbour)) return this.offer(neighbour)
    }
    // It compares as well, and comes to the same answer; not at once, as either may just have changed its mind.
    if (mine.generation) this.later(ASK_AGAIN_MS, () => this.meet(neighbour))
  }

  /** To the neighbour's generation: at once, or when all of it is here in place of what there is. */
  private goOver(generation: Generation, neighbour: Neighbour): boolean {
    const { clock, now, createEdition } = this.options
    if (generation.createdAt > now() + MAX_AHEAD_MS) {
      this.breach(neighbour, 'a generation of the future')
      return false
    }
    if (!this.current) {
      this.current = createEdition(generation)
      this.isLive = true
      return true
    }
    if (!neighbour.mayUpset()) return false
    this.abandonAdoption()
    const edition = createEdition(generation)
    const giveUp = clock.after(ADOPTION_MS, () => this.abandonAdoption())
    this.adoption = { edition, from: neighbour.peer.sessionId, needs: undefined, giveUp }
    return true
  }

  private abandonAdoption(): void {
    const { adoption } = this
    this.adoption = undefined
    if (!adoption) return
    adoption.giveUp()
    this.discard(adoption.edition)
  }

  /** What this session alone had is put back. */
  private async finishAdoption(): Promise<void> {
    const { adoption, current } = this
    if (!adoption?.needs || !current || !adoption.edition.replica.covers(adoption.needs)) return
    await Promise.all([adoption.edition.book.settled(), current.book.settled()])
    const records = await this.missingIn(adoption.edition, current)
    if (this.adoption !== adoption) return
    adoption.giveUp()
    this.adoption = undefined
    this.isLive = true
    if (records.length > 0) adoption.edition.put(records)
    this.switchTo(adoption.edition)
  }

  /**
   * What counts of the present edition and is not in the other: all of it, if the other is the successor of what is
   * alive here; else what this user wrote while nobody else saw it. What others had may have been deleted meanwhile.
   */
  private async missingIn(other: Edition, present: Edition): Promise<readonly ValidRecord[]> {
    const isSuccessor = other.generation.parent === present.generation.id
    const { me, now, signAgain } = this.options
    const counting = winners(other.book.valid, now())
    const missing = present.worthKeeping().filter((record) => {
      const rival = counting.get(record.key)
      const isUnseen = record.userId === me.userId && record.clock > this.sharedUntil
      return ((isSuccessor && this.isLive) || isUnseen) && (!rival || isLater(record, rival))
    })
    const signed = await Promise.all(missing.map(async (record) => (await signAgain(record)) ?? record))
    return signed
  }

  private switchTo(edition: Edition): void {
    const before = this.current
    this.current = edition
    this.sharedUntil = 0
    this.oversizedSince = undefined
    if (before) this.discard(before)
    this.meetAll()
    this.events.switched()
  }

  private discard(edition: Edition): void {
    for (const neighbour of this.neighbours.values())
      if (neighbour.path?.edition === edition) neighbour.disconnect()
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

  private async compare(neighbour: Neighbour, digest: Digest): Promise<void> {
    const { current } = this
    if (!current) return
    if (!current.replica.covers(digest.stateVector)) return this.lacks(neighbour, digest.stateVector)
    this.synced(neighbour)
    const mine = await current.snapshot()
    if (this.current !== current || neighbour.path?.edition !== current) return
    if (!contradicts(mine, digest)) return void (neighbour.contradictions = 0)
    neighbour.contradictions += 1
    const patience = this.isLower(neighbour) ? PATIENCE_CONTRADICTIONS : IMPATIENCE_CONTRADICTIONS
    if (neighbour.contradictions < patience) return this.askAgain(neighbour)
    if (neighbour.mayUpset()) this.succeed('Two replicas contradicted each other')
  }

  /** Something is on its way; or else it will never come by itself. */
  private lacks(neighbour: Neighbour, stateVector: Uint8Array): void {
    const now = this.options.clock.now()
    neighbour.lacks = stateVector
    neighbour.lackingSince ??= now
    const lackingMs = now - neighbour.lackingSince
    if (lackingMs > 2 * LACKING_MS && neighbour.mayUpset()) {
      return this.succeed('What a neighbour had did not come')
    }
    if (lackingMs > LACKING_MS && !neighbour.hasTriedAgain) {
      const since = neighbour.lackingSince
      neighbour.disconnect()
      neighbour.lackingSince = since
      neighbour.hasTriedAgain = true
      this.meet(neighbour)
    }
    this.askAgain(neighbour)
  }

  private askAgain(neighbour: Neighbour): void {
    if (neighbour.isAsked) return
    neighbour.isAsked = true
    this.later(ASK_AGAIN_MS, () => {
      neighbour.isAsked = false
      if (this.neighbours.get(neighbour.peer.sessionId) === neighbour) void this.sendDigest(neighbour, true)
    })
  }

  private synced(neighbour: Neighbour): void {
    neighbour.lacks = neighbour.lackingSince = undefined
    neighbour.hasTriedAgain = false
    if (this.current) this.isLive = true
    if (neighbour.isSynced) return
    neighbour.isSynced = true
    this.events.met()
  }

  private async sendDigest(neighbour: Neighbour, wantsAnswer: boolean): Promise<void> {
    const edition = this.newest
    const { stateVector, hashByKeyId } = edition ? await edition.snapshot() : NOTHING
    if (this.isClosed || this.newest !== edition) return
    const { holding } = this
    const digest = encodeDocumentMessage({ type: 'digest', holding, stateVector, hashByKeyId, wantsAnswer })
    this.options.send(neighbour.peer, digest)
  }

  /** One digest a pair is enough: that of the lower session id. */
  private tellDigests(): void {
    for (const neighbour of this.neighbours.values()) {
      const isConnected = neighbour.path?.isOpen && neighbour.path.edition === this.current
      if (isConnected && this.isLower(neighbour)) void this.sendDigest(neighbour, false)
    }
  }

  /** The lowest of those who are connected begins the successor of what has grown too large; if it does not, others do. */
  private tendSize(): void {
    const { current } = this
    const isTooLarge = current && current.replica.encode().byteLength > MAX_DOCUMENT_BYTES
    if (!isTooLarge) return void (this.oversizedSince = undefined)
    const now = this.options.clock.now()
    this.oversizedSince ??= now
    const connected = [...this.neighbours.values()].filter(({ path }) => path?.isOpen)
    const isLowest = connected.every((neighbour) => this.isLower(neighbour))
    if (isLowest || now - this.oversizedSince > LACKING_MS) this.succeed('It had grown too large')
  }

  private breach(neighbour: Neighbour, fault: string): void {
    const details = { from: neighbour.peer.userId, channel: this.options.channelId, why: fault }
    this.options.log('warn', 'A document channel was closed because of what it brought', details)
    neighbour.disconnect()
    neighbour.mute()
    if (this.adoption?.from === neighbour.peer.sessionId) this.abandonAdoption()
  }

  private later(delayMs: number, run: () => void): void {
    const cancel = this.options.clock.after(delayMs, () => {
      this.timers.delete(cancel)
      run()
    })
    this.timers.add(cancel)
  }
}

/** What there is to say of no document: the state vector of an empty one. */
const NOTHING: Snapshot = { stateVector: new Uint8Array([0]), hashByKeyId: new Map() }

function isHeld(holding: Holding): holding is Held {
  return holding.generation !== undefined
}

/** The same state, and other records under a key that both accept. */
function contradicts(mine: Snapshot, theirs: Digest): boolean {
  if (!isSameState(mine.stateVector, theirs.stateVector)) return false
  return [...mine.hashByKeyId].some(([keyId, hash]) => {
    const theirHash = theirs.hashByKeyId.get(keyId)
    return theirHash !== undefined && theirHash !== hash
  })
}

function isSameState(a: Uint8Array, b: Uint8Array): boolean {
  const [mine, theirs] = [decodeStateVector(a), decodeStateVector(b)]
  return (
    mine?.size === theirs?.size && [...(mine ?? [])].every(([client, clock]) => theirs?.get(client) === clock)
  )
}

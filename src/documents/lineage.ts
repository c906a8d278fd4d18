import { type Bytes, toHex } from '../base/bytes.ts'
import type { Clock } from '../base/clock.ts'
import type { ChannelId } from '../base/ids.ts'
import type { Log } from '../base/logger.ts'
import { type Generation, GENERATION_ID_BYTES, type Holding } from '../protocol/document-messages.ts'
import type { Peer } from '../protocol/peer.ts'
import { Adoption } from './adoption.ts'
import type { Edition } from './edition.ts'
import { goesOn, isHeld } from './generation.ts'
import type { State } from './inspection.ts'
import type { Neighbour } from './neighbour.ts'
import type { ValidRecord } from './record-book.ts'
import { MAX_AHEAD_MS } from './shown.ts'
import { Succession } from './succession.ts'
import type { Timers } from './timers.ts'

export interface LineageOptions {
  readonly channelId: ChannelId
  readonly me: Pick<Peer, 'userId'>
  readonly clock: Clock
  readonly timers: Timers
  readonly log: Log
  /** Server time. */
  now(): number
  randomBytes(count: number): Bytes
  createEdition(generation: Generation): Edition
  /** A record of this user is signed by this session; any other one is as it was. */
  signAgain(record: ValidRecord): Promise<ValidRecord>
  /** The credential of this session is put into it, as of a writer. */
  vouch(edition: Edition): void
  neighbours(): readonly Neighbour[]
  /** Of each two sessions one is the lower. */
  isLower(neighbour: Neighbour): boolean
}

export interface LineageEvents {
  /** There is an edition, where there was none: this neighbour's, or a new one. */
  begun(from: Neighbour | undefined): void
  /** Another edition has taken the place of the one before. */
  switched(edition: Edition): void
  /** Nothing is to be replicated with this one any more; it is closed then. */
  discarded(edition: Edition): void
  breach(neighbour: Neighbour, fault: string): void
}

/**
 * Which generation of a channel's document this session has, and goes over to.
 *
 *     nothing ──first write──> an edition of its own ──┐
 *        └────a neighbour has one──> that one ─────────┤
 *                                                      v
 *               (meets one that goes on instead) ──> takes that over, puts back what it alone had
 *               (a contradiction, or too large)  ──> a successor with all that counts
 */
export class Lineage {
  private readonly adoption: Adoption
  private readonly succession: Succession
  private current: Edition | undefined
  /** Others have the present generation too, or had it in this page's life. */
  private isLive = false
  private sharedUntil = 0

  constructor(
    private readonly options: LineageOptions,
    private readonly events: LineageEvents,
  ) {
    const edition = (): Edition | undefined => this.current
    this.adoption = new Adoption(
      { ...options, edition, isPutBack: (record) => this.isPutBack(record) },
      {
        complete: (adopted) => {
          this.isLive = true
          this.switchTo(adopted)
        },
        failed: (neighbour) => events.breach(neighbour, 'a generation that does not come'),
        discarded: (unwanted) => this.discard(unwanted),
      },
    )
    this.succession = new Succession(
      { ...options, edition },
      { due: (why) => this.succeed(why), breach: (neighbour, fault) => events.breach(neighbour, fault) },
    )
  }

  /** The present edition. */
  get edition(): Edition | undefined {
    return this.current
  }

  get holding(): Holding {
    const { generation } = this.current ?? {}
    if (!generation) return { generation, isLive: false }
    // Its maker's clock was ahead, or ours when we made it.
    const createdAt = Math.min(generation.createdAt, this.options.now())
    return { generation: { ...generation, createdAt }, isLive: this.isLive }
  }

  /** What this user wrote until then, others have seen; in server time. */
  get lastShared(): number {
    return this.sharedUntil
  }

  /** Somebody else has what this user wrote until then. */
  shared(until: number): void {
    this.sharedUntil = Math.max(this.sharedUntil, until)
  }

  /** This neighbour has the present generation too. */
  met(neighbour: Neighbour): void {
    if (this.current && neighbour.path?.edition === this.current) this.isLive = true
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
    this.events.begun(undefined)
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

  /** What is to be replicated with a neighbour of this generation; undefined if it is to go over to ours. */
  editionFor(neighbour: Neighbour, theirs: Holding): Edition | undefined {
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

  /** Whether this is the present generation, or the one that is being taken over. */
  knows({ generation }: Holding): boolean {
    const editions = [this.current, this.adoption.edition]
    return editions.some((edition) => edition && edition.generation.id === generation?.id)
  }

  /** What is being taken over from this neighbour. */
  adoptedFrom(neighbour: Neighbour): Edition | undefined {
    return this.adoption.from === neighbour ? this.adoption.edition : undefined
  }

  /** What a neighbour has of a generation; false if that is not being taken over. */
  told(neighbour: Neighbour, { id }: Generation, state: State): boolean {
    if (this.adoption.edition?.generation.id !== id) return false
    this.adoption.told(neighbour, state)
    return true
  }

  parted(neighbour: Neighbour): void {
    if (this.adoption.from === neighbour) this.adoption.abandon()
  }

  /** This neighbour has contradicted us for a while. False: nothing is done about it now. */
  contradicted(neighbour: Neighbour): boolean {
    return this.succession.contradicted(neighbour)
  }

  /** Some edition has changed. */
  changed(): void {
    void this.adoption.tryToFinish()
    this.succession.changed()
  }

  /** It may have grown too large. */
  look(): void {
    this.succession.look()
  }

  close(): void {
    this.adoption.abandon()
    this.current?.close()
  }

  /** To the neighbour's generation: at once, or when all of it is here in place of what there is. */
  private goOver(generation: Generation, neighbour: Neighbour): Edition | undefined {
    const { now, createEdition } = this.options
    if (generation.createdAt > now() + MAX_AHEAD_MS) {
      this.events.breach(neighbour, 'a generation of the future')
      return undefined
    }
    if (!this.current) {
      this.current = createEdition(generation)
      this.isLive = true
      this.events.begun(neighbour)
      return this.current
    }
    if (neighbour.mayUpset()) return this.adoption.begin(generation, neighbour)
    this.events.breach(neighbour, 'one generation after the other')
    return undefined
  }

  /**
   * All that counts of what is alive. Else only what this user wrote while nobody else saw it: what others had may
   * have been deleted meanwhile, and forgotten.
   */
  private isPutBack({ userId, clock }: ValidRecord): boolean {
    return this.isLive || (userId === this.options.me.userId && clock > this.sharedUntil)
  }

  /** A new generation, with everything that counts of the present one. */
  private succeed(why: string): void {
    const { current } = this
    if (!current || this.adoption.edition) return
    this.options.log('info', 'A shared document begins anew', { channel: this.options.channelId, why })
    const createdAt = Math.max(this.options.now(), current.generation.createdAt + 1)
    const successor = this.options.createEdition(this.newGeneration(createdAt, current.generation.id))
    const kept = current.worthKeeping()
    if (kept.length > 0) successor.put(kept)
    // Nobody is to wait for what is in it.
    else this.options.vouch(successor)
    this.switchTo(successor)
  }

  private switchTo(edition: Edition): void {
    const before = this.current
    this.current = edition
    const { log, channelId: channel } = this.options
    log('info', 'A shared document goes on in another generation', {
      channel,
      generation: edition.generation.id,
    })
    this.succession.begun()
    if (before) this.discard(before)
    this.events.switched(edition)
  }

  private discard(edition: Edition): void {
    this.events.discarded(edition)
    edition.close()
  }

  private newGeneration(createdAt: number, parent: string): Generation {
    return { createdAt, id: toHex(this.options.randomBytes(GENERATION_ID_BYTES)), parent }
  }
}

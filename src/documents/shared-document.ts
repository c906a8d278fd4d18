import type { Bytes } from '../base/bytes.ts'
import { toHex } from '../base/bytes.ts'
import type { Cancel, Clock } from '../base/clock.ts'
import type { Crypto } from '../base/crypto.ts'
import type { AppId, ChannelId, SessionId } from '../base/ids.ts'
import type { Log } from '../base/logger.ts'
import type { OpeningEvents, SideChannel, SideChannelOffer } from '../mesh/side-channel.ts'
import type { Author } from '../mesh/trust.ts'
import { decodeDocumentMessage, type DocumentLabel, type Generation } from '../protocol/document-messages.ts'
import type { Peer } from '../protocol/peer.ts'
import type { Store } from '../storage/store.ts'
import type { AttributeChange, ChannelAttribute } from './attribute.ts'
import { AuthorCheck } from './author-check.ts'
import { Authorship } from './authorship.ts'
import { DocumentStorage } from './document-storage.ts'
import { Edition } from './edition.ts'
import { Operations } from './operations.ts'
import { Replication } from './replication.ts'
import { Timers } from './timers.ts'
import { type ApplyChange, entriesOf } from './writing.ts'

export interface SharedDocumentOptions {
  readonly appId: AppId
  readonly channelId: ChannelId
  readonly me: Pick<Peer, 'userId' | 'sessionId'>
  readonly clock: Clock
  readonly log: Log
  readonly crypto: Pick<Crypto, 'randomBytes' | 'sha256' | 'verify'>
  readonly store: Store
  /** Server time in milliseconds. */
  now(): number
  /** How long it is kept after a member was last known. */
  ttlMs(): number
  sign(input: Bytes): Promise<Bytes>
  /** This session's sealed credential as of now. */
  credential(): string
  /** Who a credential is about, if a key vouches for it that is known or among the further ones. */
  verifyAuthor(credential: string, furtherKeys: ReadonlyMap<string, Bytes>): Promise<Author | undefined>
  serverKeyIds(): Iterable<string>
  openChannel(peer: Peer, label: Bytes, events: OpeningEvents): SideChannel | undefined
  isLinked(sessionId: SessionId): boolean
  send(peer: Peer, message: Bytes): void
}

export interface SharedDocumentEvents {
  /** Members are to be told of these attributes, after a write that says so, by whomever. */
  updated(attributes: readonly ChannelAttribute[]): void
  /** To all members but this one. */
  forward(message: Bytes, except: Peer): void
}

/** Failure: this session cannot prove who it is. */
export type WriteResult = 'ok' | 'size-overflow' | 'failure'

/** Changes that come close together are written to the disk together. */
const SAVE_AFTER_MS = 200
/** After a change it is seen to that what this user wrote is in order. */
const TEND_AFTER_MS = 500
/** While a member is here, it is noted this often that one was. */
const TOUCH_MS = 10 * 60_000
/** Who has no answer of any holder by then goes on with what is here, if anything is. */
const MEETING_MS = 2_000
/** A deletion is remembered as long as somebody may still have what was deleted; here, by default. */
const DELETED_FOR_MS = 24 * 3_600_000

/** The attributes of one channel, as long as this session has to do with them. */
export class SharedDocument {
  private readonly timers: Timers
  private readonly authorCheck: AuthorCheck
  private readonly authorship: Authorship
  private readonly replication: Replication
  private readonly operations: Operations
  private readonly storage: DocumentStorage
  private readonly waitingToMeet = new Set<() => void>()
  private isMemberNow: boolean
  private memberSeenAt: number
  private lastWrite: Promise<unknown> = Promise.resolve()
  private editionCount = 0
  private cancelSave: Cancel | undefined
  private isTendingDue = false
  private isClosed = false

  private constructor(
    private readonly options: SharedDocumentOptions,
    private readonly events: SharedDocumentEvents,
    isMember: boolean,
  ) {
    const { clock, crypto, channelId, log, store } = options
    const randomBytes = crypto.randomBytes.bind(crypto)
    this.isMemberNow = isMember
    this.memberSeenAt = options.now()
    this.timers = new Timers(clock)
    this.storage = new DocumentStorage(store, channelId, log)
    this.authorCheck = new AuthorCheck(options)
    this.authorship = new Authorship({
      ...options,
      verifyAuthor: (credential) => this.authorCheck.verify(credential),
    })
    this.replication = new Replication(
      {
        ...options,
        timers: this.timers,
        randomBytes,
        createEdition: (generation) => this.createEdition(generation),
        signAgain: (record) => this.authorship.signAgain(record),
      },
      {
        switched: (edition) => {
          this.authorship.switched(edition)
          this.operations.switched()
          this.changed()
        },
        met: () => this.met(),
      },
    )
    this.operations = new Operations({
      ...options,
      timers: this.timers,
      randomBytes,
      edition: () => this.replication.edition,
      isMember: () => this.isMember,
      notified: () => this.notify(),
      lacking: (from) => this.replication.ask(from.sessionId),
      forward: (message, from) => this.isMember && events.forward(message, from),
    })
    this.timers.after(TOUCH_MS, () => this.touch())
  }

  /** With what this machine has kept of it, unless it is too old. */
  static async open(
    options: SharedDocumentOptions,
    events: SharedDocumentEvents,
    isMember: boolean,
  ): Promise<SharedDocument> {
    const document = new SharedDocument(options, events, isMember)
    await document.restore()
    return document
  }

  /** Whether this session is in the channel. */
  get isMember(): boolean {
    return this.isMemberNow
  }

  set isMember(isMember: boolean) {
    if (this.isMemberNow) this.memberSeenAt = this.options.now()
    this.isMemberNow = isMember
  }

  /** Nobody has it but this session, as far as it knows. */
  get isAlone(): boolean {
    return this.replication.holders.length === 0
  }

  /** Somebody else has it too. */
  get isShared(): boolean {
    return this.replication.isShared
  }

  get hasContent(): boolean {
    return this.replication.edition?.isEmpty === false && !this.isExpired
  }

  /** Who has it is asked for it, as somebody has offered it before it was open here. */
  inquire(): void {
    this.replication.inquire()
  }

  /** Somebody who has it, or may have: a member, or somebody that a visit led to. */
  addHolder(peer: Peer): void {
    this.dropExpired()
    this.replication.addHolder(peer)
  }

  remove(sessionId: SessionId): void {
    this.noteMembers()
    this.replication.remove(sessionId)
    this.operations.left(sessionId)
  }

  linked(sessionId: SessionId): void {
    this.replication.linked(sessionId)
  }

  unlinked(sessionId: SessionId): void {
    this.replication.unlinked(sessionId)
  }

  offered(offer: SideChannelOffer, label: DocumentLabel): void {
    this.dropExpired()
    this.replication.offered(offer, label)
  }

  receive(from: Peer, bytes: Uint8Array): void {
    this.dropExpired()
    const message = decodeDocumentMessage(bytes)
    if (message?.type === 'operation') this.operations.receive(from, message)
    else if (message?.type === 'acknowledgement') this.operations.acknowledged(from, message.id)
    else if (message) this.replication.receiveDigest(from, message)
    else this.options.log('warn', 'A message about a document was ignored', { from: from.userId })
  }

  /** The attributes as of now; undefined when holders are known and none of them has answered in time. */
  async read(): Promise<readonly ChannelAttribute[] | undefined> {
    this.dropExpired()
    await this.meet()
    const { edition, isSettled } = this.replication
    await edition?.book.settled()
    return edition || isSettled ? (this.replication.edition?.attributes ?? []) : undefined
  }

  /** Ok: a holder has it, or this machine where there is none. Writes are made one after the other. */
  async write(change: AttributeChange, applyChange: ApplyChange, notify: boolean): Promise<WriteResult> {
    const before = this.lastWrite
    const write = (async () => {
      await before
      this.dropExpired()
      await this.meet()
      return this.apply(change, applyChange)
    })()
    this.lastWrite = write
    const result = await write
    if (typeof result === 'string') return result
    if (notify) this.notify()
    const { audience, holders } = this.replication
    const isHeld = await new Promise<boolean>((resolve) =>
      this.operations.tell(notify, audience, holders, resolve),
    )
    if (isHeld) this.replication.shared(result.clock)
    else await this.save()
    return 'ok'
  }

  /** The credential was renewed, or server keys came. */
  async renew(): Promise<void> {
    this.replication.edition?.book.reconsider()
    await this.tend()
  }

  /** What is kept of it is written first. */
  async close(): Promise<void> {
    if (this.isClosed) return
    const saved = this.save()
    this.isClosed = true
    this.timers.cancelAll()
    this.operations.close()
    this.replication.close()
    this.met()
    await saved
  }

  private get isExpired(): boolean {
    const isUnattended = !this.isMember && this.isAlone
    return isUnattended && this.options.now() - this.memberSeenAt > this.options.ttlMs()
  }

  /** Nobody was in the channel for so long that its attributes are nobody's any more. */
  private dropExpired(): void {
    if (!this.isExpired || !this.replication.edition || this.isClosed) return
    this.replication.forget()
    this.authorship.switched(undefined)
    void this.storage.drop()
  }

  private async restore(): Promise<void> {
    const stored = await this.storage.load()
    if (!stored || this.isClosed) return
    const { now, ttlMs } = this.options
    // The clock may have been wrong then.
    const memberSeenAt = Math.min(stored.memberSeenAt, now())
    if (now() - memberSeenAt > ttlMs()) return this.storage.drop()
    this.authorCheck.accept(stored.keys)
    const edition = this.createEdition(stored.generation)
    edition.replica.apply(stored.update)
    this.replication.restore(edition, stored.sharedUntil)
    this.memberSeenAt = memberSeenAt
    await this.tend()
  }

  private createEdition(generation: Generation): Edition {
    const { appId, channelId, me, crypto, now, ttlMs, serverKeyIds } = this.options
    const random = toHex(crypto.randomBytes(16))
    return new Edition(generation, {
      name: [appId, me.sessionId, channelId, ++this.editionCount, random].join('/'),
      clientId: new DataView(crypto.randomBytes(4).buffer).getUint32(0),
      crypto,
      now,
      deletedForMs: () => Math.max(DELETED_FOR_MS, ttlMs()),
      isPresent: (sessionId) => sessionId === me.sessionId || this.replication.knows(sessionId),
      keyIds: () => new Set([...serverKeyIds(), ...this.authorCheck.keyIds]),
      check: (record, credential) => this.authorCheck.authorOf(record, credential),
      changed: () => this.changed(),
    })
  }

  private changed(): void {
    if (this.isClosed) return
    this.operations.changed()
    this.replication.changed()
    this.cancelSave ??= this.timers.after(SAVE_AFTER_MS, () => void this.save())
    if (this.isTendingDue) return
    this.isTendingDue = true
    this.timers.after(TEND_AFTER_MS, () => {
      this.isTendingDue = false
      void this.tend()
    })
  }

  private async tend(): Promise<void> {
    const { edition } = this.replication
    const isPresent = (): boolean => this.replication.edition === edition && !this.isClosed
    if (edition && !this.isClosed) await this.authorship.tend(edition, isPresent)
  }

  /** Resolves when a holder is in step, when there is none, or when it is not worth waiting any longer. */
  private meet(): Promise<void> {
    if (this.isClosed) return Promise.resolve()
    this.replication.inquire()
    if (this.replication.isSettled) return Promise.resolve()
    return new Promise((resolve) => {
      const goOn = (): void => {
        this.waitingToMeet.delete(goOn)
        cancel()
        resolve()
      }
      const cancel = this.timers.after(MEETING_MS, goOn)
      this.waitingToMeet.add(goOn)
    })
  }

  private met(): void {
    if (this.replication.isSettled || this.isClosed) for (const goOn of [...this.waitingToMeet]) goOn()
  }

  /** The clock of the write. */
  private async apply(
    change: AttributeChange,
    applyChange: ApplyChange,
  ): Promise<{ readonly clock: number } | Exclude<WriteResult, 'ok'>> {
    if (this.isClosed) return 'failure'
    const { now } = this.options
    const edition = this.replication.edition ?? this.replication.begin()
    await edition.book.settled()
    const entries = entriesOf(change, applyChange, edition.book.valid, now())
    if (entries === 'size-overflow') return entries
    // Later than whatever was seen.
    const clock = Math.max(now(), edition.latestClock + 1)
    const records = await this.authorship.sign(entries, clock)
    // Another generation has come meanwhile: the change is made to that.
    if (edition !== this.replication.edition) return this.apply(change, applyChange)
    if (!records || this.isClosed) return 'failure'
    this.authorship.wrote(records)
    if (records.length > 0) edition.put(records)
    this.memberSeenAt = now()
    return { clock }
  }

  private notify(): void {
    if (this.isMember && !this.isClosed) this.events.updated(this.replication.edition?.attributes ?? [])
  }

  /** A member is here, or was just now. */
  private touch(): void {
    this.timers.after(TOUCH_MS, () => this.touch())
    if (this.isMember || !this.isAlone) void this.save()
  }

  private noteMembers(): void {
    if (this.isMember || !this.isAlone) this.memberSeenAt = this.options.now()
  }

  private async save(): Promise<void> {
    this.cancelSave?.()
    this.cancelSave = undefined
    const { edition } = this.replication
    if (!edition || this.isClosed) return
    this.noteMembers()
    await this.storage.save({
      generation: edition.generation,
      memberSeenAt: this.memberSeenAt,
      sharedUntil: this.replication.lastShared,
      keys: this.authorCheck.keysOf(edition.book.valid),
      update: edition.replica.encode(),
    })
  }
}

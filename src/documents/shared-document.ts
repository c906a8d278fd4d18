import { toHex } from '../base/bytes.ts'
import type { SessionId } from '../base/ids.ts'
import type { SideChannelOffer } from '../mesh/side-channel.ts'
import { decodeDocumentMessage, type DocumentLabel, type Generation } from '../protocol/document-messages.ts'
import type { Peer } from '../protocol/peer.ts'
import type { AttributeChange, ChannelAttribute } from './attribute.ts'
import { AuthorCheck } from './author-check.ts'
import { Authorship } from './authorship.ts'
import { DocumentKeeper } from './document-keeper.ts'
import type { StoredDocument } from './document-storage.ts'
import { Edition } from './edition.ts'
import { Meeting } from './meeting.ts'
import { Operations } from './operations.ts'
import { Replication } from './replication.ts'
import type { SharedDocumentEvents, SharedDocumentOptions } from './shared-document-options.ts'
import { Tending } from './tending.ts'
import { Timers } from './timers.ts'
import { type WriteResult, Writer } from './writer.ts'
import type { ApplyChange } from './writing.ts'

export type { SharedDocumentEvents, SharedDocumentOptions } from './shared-document-options.ts'

/** A deletion is remembered as long as somebody may still have what was deleted; here, by default. */
const DELETED_FOR_MS = 24 * 3_600_000

/** The attributes of one channel, as long as this session has to do with them. */
export class SharedDocument {
  private readonly timers: Timers
  private readonly authorCheck: AuthorCheck
  private readonly authorship: Authorship
  private readonly replication: Replication
  private readonly operations: Operations
  private readonly keeper: DocumentKeeper
  private readonly writer: Writer
  private readonly meeting: Meeting
  private readonly tending: Tending
  private isMemberNow: boolean
  private editionCount = 0
  private isClosed = false

  private constructor(
    private readonly options: SharedDocumentOptions,
    private readonly events: SharedDocumentEvents,
    isMember: boolean,
  ) {
    const { clock, crypto } = options
    const randomBytes = crypto.randomBytes.bind(crypto)
    const edition = (): Edition | undefined => this.replication.edition
    const timers = new Timers(clock)
    this.isMemberNow = isMember
    this.timers = timers
    this.authorCheck = new AuthorCheck(options)
    this.authorship = new Authorship({
      ...options,
      verifyAuthor: (credential) => this.authorCheck.verify(credential),
    })
    this.replication = new Replication(
      {
        ...options,
        timers,
        randomBytes,
        createEdition: (generation) => this.createEdition(generation),
        signAgain: (record) => this.authorship.signAgain(record),
        vouch: (successor) => this.authorship.vouch(successor),
      },
      {
        switched: (present) => {
          this.authorship.switched(present)
          this.operations.switched()
          this.changed()
        },
        met: () => this.meeting.look(),
      },
    )
    this.tending = new Tending(timers, this.authorship, () => (this.isClosed ? undefined : edition()))
    this.meeting = new Meeting({
      clock,
      timers,
      isSettled: () => this.replication.isSettled,
      isTold: () => this.replication.isTold,
    })
    this.operations = new Operations({
      ...options,
      timers,
      randomBytes,
      edition,
      isMember: () => this.isMember,
      notified: () => this.notify(),
      lacking: (from) => this.replication.ask(from.sessionId),
      forward: (message, from) => this.isMember && events.forward(message, from),
    })
    this.keeper = new DocumentKeeper({
      ...options,
      timers,
      isAttended: () => this.isMember || !this.isAlone,
      document: () => this.stored,
    })
    this.writer = new Writer({
      authorship: this.authorship,
      now: () => options.now(),
      meet: () => this.ask(),
      edition,
      begin: () => this.replication.begin(),
    })
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
    this.keeper.look()
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
    return this.replication.edition?.isEmpty === false && !this.keeper.isExpired
  }

  /** Those who have it are asked for it. */
  inquire(): void {
    this.dropExpired()
    if (!this.isClosed) this.replication.inquire()
  }

  /** Somebody who has it, or may have: a member, or somebody that a visit led to. */
  addHolder(peer: Peer, isVisitedByMember = false): void {
    this.dropExpired()
    this.replication.addHolder(peer, isVisitedByMember)
  }

  remove(sessionId: SessionId): void {
    this.keeper.look()
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

  /** Resolves when what is here is what holders have, or those who have not answered have had the time to. */
  async ask(): Promise<void> {
    this.inquire()
    await this.meeting.waitBriefly()
    await this.replication.edition?.book.settled()
  }

  /**
   * The attributes as of now; undefined when holders are known and none of them has answered in time, which is soon
   * enough for a call of 5 s that was made at `begunAt` by the clock.
   */
  async read(begunAt = this.options.clock.now()): Promise<readonly ChannelAttribute[] | undefined> {
    this.inquire()
    await this.meeting.waitSince(begunAt)
    const { edition, isTold } = this.replication
    await edition?.book.settled()
    return isTold ? (this.replication.edition?.attributes ?? []) : undefined
  }

  /** Ok: a holder has it, or this machine where there is none. Writes are made one after the other. */
  async write(change: AttributeChange, applyChange: ApplyChange, notify: boolean): Promise<WriteResult> {
    const result = await this.writer.write(change, applyChange)
    if (result !== 'ok') return result
    this.keeper.seen()
    if (notify) this.notify()
    await this.tell(notify)
    return result
  }

  /** Whoever has it of all that is here. Resolves when a holder has that, or this machine where there is none. */
  async tell(notify: boolean): Promise<void> {
    const { audience, holders, edition } = this.replication
    const until = edition?.latestClock ?? 0
    const isHeld = await this.operations.tell(notify, audience, holders)
    if (isHeld) this.replication.shared(until)
    else await this.keeper.save()
  }

  /** The credential was renewed, or server keys came. */
  async renew(): Promise<void> {
    this.replication.edition?.book.reconsider()
    await this.tending.now()
  }

  /** What is kept of it is written first. */
  async close(): Promise<void> {
    if (this.isClosed) return
    const saved = this.keeper.close()
    this.isClosed = true
    this.timers.cancelAll()
    this.writer.close()
    this.operations.close()
    this.replication.close()
    this.meeting.close()
    await saved
  }

  /** Nobody was in the channel for so long that its attributes are nobody's any more. */
  private dropExpired(): void {
    if (!this.keeper.isExpired || !this.replication.edition || this.isClosed) return
    this.replication.forget()
    this.authorship.switched(undefined)
    void this.keeper.drop()
  }

  private async restore(): Promise<void> {
    const stored = await this.keeper.load()
    if (!stored || this.isClosed) return
    this.authorCheck.accept(stored.keys)
    const edition = this.createEdition(stored.generation)
    edition.replica.apply(stored.update)
    this.replication.restore(edition, stored.sharedUntil)
    await this.tending.now()
  }

  private get stored(): Omit<StoredDocument, 'memberSeenAt'> | undefined {
    const { edition } = this.replication
    return (
      edition && {
        generation: edition.generation,
        sharedUntil: this.replication.lastShared,
        keys: this.authorCheck.keysOf(edition.book.valid),
        update: edition.replica.encode(),
      }
    )
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
    this.keeper.saveSoon()
    this.tending.soon()
    this.meeting.look()
  }

  private notify(): void {
    if (this.isMember && !this.isClosed) this.events.updated(this.replication.edition?.attributes ?? [])
  }
}

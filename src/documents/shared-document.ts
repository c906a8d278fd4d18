import type { Bytes } from '../base/bytes.ts'
import { toHex } from '../base/bytes.ts'
import type { Cancel, Clock } from '../base/clock.ts'
import type { Crypto } from '../base/crypto.ts'
import type { AppId, ChannelId, SessionId } from '../base/ids.ts'
import type { Log } from '../base/logger.ts'
import type { OpeningEvents, SideChannel, SideChannelOffer } from '../mesh/side-channel.ts'
import type { Author } from '../mesh/trust.ts'
import {
  encodeRecord,
  type AttributeRecord,
  recordPlace,
  recordSigningInput,
} from '../protocol/attribute-record.ts'
import { decodeDocumentMessage, type DocumentLabel, type Generation } from '../protocol/document-messages.ts'
import type { Peer } from '../protocol/peer.ts'
import type { Store } from '../storage/store.ts'
import type { AttributeChange, ChannelAttribute } from './attribute.ts'
import { authorOf } from './author-check.ts'
import { DocumentStorage } from './document-storage.ts'
import { Edition } from './edition.ts'
import { Operations } from './operations.ts'
import type { ValidRecord } from './record-book.ts'
import { Replication } from './replication.ts'
import { winners } from './shown.ts'

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

/** What the attributes are after a change; or that they may not be so. */
export type ApplyChange = (
  attributes: ReadonlyMap<string, string>,
  change: AttributeChange,
) => ReadonlyMap<string, string> | 'size-overflow'
/** Failure: this session cannot prove who it is. */
export type WriteResult = 'ok' | 'size-overflow' | 'failure'

/** Changes that come close together are written to the disk together. */
const SAVE_AFTER_MS = 200
/** While a member is here, it is noted this often that one was. */
const TOUCH_MS = 10 * 60_000
/** Who has no answer of any holder by then goes on with what is here, if anything is. */
const MEETING_MS = 2_000

/** The attributes of one channel, as long as this session has to do with them. */
export class SharedDocument {
  private readonly replication: Replication
  private readonly operations: Operations
  private readonly storage: DocumentStorage
  /** Keys that vouch for stored authors. */
  private readonly keys = new Map<string, Bytes>()
  private readonly waitingToMeet = new Set<() => void>()
  private memberSeenAt: number
  private lastWrite: Promise<unknown> = Promise.resolve()
  private editionCount = 0
  private cancelSave: Cancel | undefined
  private cancelTouch: Cancel
  private isClosed = false

  private constructor(
    private readonly options: SharedDocumentOptions,
    private readonly events: SharedDocumentEvents,
    public isMember: boolean,
  ) {
    const { clock, crypto, send, channelId, log, store } = options
    const randomBytes = crypto.randomBytes.bind(crypto)
    this.memberSeenAt = options.now()
    this.storage = new DocumentStorage(store, channelId, log)
    this.replication = new Replication(
      {
        ...options,
        randomBytes,
        createEdition: (generation) => this.createEdition(generation),
        signAgain: (record) => this.signAgain(record),
      },
      {
        switched: () => {
          this.operations.switched()
          this.changed()
        },
        met: () => this.met(),
      },
    )
    this.operations = new Operations({
      randomBytes,
      send,
      edition: () => this.replication.edition,
      isMember: () => this.isMember,
      notified: () => this.notify(),
      forward: (message, from) => this.isMember && events.forward(message, from),
    })
    this.cancelTouch = clock.after(TOUCH_MS, () => this.touch())
  }

  /** With what this machine has kept of it, unless it is too old. */
  static async open(
    options: SharedDocumentOptions,
    events: SharedDocumentEvents,
    isMember: boolean,
  ): Promise<SharedDocument> {
    const document = new SharedDocument(options, events, isMember)
    const stored = await document.storage.load()
    if (!stored || document.isClosed) return document
    if (options.now() - stored.memberSeenAt > options.ttlMs()) {
      await document.storage.drop()
      return document
    }
    for (const [keyId, key] of stored.keys) document.keys.set(keyId, key)
    const edition = document.createEdition(stored.generation)
    edition.replica.apply(stored.update)
    document.replication.restore(edition, stored.sharedUntil)
    document.memberSeenAt = stored.memberSeenAt
    await document.renew()
    return document
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
    return this.replication.edition?.isEmpty === false
  }

  /** Who has it is asked for it, as somebody has offered it before it was open here. */
  inquire(): void {
    this.replication.inquire()
  }

  /** Somebody who has it, or may have: a member, or somebody that a visit led to. */
  addHolder(peer: Peer): void {
    this.replication.add(peer, true)
  }

  remove(sessionId: SessionId): void {
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
    this.replication.offered(offer, label)
  }

  receive(from: Peer, bytes: Uint8Array): void {
    const message = decodeDocumentMessage(bytes)
    if (message?.type === 'operation') this.operations.receive(from, message)
    else if (message?.type === 'acknowledgement') this.operations.acknowledged(from, message.id)
    else if (message) this.replication.receiveDigest(from, message)
    else this.options.log('warn', 'A message about a document was ignored', { from: from.userId })
  }

  /** The attributes as of now; undefined when holders are known and none of them has answered in time. */
  async read(): Promise<readonly ChannelAttribute[] | undefined> {
    await this.meet()
    const { edition, isSettled } = this.replication
    await edition?.book.settled()
    if (this.isExpired) return []
    return edition || isSettled ? (this.replication.edition?.attributes ?? []) : undefined
  }

  /** Ok: a holder has it, or this machine where there is none. Writes are made one after the other. */
  async write(change: AttributeChange, applyChange: ApplyChange, notify: boolean): Promise<WriteResult> {
    const before = this.lastWrite
    const write = (async () => {
      await before
      await this.meet()
      return this.apply(change, applyChange)
    })()
    this.lastWrite = write
    const result = await write
    if (result !== 'ok') return result
    if (notify) this.notify()
    const { holders } = this.replication
    const isHeld = await new Promise<boolean>((resolve) => this.operations.tell(notify, holders, resolve))
    if (!isHeld) await this.save()
    return 'ok'
  }

  /** The credential was renewed, or server keys came. */
  async renew(): Promise<void> {
    const { edition } = this.replication
    if (!edition || this.isClosed) return
    edition.book.reconsider()
    await edition.book.settled()
    const { userId, sessionId } = this.options.me
    const mine = edition.book.valid.filter((record) => record.userId === userId)
    const ofOthers = mine.filter((record) => record.sessionId !== sessionId)
    const signed = await Promise.all(ofOthers.map((record) => this.signAgain(record)))
    if (this.replication.edition !== edition || this.isClosed) return
    // Not what was exchanged while it was being signed.
    const present = new Map(edition.book.valid.map((record) => [record.place, record]))
    const records = signed.filter((record, i) => record && present.get(record.place) === ofOthers[i])
    const fresh = records.filter((record) => record !== undefined)
    if (fresh.length > 0) edition.put(fresh)
    else if (mine.length > 0) edition.putCredential(sessionId, this.options.credential())
  }

  /** What is kept of it is written first. */
  async close(): Promise<void> {
    if (this.isClosed) return
    this.isClosed = true
    this.cancelTouch()
    const saved = this.cancelSave ? this.save() : Promise.resolve()
    this.operations.close()
    this.replication.close()
    this.met()
    await saved
  }

  private get isExpired(): boolean {
    const isUnattended = !this.isMember && this.isAlone
    return isUnattended && this.options.now() - this.memberSeenAt > this.options.ttlMs()
  }

  private createEdition(generation: Generation): Edition {
    const { appId, channelId, me, crypto, now, serverKeyIds } = this.options
    const random = toHex(crypto.randomBytes(16))
    return new Edition(generation, {
      name: [appId, me.sessionId, channelId, ++this.editionCount, random].join('/'),
      crypto,
      now,
      keyIds: () => new Set([...serverKeyIds(), ...this.keys.keys()]),
      check: async (record, credential) => {
        const verifyAuthor = (text: string) => this.options.verifyAuthor(text, this.keys)
        return authorOf(record, credential, { appId, channelId, crypto, verifyAuthor })
      },
      changed: () => this.changed(),
    })
  }

  private changed(): void {
    if (this.isClosed) return
    this.operations.changed()
    this.replication.changed()
    this.cancelSave ??= this.options.clock.after(SAVE_AFTER_MS, () => void this.save())
  }

  /** Resolves when a holder is in step, when there is none, or when it is not worth waiting any longer. */
  private meet(): Promise<void> {
    this.replication.inquire()
    if (this.replication.isSettled || this.isClosed) return Promise.resolve()
    return new Promise((resolve) => {
      const goOn = (): void => {
        this.waitingToMeet.delete(goOn)
        cancel()
        resolve()
      }
      const cancel = this.options.clock.after(MEETING_MS, goOn)
      this.waitingToMeet.add(goOn)
    })
  }

  private met(): void {
    if (this.replication.isSettled || this.isClosed) for (const goOn of [...this.waitingToMeet]) goOn()
  }

  private async apply(change: AttributeChange, applyChange: ApplyChange): Promise<WriteResult> {
    if (this.isClosed) return 'ok'
    const edition = this.replication.edition ?? this.replication.begin()
    await edition.book.settled()
    const attributes = new Map(edition.attributes.map(({ key, value }) => [key, value]))
    const next = applyChange(attributes, change)
    if (next === 'size-overflow') return next
    const values = 'attributes' in change ? change.attributes.map(({ key }) => key) : []
    const entries = [...new Set(values)].map((key) => ({ key, value: next.get(key) }))
    const changed = [...entries, ...this.deletions(edition, change, next)]
    const records = await this.sign(edition, changed)
    // Another generation has come meanwhile: the change is made to that.
    if (edition !== this.replication.edition) return this.apply(change, applyChange)
    if (records.length < changed.length) return 'failure'
    if (records.length > 0) edition.put(records)
    this.memberSeenAt = this.options.now()
    return 'ok'
  }

  /** Also of what is not shown because there is too much: it would be shown then. */
  private deletions(
    edition: Edition,
    change: AttributeChange,
    next: ReadonlyMap<string, string>,
  ): { key: string; value: undefined }[] {
    const counting = winners(edition.book.valid, this.options.now())
    const present = [...counting.values()].filter(({ value }) => value !== undefined).map(({ key }) => key)
    const isMeant = (key: string): boolean =>
      change.kind === 'delete' ? change.keys.includes(key) : change.kind !== 'update' && !next.has(key)
    return present.filter(isMeant).map((key) => ({ key, value: undefined }))
  }

  /** All with one clock, later than whatever was seen. */
  private async sign(
    edition: Edition,
    entries: readonly { readonly key: string; readonly value: string | undefined }[],
  ): Promise<readonly ValidRecord[]> {
    const clock = Math.max(this.options.now(), edition.latestClock + 1)
    const signed = await Promise.all(entries.map((entry) => this.signRecord({ ...entry, clock })))
    return signed.filter((record) => record !== undefined)
  }

  private async signAgain(record: ValidRecord): Promise<ValidRecord | undefined> {
    const { userId, sessionId } = this.options.me
    if (record.userId !== userId || record.sessionId === sessionId) return record
    return this.signRecord(record)
  }

  private async signRecord({
    key,
    value,
    clock,
  }: Pick<AttributeRecord, 'key' | 'value' | 'clock'>): Promise<ValidRecord | undefined> {
    const { appId, channelId, me, sign } = this.options
    const credential = this.options.credential()
    const author = await this.options.verifyAuthor(credential, this.keys)
    if (!author) return undefined
    const { userId, sessionId } = me
    const record = { key, value, userId, sessionId, clock }
    const signed = { ...record, signature: await sign(recordSigningInput(appId, channelId, record)) }
    return { ...signed, place: recordPlace(record), bytes: encodeRecord(signed), author, credential }
  }

  private notify(): void {
    if (this.isMember && !this.isClosed) this.events.updated(this.replication.edition?.attributes ?? [])
  }

  /** A member is here, or was just now. */
  private touch(): void {
    this.cancelTouch = this.options.clock.after(TOUCH_MS, () => this.touch())
    if (this.isMember || !this.isAlone) void this.save()
  }

  private async save(): Promise<void> {
    this.cancelSave?.()
    this.cancelSave = undefined
    const { edition } = this.replication
    if (!edition) return
    if (this.isMember || !this.isAlone) this.memberSeenAt = this.options.now()
    const keys = new Map(edition.book.valid.map(({ author }) => [author.keyId, author.serverKey]))
    for (const [keyId, key] of keys) this.keys.set(keyId, key)
    await this.storage.save({
      generation: edition.generation,
      memberSeenAt: this.memberSeenAt,
      sharedUntil: this.replication.lastShared,
      keys,
      update: edition.replica.encode(),
    })
  }
}

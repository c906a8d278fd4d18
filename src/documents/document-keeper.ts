import type { Cancel } from '../base/clock.ts'
import type { ChannelId } from '../base/ids.ts'
import type { Log } from '../base/logger.ts'
import type { Store } from '../storage/store.ts'
import { DocumentStorage, type StoredDocument } from './document-storage.ts'
import type { Timers } from './timers.ts'

export interface DocumentKeeperOptions {
  readonly channelId: ChannelId
  readonly timers: Timers
  readonly log: Log
  readonly store: Store
  /** Server time in milliseconds. */
  now(): number
  /** How long a document is kept after a member was last known. */
  ttlMs(): number
  /** Whether a member is here, or known. */
  isAttended(): boolean
  /** What there is to be kept; undefined for nothing. */
  document(): Omit<StoredDocument, 'memberSeenAt'> | undefined
}

/** Changes that come close together are written to the disk together. */
const SAVE_AFTER_MS = 200
/** While a member is here, it is noted this often that one was. */
const TOUCH_MS = 10 * 60_000

/** Keeps a channel's document on this machine, as long as somebody is in the channel and for a time after. */
export class DocumentKeeper {
  private readonly storage: DocumentStorage
  private memberSeenAt: number
  private cancelSave: Cancel | undefined
  private isClosed = false

  constructor(private readonly options: DocumentKeeperOptions) {
    this.storage = new DocumentStorage(options.store, options.channelId, options.log)
    this.memberSeenAt = options.now()
    options.timers.after(TOUCH_MS, () => this.touch())
  }

  /** Nobody was in the channel for so long that its attributes are nobody's any more. */
  get isExpired(): boolean {
    const { isAttended, now, ttlMs } = this.options
    return !isAttended() && now() - this.memberSeenAt > ttlMs()
  }

  /** What was kept, unless it is too old. */
  async load(): Promise<StoredDocument | undefined> {
    const stored = await this.storage.load()
    if (!stored) return undefined
    const { now, ttlMs } = this.options
    // The clock may have been wrong then.
    const memberSeenAt = Math.min(stored.memberSeenAt, now())
    if (now() - memberSeenAt > ttlMs()) {
      await this.storage.drop()
      return undefined
    }
    this.memberSeenAt = memberSeenAt
    return stored
  }

  /** A member is here, or somebody does what keeps a document alive. */
  seen(): void {
    this.memberSeenAt = this.options.now()
  }

  /** The last moment at which one may have been. */
  look(): void {
    if (this.options.isAttended()) this.seen()
  }

  saveSoon(): void {
    this.cancelSave ??= this.options.timers.after(SAVE_AFTER_MS, () => void this.save())
  }

  async save(): Promise<void> {
    this.cancelSave?.()
    this.cancelSave = undefined
    const document = this.options.document()
    if (!document || this.isClosed) return
    this.look()
    await this.storage.save({ ...document, memberSeenAt: this.memberSeenAt })
  }

  drop(): Promise<void> {
    return this.storage.drop()
  }

  /** As it is now; nothing is written any more. */
  async close(): Promise<void> {
    const saved = this.save()
    this.isClosed = true
    await saved
  }

  private touch(): void {
    this.options.timers.after(TOUCH_MS, () => this.touch())
    if (this.options.isAttended()) void this.save()
  }
}

import { type Bytes, toHex } from '../base/bytes.ts'
import { isUserId, type UserId } from '../base/ids.ts'
import type { Log } from '../base/logger.ts'
import { type Content, decodeItem, encodeItem, OFFLINE_ID_BYTES } from '../protocol/items.ts'
import type { Store, StoreEntry } from '../storage/store.ts'

/** For one receiver; one more pushes out the oldest (the API's limit, as the next). */
const MAX_PER_RECEIVER = 200
const KEPT_MS = 7 * 24 * 60 * 60_000
/** For all receivers: as much as one user may be owed while online, and far below what browsers let a page keep. */
const MAX_BYTES = 16 * 1024 * 1024
const PREFIX = 'outbox/'
/** Milliseconds since 1970 in so many digits sort as text until the year 5138. */
const NUMBER_DIGITS = 14

/** A message that waits for its receiver. */
export interface Kept {
  readonly key: string
  readonly id: string
  readonly sentAt: number
  /** The item, as it goes into a stream. */
  readonly bytes: Bytes
}

export interface OutboxOptions {
  readonly store: Promise<Store>
  /** Whoever has a user id at other servers is somebody else. */
  readonly realm: string
  readonly log: Log
  /** Server time. */
  now(): number
  randomBytes(count: number): Bytes
}

const NOTHING: readonly Kept[] = []

/**
 * Messages of this user to others of its realm who were offline, in the order of sending. They outlive sessions and
 * pages. Keys: `outbox/<realm>/<receiver>/<number>-<id>`.
 */
export class Outbox {
  private readonly keptByUser = new Map<UserId, readonly Kept[]>()
  private byteCount = 0
  private lastNumber = 0
  /** What is kept for other realms: it only grows old here. */
  private elsewhere: Pick<Kept, 'key' | 'sentAt'>[] = []

  constructor(private readonly options: OutboxOptions) {}

  /** Who something is kept for. */
  get receivers(): readonly UserId[] {
    return [...this.keptByUser.keys()]
  }

  of(receiver: UserId): readonly Kept[] {
    return this.keptByUser.get(receiver) ?? NOTHING
  }

  /**
   * What earlier sessions have left; to be awaited before anything is added. And later what a session has left that
   * this one replaced.
   */
  async load(): Promise<void> {
    const store = await this.options.store
    const entries = await store.list(PREFIX)
    this.elsewhere = []
    for (const [key, bytes] of entries) {
      const [, realm, receiver, place = ''] = key.split('/')
      const item = decodeItem(bytes)
      if (realm !== this.options.realm && item?.kind === 'offline-message') {
        this.elsewhere.push({ key, sentAt: item.sentAt })
        continue
      }
      if (isUserId(receiver) && item?.kind === 'offline-message') {
        this.lastNumber = Math.max(this.lastNumber, parseInt(place, 10) || 0)
        this.keep(receiver, { key, id: toHex(item.id), sentAt: item.sentAt, bytes })
        continue
      }
      this.options.log('warn', 'A kept message that cannot be read was deleted', { key })
      void store.delete(key)
    }
  }

  /** Resolves when it is kept. Overflow: all that may be kept is; nothing was dropped for it. */
  async add(receiver: UserId, content: Content, sentAt: number): Promise<'cached' | 'overflow'> {
    const id = this.options.randomBytes(OFFLINE_ID_BYTES)
    const bytes = encodeItem({ kind: 'offline-message', id, sentAt, content })
    const present = this.of(receiver)
    const oldest = present.length >= MAX_PER_RECEIVER ? present[0] : undefined
    const freed = oldest?.bytes.byteLength ?? 0
    if (this.byteCount - freed + bytes.byteLength > MAX_BYTES) return 'overflow'
    const key = `${PREFIX}${this.options.realm}/${receiver}/${this.nextNumber()}-${toHex(id)}`
    this.keep(receiver, { key, id: toHex(id), sentAt, bytes })
    const isSet = this.set([key, bytes])
    if (oldest) {
      this.drop(receiver, [oldest])
      this.options.log('warn', 'The oldest message to an offline user was dropped: 200 are kept', {
        to: receiver,
      })
    }
    await isSet
    return 'cached'
  }

  /** The receiver has these for good. */
  confirm(receiver: UserId, ids: readonly Bytes[]): void {
    const confirmed = new Set(ids.map(toHex))
    this.drop(
      receiver,
      this.of(receiver).filter(({ id }) => confirmed.has(id)),
    )
  }

  /** To be called now and then: drops what has waited for too long. */
  sweep(): void {
    const oldest = this.options.now() - KEPT_MS
    const lateElsewhere = this.elsewhere.filter(({ sentAt }) => sentAt <= oldest)
    if (lateElsewhere.length > 0) {
      this.elsewhere = this.elsewhere.filter(({ sentAt }) => sentAt > oldest)
      this.delete(lateElsewhere)
    }
    for (const [receiver, all] of this.keptByUser) {
      const late = all.filter(({ sentAt }) => sentAt <= oldest)
      if (late.length === 0) continue
      this.drop(receiver, late)
      this.options.log('warn', 'Messages to an offline user were dropped: they are kept for 7 days', {
        to: receiver,
        count: late.length,
      })
    }
  }

  private keep(receiver: UserId, kept: Kept): void {
    const all = this.of(receiver)
    if (all.some(({ key }) => key === kept.key)) return
    this.keptByUser.set(
      receiver,
      [...all, kept].sort((a, b) => (a.key < b.key ? -1 : 1)),
    )
    this.byteCount += kept.bytes.byteLength
  }

  private drop(receiver: UserId, dropped: readonly Kept[]): void {
    if (dropped.length === 0) return
    const rest = this.of(receiver).filter((kept) => !dropped.includes(kept))
    if (rest.length > 0) this.keptByUser.set(receiver, rest)
    else this.keptByUser.delete(receiver)
    for (const { bytes } of dropped) this.byteCount -= bytes.byteLength
    this.delete(dropped)
  }

  private delete(dropped: readonly Pick<Kept, 'key'>[]): void {
    void this.options.store.then((store) => store.delete(...dropped.map(({ key }) => key)))
  }

  private async set(entry: StoreEntry): Promise<void> {
    const store = await this.options.store
    return store.set(entry)
  }

  /** Grows, also from page to page, whatever the clock does: keys are in the order of sending. */
  private nextNumber(): string {
    this.lastNumber = Math.max(this.lastNumber + 1, this.options.now())
    return String(this.lastNumber).padStart(NUMBER_DIGITS, '0')
  }
}

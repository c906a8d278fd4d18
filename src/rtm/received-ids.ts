import { type Bytes, concatBytes, fromHex, toHex } from '../base/bytes.ts'
import type { Clock } from '../base/clock.ts'
import { isUserId, type UserId } from '../base/ids.ts'
import type { Log } from '../base/logger.ts'
import { OFFLINE_ID_BYTES } from '../protocol/items.ts'
import type { Store } from '../storage/store.ts'

/** Of one sender: five times what a sender keeps for one receiver. */
const MAX_IDS = 1_000
/** A sender keeps a message for 7 days; a day more for clocks that differ. */
const REMEMBERED_MS = 8 * 24 * 60 * 60_000
/** 16 MB at most. Of more senders those are forgotten whose last message is the longest ago. */
const MAX_SENDERS = 1_000
const PREFIX = 'inbox/'
const TIME_BYTES = 8

interface Sender {
  readonly lastAt: number
  /** From the oldest to the newest. */
  readonly ids: Set<string>
}

/** Which offline messages this user has received, also in earlier pages. */
export class ReceivedIds {
  /** Resolves when it is known what earlier pages have received. */
  readonly loaded: Promise<void>
  /** Who has sent something the longest ago comes first. */
  private readonly senders = new Map<UserId, Sender>()
  private readonly unsaved = new Set<UserId>()
  private refreshing: Promise<void> | undefined

  constructor(
    private readonly store: Promise<Store>,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {
    this.loaded = this.load()
  }

  get isSaved(): boolean {
    return this.unsaved.size === 0
  }

  /** True if it is new; it counts as received then. */
  add(from: UserId, id: Bytes): boolean {
    const ids = this.senders.get(from)?.ids ?? new Set()
    const isNew = !ids.has(toHex(id))
    if (!isNew) return false
    ids.add(toHex(id))
    if (ids.size > MAX_IDS) dropFirst(ids)
    this.senders.delete(from)
    this.senders.set(from, { lastAt: this.clock.now(), ids })
    this.unsaved.add(from)
    if (this.senders.size > MAX_SENDERS) {
      const forgotten = dropFirst(this.senders)
      if (forgotten !== undefined) this.unsaved.add(forgotten)
    }
    return true
  }

  /** To be called when the login is done: the session that it replaces in another tab may have received more until then. */
  refresh(): Promise<void> {
    this.refreshing ??= this.load()
    return this.refreshing
  }

  /** Stores all changes so far; in the same moment `run` runs, unless it says false: then they are not stored. */
  async save(run: () => boolean): Promise<void> {
    const changed = [...this.unsaved]
    this.unsaved.clear()
    const entries = changed.map((from) => [`${PREFIX}${from}`, encode(this.senders.get(from))] as const)
    if (entries.length === 0) return void run()
    const store = await this.store
    await store.setTogether(run, ...entries)
  }

  private async load(): Promise<void> {
    const store = await this.store
    const found: [UserId, Sender][] = []
    for (const [key, value] of await store.list(PREFIX)) {
      const from = key.slice(PREFIX.length)
      const sender = decode(value)
      if (isUserId(from) && sender && this.clock.now() - sender.lastAt < REMEMBERED_MS) {
        found.push([from, sender])
        continue
      }
      if (!sender) this.log('warn', 'A list of received messages that cannot be read was deleted', { key })
      void store.delete(key)
    }
    for (const [from, sender] of found.sort(([, a], [, b]) => a.lastAt - b.lastAt)) this.merge(from, sender)
  }

  /** What is stored was received before what is known here. */
  private merge(from: UserId, { lastAt, ids }: Sender): void {
    const known = this.senders.get(from)
    for (const id of known?.ids ?? []) ids.add(id)
    while (ids.size > MAX_IDS) dropFirst(ids)
    this.senders.set(from, { lastAt: Math.max(lastAt, known?.lastAt ?? 0), ids })
  }
}

/** The first of a map's keys or a set's values. */
function dropFirst<T>(all: Map<T, unknown> | Set<T>): T | undefined {
  const { value, done } = all.keys().next()
  if (done) return undefined
  all.delete(value)
  return value
}

/** The time of the last message and the ids, one after the other. */
function encode(sender: Sender | undefined): Bytes {
  const { lastAt, ids } = sender ?? { lastAt: 0, ids: new Set<string>() }
  const time = new Uint8Array(TIME_BYTES)
  new DataView(time.buffer).setFloat64(0, lastAt)
  return concatBytes(time, fromHex([...ids].join('')) ?? new Uint8Array())
}

function decode(value: Bytes): Sender | undefined {
  const idBytes = value.byteLength - TIME_BYTES
  if (idBytes < 0 || idBytes % OFFLINE_ID_BYTES !== 0 || idBytes > MAX_IDS * OFFLINE_ID_BYTES)
    return undefined
  const ids = new Set<string>()
  for (let at = TIME_BYTES; at < value.byteLength; at += OFFLINE_ID_BYTES) {
    ids.add(toHex(value.subarray(at, at + OFFLINE_ID_BYTES)))
  }
  return { lastAt: new DataView(value.buffer, value.byteOffset).getFloat64(0), ids }
}

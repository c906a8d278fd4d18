import type { Bytes } from '../base/bytes.ts'
import type { SessionId } from '../base/ids.ts'
import { type Item, MAX_RECEIPT_IDS } from '../protocol/items.ts'
import type { Peer } from '../protocol/peer.ts'
import type { ReceivedIds } from './received-ids.ts'

export type OfflineItem = Extract<Item, { kind: 'offline-message' }>

export interface InboxEvents {
  /** Its id is stored: it is handed over now or never. */
  message(from: Peer, item: OfflineItem): void
  /** The sender is to be told that these need not be kept any more. */
  receipt(to: Peer, ids: readonly Bytes[]): void
}

/**
 * What waits for the disk, of all sessions together. At 64 KB an item these are 64 MB at most, and the least that
 * an honest sender may bring at once fits: 200 offline messages, and what was said since.
 */
const MAX_WAITING = 1_024

interface Letter {
  readonly item: OfflineItem
  /** Undefined until somebody has looked whether its id is new. */
  isNew: boolean | undefined
}

/** What one session has sent that may not be handed over yet, in order. */
interface Line {
  readonly from: Peer
  readonly waiting: (Letter | (() => void))[]
}

/**
 * Offline messages may come more than once, and are handed over once: when their ids are on the disk. Meanwhile all
 * else that the session has sent waits behind them.
 *
 *     wait --> ids to the disk, in one write --> hand over, in one task --> receipt
 *       ^                |
 *       +-- what comes --+
 *
 * If a session makes others wait for too long a line, its line is handed over before the disk has answered: then its
 * messages may come twice if this page ends in this moment.
 */
export class Inbox {
  private readonly lines = new Map<SessionId, Line>()
  private isStoring = false
  private isClosed = false

  constructor(
    private readonly ids: ReceivedIds,
    private readonly events: InboxEvents,
  ) {}

  /** Hands an offline message over in its turn, unless it was received before. */
  take(from: Peer, item: OfflineItem): void {
    if (this.isClosed) return
    const line = this.lines.get(from.sessionId) ?? { from, waiting: [] }
    this.lines.set(from.sessionId, line)
    line.waiting.push({ item, isNew: undefined })
    this.limit()
    void this.storeAll()
  }

  /** Runs at once, or after the offline messages that this session has sent before. */
  inTurn(from: Peer, run: () => void): void {
    const line = this.lines.get(from.sessionId)
    if (!line) return run()
    line.waiting.push(run)
    this.limit()
  }

  /**
   * What else the sessions have sent is handed over now: they were told that it arrived. Offline messages come again
   * at the next login, where their ids must be new.
   */
  close(): void {
    this.isClosed = true
    for (const { from, waiting } of this.lines.values()) {
      for (const one of waiting) {
        if (typeof one === 'function') one()
        else if (one.isNew) this.ids.remove(from.userId, one.item.id)
      }
    }
    this.lines.clear()
    void this.ids.save()
  }

  private async storeAll(): Promise<void> {
    if (this.isStoring) return
    this.isStoring = true
    await this.ids.loaded
    // What came in one packet is here by now.
    while (!this.isClosed && (this.lines.size > 0 || !this.ids.isSaved)) {
      for (const line of this.lines.values()) this.look(line)
      await this.ids.save()
      if (this.isClosed) break
      for (const line of this.lines.values()) this.advance(line)
    }
    this.isStoring = false
  }

  private look({ from, waiting }: Line): void {
    for (const one of waiting) {
      if (typeof one !== 'function') one.isNew ??= this.ids.add(from.userId, one.item.id)
    }
  }

  /** Hands over what was looked at, and what stands between. */
  private advance({ from, waiting }: Line): void {
    const received: Bytes[] = []
    for (let one = waiting[0]; one && isDue(one) && !this.isClosed; one = waiting[0]) {
      waiting.shift()
      if (typeof one === 'function') {
        one()
        continue
      }
      received.push(one.item.id)
      if (one.isNew) this.events.message(from, one.item)
    }
    if (this.isClosed) return
    if (waiting.length === 0) this.lines.delete(from.sessionId)
    for (let i = 0; i < received.length; i += MAX_RECEIPT_IDS) {
      this.events.receipt(from, received.slice(i, i + MAX_RECEIPT_IDS))
    }
  }

  private limit(): void {
    const lines = [...this.lines.values()]
    const count = lines.reduce((sum, { waiting }) => sum + waiting.length, 0)
    if (count <= MAX_WAITING) return
    const longest = lines.reduce((a, b) => (b.waiting.length > a.waiting.length ? b : a))
    this.look(longest)
    this.advance(longest)
  }
}

function isDue(one: Letter | (() => void)): boolean {
  return typeof one === 'function' || one.isNew !== undefined
}

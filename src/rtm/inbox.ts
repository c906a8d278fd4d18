import type { Bytes } from '../base/bytes.ts'
import type { SessionId } from '../base/ids.ts'
import { type Item, MAX_RECEIPT_IDS } from '../protocol/items.ts'
import type { Peer } from '../protocol/peer.ts'
import type { ReceivedIds } from './received-ids.ts'

export type OfflineItem = Extract<Item, { kind: 'offline-message' }>

export interface InboxEvents {
  /** It is handed over now or never. */
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
 * Offline messages may come more than once, and are handed over once: in the moment in which their ids go to the
 * disk. Meanwhile all else that the session has sent waits behind them.
 *
 *     wait --> ids to the disk, in one write, and hand over, in one task --> receipt
 *       ^                |
 *       +-- what comes --+
 *
 * What waits behind them is acknowledged when it comes, as it always is: a page that crashes in this moment loses a
 * live message whose sender was told that it arrived.
 *
 * If a session makes others wait for too long a line, its line is handed over before the disk has answered: then its
 * messages may come twice if this page ends in this moment.
 */
export class Inbox {
  private readonly lines = new Map<SessionId, Line>()
  /** Handed over, and not receipted yet. */
  private readonly received: [from: Peer, id: Bytes][] = []
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
   * Offline messages that wait come again at the next login. What else the sessions have sent is handed over now:
   * they were told that it arrived.
   */
  close(): void {
    this.isClosed = true
    const lines = [...this.lines.values()]
    this.lines.clear()
    for (const { waiting } of lines) for (const one of waiting) if (typeof one === 'function') one()
  }

  private async storeAll(): Promise<void> {
    if (this.isStoring) return
    this.isStoring = true
    await this.ids.loaded
    // What came in one packet is here by now.
    while (!this.isClosed && (this.lines.size > 0 || !this.ids.isSaved)) {
      for (const line of this.lines.values()) this.look(line)
      await this.ids.save(() => {
        if (this.isClosed) return false
        for (const line of this.lines.values()) this.advance(line)
        return true
      })
      this.acknowledge()
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
    const end = waiting.findIndex((one) => typeof one !== 'function' && one.isNew === undefined)
    for (const one of waiting.splice(0, end < 0 ? waiting.length : end)) {
      if (typeof one === 'function') {
        one()
        continue
      }
      this.received.push([from, one.item.id])
      if (one.isNew) this.events.message(from, one.item)
    }
    if (waiting.length === 0) this.lines.delete(from.sessionId)
  }

  private acknowledge(): void {
    const idsByPeer = new Map<Peer, Bytes[]>()
    for (const [from, id] of this.received.splice(0)) {
      const ids = idsByPeer.get(from) ?? []
      idsByPeer.set(from, ids)
      ids.push(id)
    }
    if (this.isClosed) return
    for (const [to, ids] of idsByPeer) {
      for (let i = 0; i < ids.length; i += MAX_RECEIPT_IDS) {
        this.events.receipt(to, ids.slice(i, i + MAX_RECEIPT_IDS))
      }
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

import type { Clock } from '../base/clock.ts'
import type { SessionId } from '../base/ids.ts'
import type { Log } from '../base/logger.ts'
import type { MessageItem } from '../protocol/items.ts'
import type { Peer } from '../protocol/peer.ts'

interface Kept {
  readonly from: Peer
  readonly item: MessageItem
  readonly since: number
}

/** A message may overtake the news of its sender's join, by as long as it takes to notice a dead connection and return. */
const PATIENCE_MS = 20_000
/** Of one channel, from one session and from all together. */
const MAX_KEPT_OF_SESSION = 64
const MAX_KEPT_ITEMS = 512

/**
 * Channel messages of sessions that nobody has named as members. A link may be faster than the rendezvous, and who has
 * left under a join was there; but who is never named, and never says so itself, has not joined, and is not heard.
 */
export class Strangers {
  private kept: Kept[] = []

  constructor(
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  keep(from: Peer, item: MessageItem): void {
    const ofSession = this.kept.filter((kept) => kept.from.sessionId === from.sessionId).length
    if (ofSession >= MAX_KEPT_OF_SESSION || this.kept.length >= MAX_KEPT_ITEMS) return this.tellDropped(from)
    this.kept.push({ from, item, since: this.clock.now() })
  }

  /** What this session has sent, in order, under any join or those up to one: it is a member now, or was. */
  take(sessionId: SessionId, upTo = Infinity): readonly MessageItem[] {
    const isTaken = ({ from, item }: Kept): boolean =>
      from.sessionId === sessionId && item.incarnation <= upTo
    const taken = this.kept.filter(isTaken)
    if (taken.length > 0) this.kept = this.kept.filter((kept) => !isTaken(kept))
    return taken.map(({ item }) => item)
  }

  takeAll(): readonly [from: Peer, item: MessageItem][] {
    return this.kept.splice(0).map(({ from, item }) => [from, item])
  }

  /** To be called now and then. */
  sweep(): void {
    const oldest = this.clock.now() - PATIENCE_MS
    const late = this.kept.filter(({ since }) => since < oldest)
    if (late.length > 0) this.kept = this.kept.filter(({ since }) => since >= oldest)
    for (const { from } of late) this.tellDropped(from)
  }

  private tellDropped(from: Peer): void {
    this.log('warn', 'A channel message of somebody who has not joined was dropped', { from: from.userId })
  }
}

import type { Clock } from '../base/clock.ts'
import type { ChannelId } from '../base/ids.ts'
import type { ClientMessage } from '../protocol/client-messages.ts'
import { MAX_VISITS_PER_SESSION } from '../protocol/server-messages.ts'
import { UNAWAITED } from './requests.ts'

/**
 * A leave this long ago was heard, or its session was lost: longer than a connection can be dead unnoticed, and a
 * session silent.
 */
const LEAVES_REPEATED_MS = 60_000
/** Far fewer than the server takes in one burst. */
const MAX_LEAVES = 100

/** What a server was told of this session's channels, and is told again after a return: it may have missed or forgotten it. */
export class AnnouncedChannels {
  private readonly incarnationByChannel = new Map<ChannelId, number>()
  /** The last leave of each channel, the latest last. */
  private readonly leaves = new Map<ChannelId, { readonly incarnation: number; readonly at: number }>()
  /** The latest last. */
  private readonly visits = new Set<ChannelId>()

  constructor(private readonly clock: Clock) {}

  /** A visit of this channel is over: who is in it needs none. */
  join(channelId: ChannelId, incarnation: number): ClientMessage {
    this.incarnationByChannel.set(channelId, incarnation)
    this.visits.delete(channelId)
    return { type: 'join', channelId, incarnation }
  }

  leave(channelId: ChannelId, incarnation: number): ClientMessage {
    if (this.incarnationByChannel.get(channelId) === incarnation) this.incarnationByChannel.delete(channelId)
    this.leaves.delete(channelId)
    this.leaves.set(channelId, { incarnation, at: this.clock.now() })
    for (const oldest of this.leaves.keys()) if (this.leaves.size > MAX_LEAVES) this.leaves.delete(oldest)
    return { type: 'leave', channelId, incarnation }
  }

  /** The server counts in the same way: of too many visits the oldest ends. */
  visit(channelId: ChannelId): void {
    if (this.incarnationByChannel.has(channelId)) return
    this.visits.delete(channelId)
    this.visits.add(channelId)
    const [oldest] = this.visits
    if (oldest !== undefined && this.visits.size > MAX_VISITS_PER_SESSION) this.visits.delete(oldest)
  }

  /** Needs no repetition: after a return only the visits count that are said again. */
  endVisit(channelId: ChannelId): ClientMessage {
    this.visits.delete(channelId)
    return { type: 'endVisit', channelId }
  }

  /** Leaves first, as they make room. The server ignores what it knows already and what is late. */
  afterReturn(): ClientMessage[] {
    const since = this.clock.now() - LEAVES_REPEATED_MS
    const leaves = [...this.leaves].filter(([, { at }]) => at >= since)
    return [
      ...leaves.map(([channelId, { incarnation }]) => ({ type: 'leave' as const, channelId, incarnation })),
      ...[...this.incarnationByChannel].map(([channelId, incarnation]) => ({
        type: 'join' as const,
        channelId,
        incarnation,
      })),
      ...[...this.visits].map((channelId) => ({ type: 'visit' as const, request: UNAWAITED, channelId })),
    ]
  }
}

import type { Clock } from '../base/clock.ts'
import type { ChannelId } from '../base/ids.ts'
import type { Rendezvous } from '../rendezvous/rendezvous.ts'
import type { Channels } from './channels.ts'
import { timeouts } from './limits.ts'
import { Questions } from './questions.ts'

export interface ChannelCount {
  readonly channelId: ChannelId
  readonly count: number
}

export interface ChannelCountsOptions {
  readonly clock: Clock
  readonly rendezvous: Pick<Rendezvous, 'count'>
  readonly channels: Pick<Channels, 'room'>
}

/** How many are in a channel: what the rendezvous says, and in a joined one no fewer than this session sees. */
export class ChannelCounts {
  private readonly questions: Questions

  constructor(private readonly options: ChannelCountsOptions) {
    this.questions = new Questions(options.clock)
  }

  count(
    channelIds: readonly ChannelId[],
    done: (counts: readonly ChannelCount[] | 'timeout' | 'failure') => void,
  ): void {
    this.questions.ask(() => this.counts(channelIds), timeouts.countMembersMs, done)
  }

  close(): void {
    this.questions.close()
  }

  /** Undefined when nobody can tell now. */
  private async counts(channelIds: readonly ChannelId[]): Promise<readonly ChannelCount[] | undefined> {
    const told = await this.options.rendezvous.count(channelIds)
    const counts: ChannelCount[] = []
    for (const [i, channelId] of channelIds.entries()) {
      const [byRendezvous, own] = [told?.[i], this.ownCount(channelId)]
      if (byRendezvous === undefined && own === undefined) return undefined
      counts.push({ channelId, count: Math.max(byRendezvous ?? 0, own ?? 0) })
    }
    return counts
  }

  /** Undefined for a channel that is not joined. */
  private ownCount(channelId: ChannelId): number | undefined {
    const room = this.options.channels.room(channelId)
    return room && room.members.length + 1
  }
}

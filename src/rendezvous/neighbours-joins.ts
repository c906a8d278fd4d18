import type { Cancel, Clock } from '../base/clock.ts'
import type { ChannelId } from '../base/ids.ts'
import type { Member } from '../protocol/peer.ts'
import type { Introduced } from './neighbours-questions.ts'
import type { RendezvousEvents } from './rendezvous.ts'

/** A join succeeds after this long without an answer: nobody may be there. */
const SILENCE_MS = 400
/** Once somebody has named members, those who are still silent get this long, so that the first list is whole. */
const FIRST_ANSWERS_MS = 100

interface Pending {
  readonly incarnation: number
  readonly cancelSilence: Cancel
  cancelAnswers: Cancel
}

/** Joins that neighbours answer, as nobody keeps a list of members. */
export class NeighbourJoins {
  private readonly pending = new Map<ChannelId, Pending>()

  constructor(
    private readonly clock: Clock,
    private readonly events: Pick<RendezvousEvents, 'roster' | 'introduced'>,
  ) {}

  has(channelId: ChannelId): boolean {
    return this.pending.has(channelId)
  }

  begin(channelId: ChannelId, incarnation: number): void {
    this.end(channelId)
    const cancelSilence = this.clock.after(SILENCE_MS, () => this.finish(channelId))
    this.pending.set(channelId, { incarnation, cancelSilence, cancelAnswers: () => undefined })
  }

  /** Neighbours name members of channels that this session is in, whether it waits for that or not. */
  named(introduced: readonly Introduced[]): void {
    const byChannel = new Map<ChannelId, Member[]>()
    for (const { peer, channels } of introduced) {
      for (const [channelId, incarnation] of channels) {
        const members = byChannel.get(channelId) ?? []
        members.push({ ...peer, incarnation })
        byChannel.set(channelId, members)
      }
    }
    for (const [channelId, members] of byChannel) {
      this.events.introduced(channelId, members)
      const pending = this.pending.get(channelId)
      if (!pending) continue
      pending.cancelAnswers()
      pending.cancelAnswers = this.clock.after(FIRST_ANSWERS_MS, () => this.finish(channelId))
    }
  }

  /** There is nobody left whose answer is to be waited for. */
  finish(channelId: ChannelId): void {
    const pending = this.end(channelId)
    if (pending) this.events.roster(channelId, pending.incarnation, [], false)
  }

  /** Somebody else answers it, or nobody wants it any more. */
  end(channelId: ChannelId): Pending | undefined {
    const pending = this.pending.get(channelId)
    this.pending.delete(channelId)
    pending?.cancelSilence()
    pending?.cancelAnswers()
    return pending
  }

  clear(): void {
    for (const channelId of [...this.pending.keys()]) this.end(channelId)
  }
}

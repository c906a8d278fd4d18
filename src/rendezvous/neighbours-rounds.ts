import { type Cancel, type Clock, every } from '../base/clock.ts'
import type { ChannelId, SessionId } from '../base/ids.ts'
import type { Neighbourhood } from './neighbourhood.ts'

/**
 * Often enough that each of the 24 links that a channel holds is asked within 20 s: who is named then has not been
 * silent for 31 s.
 */
const ROUND_MS = 5_000
const ASKED_PER_ROUND = 6

/**
 * In a channel of more members than links are held, nothing is heard of the others while no server tells of them:
 * neighbours are asked in turn who is there.
 */
export class NeighbourRounds {
  private cancel: Cancel = () => undefined
  private next = 0

  constructor(
    private readonly clock: Clock,
    private readonly neighbourhood: Neighbourhood,
    private readonly channels: ReadonlyMap<ChannelId, unknown>,
    private readonly ask: (to: readonly SessionId[], channelIds: readonly ChannelId[]) => void,
  ) {}

  begin(): void {
    this.stop()
    this.cancel = every(this.clock, ROUND_MS, () => this.round())
  }

  stop(): void {
    this.cancel()
    this.cancel = () => undefined
  }

  private round(): void {
    const { neighbourhood } = this
    const near = neighbourhood.near.map(({ sessionId }) => sessionId)
    const isNear = new Set(near)
    const channelIds = [...this.channels.keys()].filter((channelId) =>
      neighbourhood.members(channelId).some(({ sessionId }) => !isNear.has(sessionId)),
    )
    if (near.length === 0 || channelIds.length === 0) return
    const asked = Array.from(
      { length: Math.min(ASKED_PER_ROUND, near.length) },
      (_, i) => near[(this.next + i) % near.length],
    )
    this.next = (this.next + asked.length) % near.length
    this.ask(
      asked.filter((sessionId) => sessionId !== undefined),
      channelIds,
    )
  }
}

import type { Position } from '../protocol/frames.ts'

/** What has arrived of a peer's items: decides which are new, so that each is taken exactly once. */
export class IncomingStream {
  /** Everything before this has arrived. Stream 0: nothing has. */
  received: Position = { stream: 0, number: 0 }

  /** True if the item at this position is the next one; it counts as received then. */
  accept(at: Position): boolean {
    const { stream, number } = this.received
    const isNext = at.stream === stream ? at.number === number : at.stream > stream && at.number === 0
    if (isNext) this.received = { stream: at.stream, number: at.number + 1 }
    return isNext
  }
}

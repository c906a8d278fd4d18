import type { SessionId } from '../base/ids.ts'

/** What one neighbour may have waiting: an answer to every kind of question, and the signals of a channel's links. */
const MAX_WAITING = 256

/**
 * What each neighbour brings is looked at one after the other, whatever time that takes: signals that it passes on
 * keep their order.
 */
export class NeighbourTurns {
  private readonly lines = new Map<SessionId, { last: Promise<void>; count: number }>()

  /** False if too much of this neighbour waits. */
  take(from: SessionId, look: () => Promise<void>): boolean {
    const line = this.lines.get(from) ?? { last: Promise.resolve(), count: 0 }
    if (line.count >= MAX_WAITING) return false
    this.lines.set(from, line)
    line.count += 1
    line.last = line.last.then(look).then(() => {
      line.count -= 1
      if (line.count === 0) this.lines.delete(from)
    })
    return true
  }
}

import type { ManualClock } from './manual-clock.ts'
import type { RendezvousEvents } from '../../src/rendezvous/rendezvous.ts'

type Signal = RendezvousEvents['signal']

/** What happens to signals on their way: each by its probability, from 0 to 1. */
export class SignalFaults {
  loss = 0
  duplication = 0
  /** Up to this much later than they came: so they overtake each other. */
  delayMs = 0

  constructor(
    private readonly clock: ManualClock,
    private readonly random: () => number,
  ) {}

  clear(): void {
    this.loss = this.duplication = this.delayMs = 0
  }

  /** The same, for signals that go through all this. */
  passing(signal: Signal): Signal {
    return (...given) => {
      if (this.loss > 0 && this.random() < this.loss) return
      const count = this.duplication > 0 && this.random() < this.duplication ? 2 : 1
      for (let i = 0; i < count; i++) {
        const delayMs = Math.floor(this.random() * this.delayMs)
        if (delayMs === 0) signal(...given)
        else this.clock.after(delayMs, () => signal(...given))
      }
    }
  }
}

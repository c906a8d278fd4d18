import type { Bytes } from '../../src/base/bytes.ts'
import type { SessionId } from '../../src/base/ids.ts'
import type { Carriers } from '../../src/mesh/carriers.ts'
import type { ManualClock } from '../support/manual-clock.ts'

/** What overtakes a message does so in this time, or nothing does. */
const OVERTAKEN_WITHIN_MS = 100

/** What those who pass something on may do to it, on purpose or not: each by its probability, from 0 to 1. */
export class RelayFaults {
  loss = 0
  duplication = 0
  /** The next message to the same session comes before it. */
  swapping = 0

  constructor(
    private readonly clock: ManualClock,
    private readonly random: () => number,
  ) {}

  clear(): void {
    this.loss = this.duplication = this.swapping = 0
  }

  /** The same carriers, for messages that go through all this. */
  impaired(carriers: Carriers): Carriers {
    const held = new Map<SessionId, () => void>()
    const happens = (probability: number): boolean => probability > 0 && this.random() < probability
    return {
      get near() {
        return carriers.near
      },
      bufferedBytes: (by) => carriers.bufferedBytes(by),
      carry: (by: SessionId, message: Bytes): boolean => {
        if (happens(this.loss)) return carriers.bufferedBytes(by) < Infinity
        const release = held.get(by)
        if (!release && happens(this.swapping)) {
          const cancel = this.clock.after(OVERTAKEN_WITHIN_MS, () => held.get(by)?.())
          held.set(by, () => {
            held.delete(by)
            cancel()
            carriers.carry(by, message)
          })
          return carriers.bufferedBytes(by) < Infinity
        }
        const isCarried = carriers.carry(by, message)
        if (happens(this.duplication)) carriers.carry(by, message)
        release?.()
        return isCarried
      },
    }
  }
}

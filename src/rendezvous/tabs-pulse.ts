import { type Cancel, type Clock, every } from '../base/clock.ts'
import { SleepWatch } from '../base/sleep-watch.ts'
import type { TabsView } from './tabs-view.ts'

const TICK_MS = 1_000
/** Two of these missed, and a little, is still less than what makes a session unreachable. */
const PING_PERIOD_MS = 3_000
/** Several reasons for a probe come together. */
const PROBE_PERIOD_MS = 1_000
/** Whoever said something a moment ago need not answer a ping: a page that wakes up finds many of them. */
const SAID_LATELY_MS = 1_000

/**
 * Asks whether the other tabs are still there, and answers for this one. One ping of whichever tab is the first serves
 * all, as everybody hears the answers. Timers of a hidden page come once a minute, its messages at once: so it is there
 * as long as it answers, and when its own tick came late it counts everybody's silence from then on.
 */
export class TabsPulse {
  readonly stop: Cancel
  private readonly sleep: SleepWatch
  private lastPing: number
  private lastSaid: number

  constructor(
    private readonly clock: Clock,
    private readonly view: TabsView,
    private readonly say: (type: 'ping' | 'state') => void,
  ) {
    this.lastPing = this.lastSaid = clock.now()
    this.sleep = new SleepWatch(clock, TICK_MS)
    this.stop = every(clock, TICK_MS, () => this.tick())
  }

  /** This session said something: a sign of life. */
  said(): void {
    this.lastSaid = this.clock.now()
  }

  /** This page may have slept, and the others too. */
  probe(): void {
    this.check()
    if (this.clock.now() - this.lastPing >= PROBE_PERIOD_MS) this.ping()
  }

  ping(): void {
    this.lastPing = this.clock.now()
    this.say('ping')
  }

  answerPing(): void {
    const now = this.clock.now()
    this.lastPing = now
    // Another page's ping comes also while this page's own ticks do not.
    this.check()
    if (now - this.lastSaid >= SAID_LATELY_MS) this.say('state')
  }

  private tick(): void {
    this.check()
    if (this.clock.now() - this.lastPing >= PING_PERIOD_MS) this.ping()
  }

  private check(): void {
    if (this.sleep.hasSlept) this.view.excuse()
    this.sleep.look()
    this.view.check()
  }
}

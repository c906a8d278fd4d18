import type { Clock } from '../base/clock.ts'
import { PULSE_MS } from '../base/wakefulness.ts'

/** Without a sign of life for this long after the last packet, one beat a second is sent. */
const BEAT_AFTER_MS = 1_000
/**
 * A link that was silent for this long is asked for a sign of life: the timers of a hidden page come once a minute at
 * worst, so that it sends no beats, but it answers at once.
 */
const PROBE_AFTER_MS = 3_000
const PROBE_AGAIN_MS = 1_000
/** While there is doubt: what asks and what answers may get lost on the way. */
const DOUBTFUL_PROBE_AGAIN_MS = 500
/** A link that brought nothing for this long is replaced: five beats and more are missing, and three answers. */
const LINK_SILENT_AFTER_MS = 6_000
/** A link without a shared channel that carried nothing for this long is closed. */
const IDLE_AFTER_MS = 60_000
/** Without contact for this long the stream to a peer ends: what it is owed is given up. */
const STREAM_ENDS_AFTER_MS = 120_000
/** What came from a peer is remembered longer than the peer keeps sending it, so that nothing is taken twice. */
const FORGOTTEN_AFTER_MS = 180_000

/** When something last went to a peer over a link, or came from it, and what that means now. */
export class Contact {
  /** When something last came from it, since this page was away. */
  lastHeard: number | undefined
  /** When something other than beats last went either way: idle links close by it. */
  lastUsed: number
  private lastSent: number
  private lastProbed = -Infinity
  /** When it was last heard, or else when we began to wait for it. */
  private waitingSince: number
  /** There is reason to believe that the link is dead: so it is, unless it is heard within so many pulses. */
  private patience: number | undefined

  constructor(private readonly clock: Clock) {
    this.lastUsed = this.lastSent = this.waitingSince = clock.now()
  }

  sent(): void {
    this.lastSent = this.clock.now()
  }

  probed(): void {
    this.lastSent = this.lastProbed = this.clock.now()
  }

  used(now = this.clock.now()): void {
    this.lastUsed = now
  }

  heard(): void {
    this.lastHeard = this.waitingSince = this.clock.now()
    this.patience = undefined
  }

  /** What was not heard until now proves nothing. A doubt stands. */
  waitAnew(): void {
    this.waitingSince = this.clock.now()
  }

  /** This page slept: nor does what was not heard in time. */
  excuse(): void {
    this.waitAnew()
    this.patience = undefined
  }

  /**
   * It is expected to be heard within this time. More doubts do not make the time longer. It is counted in pulses:
   * what has come while this page was busy is heard between two of them.
   */
  doubt(withinMs: number): void {
    this.patience = Math.min(this.patience ?? Infinity, Math.round(withinMs / PULSE_MS))
  }

  /** One more pulse in which it was not heard. */
  pulse(): void {
    if (this.patience !== undefined) this.patience -= 1
  }

  /** This page was away: whether it is still there is not known. */
  wasAway(): void {
    this.lastHeard = undefined
    this.excuse()
  }

  isBeatDue(now: number): boolean {
    return now - this.lastSent >= BEAT_AFTER_MS
  }

  isProbeDue(now: number): boolean {
    if (this.patience !== undefined) return now - this.lastProbed >= DOUBTFUL_PROBE_AGAIN_MS
    return now - this.waitingSince >= PROBE_AFTER_MS && now - this.lastProbed >= PROBE_AGAIN_MS
  }

  isLinkSilent(now: number): boolean {
    return now - this.waitingSince > LINK_SILENT_AFTER_MS || (this.patience ?? Infinity) <= 0
  }

  isIdle(now: number): boolean {
    return now - this.lastUsed > IDLE_AFTER_MS
  }

  isStreamOver(now: number): boolean {
    return now - this.waitingSince > STREAM_ENDS_AFTER_MS
  }

  isForgotten(now: number): boolean {
    return now - this.waitingSince > FORGOTTEN_AFTER_MS
  }
}

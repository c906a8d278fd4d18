import type { Clock } from '../base/clock.ts'

/** Without a sign of life for this long after the last packet, one beat a second is sent. */
const BEAT_AFTER_MS = 1_000
/** A link that brought not even a beat for this long is replaced: five beats and more are missing. */
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
  /** When it was last heard, or else when we began to wait for it. */
  private waitingSince: number

  constructor(private readonly clock: Clock) {
    this.lastUsed = this.lastSent = this.waitingSince = clock.now()
  }

  sent(): void {
    this.lastSent = this.clock.now()
  }

  used(): void {
    this.lastUsed = this.clock.now()
  }

  heard(): void {
    this.lastHeard = this.waitingSince = this.clock.now()
  }

  /** What was not heard until now proves nothing. */
  waitAnew(): void {
    this.waitingSince = this.clock.now()
  }

  /** This page was away: whether it is still there is not known. */
  wasAway(): void {
    this.lastHeard = undefined
    this.waitAnew()
  }

  isBeatDue(now: number): boolean {
    return now - this.lastSent >= BEAT_AFTER_MS
  }

  isLinkSilent(now: number): boolean {
    return now - this.waitingSince > LINK_SILENT_AFTER_MS
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

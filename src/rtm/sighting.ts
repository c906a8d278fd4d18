import { OFFLINE_AFTER_MS, UNREACHABLE_AFTER_MS } from '../protocol/server-messages.ts'

const NEVER = -Infinity

/** What is known of one session on the paths that are not links. Of those its link tells, as `heard`. */
export class Sighting {
  /** When the rendezvous last vouched for it; `now` while it does. */
  private vouchedFor: number | 'now' = NEVER
  /** Since when the rendezvous has heard nothing of it, as it says while it still vouches for it. */
  private quietSince: number | undefined

  /** The rendezvous names it. */
  vouched(): void {
    this.vouchedFor = 'now'
    this.quietSince = undefined
  }

  /** Somebody named it, who will not say when it is gone. */
  introduced(now: number): void {
    if (this.vouchedFor !== 'now') this.vouchedFor = now
  }

  /** The rendezvous does not hear it any more. */
  lost(): void {
    this.vouchedFor = NEVER
  }

  /**
   * The rendezvous names everybody but it. If the rendezvous forgot everybody a short time ago (`mayRemove` false), it
   * has the usual time to come back there.
   */
  missing(mayRemove: boolean, now: number): void {
    if (mayRemove) this.lost()
    else if (this.vouchedFor === 'now') this.vouchedFor = now
  }

  /** The rendezvous has heard nothing of it for a while. Whether it is lost is for the rendezvous to say. */
  unreachable(silentMs: number, now: number): void {
    this.quietSince = now - silentMs
  }

  /** The rendezvous hears it again. */
  reachable(): void {
    this.quietSince = undefined
  }

  /** The rendezvous cannot be reached: from now on it vouches for nobody. */
  rendezvousLost(now: number): void {
    if (this.vouchedFor === 'now') this.vouchedFor = this.quietSince ?? now
  }

  /** This page slept: that nothing was heard of it before `since` proves nothing. */
  excuse(since: number): void {
    if (this.vouchedFor !== 'now') this.vouchedFor = Math.max(this.vouchedFor, since)
    else if (this.quietSince !== undefined) this.quietSince = Math.max(this.quietSince, since)
  }

  /** Nothing of it came on any path for 7 s. */
  isSilent(heard: number | undefined, now: number): boolean {
    const byRendezvous = this.vouchedFor === 'now' ? (this.quietSince ?? now) : this.vouchedFor
    return now - Math.max(heard ?? NEVER, byRendezvous) > UNREACHABLE_AFTER_MS
  }

  /** For 31 s no path knows it to be there. One that the rendezvous vouches for is there, however quiet it is. */
  isOver(heard: number | undefined, now: number): boolean {
    const byRendezvous = this.vouchedFor === 'now' ? now : this.vouchedFor
    return now - Math.max(heard ?? NEVER, byRendezvous) > OFFLINE_AFTER_MS
  }
}

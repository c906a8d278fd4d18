import type { Cancel, Clock } from '../base/clock.ts'
import { MAX_LISTED_MEMBERS } from './limits.ts'

/** At most one `memberCount` a second in channels of up to 512 members, one per 3 s in larger ones. */
const SMALL_CHANNEL_MS = 1_000
const LARGE_CHANNEL_MS = 3_000

/** Reports a channel's member count: at once at first, then when it has changed, with the latest value, not too often. */
export class MemberCount {
  private cancel: Cancel | undefined
  private reported: number | undefined

  constructor(
    private readonly clock: Clock,
    private readonly current: () => number,
    private readonly report: (count: number) => void,
  ) {}

  changed(): void {
    if (!this.cancel) this.tell()
  }

  close(): void {
    this.cancel?.()
    this.cancel = () => undefined
  }

  private tell(): void {
    const count = this.current()
    if (count === this.reported) return
    this.reported = count
    const pauseMs = count > MAX_LISTED_MEMBERS ? LARGE_CHANNEL_MS : SMALL_CHANNEL_MS
    this.cancel = this.clock.after(pauseMs, () => {
      this.cancel = undefined
      this.tell()
    })
    this.report(count)
  }
}

import type { Clock } from '../base/clock.ts'

/** After a server forgot everybody its rosters fill up again; until then they remove nobody. */
const ROSTERS_FILL_MS = 30_000
/** For so long it cannot tell that somebody is not there: by then all are back who were there before. */
const ALL_BACK_MS = 10_000

/** How much the word of a server counts that somebody is not there: it may have forgotten everybody of late. */
export class ServerMemory {
  private boot: string | undefined
  private forgotAt = -Infinity

  constructor(private readonly clock: Clock) {}

  /** A login succeeded at a server of this name, which is another one after each start. */
  met(boot: string): void {
    if (this.boot !== undefined && this.boot !== boot) this.forgotAt = this.clock.now()
    this.boot = boot
  }

  /** Whether who is not in a roster has left. */
  get mayRemove(): boolean {
    return this.sinceForgottenMs >= ROSTERS_FILL_MS
  }

  /** Whether who is not found is not there. */
  get hasAll(): boolean {
    return this.sinceForgottenMs >= ALL_BACK_MS
  }

  private get sinceForgottenMs(): number {
    return this.clock.now() - this.forgotAt
  }
}

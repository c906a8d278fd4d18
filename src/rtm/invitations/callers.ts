import { type Cancel, every } from '../../base/clock.ts'
import type { Peer } from '../../protocol/peer.ts'
import type { InvitationLine } from './line.ts'
import type { Post } from './post.ts'

/** How often is looked whether a caller is gone that nobody hears. */
const CHECK_MS = 5_000

/** Looks after those who call, as nobody tells of callers that vanish where no rendezvous knows that the two have met. */
export class Callers {
  private cancel: Cancel | undefined
  private isStopped = false

  constructor(
    private readonly line: InvitationLine,
    private readonly post: Post,
    /** Whose invitations are here. */
    private readonly present: () => Iterable<Peer>,
    private readonly gone: (caller: Peer) => void,
  ) {}

  /** From now on, as long as there are any. */
  watch(): void {
    this.cancel ??= every(this.line.clock, CHECK_MS, () => this.checkAll())
  }

  stop(): void {
    this.isStopped = true
    this.cancel?.()
    this.cancel = undefined
  }

  private checkAll(): void {
    const callers = new Map([...this.present()].map((caller) => [caller.sessionId, caller]))
    if (callers.size === 0) {
      this.cancel?.()
      this.cancel = undefined
    }
    for (const caller of callers.values()) if (this.post.isSilent(caller)) void this.check(caller)
  }

  private async check(caller: Peer): Promise<void> {
    const { line, post } = this
    const isGone = !line.isUp() || (await line.whereabouts.successors(caller)) !== undefined
    if (isGone && !this.isStopped && post.isSilent(caller)) this.gone(caller)
  }
}

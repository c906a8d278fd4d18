import type { Cancel } from '../../base/clock.ts'
import type { UserId } from '../../base/ids.ts'
import type { InvitationLine } from './line.ts'

/** How often it is asked where callees are that are not heard. */
const ASK_MS = 2_000
/** A first question waits this long for others, as a program may invite many at once. */
const FIRST_ASK_MS = 50
/** In one question. */
const MAX_ASKED = 256

/** Asks where callees are, one question for all of them in 2 s, as long as anybody is called. */
export class CalleeSearch {
  private cancel: Cancel | undefined
  private dueAt = 0
  private turn = 0
  private askedAt = -Infinity

  constructor(
    private readonly line: InvitationLine,
    /** Who is to be looked for; undefined when nobody is called any more. */
    private readonly wanted: () => readonly UserId[] | undefined,
  ) {}

  /** Somebody is to be looked for who was not before. */
  wake(): void {
    const now = this.line.clock.now()
    this.plan(Math.max(now + FIRST_ASK_MS, this.askedAt + ASK_MS / 4))
  }

  stop(): void {
    this.cancel?.()
    this.cancel = undefined
  }

  private ask(): void {
    const wanted = this.wanted()
    this.cancel = undefined
    if (!wanted) return
    const { clock, whereabouts } = this.line
    this.plan(clock.now() + ASK_MS)
    if (wanted.length === 0) return
    this.askedAt = clock.now()
    const from = (this.turn++ % Math.ceil(wanted.length / MAX_ASKED)) * MAX_ASKED
    // Whoever is found is met: the directory tells of every sight.
    void whereabouts.find(wanted.slice(from, from + MAX_ASKED))
  }

  /** At this time, unless it is asked before. */
  private plan(at: number): void {
    if (this.cancel && this.dueAt <= at) return
    this.cancel?.()
    this.dueAt = at
    this.cancel = this.line.clock.after(at - this.line.clock.now(), () => this.ask())
  }
}

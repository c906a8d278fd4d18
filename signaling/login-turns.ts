import type { Limits } from './limits.ts'
import { Turnstile } from './turnstile.ts'

type TurnLimits = Pick<Limits, 'proofsAtOnce' | 'proofsAtOncePerAddress' | 'failedLoginsPerMinutePerAddress'>

/** The logins of one address that are not decided yet. */
export class LoginLine {
  /** Who has a turn. */
  judging = 0
  /** Who is in it, with and without a turn. */
  present = 0
  readonly waiting: (() => void)[] = []
  /** Failed logins of this address in the last minute, as far as is known here. */
  private failed = 0
  private changes = 0

  constructor(
    readonly key: string | undefined,
    private readonly limits: TurnLimits,
  ) {}

  /** `ask` says how many have failed. What is heard here while it asks may be later than its answer. */
  async learn(ask: () => Promise<number>): Promise<void> {
    const { changes } = this
    const failed = await ask()
    this.failed = this.changes === changes ? failed : Math.max(this.failed, failed)
  }

  /** One more failed, of now so many. */
  fail(failed: number): void {
    this.changes += 1
    this.failed = Math.max(this.failed, failed)
  }

  /** More have failed than may; none of its logins is looked at but those that return. */
  get isBlocked(): boolean {
    return this.key !== undefined && this.failed > this.limits.failedLoginsPerMinutePerAddress
  }

  /** Whoever is being judged counts as if it had failed: what is known after that is known too late. */
  get mayJudge(): boolean {
    if (this.key === undefined || this.isBlocked) return true
    const { proofsAtOncePerAddress, failedLoginsPerMinutePerAddress } = this.limits
    if (this.judging >= proofsAtOncePerAddress) return false
    return this.failed + this.judging <= failedLoginsPerMinutePerAddress
  }
}

/**
 * Whose login is looked at next: so many at one time, of each address in turn, so that those of one wait behind its
 * own and not before everybody's.
 */
export class LoginTurns {
  /** In the order in which it is their turn. */
  private readonly lines = new Map<string | undefined, LoginLine>()
  private judging = 0
  private readonly turnstile = new Turnstile()

  constructor(private readonly limits: TurnLimits) {}

  /** Stays the same for as long as somebody is in it. */
  enter(key: string | undefined): LoginLine {
    const line = this.lines.get(key) ?? new LoginLine(key, this.limits)
    this.lines.set(key, line)
    line.present += 1
    return line
  }

  /** Resolves when it is the next one's turn. */
  async turn(line: LoginLine): Promise<void> {
    await new Promise<void>((resolve) => {
      line.waiting.push(resolve)
      this.next()
    })
  }

  /** Of one who had a turn. */
  done(line: LoginLine): void {
    line.judging -= 1
    this.judging -= 1
    this.leave(line)
    this.next()
  }

  /** Of one who had none. */
  leave(line: LoginLine): void {
    line.present -= 1
    if (line.present === 0) this.lines.delete(line.key)
  }

  private next(): void {
    while (this.judging < this.limits.proofsAtOnce) {
      const line = this.nextLine()
      const begin = line?.waiting.shift()
      if (!line || !begin) return
      // Behind all others.
      this.lines.delete(line.key)
      this.lines.set(line.key, line)
      line.judging += 1
      this.judging += 1
      this.turnstile.pass(begin)
    }
  }

  private nextLine(): LoginLine | undefined {
    for (const line of this.lines.values()) if (line.waiting.length > 0 && line.mayJudge) return line
    return undefined
  }
}

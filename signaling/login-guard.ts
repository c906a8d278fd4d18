import type { Bytes } from '../src/base/bytes.ts'
import type { Cancel, Clock } from '../src/base/clock.ts'
import type { LoginRequest } from '../src/protocol/client-messages.ts'
import type { AddressRates } from './address-rates.ts'
import type { Limits } from './limits.ts'
import {
  admit,
  type CheckedLogin,
  checkLogin,
  isReturn,
  type LoginDecision,
  type LoginPolicy,
  type LoginRefused,
  refusal,
} from './login.ts'
import { type LoginLine, LoginTurns } from './login-turns.ts'
import { Turnstile } from './turnstile.ts'

/**
 * Slows down who guesses: failed logins of an address are answered ever later, and beyond a limit no login of it is
 * looked at for a while, but of sessions that return: those have a credential that this server has signed, and are
 * honest neighbours of whoever guesses behind the same address. Proofs take their time, so logins wait for their turn,
 * and no more of an address have one than may still fail.
 */
export class LoginGuard {
  private readonly turns: LoginTurns
  private readonly exit = new Turnstile()
  private readonly waiting = new Map<() => void, Cancel>()
  private isClosed = false

  constructor(
    private readonly policy: LoginPolicy,
    private readonly rates: AddressRates,
    private readonly clock: Clock,
    limits: Limits,
  ) {
    this.turns = new LoginTurns(limits)
  }

  /** `isGone`: whoever is not there any more when it is his turn is not looked at. */
  async decide(
    request: LoginRequest,
    nonce: Bytes,
    address: string | undefined,
    isGone: () => boolean,
  ): Promise<LoginDecision> {
    const line = this.turns.enter(address)
    try {
      if (address !== undefined) await line.learn(async () => (await this.rates.failedLogins(address)).count)
    } catch (error) {
      this.turns.leave(line)
      throw error
    }
    await this.turns.turn(line)
    const check = await this.judge(line, request, nonce, isGone).finally(() => this.turns.done(line))
    if (check.outcome === 'refused') {
      await this.wait(check.delayMs)
      return check
    }
    // Threads tell of what they have done all at once.
    await new Promise<void>((resolve) => this.exit.pass(resolve))
    return admit(check, request, this.policy)
  }

  /** What it costs a turn for. */
  private async judge(
    line: LoginLine,
    request: LoginRequest,
    nonce: Bytes,
    isGone: () => boolean,
  ): Promise<CheckedLogin | (LoginRefused & { readonly delayMs: number })> {
    if (this.isClosed || isGone()) return { ...refusal('overload'), delayMs: 0 }
    const { key } = line
    if (key !== undefined && line.isBlocked && !isReturn(request, this.policy)) {
      const { blockedMs } = await this.rates.failedLogins(key)
      return { ...blocked(blockedMs), delayMs: 0 }
    }
    const check = await checkLogin(request, nonce, this.policy)
    if (check.outcome !== 'refused') return check
    if (key === undefined || !isGuess(check)) return { ...check, delayMs: 0 }
    const { count, delayMs } = await this.rates.failedLogin(key)
    line.fail(count)
    return { ...check, delayMs }
  }

  /** Whoever waits for an answer gets it now, and so does whoever's proof is still being checked. */
  close(): void {
    this.isClosed = true
    for (const [resolve, cancel] of this.waiting) {
      cancel()
      resolve()
    }
    this.waiting.clear()
  }

  private async wait(delayMs: number): Promise<void> {
    if (delayMs === 0 || this.isClosed) return
    await new Promise<void>((resolve) => {
      const done = (): void => {
        this.waiting.delete(resolve)
        resolve()
      }
      this.waiting.set(resolve, this.clock.after(delayMs, done))
    })
  }
}

/** What somebody meets who tries tokens or keys; an expired token is one that was good, and no guess. */
function isGuess({ reason }: LoginRefused): boolean {
  return reason === 'invalid-proof' || reason === 'invalid-token'
}

/** By a reason that clients know, and take for what it is: nothing that is wrong with them, and to be tried again. */
function blocked(ms: number): LoginRefused {
  const seconds = Math.ceil(ms / 1_000)
  const message = `Too many logins from this address have failed: try again in ${seconds} seconds`
  return { outcome: 'refused', reason: 'overload', message }
}

import type { Bytes } from '../src/base/bytes.ts'
import type { Cancel, Clock } from '../src/base/clock.ts'
import type { LoginRequest } from '../src/protocol/client-messages.ts'
import type { AddressRates } from './address-rates.ts'
import { decideLogin, isReturn, type LoginDecision, type LoginPolicy } from './login.ts'

/**
 * Slows down who guesses: failed logins of an address are answered ever later, and beyond a limit no login of it is
 * looked at for a while, but of sessions that return: those have a credential that this server has signed, and are
 * honest neighbours of whoever guesses behind the same address.
 */
export class LoginGuard {
  private readonly waiting = new Map<() => void, Cancel>()
  private isClosed = false

  constructor(
    private readonly policy: LoginPolicy,
    private readonly rates: AddressRates,
    private readonly clock: Clock,
  ) {}

  async decide(request: LoginRequest, nonce: Bytes, address: string | undefined): Promise<LoginDecision> {
    if (address === undefined) return decideLogin(request, nonce, this.policy)
    const blockedMs = await this.rates.blockedMs(address)
    if (blockedMs > 0 && !isReturn(request, this.policy)) return blocked(blockedMs)
    const decision = await decideLogin(request, nonce, this.policy)
    if (isGuess(decision)) await this.wait(await this.rates.failedLogin(address))
    return decision
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
function isGuess(decision: LoginDecision): boolean {
  if (decision.outcome !== 'refused') return false
  return decision.reason === 'invalid-proof' || decision.reason === 'invalid-token'
}

/** By a reason that clients know, and take for what it is: nothing that is wrong with them, and to be tried again. */
function blocked(ms: number): LoginDecision {
  const seconds = Math.ceil(ms / 1_000)
  const message = `Too many logins from this address have failed: try again in ${seconds} seconds`
  return { outcome: 'refused', reason: 'overload', message }
}

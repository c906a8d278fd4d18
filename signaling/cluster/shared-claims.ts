import type { Clock } from '../../src/base/clock.ts'
import type { Claim, ClaimOutcome, Claims, Directory } from '../directory.ts'
import type { Bus } from './bus.ts'
import { digestOf } from './shared-claim.ts'

/** Logins at the nodes of a cluster: decided where all nodes agree, or here while that cannot be asked. */
export class SharedClaims implements Claims {
  constructor(
    private readonly bus: Bus,
    private readonly directory: Directory,
    private readonly clock: Clock,
  ) {}

  async claim({ identity, earlierLoginTime }: Claim): Promise<ClaimOutcome> {
    const { appId, userId, sessionId } = identity
    const earliestStay = (): number =>
      Math.max(this.clock.now(), (this.directory.sessionById(sessionId)?.stay ?? 0) + 1)
    const verdict = await this.bus.claim({
      appId,
      userId,
      sessionId,
      digest: digestOf(identity),
      loginTime: earlierLoginTime,
      earliestLoginTime: this.directory.timeLogin(appId, userId),
      stay: earliestStay(),
      isHeld: false,
    })
    if (verdict?.isGranted === false) return { outcome: 'refused', reason: verdict.reason }

    // News that came meanwhile may know a later login.
    const known = this.directory.sessionById(sessionId)
    const loginTime = verdict?.loginTime ?? earlierLoginTime
    const outcome = await this.directory.claim({ identity, earlierLoginTime: loginTime })
    if (outcome.outcome === 'refused') {
      if (!known) this.bus.release({ appId, userId, sessionId })
      return outcome
    }
    outcome.session.home = 'here'
    outcome.session.stay = Math.max(verdict?.stay ?? 0, earliestStay())
    return outcome
  }
}

import { type LoginRefusal, loginRefusals } from '../src/protocol/server-messages.ts'
import { type RefusalReason, refusalReasons } from './refusals.ts'

/** How logins end. `failed`: by an error of this server. */
export const loginResults = ['admitted', 'returned', 'failed', ...loginRefusals] as const
export type LoginResult = 'admitted' | 'returned' | 'failed' | LoginRefusal

/** What is refused to a session that goes on. */
export const declines = ['too-many-channels', 'too-many-subscriptions', 'token-renewal'] as const
export type Decline = (typeof declines)[number]

/** What this server has done since it started. Plain numbers, as some of them grow with each message. */
export class Tallies {
  connections = 0
  messages = 0
  readonly logins = zeros<LoginResult>(loginResults)
  readonly refusals = zeros<RefusalReason>(refusalReasons)
  readonly declines = zeros<Decline>(declines)

  refuse(reason: RefusalReason): void {
    this.refusals[reason] += 1
  }
}

function zeros<Name extends string>(names: readonly Name[]): Record<Name, number> {
  return Object.fromEntries(names.map((name) => [name, 0])) as Record<Name, number>
}

import type { AppId, SessionId, UserId } from '../src/base/ids.ts'
import type { Departure } from '../src/protocol/server-messages.ts'
import type { Session } from './session.ts'

/** What an operator decided about a user. The notice is for peers, and signed. */
export type Decision =
  | {
      readonly kind: 'kick'
      readonly sessionId: SessionId
      readonly notice: string
      /** Milliseconds since 1970. */
      readonly at: number
    }
  | {
      readonly kind: 'ban'
      readonly appId: AppId
      readonly userId: UserId
      /** If the user was there. */
      readonly notice?: string | undefined
    }

/** The other nodes of a cluster, who are told what happens at this one. */
export interface Colleagues {
  /** It is in another channel, lost its socket, fell silent, … Told soon, once for all that changed meanwhile. */
  changed(session: Session): void
  /** It was removed from the directory. */
  ended(session: Session, why: Departure, notice: string | undefined): void
  decided(decision: Decision): void
  /** To a session of another node. If it turns out to be undeliverable, the sender is told so. */
  pass(from: Session, to: Session, signal: string): void
}

/** A server that is alone. */
export const nobodyElse: Colleagues = {
  changed: () => undefined,
  ended: () => undefined,
  decided: () => undefined,
  pass: () => undefined,
}

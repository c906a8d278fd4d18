import { endsSession } from '../src/protocol/server-messages.ts'
import type { CredentialOffice } from './credential-office.ts'
import type { Directory } from './directory.ts'
import type { Presence } from './presence.ts'
import type { Session } from './session.ts'
import type { Tallies } from './tallies.ts'
import type { TokenCheck } from './token-check.ts'
import type { TurnOffice } from './turn.ts'

/** The tokens of those who are logged in: how they are renewed, and what their end means. */
export class SessionTokens {
  constructor(
    private readonly check: TokenCheck,
    private readonly office: CredentialOffice,
    private readonly directory: Directory,
    private readonly presence: Presence,
    private readonly turn: TurnOffice,
    private readonly tallies: Tallies,
  ) {}

  renew(session: Session, request: number, text: string): void {
    const verdict = this.check(session.appId, session.userId, text)
    if (!verdict.ok) {
      const { reason, message } = verdict
      this.tallies.declines['token-renewal'] += 1
      return session.send({ type: 'tokenRefused', request, reason, message })
    }
    const { terms } = verdict
    session.token = terms
    const credential = this.office.issue(session)
    session.send({
      type: 'tokenRenewed',
      request,
      credential,
      ...this.turn.offer(session),
      ...(terms && { token: terms }),
    })
  }

  /**
   * Once a round. A session without a socket is left alone: it has no way back with this token, its silence is noticed
   * as ever, and until then it talks to its peers as any that has lost the server.
   */
  endExpired(now: number): void {
    for (const session of this.directory.sessions()) {
      const { token, outlet } = session
      if (!outlet || !token || now < token.expiresAt || !endsSession(token)) continue
      this.presence.end(this.directory.remove(session), 'token-expired')
    }
  }
}

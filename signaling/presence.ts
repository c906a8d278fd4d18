import type { Clock } from '../src/base/clock.ts'
import {
  closeCodes,
  type Departure,
  OFFLINE_AFTER_MS,
  type ServerMessage,
} from '../src/protocol/server-messages.ts'
import type { Directory, Removal } from './directory.ts'
import { broadcast, type Outlet, peerOf, type Session } from './session.ts'

export type EndReason = Extract<ServerMessage, { type: 'ended' }>['reason']

/**
 * Which sessions are there, and the news when one is no longer.
 *
 *     online --- socket closes ---> lingering --- 31 s --> gone (lost)
 *       |  ^                            |
 *       |  +------ same session --------+
 *       +-- goodbye | replaced | kicked | banned | silent for 31 s --> gone
 */
export class Presence {
  constructor(
    private readonly directory: Directory,
    private readonly clock: Clock,
  ) {}

  /** The session goes on over this outlet; one that it had before is dropped without any news. */
  connect(session: Session, outlet: Outlet): void {
    session.end(closeCodes.goingAway, 'This session goes on over a newer connection')
    session.outlet = outlet
    this.hear(session)
  }

  /** The socket is closed. If the client closed it, that was a sign of life. */
  disconnect(session: Session, outlet: Outlet, isByClient: boolean): void {
    if (session.outlet !== outlet) return
    session.outlet = undefined
    if (isByClient) this.hear(session)
  }

  hear(session: Session): void {
    session.heardAt = this.clock.now()
  }

  /** The client ended its session itself. */
  depart(session: Session): void {
    this.announce(this.directory.remove(session), 'goodbye')
  }

  /** Tells the session that it is over, and everybody who knew it. */
  end(removal: Removal | undefined, reason: EndReason): void {
    if (!removal) return
    const { session } = removal
    session.send({ type: 'ended', reason, message: endSentences[reason] })
    session.end(closeCodes.ended, endSentences[reason])
    this.announce(removal, departureOf[reason])
  }

  dropLost(): void {
    const now = this.clock.now()
    for (const session of this.directory.sessions()) {
      if (now - session.heardAt < OFFLINE_AFTER_MS) continue
      this.announce(this.directory.remove(session), 'lost')
      session.end(closeCodes.silent, 'Nothing was heard from this page for too long')
    }
  }

  /** This process slept: nobody's silence meanwhile proves anything. */
  forgiveSilence(): void {
    for (const session of this.directory.sessions()) this.hear(session)
  }

  private announce(removal: Removal | undefined, why: Departure): void {
    if (removal) broadcast(removal.audience, { type: 'gone', peer: peerOf(removal.session), why })
  }
}

const departureOf = {
  'remote-login': 'replaced',
  kicked: 'kicked',
  banned: 'banned',
} as const satisfies Record<EndReason, Departure>

const endSentences = {
  'remote-login': 'This user has logged in elsewhere',
  kicked: 'The session was ended by the operator of this server',
  banned: 'This user was banned by the operator of this server',
} as const satisfies Record<EndReason, string>

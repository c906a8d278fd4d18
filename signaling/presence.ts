import type { Clock } from '../src/base/clock.ts'
import {
  closeCodes,
  type Departure,
  type EndReason,
  OFFLINE_AFTER_MS,
  type ServerMessage,
  UNREACHABLE_AFTER_MS,
} from '../src/protocol/server-messages.ts'
import { type Colleagues, nobodyElse } from './colleagues.ts'
import type { Directory, Removal } from './directory.ts'
import { broadcast, type Outlet, peerOf, type Session } from './session.ts'

/**
 * Which sessions are there, and the news when one falls silent, is heard again or is no longer there.
 *
 *     reachable --- silent for 7 s ---> unreachable --- silent for 31 s ---> gone (lost)
 *       |  ^                               |   |
 *       |  +---- message | new socket -----+   |
 *       +-- goodbye | replaced | kicked | banned | the end of its token --> gone
 *
 * A socket that closes only starts the clock: its session may return with another one.
 */
export class Presence {
  constructor(
    private readonly directory: Directory,
    private readonly clock: Clock,
    private readonly colleagues: Colleagues = nobodyElse,
  ) {}

  /** The session goes on over this outlet; one that it had before is dropped without any news. */
  connect(session: Session, outlet: Outlet): void {
    session.end(closeCodes.goingAway, 'This session goes on over a newer connection')
    session.outlet = outlet
    session.home = 'here'
    this.hear(session)
    this.colleagues.changed(session)
  }

  /** The socket is closed. If the client closed it, that was a sign of life. */
  disconnect(session: Session, outlet: Outlet, isByClient: boolean): void {
    if (session.outlet !== outlet) return
    session.outlet = undefined
    if (isByClient) session.heardAt = this.clock.now()
    this.colleagues.changed(session)
  }

  hear(session: Session): void {
    session.heardAt = this.clock.now()
    if (!session.isUnreachable) return
    session.isUnreachable = false
    broadcast(this.directory.audienceOf(session), { type: 'reachable', peer: peerOf(session) })
    this.colleagues.changed(session)
  }

  /** Nothing was heard of it since `heardAt`. */
  fallSilent(session: Session): void {
    if (session.isUnreachable) return
    session.isUnreachable = true
    broadcast(this.directory.audienceOf(session), this.unreachable(session))
    this.colleagues.changed(session)
  }

  /** For somebody who meets these sessions now. */
  tellWhoIsUnreachable(listener: Session, sessions: Iterable<Session>): void {
    for (const session of sessions) if (session.isUnreachable) listener.send(this.unreachable(session))
  }

  /** The client ended its session itself; or it ended at another node, as that says. */
  depart(session: Session, why: Departure = 'goodbye', notice?: string): void {
    this.announce(this.directory.remove(session), why, notice)
  }

  /**
   * Tells the session that it is over, unless its own node does, and everybody who knew it; each with the operator's
   * notice, if it is by one.
   */
  end(removal: Removal | undefined, reason: EndReason, notice?: string): void {
    if (!removal) return
    const { session } = removal
    session.send({ type: 'ended', reason, message: endSentences[reason], ...(notice && { notice }) })
    session.end(closeCodes.ended, endSentences[reason])
    this.announce(removal, departureOf[reason], notice)
  }

  /** Once a round. */
  noticeSilence(): void {
    const now = this.clock.now()
    for (const session of this.directory.sessions()) {
      if (session.isElsewhere) continue
      const silentMs = now - session.heardAt
      if (silentMs >= OFFLINE_AFTER_MS) {
        this.announce(this.directory.remove(session), 'lost')
        session.end(closeCodes.silent, 'Nothing was heard from this page for too long')
      } else if (silentMs >= UNREACHABLE_AFTER_MS) {
        this.fallSilent(session)
      }
    }
  }

  /** This process slept: nobody's silence meanwhile proves anything, neither that somebody is back. */
  forgiveSilence(): void {
    for (const session of this.directory.sessions()) session.heardAt = this.clock.now()
  }

  private unreachable(session: Session): ServerMessage {
    // A close or forgiven silence starts the clock anew, but is no reason to think that the page is there again.
    const silentMs = Math.max(this.clock.now() - session.heardAt, UNREACHABLE_AFTER_MS)
    return { type: 'unreachable', peer: peerOf(session), silentMs }
  }

  private announce(removal: Removal | undefined, why: Departure, notice?: string): void {
    if (!removal) return
    const { session, audience } = removal
    broadcast(audience, { type: 'gone', peer: peerOf(session), why, ...(notice && { notice }) })
    this.colleagues.ended(session, why, notice)
  }
}

const departureOf = {
  'remote-login': 'replaced',
  kicked: 'kicked',
  banned: 'banned',
  // It is out by its own doing, and may come back as another session.
  'token-expired': 'goodbye',
} as const satisfies Record<EndReason, Departure>

const endSentences = {
  'remote-login': 'This user has logged in elsewhere',
  kicked: 'The session was ended by the operator of this server',
  banned: 'This user was banned by the operator of this server',
  'token-expired': 'The token of this session has expired: log in again with another one',
} as const satisfies Record<EndReason, string>

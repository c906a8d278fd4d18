import type { SessionId } from '../base/ids.ts'
import type { Peer } from '../protocol/peer.ts'
import { type Departure, UNREACHABLE_AFTER_MS } from '../protocol/server-messages.ts'
import { Sighting } from './sighting.ts'

export type OnlineState = 'online' | 'unreachable' | 'offline'

/** A user has one session, and for a moment the one that it has replaced. */
const MAX_SESSIONS = 4
/** Its successor is named at about the same time, maybe by another path. */
const SUCCESSOR_OF_REPLACED_MS = 1_000
/** So is that of a session which has heard first that it was replaced, and says goodbye on its links. */
const SUCCESSOR_MS = 250

/** All sessions of one user that any path tells of: the best of them is how the user stands. */
export class Sightings {
  private readonly bySession = new Map<SessionId, Sighting>()
  private last: OnlineState = 'offline'
  /** Until then a user without a session may only be between two of them. */
  private heldUntil = -Infinity

  /** `lastHeard`: when something of a session last came over a link. */
  constructor(private readonly lastHeard: (sessionId: SessionId) => number | undefined) {}

  /** It was met: its link, if there is one, counts from now on. */
  see({ sessionId }: Peer): Sighting {
    const known = this.bySession.get(sessionId)
    if (known) return known
    const sighting = new Sighting()
    this.bySession.set(sessionId, sighting)
    const [oldest] = this.bySession.keys()
    if (oldest !== undefined && this.bySession.size > MAX_SESSIONS) this.bySession.delete(oldest)
    return sighting
  }

  /** Undefined for one that nothing is known of, any more or yet. */
  get({ sessionId }: Peer): Sighting | undefined {
    return this.bySession.get(sessionId)
  }

  /** Those of the user's sessions that the rendezvous knows; what else it means is as for a channel's members. */
  replace(peers: readonly Peer[], mayRemove: boolean, now: number): void {
    const named = new Set(peers.map(({ sessionId }) => sessionId))
    for (const [sessionId, sighting] of this.bySession)
      if (!named.has(sessionId)) sighting.missing(mayRemove, now)
    for (const peer of peers) this.see(peer).vouched()
  }

  /** The session is over, as it said itself or somebody who knows. */
  end({ sessionId }: Peer, why: Exclude<Departure, 'lost'>, now: number): void {
    if (!this.bySession.delete(sessionId)) return
    const holdMs = why === 'replaced' ? SUCCESSOR_OF_REPLACED_MS : SUCCESSOR_MS
    this.heldUntil = Math.max(this.heldUntil, now + holdMs)
  }

  rendezvousLost(now: number): void {
    for (const sighting of this.bySession.values()) sighting.rendezvousLost(now)
  }

  /** This page slept. Who was silent before has what was left of its time, not less and not more. */
  excuse(now: number): void {
    const since = this.last === 'online' ? now : now - UNREACHABLE_AFTER_MS - 1
    for (const sighting of this.bySession.values()) sighting.excuse(since)
  }

  state(now: number): OnlineState {
    let isThere = false
    let isHeard = false
    for (const [sessionId, sighting] of this.bySession) {
      const heard = this.lastHeard(sessionId)
      if (sighting.isOver(heard, now)) {
        this.bySession.delete(sessionId)
        continue
      }
      isThere = true
      isHeard ||= !sighting.isSilent(heard, now)
    }
    if (isThere) this.last = isHeard ? 'online' : 'unreachable'
    else if (now >= this.heldUntil) this.last = 'offline'
    return this.last
  }
}

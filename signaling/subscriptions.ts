import type { UserId } from '../src/base/ids.ts'
import type { Directory } from './directory.ts'
import type { Limits } from './limits.ts'
import type { Presence } from './presence.ts'
import { broadcast, peerOf, type Session } from './session.ts'
import type { Tallies } from './tallies.ts'

/**
 * To note 20 users that nobody has asked for, and look them up, takes a few times as long as to take in and relay a
 * short message (6 µs each, measured): a return with 512 of them stays far below the burst that a client is allowed.
 */
const USERS_PER_EFFORT = 20

/**
 * Who wants to hear of whom, whether or not they share a channel. Subscribers of a user belong to the audience of its
 * session: they hear that it is silent, is heard again and is gone.
 *
 *     subscribe    known already           the answer once more
 *                  beyond 512 users, or too
 *                  many of all sessions    the answer does not name it: it is not subscribed to
 *     unsubscribe  unknown                 ignored
 *     a return                             all are over: the client says again which ones stand
 */
export class Subscriptions {
  constructor(
    private readonly directory: Directory,
    private readonly presence: Presence,
    private readonly limits: Pick<Limits, 'maxSubscriptionsPerSession'>,
    private readonly tallies: Tallies,
  ) {}

  /** What a question about so many users costs beyond its message, in messages. */
  effortOf(users: readonly unknown[]): number {
    return users.length / USERS_PER_EFFORT
  }

  subscribe(session: Session, userIds: readonly UserId[]): void {
    const { appId } = session
    const taken = [...new Set(userIds)].filter((userId) => this.begin(session, userId))
    const present = taken
      .map((userId) => this.directory.sessionOf(appId, userId))
      .filter((found) => found !== undefined)
    session.send({ type: 'subscribed', userIds: taken, peers: present.map(peerOf) })
    this.presence.tellWhoIsUnreachable(session, present)
  }

  end(session: Session, userIds: readonly UserId[]): void {
    for (const userId of userIds) this.directory.unsubscribe(session, userId)
  }

  /** What it ended while it was away, it could not say. */
  endAll(session: Session): void {
    this.end(session, [...session.subscriptions])
  }

  /** A session has come. */
  announce(session: Session): void {
    const { appId, userId } = session
    broadcast(this.directory.subscribersOf(appId, userId), { type: 'present', peer: peerOf(session) })
  }

  private begin(session: Session, userId: UserId): boolean {
    if (session.subscriptions.has(userId)) return true
    const isFull = session.subscriptions.size >= this.limits.maxSubscriptionsPerSession
    if (!isFull && this.directory.subscribe(session, userId)) return true
    this.tallies.declines['too-many-subscriptions'] += 1
    return false
  }
}

import type { Cancel, Clock } from '../base/clock.ts'
import type { SessionId, UserId } from '../base/ids.ts'
import type { Peer } from '../protocol/peer.ts'
import { UNREACHABLE_AFTER_MS } from '../protocol/server-messages.ts'
import type { Directory } from './directory.ts'
import { askUntilTold } from './questions.ts'

export interface WhereaboutsOptions {
  readonly clock: Clock
  readonly directory: Directory
  /** Asks the rendezvous; undefined when it can tell of none of them now. */
  find(userIds: readonly UserId[]): Promise<readonly Peer[] | undefined>
  /** When something of this session last came over a link. */
  lastHeard(sessionId: SessionId): number | undefined
}

export interface Sorted {
  readonly online: ReadonlySet<UserId>
  readonly unknown: readonly UserId[]
}

/** Which session a user has now: what is known, or else what the rendezvous says as soon as it can tell. */
export class Whereabouts {
  constructor(private readonly options: WhereaboutsOptions) {}

  /** The present session, or `nobody`: at once if it is known, else later. It is sought until then, or until cancelled. */
  locate(userId: UserId, located: (where: Peer | 'nobody') => void): Cancel {
    const { clock, directory } = this.options
    const known = directory.get(userId)
    if (!known) return askUntilTold(clock, () => this.look(userId), located)
    located(known)
    return () => undefined
  }

  /** Those of these users who are online, as the rendezvous says; undefined when it can tell of none of them now. */
  async find(userIds: readonly UserId[]): Promise<readonly Peer[] | undefined> {
    const peers = await this.options.find(userIds)
    for (const peer of peers ?? []) this.options.directory.see(peer)
    return peers
  }

  /**
   * Who of these users is online, and of whom nobody can tell now. Neighbours, or a server that has forgotten everybody,
   * name those that they know; only who is asked for alone, and not found, is known to be nowhere.
   */
  async sort(userIds: readonly UserId[]): Promise<Sorted> {
    const online = new Set<UserId>()
    let rest = userIds
    for (;;) {
      const peers = rest.length > 0 ? await this.find(rest) : []
      for (const { userId } of peers ?? []) online.add(userId)
      if (!peers) return { online, unknown: rest }
      const missing = rest.filter((userId) => !online.has(userId))
      if (missing.length === rest.length) return { online, unknown: [] }
      rest = missing
    }
  }

  /** What the user has in place of this session; undefined if it is there, or nobody can tell now. */
  async successors({ userId, sessionId }: Peer): Promise<readonly Peer[] | undefined> {
    const { clock, find, lastHeard } = this.options
    const peers = await find([userId])
    // A link that broke just now may be replaced by other ways than the rendezvous, which may not hear it at all.
    const isNear = clock.now() - (lastHeard(sessionId) ?? -Infinity) <= UNREACHABLE_AFTER_MS
    if (isNear && peers?.length === 0) return undefined
    return peers?.some((peer) => peer.sessionId === sessionId) ? undefined : peers
  }

  private async look(userId: UserId): Promise<Peer | 'nobody' | undefined> {
    const peers = await this.find([userId])
    return this.options.directory.get(userId) ?? (peers && 'nobody')
  }
}

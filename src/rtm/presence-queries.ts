import type { Clock } from '../base/clock.ts'
import type { UserId } from '../base/ids.ts'
import type { Mesh } from '../mesh/mesh.ts'
import { OFFLINE_AFTER_MS, UNREACHABLE_AFTER_MS } from '../protocol/server-messages.ts'
import type { Directory } from './directory.ts'
import { timeouts } from './limits.ts'
import { Questions } from './questions.ts'
import type { Whereabouts } from './whereabouts.ts'

export interface PresenceQueriesOptions {
  readonly clock: Clock
  readonly userId: UserId
  readonly directory: Directory
  readonly mesh: Pick<Mesh, 'lastHeard'>
  readonly whereabouts: Whereabouts
}

/** Who is online, asked once. Whoever may be only unreachable is. */
export class PresenceQueries {
  private readonly questions: Questions

  constructor(private readonly options: PresenceQueriesOptions) {
    this.questions = new Questions(options.clock)
  }

  query(
    userIds: readonly UserId[],
    done: (online: ReadonlySet<UserId> | 'timeout' | 'failure') => void,
  ): void {
    this.questions.ask(() => this.online(userIds), timeouts.queryPeersMs, done)
  }

  close(): void {
    this.questions.close()
  }

  /** Undefined when nobody can tell now. */
  private async online(userIds: readonly UserId[]): Promise<ReadonlySet<UserId> | undefined> {
    const heard = userIds.filter((userId) => this.isHeard(userId, UNREACHABLE_AFTER_MS))
    const others = [...new Set(userIds)].filter((userId) => !heard.includes(userId))
    if (others.length === 0) return new Set(heard)
    const { online, unknown } = await this.options.whereabouts.sort(others)
    const heardOnce = new Set(others.filter((userId) => this.isHeard(userId, OFFLINE_AFTER_MS)))
    if (unknown.some((userId) => !heardOnce.has(userId))) return undefined
    return new Set([...heard, ...heardOnce, ...online])
  }

  /** Whether the user's link brought something in this time; goodbyes are taken at their word. */
  private isHeard(userId: UserId, withinMs: number): boolean {
    const { clock, directory, mesh, userId: me } = this.options
    const peer = directory.get(userId)
    const heardAt = peer && mesh.lastHeard(peer.sessionId)
    return userId === me || (heardAt !== undefined && clock.now() - heardAt <= withinMs)
  }
}

import type { UserId } from '../base/ids.ts'
import { MAX_SUBSCRIPTIONS_PER_SESSION } from '../protocol/server-messages.ts'

/** The users whose presence this session is told of. Beyond 512 nobody is taken, as at a server. */
export class SubscribedUsers {
  private readonly users = new Set<UserId>()

  get all(): readonly UserId[] {
    return [...this.users]
  }

  has(userId: UserId): boolean {
    return this.users.has(userId)
  }

  /** Those of them that are subscribed to now. */
  begin(userIds: readonly UserId[]): readonly UserId[] {
    return [...new Set(userIds)].filter((userId) => {
      if (this.users.size < MAX_SUBSCRIPTIONS_PER_SESSION) this.users.add(userId)
      return this.users.has(userId)
    })
  }

  /** Those of them that were subscribed to until now. */
  end(userIds: readonly UserId[]): readonly UserId[] {
    return userIds.filter((userId) => this.users.delete(userId))
  }
}

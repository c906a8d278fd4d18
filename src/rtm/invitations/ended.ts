import type { UserId } from '../../base/ids.ts'

/** A caller finds a callee again within 90 s, and few have ended more in that time. */
const MAX_REMEMBERED = 2_048
/** With one user: nobody makes a page forget what became of invitations of others. */
const MAX_REMEMBERED_WITH_ONE = 512

/** What became of invitations that have ended, by their ids: what is said of them late is answered. */
export class Ended<Outcome> {
  /** The latest last. */
  private readonly byId = new Map<string, { readonly userId: UserId; readonly outcome: Outcome }>()
  private readonly countByUser = new Map<UserId, number>()

  /** `userId` is the user on the other side. */
  add(id: string, outcome: Outcome, userId: UserId): void {
    this.byId.set(id, { userId, outcome })
    const count = (this.countByUser.get(userId) ?? 0) + 1
    this.countByUser.set(userId, count)
    if (count > MAX_REMEMBERED_WITH_ONE) this.forgetOldest((one) => one === userId)
    else if (this.byId.size > MAX_REMEMBERED) this.forgetOldest(() => true)
  }

  get(id: string): Outcome | undefined {
    return this.byId.get(id)?.outcome
  }

  private forgetOldest(isMeant: (userId: UserId) => boolean): void {
    for (const [id, { userId }] of this.byId) {
      if (!isMeant(userId)) continue
      this.byId.delete(id)
      const count = (this.countByUser.get(userId) ?? 0) - 1
      if (count > 0) this.countByUser.set(userId, count)
      else this.countByUser.delete(userId)
      return
    }
  }
}

/** A caller finds a callee again within 90 s, and few have ended more in that time. */
const MAX_REMEMBERED = 2_048

/** What became of invitations that have ended, by their ids: what is said of them late is answered. */
export class Ended<Outcome> {
  /** The latest last. */
  private readonly byId = new Map<string, Outcome>()

  add(id: string, outcome: Outcome): void {
    this.byId.set(id, outcome)
    const [oldest] = this.byId.keys()
    if (oldest !== undefined && this.byId.size > MAX_REMEMBERED) this.byId.delete(oldest)
  }

  get(id: string): Outcome | undefined {
    return this.byId.get(id)
  }
}

import type { ChannelId, SessionId, UserId } from '../../src/base/ids.ts'
import type { Member } from '../../src/protocol/peer.ts'
import type { MemoryRealm } from '../support/memory-realm.ts'
import type { GoodbyeWatch } from './goodbye-watch.ts'
import { type Login, NEWS_MS } from './login.ts'
import type { SimulatedPage } from './page.ts'
import type { Reach } from './reach.ts'

/** Nobody is taken for gone who was heard less long ago than the 31 s; less, as with `PresenceWatch`. */
const NOT_GONE_MS = 28_750

/** Those who are linked learn in this time that one has joined. */
const KNOWN_AFTER_MS = 10_000
/** Contact is looked at 4 times a second. */
const LOOK_MS = 300

export interface WatchedWorld {
  readonly now: number
  readonly logins: ReadonlyMap<SessionId, Login>
  readonly reach: Reach
  readonly realm: MemoryRealm
  readonly goodbyes: GoodbyeWatch
}

/** What each page was told of the members of its channels: each change once, and nobody gone who is there. */
export class MemberWatch {
  private readonly known = new Map<string, Set<UserId>>()

  constructor(
    private readonly world: WatchedWorld,
    private readonly broken: (sentence: string) => void,
  ) {}

  /** The channel was joined: who is in it already is no news. */
  opened(page: SimulatedPage, channelId: ChannelId): void {
    const members = page.session?.channels.room(channelId)?.members ?? []
    this.known.set(this.key(page, channelId), new Set(members.map(({ userId }) => userId)))
  }

  joined(page: SimulatedPage, channelId: ChannelId, { userId }: Member): void {
    const known = this.known.get(this.key(page, channelId))
    if (known?.has(userId)) this.broken(`${page.name} was told twice that ${userId} joined ${channelId}`)
    known?.add(userId)
  }

  left(page: SimulatedPage, channelId: ChannelId, member: Member): void {
    const { userId, sessionId } = member
    const known = this.known.get(this.key(page, channelId))
    if (known && !known.delete(userId))
      this.broken(`${page.name} was told that ${userId} left ${channelId}, and had not been told of it`)
    const observer = page.login
    const other = this.world.logins.get(sessionId)
    if (!observer || !other?.isIn(channelId)) return
    const now = this.world.now
    const leftAt = other.channels.get(channelId)?.leftAt ?? -Infinity
    if ([leftAt, other.saidGoodbyeAt].some((at) => this.isNews(observer, other, at))) return
    if (this.mayBeReplaced(observer, other)) return
    const last = this.world.reach.lastContact(observer, other) ?? -Infinity
    if (
      now - last < NOT_GONE_MS &&
      !(last <= page.awaySince + LOOK_MS && this.isOut(page, other, channelId))
    ) {
      const paths = this.world.reach.paths(observer, other).join(', ') || 'none now'
      this.broken(
        `${page.name} was told that ${other.name} left ${channelId}, heard ${now - last} ms ago (${paths})`,
      )
    }
  }

  /** It may not have come yet: not long ago, and the two have not been linked for long since. */
  private isNews(observer: Login, other: Login, at: number): boolean {
    const isRecent = this.world.now - at < NEWS_MS
    return isRecent && this.world.reach.linkedMsSince(observer, other, at) < KNOWN_AFTER_MS
  }

  /** Its user has, or had a moment ago, another session that counts instead. */
  private mayBeReplaced(observer: Login, login: Login): boolean {
    for (const other of this.world.logins.values())
      if (other !== login && other.userId === login.userId && this.mayReplace(other, login))
        if (other.isAlive || this.isNews(observer, login, other.end?.at ?? 0)) return true
    return false
  }

  /** One that came later; what counts at a server is when that accepted it, and one that none has accepted counts less. */
  private mayReplace(other: Login, login: Login): boolean {
    const { residents } = this.world.realm
    const isOnlyKnown = residents.has(other.sessionId) && !residents.has(login.sessionId)
    const { acceptedAt = -Infinity } = login
    return other.startedAt >= login.startedAt || isOnlyKnown || (other.acceptedAt ?? NaN) >= acceptedAt
  }

  /**
   * A page that was put away has lost all its links, and asks its server anew: whom that does not name has left, for all
   * that it can know, until they are linked again.
   */
  private isOut(page: SimulatedPage, other: Login, channelId: ChannelId): boolean {
    const resident = this.world.realm.residents.get(other.sessionId)
    return page.rendezvous?.isUp === true && resident?.channels.has(channelId) !== true
  }

  /** What the events said is what the list says. */
  check(page: SimulatedPage): void {
    for (const [channelId, { joinedAt }] of page.login?.channels ?? []) {
      const known = this.known.get(this.key(page, channelId))
      const room = page.session?.channels.room(channelId)
      if (joinedAt === undefined || !known || !room) continue
      this.world.goodbyes.check(page, channelId, room.members)
      const listed = room.members.map(({ userId }) => userId).sort()
      const told = [...known].sort()
      if (listed.join() !== told.join())
        this.broken(
          `${page.name} lists ${listed.join() || 'nobody'} in ${channelId} and was told of ${told.join()}`,
        )
      this.checkLinked(page, channelId, Math.max(joinedAt, page.awakeSince), room.members)
    }
  }

  /** Whoever is linked is listed as it is, with a server and without. */
  private checkLinked(
    page: SimulatedPage,
    channelId: ChannelId,
    since: number,
    members: readonly Member[],
  ): void {
    const { now, logins, reach } = this.world
    const observer = page.login
    const before = now - KNOWN_AFTER_MS
    if (!observer || since > before || !page.process.isAwake || page.process.throttleMs > 0) return
    for (const other of logins.values()) {
      const { joinedAt = Infinity } = other.channels.get(channelId) ?? {}
      const isListed = members.some(({ sessionId }) => sessionId === other.sessionId)
      if (other === observer || joinedAt > before || this.mayBeReplaced(observer, other)) continue
      if (other.isAlive && other.saidGoodbyeAt < before && !isListed)
        if (reach.isLinkedThroughout(observer, other, before, now - LOOK_MS))
          this.broken(`${page.name} does not list ${other.name} in ${channelId}, to whom it is linked`)
    }
  }

  private key(page: SimulatedPage, channelId: ChannelId): string {
    return `${page.login?.sessionId} ${channelId}`
  }
}

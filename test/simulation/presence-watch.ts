import type { SessionId, UserId } from '../../src/base/ids.ts'
import type { PeerStatus } from '../../src/rtm/presence.ts'
import { isReplaced, type Login, NEWS_MS } from './login.ts'
import type { SimulatedPage } from './page.ts'
import type { Reach } from './reach.ts'

/**
 * Less than the 7 s and the 31 s after which somebody is unreachable and offline: a beat comes every second, may be
 * half a second late, and may be lost with the link; and this looks 4 times a second.
 */
const NOT_SILENT_MS = 4_750
const NOT_GONE_MS = 28_750

/** An answer to a subscription takes a while. */
const TOLD_MS = 1_000

export interface PresenceWorld {
  readonly now: number
  readonly logins: ReadonlyMap<SessionId, Login>
  readonly reach: Reach
}

/** What each page was told of the users that it subscribed to: changes only, and nothing that is not so. */
export class PresenceWatch {
  /** By login: what it was told last. */
  private readonly told = new Map<Login, Map<UserId, PeerStatus['state']>>()
  /** By login: since when it is subscribed to whom. */
  private readonly since = new Map<Login, Map<UserId, number>>()
  /** Subscribed to a moment ago: the state of all of them is told, known or not. */
  private readonly fresh = new Map<Login, Set<UserId>>()

  constructor(
    private readonly world: PresenceWorld,
    private readonly broken: (sentence: string) => void,
  ) {}

  /** The call is made: what nobody was asked for before may not be known. */
  subscribing(login: Login, userIds: readonly UserId[]): void {
    const since = this.since.get(login) ?? new Map<UserId, number>()
    this.since.set(login, since)
    for (const userId of userIds) if (!since.has(userId)) since.set(userId, this.world.now)
  }

  subscribed(login: Login, userIds: readonly UserId[]): void {
    const fresh = this.fresh.get(login) ?? new Set()
    this.fresh.set(login, fresh)
    for (const userId of userIds) fresh.add(userId)
  }

  /** Nobody could tell in time: those of whom nothing was told are not subscribed to. */
  refused(login: Login, userIds: readonly UserId[]): void {
    for (const userId of userIds)
      if (this.told.get(login)?.has(userId) !== true) this.since.get(login)?.delete(userId)
  }

  unsubscribed(login: Login, userIds: readonly UserId[]): void {
    for (const userId of userIds) {
      this.told.get(login)?.delete(userId)
      this.since.get(login)?.delete(userId)
    }
  }

  toldOf(login: Login): ReadonlyMap<UserId, PeerStatus['state']> {
    return this.told.get(login) ?? new Map()
  }

  changed(page: SimulatedPage, statuses: readonly PeerStatus[]): void {
    const { login } = page
    if (!login) return
    const told = this.told.get(login) ?? new Map<UserId, PeerStatus['state']>()
    this.told.set(login, told)
    for (const { userId, state } of statuses) {
      const isFresh = this.fresh.get(login)?.delete(userId) === true
      if (told.get(userId) === state && !isFresh)
        this.broken(`${page.name} was told again that ${userId} is ${state}`)
      told.set(userId, state)
      this.check(page, login, userId, state)
    }
  }

  private check(page: SimulatedPage, observer: Login, userId: UserId, state: PeerStatus['state']): void {
    if (state === 'online') return
    for (const login of this.world.logins.values()) {
      if (login.userId !== userId || !login.isAlive || login.upAt === undefined) continue
      const { now, reach, logins } = this.world
      if (now - login.saidGoodbyeAt < NEWS_MS || isReplaced(login, logins.values(), now)) continue
      // What a server knew before it was asked to tell of this user, it has not told.
      const told = reach.lastContact(observer, login) ?? -Infinity
      const since = this.since.get(observer)?.get(userId) ?? now
      const linked = reach.lastLinkContact(observer, login) ?? -Infinity
      const silentMs = now - (told < since + TOLD_MS ? linked : Math.max(told, linked))
      if (silentMs < (state === 'offline' ? NOT_GONE_MS : NOT_SILENT_MS)) {
        const paths = reach.paths(observer, login).join(', ') || 'none now'
        this.broken(`${page.name} was told that ${userId} is ${state}, heard ${silentMs} ms ago (${paths})`)
      }
    }
  }
}

import type { Clock } from '../base/clock.ts'
import type { SessionId, UserId } from '../base/ids.ts'
import { encodeNeighbourMessage } from '../protocol/neighbour-messages.ts'
import type { Neighbourhood } from './neighbourhood.ts'

/** Sessions to which a way is remembered, and neighbours that know each of them. */
const MAX_ROUTES = 512
const MAX_WAYS = 4
/** As long as an attempt at a link goes on; what was sent before belongs to an earlier one. */
const ATTEMPT_MS = 8_000
/** Signals of one attempt: three of a pair, and candidates that come later. */
const MAX_SIGNALS = 10

interface Route {
  /** Neighbours that know the session, the best first. */
  ways: SessionId[]
  /** What was sent of late, for the next neighbour if the present one cannot deliver it. */
  recent: Recent[]
}

interface Recent {
  readonly signal: string
  readonly at: number
  /** It was given to a neighbour. */
  isSent: boolean
}

/** Which neighbours are linked to whom, as far as they said so. */
export class NeighbourRoutes {
  /** The latest used last. */
  private readonly routes = new Map<SessionId, Route>()
  /** Sessions that somebody is looked for who knows them. */
  private readonly sought = new Set<SessionId>()

  constructor(
    private readonly clock: Clock,
    private readonly neighbourhood: Neighbourhood,
    /** Asks all neighbours; whoever introduces the user is known here then. */
    private readonly find: (userIds: readonly UserId[]) => Promise<unknown>,
    private readonly undeliverable: (to: SessionId) => void,
  ) {}

  /** A neighbour introduced this session. */
  introduced(to: SessionId, by: SessionId): void {
    const route = this.route(to)
    if (!route.ways.includes(by) && route.ways.length < MAX_WAYS) route.ways.push(by)
  }

  /** A signal of this session came through a neighbour: that way is open. */
  cameBy(from: SessionId, by: SessionId): void {
    const route = this.route(from)
    route.ways = [by, ...route.ways.filter((way) => way !== by)].slice(0, MAX_WAYS)
  }

  /** Passes a signal to the best neighbour; if none is known, all are asked first. False if nobody can be asked. */
  send(to: SessionId, signal: string): boolean {
    this.remember(this.route(to), signal)
    if (this.sendKept(to)) return true
    const userId = this.neighbourhood.userOf(to)
    if (userId === undefined) return false
    void this.seek(to, userId)
    return true
  }

  /** Remembers a signal that goes another way, if a neighbour could be asked as well. */
  keep(to: SessionId, signal: string): void {
    const route = this.routes.get(to)
    if (route) this.remember(route, signal)
  }

  /** Passes on what no neighbour was given yet; false if nobody can. */
  sendKept(to: SessionId): boolean {
    return this.tell(to, (recent) => !recent.isSent)
  }

  /** The neighbour is not linked to this session any more. */
  refused(to: SessionId, by: SessionId): void {
    const route = this.routes.get(to)
    if (!route?.ways.includes(by)) return
    const wasBest = this.best(route) === by
    route.ways = route.ways.filter((way) => way !== by)
    if (!wasBest || this.tell(to, () => true)) return
    this.routes.delete(to)
    this.undeliverable(to)
  }

  clear(): void {
    this.routes.clear()
    this.sought.clear()
  }

  private async seek(to: SessionId, userId: UserId): Promise<void> {
    if (this.sought.has(to)) return
    this.sought.add(to)
    await this.find([userId])
    if (this.sought.delete(to) && !this.sendKept(to)) this.undeliverable(to)
  }

  /** Only what is part of the present attempt. */
  private tell(to: SessionId, isMeant: (recent: Recent) => boolean): boolean {
    const route = this.routes.get(to)
    const by = route && this.best(route)
    if (!route || by === undefined) return false
    const since = this.clock.now() - ATTEMPT_MS
    for (const recent of route.recent.filter((one) => one.at >= since && isMeant(one))) {
      recent.isSent = true
      const { signal } = recent
      this.neighbourhood.tell(by, encodeNeighbourMessage({ kind: 'signal', to, signal }))
    }
    return true
  }

  private remember({ recent }: Route, signal: string): void {
    const now = this.clock.now()
    recent.push({ signal, at: now, isSent: false })
    while (recent.length > MAX_SIGNALS || (recent[0] && now - recent[0].at > ATTEMPT_MS)) recent.shift()
  }

  private best({ ways }: Route): SessionId | undefined {
    const near = new Set(this.neighbourhood.near.map(({ sessionId }) => sessionId))
    return ways.find((way) => near.has(way))
  }

  private route(to: SessionId): Route {
    const route = this.routes.get(to) ?? { ways: [], recent: [] }
    this.routes.delete(to)
    this.routes.set(to, route)
    const [oldest] = this.routes.keys()
    if (oldest !== undefined && this.routes.size > MAX_ROUTES) this.routes.delete(oldest)
    return route
  }
}

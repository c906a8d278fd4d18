import type { Clock } from '../base/clock.ts'
import type { SessionId } from '../base/ids.ts'
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
  recent: { readonly signal: string; readonly at: number }[]
}

/** Which neighbours are linked to whom, as far as they said so. */
export class NeighbourRoutes {
  /** The latest used last. */
  private readonly routes = new Map<SessionId, Route>()

  constructor(
    private readonly clock: Clock,
    private readonly neighbourhood: Neighbourhood,
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

  /** Passes a signal to the best neighbour. False if none is known; it is kept for one that may be found soon. */
  send(to: SessionId, signal: string): boolean {
    const { recent } = this.route(to)
    const now = this.clock.now()
    recent.push({ signal, at: now })
    while (recent.length > MAX_SIGNALS || (recent[0] && now - recent[0].at > ATTEMPT_MS)) recent.shift()
    return this.tell(to, [signal])
  }

  /** Passes on everything of late; false if nobody can. */
  resend(to: SessionId): boolean {
    const now = this.clock.now()
    const recent = this.routes.get(to)?.recent.filter(({ at }) => now - at <= ATTEMPT_MS) ?? []
    return this.tell(
      to,
      recent.map(({ signal }) => signal),
    )
  }

  /** The neighbour is not linked to this session any more. False if it was the last one that could be asked. */
  refused(to: SessionId, by: SessionId): boolean {
    const route = this.routes.get(to)
    if (!route?.ways.includes(by)) return true
    const wasBest = this.best(route) === by
    route.ways = route.ways.filter((way) => way !== by)
    if (!wasBest || this.resend(to)) return true
    this.routes.delete(to)
    return false
  }

  clear(): void {
    this.routes.clear()
  }

  private tell(to: SessionId, signals: readonly string[]): boolean {
    const route = this.routes.get(to)
    const by = route && this.best(route)
    if (by === undefined) return false
    for (const signal of signals)
      this.neighbourhood.tell(by, encodeNeighbourMessage({ kind: 'signal', to, signal }))
    return true
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

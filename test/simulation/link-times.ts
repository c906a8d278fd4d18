import type { SessionId } from '../../src/base/ids.ts'
import type { Cable } from '../support/memory-link.ts'
import type { MemoryNetwork } from '../support/memory-network.ts'
import type { Login } from './login.ts'
import type { SimulatedPage } from './page.ts'

/** What is owed gets there in this time over a link that works: a packet takes 605 ms at most, and a hello comes first. */
export const STEADY_MS = 5_000
/** Without any contact for 120 s a stream ends; contact is looked at 4 times a second, and links take a while. */
const STREAM_LIVES_MS = 110_000

interface Span {
  readonly cable: Cable
  readonly from: number
  to: number
}

export interface LinkedWorld {
  readonly now: number
  readonly pages: readonly SimulatedPage[]
  readonly network: MemoryNetwork
  readonly logins: ReadonlyMap<SessionId, Login>
}

/** When each two were linked by one cable that carried, and both awake: what they owe each other arrives then. */
export class LinkTimes {
  private readonly spans = new Map<string, Span[]>()

  constructor(private readonly world: LinkedWorld) {}

  /** To be called several times a second. */
  look(): void {
    const { pages } = this.world
    const awake = pages.filter(
      ({ process, isPaused, login }) => process.isAwake && !isPaused && login?.isAlive,
    )
    for (const [i, { login: a }] of awake.entries())
      for (const { login: b } of awake.slice(i + 1)) if (a && b) this.lookAt(a, b)
  }

  /** Whether what one owed the other from this moment on must have arrived before anything ended their streams. */
  mustHaveArrived(a: Login, b: Login, since: number): boolean {
    const arrived = this.arrivedBy(a, b, since)
    return arrived !== undefined && arrived < this.streamEnd(a, b, since)
  }

  /** The same, of two that were linked already. */
  mustArriveAtOnce(a: Login, b: Login, since: number): boolean {
    const arrived = this.arrivedBy(a, b, since)
    return arrived === since + STEADY_MS && arrived < this.streamEnd(a, b, since)
  }

  /** When they had been linked for long enough, counted from this moment. */
  private arrivedBy(a: Login, b: Login, since: number): number | undefined {
    for (const { from, to } of this.spans.get(keyOf(a, b)) ?? []) {
      const begin = Math.max(from, since)
      if (to - begin >= STEADY_MS) return begin + STEADY_MS
    }
    return undefined
  }

  /**
   * What ends a stream: a goodbye of one of them, which may have been on its way; the end of a session; another login of
   * one of the users; a long time apart.
   */
  private streamEnd(a: Login, b: Login, since: number): number {
    const ends = [a, b].flatMap((one) => [
      ...one.goodbyes,
      one.end?.at ?? Infinity,
      ...[...this.world.logins.values()].flatMap((other) =>
        other !== one && other.userId === one.userId
          ? (other.end?.at ?? Infinity) > since - NEWS_UNDERWAY_MS
            ? [Math.max(other.startedAt, since)]
            : []
          : [],
      ),
    ])
    const apart = this.longApart(a, b, since)
    return Math.min(apart, ...ends.filter((at) => at > since - NEWS_UNDERWAY_MS))
  }

  private longApart(a: Login, b: Login, since: number): number {
    let last = since
    for (const { from, to } of this.spans.get(keyOf(a, b)) ?? []) {
      if (to < since) {
        last = since
        continue
      }
      if (from - last > STREAM_LIVES_MS) break
      last = to
    }
    return last + STREAM_LIVES_MS
  }

  private lookAt(a: Login, b: Login): void {
    const { network, now } = this.world
    const cable = network.cableThatJoins(a.sessionId, b.sessionId)
    if (!cable) return
    const key = keyOf(a, b)
    const spans = this.spans.get(key) ?? []
    this.spans.set(key, spans)
    const last = spans.at(-1)
    if (last?.cable === cable && cable.faultAt < last.from && now - last.to <= LOOK_MS) last.to = now
    else spans.push({ cable, from: now, to: now })
  }
}

/** It is looked 4 times a second. */
const LOOK_MS = 260
/** A goodbye, or a later login, of a moment before may still be on its way. */
const NEWS_UNDERWAY_MS = 3_000

function keyOf(a: Login, b: Login): string {
  return [a.sessionId, b.sessionId].sort().join(' ')
}

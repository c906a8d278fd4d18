import type { SessionId, UserId } from '../../src/base/ids.ts'
import type { Cable } from '../support/memory-link.ts'
import type { MemoryNetwork } from '../support/memory-network.ts'
import type { MemoryRealm, Visitor } from '../support/memory-realm.ts'
import { type Login, loginOf } from './login.ts'
import { describe, type Message } from './message-book.ts'
import type { SimulatedPage } from './page.ts'

/** What nobody answered for so long has timed out (the API's limit). */
const TIMEOUT_MS = 10_000
/** A goodbye, or another login, of a moment before may still be on its way. */
const NEWS_UNDERWAY_MS = 3_000
/** A stream ends after 120 s without contact, looked at by the pulse of a page that may sleep. */
const STREAM_LIVES_MS = 110_000

export interface AnswerWorld {
  readonly now: number
  readonly pages: readonly SimulatedPage[]
  readonly network: MemoryNetwork
  readonly realm: MemoryRealm
  readonly logins: ReadonlyMap<SessionId, Login>
}

/** How the sender of a message could reach a session of the receiver when it called. */
interface Way {
  readonly to: Login
  readonly cable: Cable | undefined
  readonly server: ServerWay | undefined
}

/** Both are logged in there, over the connections that they had. */
interface ServerWay {
  readonly boot: number
  readonly visitors: readonly Visitor[]
  readonly connections: readonly number[]
}

/** That nobody is told that a user is not there, or does not answer, who was there all the time and could be reached. */
export class AnswerWatch {
  /** Of messages that wait for an answer. */
  private readonly ways = new Map<Message, readonly Way[]>()

  constructor(
    private readonly world: AnswerWorld,
    private readonly broken: (sentence: string) => void,
  ) {}

  /** To be told before the call is made. */
  calling(page: SimulatedPage, message: Message): void {
    const ways = this.receivers(message).flatMap((page2) => this.way(page, page2))
    this.ways.set(message, ways)
  }

  answered(page: SimulatedPage, message: Message): void {
    const ways = this.ways.get(message) ?? []
    this.ways.delete(message)
    const { result, at, to } = message
    // Who is logged out by another login is told so after its calls are answered.
    const isIn = page.engine.state === 'connected' || page.engine.state === 'reconnecting'
    if (result === 'timeout' && message.from.isAlive && isIn) {
      if (to.kind === 'peer') this.checkThatItWaited(message, to.userId)
      for (const way of ways)
        if (this.isLinked(way, at) && this.isAwake(page, at) && this.isAlone(way.to, at))
          this.broken(`${describe(message)} timed out, and ${way.to.name} was linked all the time`)
    }
    if (result !== 'peer-unreachable' && result !== 'cached') return
    // What is to be kept and has no answer when its sender's login ends is kept for the next one.
    if (result === 'cached' && !isIn) return
    // What is to be kept is kept as well if there was no way to the receiver for so long.
    const isLate = result === 'cached' && this.world.now - at >= TIMEOUT_MS
    for (const way of ways) {
      const path = this.isLinked(way, at)
        ? 'linked'
        : !isLate && this.isAtServer(page, way) && 'known to the server'
      if (path && this.isAlone(way.to, at))
        this.broken(
          `${describe(message)} was answered ${result}, and ${way.to.name} was ${path} all the time`,
        )
    }
  }

  private receivers({ to, from }: Message): readonly SimulatedPage[] {
    return this.world.pages.filter((page) => {
      const login = loginOf(page)
      if (!login || login === from) return false
      return to.kind === 'peer' ? login.userId === to.userId : to.members.includes(login)
    })
  }

  private way(page: SimulatedPage, other: SimulatedPage): readonly Way[] {
    const [from, to] = [loginOf(page), loginOf(other)]
    if (!from || !to?.upAt || !other.process.isAwake || other.isPaused) return []
    const cable = this.world.network.cableThatJoins(from.sessionId, to.sessionId)
    return [{ to, cable, server: this.serverWay(page, other) }]
  }

  private serverWay(page: SimulatedPage, other: SimulatedPage): ServerWay | undefined {
    const { realm } = this.world
    if (!realm.isUp || !realm.answersFinds) return undefined
    const both = [page, other].flatMap(({ login, rendezvous }) =>
      login && rendezvous?.isUp && realm.residents.get(login.sessionId)?.visitor === rendezvous
        ? [rendezvous]
        : [],
    )
    if (both.length < 2) return undefined
    return { boot: realm.boot, visitors: both, connections: both.map((one) => one['connection']) }
  }

  /** By one cable without a fault, to a page that ran all the time. */
  private isLinked({ to, cable }: Way, since: number): boolean {
    const { pages, network } = this.world
    const other = pages.find(({ login }) => login === to)
    if (!cable || cable.faultAt >= since || !other || !this.isAwake(other, since)) return false
    const ends = cable.ends.map(({ isClosed }) => isClosed)
    return !ends.includes(true) && network.cables.includes(cable) && cable.carries
  }

  private isAwake(page: SimulatedPage, since: number): boolean {
    return page.process.isAwake && !page.isPaused && page.awakeSince <= since
  }

  private isAtServer(page: SimulatedPage, { to, server }: Way): boolean {
    const other = this.world.pages.find(({ login }) => login === to)
    const now = other && this.serverWay(page, other)
    return (
      server !== undefined &&
      now?.boot === server.boot &&
      now.visitors.every((visitor, i) => visitor === server.visitors[i]) &&
      now.connections.every((connection, i) => connection === server.connections[i])
    )
  }

  /** Its user had no other session meanwhile, and it was always there. */
  private isAlone(login: Login, since: number): boolean {
    const before = since - NEWS_UNDERWAY_MS
    if (!login.isAlive || login.saidGoodbyeAt > before) return false
    return [...this.world.logins.values()].every(
      (other) => other === login || other.userId !== login.userId || (other.end?.at ?? Infinity) < before,
    )
  }

  /** Earlier it is known only of a session that ended, or was replaced, that nobody will ever know. */
  private checkThatItWaited(message: Message, userId: UserId): void {
    const { now, logins } = this.world
    if (now - message.at >= TIMEOUT_MS) return
    const since = now - STREAM_LIVES_MS
    const theirs = [...logins.values()].filter((login) => login.userId === userId)
    const mayHaveEnded = theirs.some(
      ({ end, saidGoodbyeAt }) => (end !== undefined && end.at > since) || saidGoodbyeAt > since,
    )
    // The one that is out may not know of it yet.
    const isReplaced = theirs.some(
      (later) => later.startedAt > since && theirs.some((other) => other.startedAt < later.startedAt),
    )
    if (!mayHaveEnded && !isReplaced)
      this.broken(`${describe(message)} timed out after ${now - message.at} ms, and nobody's session ended`)
  }
}
